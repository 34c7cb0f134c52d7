/** `nono run` with a cached plan: the launcher has the plan before Node is there, and begins when Node says so. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { confinedBelow } from '../../helpers/confined.ts';
import { CachedInstallation } from '../../helpers/plan-cache.ts';
import { users } from '../../helpers/users.ts';

const run = (...words: string[]): string[] => ['run', '-s', '--allow-cwd', '--', ...words];
const ownTmp = run('sh', '-c', 'echo $TMPDIR; touch $TMPDIR/x && ls -ld $TMPDIR; exit 3');

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 2000; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`it never happened: ${what}`);
}

/** A hit whose Node stops before it has read anything. Other tests make homes beside this one, which can be a miss. */
async function stopped(
  at: CachedInstallation,
  args: readonly string[],
): Promise<ReturnType<CachedInstallation['spawn']>> {
  for (let i = 0; i < 10; i++) {
    const child = at.spawn(args, { stopped: true });
    await until(() => readFileSync(`/proc/${child.pid}/stat`, 'latin1').includes(') T '), 'stopped');
    if (at.wasHit()) return child;
    child.kill('SIGKILL');
    await once(child, 'close');
    at.untilHit(args);
  }
  return assert.fail('never from the cache');
}

for (const user of users)
  describe(`as ${user.name}`, () => {
    test('a hit runs the command, in a directory of its own that goes with it', () => {
      const at = new CachedInstallation(user);
      const seen = new Set<string>();
      for (let i = 0; i < 4; i++) {
        const { code, stdout } = i === 0 ? at.start(ownTmp) : at.untilHit(ownTmp);
        assert.equal(code, 3);
        const [path = '', listed = ''] = stdout.split('\n');
        assert.match(path, /^\/.*\/nono-tmp-\d{7}-\d{12}-\w{6}$/);
        assert.match(listed, /^drwx------ /);
        assert.ok(!existsSync(path), 'removed');
        seen.add(path);
      }
      assert.equal(seen.size, 4);
    });

    test('what is said and denied is the same, and denials are explained by the policy in force', () => {
      const at = new CachedInstallation(user);
      const args = [
        'run',
        '--allow-cwd',
        '--',
        'sh',
        '-c',
        `cat README; cat ${at.home}/notes.txt ${at.home}/.ssh/id_ed25519`,
      ];
      const first = at.start(args);
      assert.equal(first.hit, false);
      const hit = at.untilHit(args);
      assert.deepEqual({ ...hit, hit: false }, first);
      assert.match(hit.stderr, /notes\.txt/);
      assert.match(hit.stderr, /deny_credentials/);
      const json = ['run', '-s', '--allow-cwd', '--diagnostics-json', '--', 'cat', `${at.home}/notes.txt`];
      assert.match(at.untilHit(json).stderr, /"suggested_flag":"--read-file/);
    });

    test('what is odd about the command line is said once, also by a hit', () => {
      const at = new CachedInstallation(user);
      const options = { env: { NONO_THEME: 'bogus' } };
      const args = ['run', '--allow-cwd', '--net-block', '--', 'true'];
      const first = at.start(args, options);
      const hit = at.untilHit(args, options);
      assert.equal(hit.stderr, first.stderr);
      for (const said of [/`--net-block` is deprecated/g, /unknown theme 'bogus'/g])
        assert.equal(hit.stderr.match(said)?.length, 1, hit.stderr);
    });

    test('why --self inside tells of this start', () => {
      const at = new CachedInstallation(user);
      const nono = join(at.installation, 'bin/nono');
      const args = [
        'run',
        '-s',
        '--allow-cwd',
        '--',
        'sh',
        '-c',
        `echo $TMPDIR; ${nono} why --self --path $TMPDIR/x --op write --json`,
      ];
      const { stdout } = at.untilHit(args);
      const [path = '', ...json] = stdout.split('\n');
      assert.match(json.join(''), new RegExp(`"allowed"[\\s\\S]*${path}|${path}[\\s\\S]*"allowed"`));
    });

    test('a profile that denies more is in force at once', () => {
      const at = new CachedInstallation(user);
      const profile = (deny: readonly string[]) =>
        at.profile('mine', { workdir: { access: 'readwrite' }, filesystem: { deny } });
      profile([]);
      const args = ['run', '-s', '--allow-cwd', '-p', 'mine', '--', 'cat', 'README'];
      assert.equal(at.untilHit(args).stdout, 'a project\n');
      profile(['$WORKDIR/README']);
      for (let i = 0; i < 3; i++) assert.equal(at.start(args).stdout, '');
    });

    test('a signal right after the first line is for the command', async () => {
      const at = new CachedInstallation(user);
      const args = run('sh', '-c', 'trap "echo got; exit 9" TERM; echo ready; while :; do sleep 0.01; done');
      // The first start does not end by itself.
      for (let i = 0; i < 3; i++) {
        const child = at.spawn(args);
        let said = '';
        child.stdout.on('data', (chunk) => {
          said += chunk;
          if (chunk.toString().includes('ready')) child.kill('SIGTERM');
        });
        const [code] = await once(child, 'close');
        assert.equal(code, 9, `start ${i}`);
        assert.equal(said, 'ready\ngot\n');
      }
      assert.ok(at.entries().length === 1);
    });

    test('a host that ends before it said so starts nothing, and leaves no directory', async () => {
      const at = new CachedInstallation(user);
      const trace = join(at.project, 'trace');
      const args = ['run', '-s', '--allow', at.project, '--', 'touch', trace];
      at.untilHit(args);
      const child = await stopped(at, args);
      rmSync(trace);
      // Confined already, and waiting.
      const waits = (): number | undefined => confinedBelow(child.pid as number)[0];
      await until(() => waits() !== undefined, 'a confined process');
      const command = waits() as number;
      assert.match(readFileSync(`/proc/${command}/status`, 'latin1'), /^NoNewPrivs:\t1$/m);
      assert.equal(existsSync(trace), false);
      child.kill('SIGKILL');
      await once(child, 'close');
      const own = (name: string): boolean => name.startsWith(`nono-tmp-${String(child.pid).padStart(7, '0')}-`);
      await until(() => !readdirSync('/tmp').some(own), 'removed');
      await until(() => !existsSync(`/proc/${command}`), 'ended');
      assert.equal(existsSync(trace), false);
    });

    test('the registry has the session', () => {
      const at = new CachedInstallation(user);
      const args = ['run', '-s', '--allow-cwd', '--name', 'kept', '--', 'sh', '-c', 'exit 4'];
      at.untilHit(args);
      const records = readdirSync(join(at.home, '.local/state/nono/sessions')).filter((name) => name.endsWith('.json'));
      const last = JSON.parse(
        readFileSync(join(at.home, '.local/state/nono/sessions', records.sort().at(-1) as string), 'utf8'),
      );
      assert.equal(last.exit_code, 4);
      assert.equal(last.name, 'kept');
      assert.deepEqual(last.command, ['sh', '-c', 'exit 4']);
      assert.equal(last.profile, 'default');
    });
  });
