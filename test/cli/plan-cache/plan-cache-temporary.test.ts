/** Where the directory for temporary files is carved, sessions' own directories in it come and go: they decide nothing, and whoever takes such a name gains nothing. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startTimeOf } from '../../../src/platform/process-identity.ts';
import { sessionDirectoryPrefix } from '../../../src/policy/resolve/session-directory.ts';
import { assertHit, CachedInstallation, type Start } from '../../helpers/plan-cache.ts';
import { type TestUser, users } from '../../helpers/users.ts';

const OTHERS_ID = 54_398;
/** Of a session whose host lives; others are removed by the next start. */
const NAME = `${sessionDirectoryPrefix(process.pid, startTimeOf('self') ?? '')}AbCdEf`;

class Carved {
  readonly at: CachedInstallation;
  readonly place: string;
  readonly #user: TestUser;

  constructor(user: TestUser) {
    this.#user = user;
    this.at = new CachedInstallation(user);
    this.place = join(this.at.home, 'own-tmp');
    this.at.write('own-tmp/file', 'granted\n');
    this.at.write('own-tmp/secret', 'denied\n');
    chmodSync(this.place, 0o777);
  }

  start(kind: 'run' | 'wrap', script: string, flags: readonly string[] = []): Start {
    return this.at.start(this.#line(kind, script, flags), { env: { TMPDIR: this.place } });
  }

  #line(kind: 'run' | 'wrap', script: string, flags: readonly string[]): readonly string[] {
    const words = [kind, '-s', '--allow-cwd', '--allow', this.place, '--deny', join(this.place, 'secret'), ...flags];
    return [...words, '--', 'sh', '-c', script];
  }

  /** As a session that goes on beside the others. */
  directory(name: string, { mode = 0o700, owner = this.#user.uid } = {}): string {
    const path = join(this.place, name);
    mkdirSync(path);
    writeFileSync(join(path, 'secret'), 'in it\n');
    writeFileSync(join(path, 'file'), 'in it\n');
    for (const each of [path, join(path, 'secret'), join(path, 'file')])
      if (process.getuid?.() === 0) chownSync(each, owner, owner);
    chmodSync(path, mode);
    return path;
  }

  /** Kept, and taken from then on. */
  keep(kind: 'run' | 'wrap', flags: readonly string[] = []): void {
    this.at.untilHit(this.#line(kind, 'true', flags), { env: { TMPDIR: this.place } });
  }
}

for (const user of users)
  describe(`as ${user.name}`, () => {
    test('a plan with a carved place for temporary files is taken again, with the directory of the session on the floor', () => {
      const carved = new Carved(user);
      carved.keep('run');
      const script = 'cp /bin/true "$TMPDIR/true" && "$TMPDIR/true" && cat file && cat secret';
      const start = carved.start('run', `cd ${carved.place} && ${script}`);
      assertHit(start);
      assert.equal(start.stdout, 'granted\n', start.stderr);
      assert.match(start.stderr, /secret.*ermission denied/);
      const [plan] = carved.at.plans();
      const own = plan?.floor.find(({ path }) => path === plan.tmpdir);
      assert.ok(own !== undefined, 'on the floor');
      assert.ok(plan?.floor.every(({ path }) => path !== carved.place));
    });

    test('what is in a directory with such a name is denied as anywhere, by path and by pattern', () => {
      const carved = new Carved(user);
      const flags = ['--deny', join(carved.place, NAME, 'secret'), '--deny', join(carved.place, '**/.env')];
      const path = carved.directory(NAME);
      carved.at.write(`own-tmp/${NAME}/.env`, 'denied\n');
      carved.keep('run', flags);
      for (let i = 0; i < 2; i++) {
        const script = `cat ${path}/file; cat ${path}/secret; cat ${path}/.env; mv ${path} ${carved.place}/x; cat ${carved.place}/x/secret`;
        const start = carved.start('run', script, flags);
        assertHit(start);
        assert.equal(start.stdout, 'in it\n', start.stderr);
      }
      rmSync(path, { recursive: true });
      carved.directory('another');
      const start = carved.start('run', `cat ${carved.place}/another/file`, flags);
      assert.equal(start.hit, false);
      assert.equal(start.stdout, 'in it\n', start.stderr);
    });

    test('another session’s directory makes no miss, and can be used as the policy says', () => {
      const carved = new Carved(user);
      carved.keep('run');
      const path = carved.directory(NAME);
      const start = carved.start('run', `cat ${path}/file && echo x > ${path}/new && cat ${path}/new`);
      assertHit(start);
      assert.equal(start.stdout, 'in it\nx\n', start.stderr);
    });

    test('without a supervisor all of them are on the floor, so that all of them count', () => {
      const carved = new Carved(user);
      carved.keep('wrap');
      const path = carved.directory(NAME);
      const start = carved.start('wrap', `cat ${path}/file`);
      assert.equal(start.hit, false);
      assert.equal(start.stdout, 'in it\n', start.stderr);
    });

    const odd: (readonly [string, (carved: Carved) => void])[] = [
      ['open to others', (carved) => void carved.directory(NAME, { mode: 0o755 })],
      ['with another name', (carved) => void carved.directory(NAME.slice(0, -1))],
      ['that is a file', (carved) => void carved.at.write(`own-tmp/${NAME}`, 'x')],
      ['that is a link', (carved) => symlinkSync(carved.directory('real'), join(carved.place, NAME))],
    ];
    if (process.getuid?.() === 0)
      odd.push(['of another user', (carved) => void carved.directory(NAME, { owner: OTHERS_ID })]);
    for (const [what, make] of odd)
      test(`one ${what} is none: a miss`, () => {
        const carved = new Carved(user);
        carved.keep('run');
        make(carved);
        assert.equal(carved.start('run', 'true').hit, false);
      });
  });
