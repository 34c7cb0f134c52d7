/** Where nothing of this user's own can be written: `wrap`'s plan in $TMPDIR, which others can write to as well. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { encodePlan } from '../../../src/sandbox/linux/plan-format.ts';
import { removeAtEnd } from '../../helpers/left-behind.ts';
import { root } from '../../helpers/users.ts';
import { plan } from '../../native/session.ts';

const OTHER = 12;
const skip = process.getuid?.() !== 0 && 'needs a second user';

function base(): string {
  const made = realpathSync(mkdtempSync(join(tmpdir(), 'nono-plan-file-')));
  chmodSync(made, 0o755);
  removeAtEnd(made);
  return made;
}

function write(directory: string): { file: string; failure: string } {
  const module = pathToFileURL(join(root, 'src/cli/start/plan-file.ts')).href;
  const script = `import { writePlanFile } from '${module}';
try { console.log(writePlanFile(Buffer.from('plan'))[1]); } catch (error) { console.error(error.message, error.cause?.message); }`;
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    // No directory can be made below a file.
    env: { TMPDIR: directory, HOME: '/dev/null', XDG_STATE_HOME: '/dev/null/state', XDG_RUNTIME_DIR: '/dev/null/run' },
  });
  return { file: done.stdout.trim(), failure: done.stderr };
}

describe('the plan of `wrap` in a directory of everybody’s', { skip }, () => {
  test('is a new file that only its user can read, and nothing else is left there', () => {
    const shared = join(base(), 'tmp');
    mkdirSync(shared);
    chmodSync(shared, 0o1777);
    const { file, failure } = write(shared);
    assert.equal(failure, '');
    assert.equal(statSync(file).mode & 0o7777, 0o600);
    assert.deepEqual(readdirSync(shared), [file.slice(shared.length + 1)]);
    // In its place nobody else can put one.
    const replaced = spawnSync('setpriv', [`--reuid=${OTHER}`, '--clear-groups', '--', 'mv', file, join(shared, 'x')]);
    assert.notEqual(replaced.status, 0);
  });

  const places: readonly [what: string, mode: number, owners: { self?: number; above?: number }][] = [
    ['is not sticky', 0o777, {}],
    ['is another user’s, sticky or not', 0o1777, { self: OTHER }],
    ['is below another user’s', 0o700, { above: OTHER }],
  ];
  for (const [what, mode, { self = 0, above = 0 }] of places)
    test(`is not written where that ${what}`, () => {
      const shared = join(base(), 'above', 'tmp');
      mkdirSync(shared, { recursive: true });
      chmodSync(shared, mode);
      chownSync(shared, self, self);
      chownSync(join(shared, '..'), above, above);
      assert.match(write(shared).failure, /no private directory .* other users can replace files/s);
      assert.deepEqual(readdirSync(shared), []);
    });

  test('is not taken by the launcher from another user, nor where others could write it', () => {
    const launcher = join(root, 'native/build/nono-launch');
    const file = join(base(), 'plan');
    const failure = (): string => spawnSync(launcher, ['--plan', file, '--', '/bin/true'], { encoding: 'utf8' }).stderr;
    writeFileSync(file, 'no plan');
    const refused = /take a plan that others could write/;
    assert.doesNotMatch(failure(), refused);
    chmodSync(file, 0o606);
    assert.match(failure(), refused);
    chmodSync(file, 0o600);
    chownSync(file, OTHER, OTHER);
    assert.match(failure(), refused);
  });

  test('is not taken by the launcher when it is another one than was written', () => {
    const launcher = join(root, 'native/build/nono-launch');
    const file = join(base(), 'plan');
    const written = encodePlan(plan({ flags: 0 }));
    const digest = createHash('sha256').update(written).digest('hex');
    const start = (there: Buffer): { stdout: string; stderr: string } => {
      writeFileSync(file, there, { mode: 0o600 });
      const words = ['--plan', file, '--plan-digest', digest, '--', '/bin/echo', 'started'];
      return spawnSync(launcher, words, { encoding: 'utf8' });
    };
    assert.equal(start(written).stdout, 'started\n');
    const { stdout, stderr } = start(encodePlan(plan({ flags: 0, cwd: '/' })));
    assert.equal(stdout, '');
    assert.match(stderr, /take a plan that was changed/);
  });
});
