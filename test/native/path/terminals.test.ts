/** Terminals by name: those of the session open as ever. That others do not is in the escape catalogue (pty-read, pty-write). */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { nono } from '../../helpers/run.ts';
import { environment, installationFor, makeHome, rootSkip, type TestUser, users } from '../../helpers/users.ts';
import { fixture, plan, Session } from '../session.ts';

const script = spawnSync('script', ['--version']).status === 0;
const ownMounts = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;
test('the root half', { skip: rootSkip }, () => {});

/** Processor time in ticks of 10 ms. */
const ticks = (pid: number): number =>
  (/\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '')
    .split(' ')
    .slice(11, 13)
    .reduce((sum, n) => sum + Number(n), 0);

/** A terminal outside, until the test is over. */
async function terminalOutside(user: TestUser, t: TestContext): Promise<string> {
  const [program = '', ...words] = [...user.prefix, 'script', '-qec', 'tty; sleep 600', '/dev/null'];
  const outside = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => outside.kill());
  const [said] = await once(outside.stdout, 'data');
  return String(said).trim();
}

for (const user of users) {
  test(`whose a terminal is, is looked for among so many descriptors and no more, ${user.name}`, {
    skip: script ? false : 'no script(1) here',
  }, async (t) => {
    const terminal = await terminalOutside(user, t);
    const s = new Session(user, plan({ rules: [{ verdict: 'allow', path: '/dev/pts' }] }), [
      fixture('many-descriptors'),
      terminal,
      '40',
    ]);
    const { supervisorPid } = await s.event('ready');
    await s.until('the denial', () => s.all('denied')[0]);
    // 800,000 descriptors take 5 s; fewer, where the hard limit is lower, are no attack.
    const taken = ticks(supervisorPid);
    assert.ok(taken < 100, `${taken} ticks`);
    const { stdout } = await s.ended;
    assert.equal(stdout, '13\n');
  });

  test(`however long the line of processes is that ask for it, ${user.name}`, {
    skip: script ? false : 'no script(1) here',
  }, async (t) => {
    const terminal = await terminalOutside(user, t);
    const s = new Session(user, plan({ rules: [{ verdict: 'allow', path: '/dev/pts' }] }), [
      fixture('long-line'),
      terminal,
      '400',
    ]);
    const { supervisorPid } = await s.event('ready');
    await s.until('the denial', () => s.all('denied')[0], 60_000);
    // 400 walks up 200 parents take a second; so do 64 that are as long.
    const taken = ticks(supervisorPid);
    assert.ok(taken < 40, `${taken} ticks`);
    s.guardian.stdin?.end();
    assert.equal((await s.ended).stdout, '13\n');
  });

  test(`another terminal with the number of one’s own, ${user.name}`, {
    skip: ownMounts ? false : 'mounts cannot be made here',
  }, () => {
    const home = makeHome(user);
    const attack = 'echo told >"$0"; echo told 1<>"$0" >&1; chmod 666 "$0"; exec 3</dev/tty && echo own';
    const run = ['run', '-s', '--allow', home, '--', 'sh', '-c', attack, 'TERMINAL'];
    const words = [String(user.uid), ...user.prefix, join(installationFor(user), 'bin', 'nono'), ...run];
    const { stdout, stderr } = spawnSync(fixture('same-number'), words, {
      cwd: home,
      env: environment(home),
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(stdout, 'own\nmode 600, received nothing\n', stderr);
  });

  describe(user.name, { skip: script ? false : 'no script(1) here' }, () => {
    /** Runs inside a session, with a terminal that script(1) makes there. */
    const inTerminal = (commands: string): string => {
      const home = makeHome(user);
      const { stdout } = nono(user, ['run', '-s', '--allow', home, '--', 'script', '-qec', commands, '/dev/null'], {
        cwd: home,
        home,
        input: '',
      });
      // script(1) passes the end of its input on as a character; whether that is echoed before or after the command's words is a race of its own, outside a session too.
      return stdout.replaceAll('\r', '').replaceAll(/\^@|\^D[\b]*/g, '');
    };

    test('one made inside is opened by its name, by who has it open and by who has not', () => {
      const said = inTerminal(
        't=$(tty); echo own >"$t"; echo error >/dev/stderr; head -c0 <"$t" && echo readable; setsid -w sh -c "echo sibling >$t" </dev/null >/dev/null 2>&1; stty -F "$t" rows 7 && stty size',
      );
      assert.equal(said, 'own\nerror\nreadable\nsibling\n7 0\n');
    });

    test('and one made in that, by its master too', () => {
      assert.match(inTerminal("script -qec 'echo inner >$(tty)' /dev/null"), /^inner$/m);
    });
  });
}
