/** An attached terminal that is stopped and brought back, the scrollback it has, and a session that outlives the relay of the terminal it was started on. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, describe, test } from 'node:test';
import { lifeline } from '../../helpers/lifeline.ts';
import { nono } from '../../helpers/run.ts';
import { closeTerminals, key, pause, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, rootSkip, type TestUser, users } from '../../helpers/users.ts';
import { afterPrefix, enter, inList, openShell, runLine } from '../shell/shell-helpers.ts';

test('the root half', { skip: rootSkip }, () => {});
afterEach(closeTerminals);

interface Listed {
  readonly session_id: string;
  readonly status: string;
  readonly attachment: string;
  readonly attachable: boolean;
  readonly host_pid: number;
}

const hosts = new Set<number>();
after(() => {
  for (const pid of hosts) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended by the test.
    }
  }
});

async function listed(user: TestUser, home: string, wanted: (one: Listed) => boolean): Promise<Listed> {
  for (let i = 0; i < 100; i++) {
    const all = JSON.parse(nono(user, ['ps', '--json', '--all'], { cwd: home, home }).stdout) as Listed[];
    const found = all.find(wanted);
    if (found !== undefined) {
      hosts.add(found.host_pid);
      return found;
    }
    await pause(100);
  }
  throw new Error('it never happened: there is such a session');
}

/** A shell with job control, as people start nono from. */
async function outerShell(user: TestUser, cwd: string, home: string): Promise<TestTerminal> {
  const t = new TestTerminal({
    argv: [...user.prefix, 'bash', '--norc', '--noprofile'],
    cwd,
    env: environment(home, { PS1: 'outer> ' }),
    cols: 110,
    rows: 30,
  });
  await t.until('outer>');
  return t;
}

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}

/** Down to the bash that has job control; a user's prefix can put processes before it. */
function shellPid(t: TestTerminal): number {
  let pid = t.pid;
  while (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() !== 'bash') pid = childOf(pid);
  return pid;
}

