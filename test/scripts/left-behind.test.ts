/** What tests make goes with them: also when they are killed, and when a session of theirs writes its last words late. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const helper = join(import.meta.dirname, '../helpers/left-behind.ts');
const uid = process.getuid?.();

/** Makes directories as a test does, says so, and goes on with `then`. */
function maker(directory: string, names: readonly string[], then: string) {
  const script = `
    import { mkdirSync } from 'node:fs';
    import { spawn } from 'node:child_process';
    import { removeAtEnd } from ${JSON.stringify(helper)};
    for (const name of ${JSON.stringify(names)}) {
      const path = ${JSON.stringify(directory)} + '/' + name;
      mkdirSync(path + '/deep', { recursive: true });
      removeAtEnd(path);
    }
    process.stdout.write('made');
    ${then}`;
  return { args: ['--input-type=module', '-e', script], env: { ...process.env, TMPDIR: directory } };
}
const finish = (directory: string, names: readonly string[], then = '') => {
  const { args, env } = maker(directory, names, then);
  const done = spawnSync(process.execPath, args, { env, encoding: 'utf8', timeout: 60_000 });
  assert.deepEqual([done.status, done.stdout], [0, 'made'], done.stderr);
};
const begin = async (directory: string, names: readonly string[]) => {
  const { args, env } = maker(directory, names, 'setInterval(() => {}, 1000);');
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
};
const killed = async (directory: string, names: readonly string[]): Promise<void> => {
  const child = await begin(directory, names);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
};

function place(t: { after(then: () => void): void }): { top: string; left: () => string[]; lists: string } {
  const top = mkdtempSync(join(tmpdir(), 'nono-left-'));
  t.after(() => rmSync(top, { recursive: true, force: true }));
  const lists = join(top, `nono-test-runs-${uid}`);
  return { top, lists, left: () => readdirSync(top).filter((name) => join(top, name) !== lists) };
}

test('at the end of a process its directories are gone, and its list', (t) => {
  const { top, left, lists } = place(t);
  finish(top, ['nono-home-a', 'nono-home-b']);
  assert.deepEqual([left(), readdirSync(lists)], [[], []]);
});

test('a program that lives on in such a home is waited for, and one that does not end is ended', (t) => {
  const { top, left } = place(t);
  const late = (seconds: number) =>
    `spawn('sh', ['-c', 'sleep ${seconds}; mkdir -p "$HOME/.local"; sleep ${seconds * 100}'],
      { detached: true, stdio: 'ignore', env: { HOME: ${JSON.stringify(join(top, 'nono-home-late'))}, PATH: process.env.PATH } }).unref();`;
  finish(top, ['nono-home-late'], late(0.2));
  spawnSync('sleep', ['0.5']);
  assert.deepEqual(left(), []);
});

test('what a killed process left goes with the next one; what a living one has stays', async (t) => {
  const { top, left, lists } = place(t);
  await killed(top, ['nono-home-killed', 'nono-escape-killed']);
  const living = await begin(top, ['nono-home-living']);
  t.after(() => living.kill('SIGKILL'));
  // The one that began after the kill has removed it.
  assert.deepEqual(left(), ['nono-home-living']);
  finish(top, ['nono-home-next']);
  assert.deepEqual(left(), ['nono-home-living']);
  assert.equal(readdirSync(lists).length, 1);
});

test('nothing goes that a list names without being a test’s, that somebody lives in, or that was made elsewhere', async (t) => {
  const { top, left, lists } = place(t);
  await killed(top, ['nono-home-inhabited', 'precious']);
  const [name = ''] = readdirSync(lists);
  const dweller = spawn('sleep', ['60'], {
    env: { HOME: join(top, 'nono-home-inhabited'), PATH: process.env['PATH'] },
    stdio: 'ignore',
  });
  finish(top, ['nono-home-next']);
  assert.deepEqual(left().sort(), ['nono-home-inhabited', 'precious']);
  const text = readFileSync(join(lists, name), 'utf8');
  writeFileSync(join(lists, name), text.replace(/^\S+/, 'another-boot'));
  const ended = new Promise((resolve) => dweller.once('exit', resolve));
  dweller.kill();
  await ended;
  finish(top, ['nono-home-next']);
  assert.deepEqual(left().sort(), ['nono-home-inhabited', 'precious']);
  writeFileSync(join(lists, name), text);
  finish(top, ['nono-home-next']);
  assert.deepEqual(left(), ['precious']);
});

test('lists that another user could have written are not read', { skip: uid !== 0 && 'not root' }, async (t) => {
  const { top, left, lists } = place(t);
  mkdirSync(lists, { mode: 0o777 });
  spawnSync('chmod', ['777', lists]);
  mkdirSync(join(top, 'nono-home-theirs'));
  const ns = spawnSync('readlink', ['/proc/self/ns/pid'], { encoding: 'utf8' }).stdout.trim();
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  writeFileSync(join(lists, '1-1'), `${boot} ${ns}\n${join(top, 'nono-home-theirs')}\n`);
  finish(top, ['nono-home-next']);
  assert.deepEqual(left(), ['nono-home-theirs']);
  assert.ok(existsSync(join(lists, '1-1')));
});