for (const user of users) {
  describe(`as ${user.name}`, { timeout: 120_000 }, () => {
    test('stopped from outside: the terminal is given back; fg: painted anew, with what came meanwhile, and its scrollback', async () => {
      const home = makeHome(user);
      lifeline(home);
      const done = nono(user, ['shell', '--detached', '-s', '--allow', '.'], { cwd: join(home, 'project'), home });
      const id = done.stdout.trim();
      await listed(user, home, (s) => s.session_id === id && s.attachable);
      const t = await outerShell(user, home, home);
      enter(t, `${join(installationFor(user), 'bin', 'nono')} attach ${id}`);
      await t.until('[nono]');
      enter(t, 'seq -f before-%g 1 100; until [ -e go ]; do sleep 0.1; done; echo la""te');
      await t.until('before-100');
      assert.equal(t.raw.split('\x1b[c').length, 2, 'the terminal is asked once');
      const relay = childOf(shellPid(t));
      const from = t.raw.length;
      process.kill(relay, 'SIGTSTP');
      await t.until(/Stopped[\s\S]*outer>/);
      assert.equal(t.inAlternateScreen, false);
      assert.match(t.raw.slice(from), /\x1b\[\?2004l[\s\S]*\x1b\[\?25h[\s\S]*\x1b\[\?1049l/);
      await runLine(t, 'stty -a | grep -o " icanon"', 'STTY');
      assert.match(await t.text(), / icanon/);
      writeFileSync(join(home, 'project/go'), '');
      await pause(500);
      assert.doesNotMatch(await t.text(), /^late/m, 'nothing is drawn on the terminal of the shell outside');
      enter(t, 'fg');
      await t.until(/^late/m);
      assert.equal(t.inAlternateScreen, true);
      await runLine(t, 'echo still-$((40 + 2))', 'HERE');
      assert.match(await t.text(), /still-42/);
      t.write(`${key.prefix}[`);
      await t.until(/scrolled 0\/\d+/);
      t.write('g');
      await t.until(/^before-1 /m);
      t.write('q');
      await t.until((screen) => !screen.includes('scrolled'));
      enter(t, 'exit 5');
      // The prompt below the last lines: what is typed before it is dropped with what was meant for the session.
      await t.until((screen) => !t.inAlternateScreen && /exit\s+outer>\s*$/.test(screen));
      await runLine(t, 'echo code-$?', 'CODE');
      assert.match(await t.text(), /code-5/);
    });

    test('suspended by a key: the shell outside has its terminal, and fg goes on where it was', async () => {
      const home = makeHome(user);
      lifeline(home);
      const t = await outerShell(user, join(home, 'project'), home);
      enter(t, `${join(installationFor(user), 'bin', 'nono')} shell --allow .`);
      await t.until('[nono]');
      await runLine(t, 'printf \'\\033]2;mine\\a\'; echo be""fore', 'ONE');
      await afterPrefix(t, '\x1a');
      await t.until(/Stopped[\s\S]*outer>/);
      assert.equal(t.inAlternateScreen, false);
      await runLine(t, 'stty -a | grep -o " icanon"', 'STTY');
      assert.match(await t.text(), / icanon/);
      const from = t.raw.length;
      enter(t, 'fg');
      await t.until(/^before/m);
      assert.equal(t.inAlternateScreen, true);
      assert.match(t.raw.slice(from), /\x1b\]2;nono: mine/, 'and its title');
      // From the list, too.
      await inList(t, '\x1a');
      await t.until(/Stopped[\s\S]*Stopped[\s\S]*outer>/);
      enter(t, 'fg');
      await t.until((screen) => t.inAlternateScreen && /^before/m.test(screen));
      await runLine(t, 'echo still-$((40 + 2))', 'HERE');
      assert.match(await t.text(), /still-42/);
      enter(t, 'exit 5');
      await t.until((screen) => !t.inAlternateScreen && /exit\s+outer>\s*$/.test(screen));
      await runLine(t, 'echo code-$?', 'CODE');
      assert.match(await t.text(), /code-5/);
    });

    test('suspended again and again while the pane is drawing: each prompt outside is below the one before', async () => {
      const home = makeHome(user);
      lifeline(home);
      const t = await outerShell(user, join(home, 'project'), home);
      await runLine(t, 'for i in 1 2 3; do echo older-$i; done', 'OLDER');
      enter(t, `${join(installationFor(user), 'bin', 'nono')} shell --allow .`);
      await t.until('[nono]');
      // At the top of the screen, where a frame that went astray would leave the cursor.
      enter(t, 'while :; do printf "\\e[1;1Hdrawn-$RANDOM\\e[2;1H"; sleep 0.003; done');
      for (let stop = 1; stop <= 8; stop++) {
        await t.until((screen) => t.inAlternateScreen && screen.includes('drawn-'));
        await afterPrefix(t, key.ctrlZ);
        await t.until((screen) => !t.inAlternateScreen && /Stopped[^\n]*\n(?:.*\n)?outer>\s*$/.test(screen), 20_000);
        const screen = await runLine(t, `echo stop-${stop}`, `STOP-${stop}`);
        assert.doesNotMatch(screen, /drawn-/);
        const marks = [...screen.matchAll(/^(older|stop)-(\d)$/gm)].map(([mark]) => mark);
        const all = ['older-1', 'older-2', 'older-3', ...Array.from({ length: stop }, (_, i) => `stop-${i + 1}`)];
        assert.deepEqual(marks, all.slice(-marks.length), screen);
        enter(t, 'fg');
      }
      await t.until(() => t.inAlternateScreen);
    });

    for (const attached of [false, true])
      test(`killed while it is suspended (${attached ? 'an attached terminal' : 'its own terminal'}), the relay leaves the shell outside as it is`, async () => {
        const home = makeHome(user);
        lifeline(home);
        const program = join(installationFor(user), 'bin', 'nono');
        const t = await outerShell(user, join(home, 'project'), home);
        let id = '';
        if (attached) {
          const done = nono(user, ['shell', '--detached', '-s', '--allow', '.'], { cwd: join(home, 'project'), home });
          id = done.stdout.trim();
          await listed(user, home, (s) => s.session_id === id && s.attachable);
        }
        enter(t, attached ? `${program} attach ${id}` : `${program} shell --allow .`);
        await t.until('[nono]');
        // Something to draw, at the top of the screen, the moment that it goes on.
        enter(t, 'while :; do printf "\\e[1;1Hdrawn-$RANDOM\\e[2;1H"; sleep 0.003; done');
        await t.until('drawn-');
        const relay = childOf(shellPid(t));
        const host = childOf(relay);
        process.kill(relay, 'SIGTSTP');
        await t.until((screen) => !t.inAlternateScreen && /Stopped[\s\S]*outer>/.test(screen));
        await runLine(t, 'for i in 1 2 3 4 5 6 7 8 9; do echo later-$i; done', 'LATER');
        t.write('echo half-a-li');
        const before = await t.until(/half-a-li\s*$/);
        process.kill(relay, 'SIGKILL');
        for (let i = 0; i < 200 && existsSync(`/proc/${host}`); i++) await pause(50);
        assert.equal(existsSync(`/proc/${host}`), false, 'its host has ended');
        assert.equal(await t.text(), before);
        t.write('ne\r');
        await t.until(/^half-a-line/m);
        await runLine(t, 'stty -a | grep -o " icanon"', 'STTY');
        if (attached) assert.equal(nono(user, ['stop', id], { cwd: home, home }).code, 0);
      });

    test('where no shell waits outside it is said, and the session goes on', async () => {
      const t = await openShell({ user, home: makeHome(user) });
      await afterPrefix(t, '\x1a');
      await t.until('no shell waits outside');
      await runLine(t, 'echo still-$((40 + 2))', 'HERE');
      assert.match(await t.text(), /still-42/);
      enter(t, 'exit 0');
      assert.equal((await t.untilEnd()).code, 0);
    });

    test('another terminal has the scrollback of the one before, and begins at its end', async () => {
      const home = makeHome(user);
      lifeline(home);
      const done = nono(user, ['shell', '--detached', '-s', '--allow', '.'], { cwd: join(home, 'project'), home });
      const id = done.stdout.trim();
      await listed(user, home, (s) => s.session_id === id && s.attachable);
      const attach = (cols: number): TestTerminal =>
        new TestTerminal({
          argv: [...user.prefix, join(installationFor(user), 'bin', 'nono'), 'attach', id],
          cwd: home,
          env: environment(home),
          cols,
          rows: 24,
        });
      const one = attach(120);
      await one.until('[nono]');
      await afterPrefix(one, key.ctrlZ);
      await one.until(/an attached terminal is not suspended: Ctrl-\\ D detaches it/);
      await runLine(one, "PROMPT_COMMAND= PS1='$ '; printf '\\033]2;mine\\a'; seq -f row-%g 1 200", 'DONE');
      // Left while it was looking back.
      one.write(`${key.prefix}[`);
      await one.until(/scrolled 0/);
      one.write('g');
      await one.until(/^row-1 /m);
      nono(user, ['detach', id], { cwd: home, home });
      await one.untilEnd();
      const two = attach(80);
      const screen = await two.until('row-200');
      assert.match(two.raw, /\x1b\]2;nono: mine/, 'a terminal that comes later has the title');
      assert.doesNotMatch(screen, /scrolled/);
      two.write(`${key.prefix}[`);
      await two.until(/scrolled 0\/\d+/);
      two.write('g');
      await two.until(/^row-1( |$)/m);
      assert.equal(nono(user, ['stop', id], { cwd: home, home }).code, 0);
    });

    test('hangup = "detach": kill -9 of the relay gives the terminal back, and the session lives on', async () => {
      const home = makeHome(user);
      lifeline(home);
      mkdirSync(join(home, '.config/nono'), { recursive: true });
      writeFileSync(join(home, '.config/nono/config.toml'), '[ui]\nhangup = "detach"\n');
      const t = await outerShell(user, join(home, 'project'), home);
      enter(t, `${join(installationFor(user), 'bin', 'nono')} shell --allow .`);
      await t.until('[nono]');
      const { session_id: id } = await listed(user, home, (s) => s.attachable && s.attachment === 'attached');
      await runLine(t, 'marked=kept', 'MARKED');
      process.kill(childOf(shellPid(t)), 'SIGKILL');
      await t.until((screen) => !t.inAlternateScreen && screen.includes('detached: nono attach'));
      await runLine(t, 'stty -a | grep -o " icanon"', 'STTY');
      assert.match(await t.text(), / icanon/);
      await listed(user, home, (s) => s.session_id === id && s.attachment === 'detached' && s.status === 'running');
      enter(t, `${join(installationFor(user), 'bin', 'nono')} attach ${id}`);
      await t.until(() => t.inAlternateScreen);
      await runLine(t, 'echo it-is-$marked', 'SAID');
      assert.match(await t.text(), /it-is-kept/);
      assert.equal(nono(user, ['stop', id], { cwd: home, home }).code, 0);
    });
  });
}
