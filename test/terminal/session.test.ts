/** The session in a real pty: bytes in, screen out, commands to a supervisor that the test plays. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { leaveList } from '../e2e/shell/shell-helpers.ts';
import { key, pause } from '../helpers/terminal.ts';
import { ARMED_MS, openSessions, press, record, type TestSession } from './helpers.ts';

const { open, start } = openSessions();

const shows =
  (s: TestSession, text: string): (() => Promise<boolean>) =>
  async () =>
    (await s.terminal.text()).includes(text);

const grants = (s: TestSession) => s.commands.filter((c) => c.type === 'add-rule' || c.type === 'verdict');

describe('a held call', { timeout: 60_000 }, () => {
  test('is on the screen, takes no focus, and is approved with keys', async () => {
    const s = await start();
    s.send({ type: 'held', holdId: 5n, record: record() });
    await s.terminal.until('HELD');
    const screen = await s.terminal.until('1 held · Ctrl-\\ d');
    assert.match(screen, /HELD +read +~\/notes\.txt[\s\S]*cat\(4312\) ← bash +not granted/);
    s.terminal.write('echo still-the-shell\r');
    await s.terminal.until(/^still-the-shell/m);
    s.terminal.write(`${key.prefix}d`);
    await s.terminal.until('a once');
    await press(s, 'a', () => grants(s).length === 1);
    assert.deepEqual(grants(s), [{ type: 'verdict', holdId: 5n, allow: true }]);
    s.send({ type: 'released', holdId: 5n, outcome: 'allowed' });
    await s.terminal.until('the call continues');
    await leaveList(s.terminal);
    s.terminal.write('exit 4\r');
    assert.deepEqual(await s.terminal.untilEnd(), { code: 4, signal: 0 });
    assert.equal(s.terminal.inAlternateScreen, false);
    assert.doesNotMatch(await s.terminal.text(), /nono:/, 'nothing was saved, so nothing is said');
  });

  test('a path that its row cuts is whole on the screen while it is selected, and gone with the list', async () => {
    const s = await start();
    const path = '/srv/deep/one/two/a-long-directory-name/another-long-directory-name/three/settings.json';
    s.send({ type: 'held', holdId: 6n, record: record({ path }) });
    await s.terminal.until('HELD');
    s.terminal.write(`${key.prefix}d`);
    const screen = await s.terminal.until(/another-long-directory-name/);
    const box = screen.split('\n').flatMap((line) => /^ │ (.*?) *│/.exec(line)?.[1] ?? []);
    assert.equal(box.join(''), path);
    assert.match(screen, /HELD +read +\/srv/);
    await press(s, 'a', () => grants(s).length === 1);
    s.terminal.write(key.escape);
    await s.terminal.until((now) => !now.includes('another-long-directory-name'));
  });

  test('a rename at 40x10 shows both of its paths before it can be approved', async () => {
    const s = await start({ cols: 40, rows: 10 });
    const other = { path: `/home/u/${'to-'.repeat(24)}b`, first: false, allowed: false };
    const path = `/home/u/${'from-'.repeat(16)}a`;
    s.send({ type: 'held', holdId: 5n, record: record({ verb: 'rename', access: 'write', path, other }) });
    await s.terminal.until('HELD');
    s.terminal.write(`${key.prefix}d`);
    await s.terminal.until('a once');
    const says = (what: string) => async () => (await s.terminal.text()).includes(what);
    await press(s, 'a', says('Enter shows all of it'));
    s.terminal.write(key.enter);
    let read = '';
    const pages = Number(/1 of (\d)/.exec(await s.terminal.until('1 of'))?.[1]);
    assert.ok(pages >= 2);
    for (let page = 1; page <= pages; page += 1) {
      const screen = await s.terminal.until(`${page} of ${pages}`);
      const lines = screen.split('\n').filter((line) => line.includes('│'));
      for (const line of lines) assert.ok(!line.includes('…'), line);
      for (const line of lines) read += line.slice(line.indexOf('│') + 11, line.lastIndexOf('│')).trim();
      if (page < pages) await press(s, 'a', says('not every page was seen'));
      await pause(2 * ARMED_MS);
      assert.deepEqual(grants(s), []);
      if (page < pages) s.terminal.write('\x1b[6~');
    }
    assert.ok(read.includes(path) && read.includes(other.path), read);
    await press(s, 'a', () => grants(s).length === 1);
    assert.deepEqual(grants(s), [{ type: 'verdict', holdId: 5n, allow: true }]);
  });

  test('type-ahead and pastes approve nothing', async () => {
    const s = await start();
    s.send({ type: 'held', holdId: 5n, record: record() });
    await s.terminal.until('HELD');
    s.terminal.write(`${key.prefix}daspyyx`);
    await pause(600);
    s.terminal.write('\x1b[200~aspyyx\x1b[201~');
    await pause(600);
    s.terminal.write(`${key.escape}`);
    await pause(100);
    s.terminal.write(`${key.escape}`);
    await pause(100);
    // The whole way from the shell, in one paste: with and without the program asking for paste marks.
    s.terminal.write(`\x1b[200~${key.prefix}d\x1b[201~`);
    await pause(400);
    s.terminal.write('\x1b[200~a\x1b[201~');
    await pause(200);
    assert.deepEqual(grants(s), []);
  });

  test('saving: the change is shown, y saves, one line is left behind', async () => {
    const s = await start({ cols: 80, rows: 24 });
    s.send({ type: 'held', holdId: 5n, record: record() });
    await s.terminal.until('HELD');
    s.terminal.write(`${key.prefix}d`);
    await press(s, 'p', shows(s, 'y: save and allow'));
    assert.match(await s.terminal.text(), /allow read \/home\/u\/notes\.txt/);
    await press(s, 'y', shows(s, 'saved to profile test: the call continues'));
    await leaveList(s.terminal);
    s.terminal.write('exit\r');
    await s.terminal.untilEnd();
    assert.match(await s.terminal.text(), /^nono: saved 1 rule to profile test/m);
  });
});

describe('the shell in the pane', { timeout: 60_000 }, () => {
  test('gets every byte but the prefix, and that one when it is doubled', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'nono-bytes-'));
    const file = join(dir, 'bytes');
    const s = await start();
    s.terminal.write(`stty raw -echo; printf READY; head -c 256 > ${file}; stty sane; echo\r`);
    await s.terminal.until(/^READY/m);
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    s.terminal.write(Buffer.concat([all.subarray(0, 28), Buffer.from([28]), all.subarray(28)]).toString('latin1'));
    // The shell makes it after READY.
    await s.until(() => statSync(file, { throwIfNoEntry: false })?.size === 256, 10_000);
    // node-pty writes strings as UTF-8: what must arrive is that, without the second prefix byte.
    const wanted = Buffer.from(all.toString('latin1')).subarray(0, 256);
    assert.deepEqual(readFileSync(file), wanted);
    rmSync(dir, { recursive: true });
  });

  test('gets what is typed after a size of the list, all of it, and no prefix key', async () => {
    const s = await start();
    // A prefix byte that arrived would end it: the shell's own reading ignores one.
    s.terminal.write("sh -c 'printf READY; read a; echo got:$a:'\r");
    await s.terminal.until('READY');
    s.terminal.write(`${key.prefix}>>`);
    await s.terminal.until('> larger');
    s.terminal.write(`${key.prefix}<`);
    await pause(100);
    s.terminal.write('quit D\r');
    await s.terminal.until('got:quit D:');
  });

  test('gets a megabyte of paste unchanged', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'nono-paste-'));
    const file = join(dir, 'paste');
    const s = await start();
    s.terminal.write(`stty raw -echo; printf READY; head -c 1000000 > ${file}; stty sane; echo DO''NE\r`);
    await s.terminal.until(/^READY/m);
    const text = Array.from({ length: 20_000 }, (_, i) => `line ${i} `.padEnd(49, '.'))
      .join('\n')
      .concat('\n');
    assert.equal(text.length, 1_000_000);
    s.terminal.write(`\x1b[200~${text}\x1b[201~`);
    await s.terminal.until('DONE', 20_000);
    assert.equal(
      createHash('md5').update(readFileSync(file)).digest('hex'),
      createHash('md5').update(text).digest('hex'),
    );
    rmSync(dir, { recursive: true });
  });

  test('has its modes mirrored, and taken back while the chrome has the keyboard and at the end', async () => {
    const s = await start();
    s.terminal.write("printf '\\033[?1h\\033[?1003h\\033[?1006h\\033[?1004h\\033[5 q'; read\r");
    const sent = (what: RegExp, from = 0): Promise<void> =>
      s.until(() => what.test(s.terminal.raw.slice(from)), 10_000);
    await sent(/\x1b\[\?1h.*\x1b\[\?1004h.*\x1b\[\?1003h\x1b\[\?1006h/s);
    await sent(/\x1b\[5 q/);
    const before = s.terminal.raw.length;
    s.terminal.write(`${key.prefix}d`);
    await sent(/\x1b\[\?1l.*\x1b\[\?1004l.*\x1b\[\?1003l\x1b\[\?1006l/s, before);
    const listed = s.terminal.raw.length;
    s.terminal.write(key.escape);
    await sent(/\x1b\[\?1003h/, listed);
    s.terminal.write('\rexit\r');
    await s.terminal.untilEnd();
    assert.ok(s.terminal.raw.indexOf('\x1b[?1049l') > s.terminal.raw.lastIndexOf('\x1b[?1003h'));
  });

  test('cannot write outside its pane or reach the terminal with escape sequences', async () => {
    const s = await start();
    s.terminal.write(
      "printf '\\033[1;1HTOP\\033]52;c;aGk=\\007\\033]0;t\\033]52;c;eA==\\007\\033[3J\\033[?1049h\\033[1;500HX\\n'; echo DO''NE\r",
    );
    await s.terminal.until(/^DONE/m);
    const [title = ''] = await s.terminal.lines();
    assert.match(title, /^ nono bash · profile test/);
    assert.doesNotMatch(s.terminal.raw, /\x1b\]52|\x1b\[3J/);
    assert.equal(s.terminal.raw.split('\x1b[?1049h').length, 2, 'only ours');
  });

  test('drives vim, and the prompt is intact after it', async () => {
    const s = await start();
    s.terminal.write('vim -u NONE -c "set nocp"\r');
    await s.terminal.until(/VIM - Vi IMproved/);
    s.terminal.write('ihello there\x1b');
    await s.terminal.until(/^hello there/m);
    s.terminal.write(':q!\r');
    const screen = await s.terminal.until((text) => !text.includes('hello there') && text.includes('[nono]'));
    assert.match(screen, /vim -u NONE/);
  });

  test('follows the size of the window, down to a message and back', async () => {
    const s = await start();
    s.terminal.resize(80, 24);
    await s.terminal.until(/^─ denials/m);
    s.terminal.write('stty size\r');
    await s.terminal.until(/^15 80/m);
    s.terminal.resize(30, 8);
    await s.terminal.until('too small');
    s.terminal.resize(140, 50);
    await s.terminal.until('│ denials');
    s.terminal.write('stty size\r');
    await s.terminal.until(/^48 95/m);
  });
});

describe('endings', { timeout: 60_000 }, () => {
  test('the last output is on the screen before it is left, and a signal is 128 + n', async () => {
    const s = open({ env: { NONO_TEST_COMMAND: 'seq 1 5000; printf LAST; kill -9 $$' } });
    assert.equal((await s.terminal.untilEnd()).code, 137);
    assert.match(s.terminal.raw, /LAST[\s\S]*\x1b\[\?1049l/);
    const left = (await s.terminal.text()).trimEnd().split('\n');
    assert.deepEqual(
      left,
      ['4994', '4995', '4996', '4997', '4998', '4999', '5000', 'LAST'].map((row) => `│ ${row}`),
    );
  });

  test('what a slow terminal answers is not typed into the shell outside', async () => {
    const outside = ['sh', '-c', '"$@"; sleep 1', 'sh'];
    const s = open({ prefix: outside, answersBehind: 'LAST', env: { NONO_TEST_COMMAND: 'echo LAST' } });
    await s.terminal.untilEnd();
    await pause(300);
    assert.match(await s.terminal.text(), /LAST/);
    assert.doesNotMatch(await s.terminal.text(), /\^\[/);
    assert.doesNotMatch(s.terminal.raw, /\^\[/);
  });

  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const) {
    test(`${signal} to the host hangs the session up and restores the terminal`, async () => {
      const s = await start();
      process.kill(s.terminal.pid, signal);
      assert.equal((await s.terminal.untilEnd()).code, code);
      assert.equal(s.terminal.inAlternateScreen, false);
      // What the host sent last can be read after its end is seen.
      await s.until(() => s.commands.some((c) => c.type === 'terminate' && c.signal === 1));
      const [, after = ''] = s.terminal.raw.split(/\x1b\[\?2004l.*\x1b\[\?25h.*\x1b\[\?1049l/s);
      assert.equal(s.terminal.raw.split('\x1b[?1049l').length, 2);
      // Who was looking at it is told what became of it; a closed terminal is told nothing.
      const said = `\n[nono] the session was ended by ${signal}\r`;
      assert.equal(after.includes(said), signal !== 'SIGHUP', JSON.stringify(after));
    });
  }

  test('quitting asks, and then ends', async () => {
    const s = await start();
    s.terminal.write(`${key.prefix}q`);
    await s.terminal.until('End this session?');
    await press(s, 'y', () => s.terminal.ended !== undefined);
    const { code } = await s.terminal.untilEnd();
    assert.equal(code, 129);
  });

  test('a chrome that cannot be loaded leaves a shell in which nothing waits', async () => {
    const s = open({ env: { NONO_TEST_CHROME: '/nonexistent.mjs' } });
    await s.terminal.until('nothing can be approved');
    await s.until(() => s.commands.length > 0);
    assert.deepEqual(s.commands.at(-1), { type: 'set-mode', mode: 'observe' });
    s.terminal.write('echo alive\r');
    await s.terminal.until(/^alive/m);
  });
});

describe('a chrome that fails before the first prompt', { timeout: 60_000 }, () => {
  test('is not waited for by what comes later', async () => {
    const s = open({ env: { NONO_TEST_CHROME: '/nonexistent.mjs', NONO_TEST_COMMAND: 'sleep 4' } });
    await s.terminal.until('nothing can be approved');
    await s.terminal.untilEnd();
    assert.deepEqual([...new Set(s.commands.flatMap((c) => (c.type === 'set-mode' ? [c.mode] : [])))], ['observe']);
  });
});

describe('looks', { timeout: 60_000 }, () => {
  test('NO_COLOR: no colour of ours; ASCII: no box drawing', async () => {
    const s = await start({ env: { NO_COLOR: '1', NONO_TEST_ASCII: '1', TERM: 'xterm' } });
    s.send({ type: 'held', holdId: 1n, record: record() });
    const screen = await s.terminal.until('HELD');
    assert.doesNotMatch(screen, /[^\x00-\x7f]/);
    s.terminal.write(`${key.prefix}d`);
    await press(s, '\r', shows(s, 'Held access'));
    assert.doesNotMatch(await s.terminal.text(), /[^\x00-\x7f]/);
    assert.doesNotMatch(s.terminal.raw, /\x1b\[[0-9;]*;?(3[0-7]|9[0-7]|4[0-7])m/);
  });

  test('hostile names stay in their row', async () => {
    const s = await start();
    s.send({
      type: 'denied',
      record: record({ path: '/home/u/\x1b[2J\x1b[1;1Hyes\r\n\u202eevil', comm: '\x1b[31mcat' }),
    });
    const screen = await s.terminal.until(/DENY|1 denied/);
    assert.match(screen, /\\u\{202e\}evil/);
    assert.match(screen, /^ nono bash/m);
  });
});

describe('looking back', { timeout: 60_000 }, () => {
  test('prefix [ scrolls, finds and copies without borders; the terminal is sent what was selected', async () => {
    const s = await start();
    s.terminal.write('seq 1 300; printf "mark %s here   \\n" this; seq 301 400\r');
    await s.terminal.until(/^400/m);
    s.terminal.write(`${key.prefix}[`);
    await s.terminal.until(/scrolled 0\/\d+/);
    s.terminal.write('/mark this\r');
    await s.terminal.until(/1 found/);
    await s.terminal.until(/^mark this here +│/m);
    s.terminal.write('V');
    await pause(100);
    s.terminal.write('y');
    await s.terminal.until('14 characters sent to the terminal');
    assert.ok(s.terminal.raw.includes(`\x1b]52;c;${Buffer.from('mark this here').toString('base64')}\x1b\\`));
    s.terminal.write('echo back\r');
    await s.terminal.until(/^back/m);
  });

  test('with a copy command the selection goes to it and not to the terminal; a failure is one line', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'nono-copy-'));
    const file = join(directory, 'taken');
    for (const [command, mark] of [
      [['sh', '-c', `cat > ${file}`], '14 characters given to sh'],
      [['sh', '-c', 'exit 3'], 'not copied: sh ended with 3'],
      [['no-such-copier'], 'not copied: no-such-copier is not there'],
    ] as const) {
      const s = await start({ env: { NONO_TEST_COPY: JSON.stringify(command) } });
      s.terminal.write('clear; printf "mark %s here   \\n" this\r');
      await s.terminal.until(/^mark this here/m);
      s.terminal.write(`${key.prefix}[`);
      await s.terminal.until(/scrolled 0\/\d+/);
      s.terminal.write('/mark this\r');
      await s.terminal.until(/1 found/);
      s.terminal.write('V');
      await pause(100);
      s.terminal.write('y');
      await s.terminal.until(mark);
      assert.doesNotMatch(s.terminal.raw, /\x1b\]52;/);
      // What a program asks for goes to the terminal, once allowed, and never to the command.
      s.terminal.write("printf '\\033]52;c;aGk=\\007'\r");
      await s.terminal.until('clipboard asked for');
    }
    assert.equal(readFileSync(file, 'utf8'), 'mark this here');
    rmSync(directory, { recursive: true });
  });

  test('the wheel scrolls, a drag copies, and a program with a mouse of its own keeps it', async () => {
    const s = await start();
    s.terminal.write('seq 1 200\r');
    await s.terminal.until(/^200/m);
    await s.until(() => s.terminal.raw.includes('\x1b[?1002h\x1b[?1006h'));
    s.terminal.write('\x1b[<64;5;5M');
    await s.terminal.until(/scrolled 3\/\d+/);
    s.terminal.write('\x1b[<65;5;5M');
    await s.terminal.until((screen) => !screen.includes('scrolled'));
    const row = (await s.terminal.lines()).findIndex((line) => line.startsWith('190')) + 1;
    s.terminal.write(`\x1b[<0;1;${row}M\x1b[<32;2;${row + 1}M\x1b[<0;2;${row + 1}m`);
    await s.terminal.until('2 lines sent to the terminal');
    assert.ok(s.terminal.raw.includes(`\x1b]52;c;${Buffer.from('190\n19').toString('base64')}\x1b\\`));
    s.terminal.write("printf '\\033[?1000h\\033[?1006h'; echo MO''USE; cat -v\r");
    await s.terminal.until('MOUSE');
    s.terminal.write('\x1b[<64;5;5M');
    await s.terminal.until(/\^\[\[<64;5;4M/);
  });

  test('prefix m leaves the mouse to the terminal, and takes it again', async () => {
    const s = await start();
    const asked = (): boolean => s.terminal.raw.lastIndexOf('\x1b[?1002h') > s.terminal.raw.lastIndexOf('\x1b[?1002l');
    await s.until(asked);
    s.terminal.write(`${key.prefix}m`);
    await s.terminal.until('left to the terminal');
    await s.until(() => !asked());
    s.terminal.write(`${key.prefix}m`);
    await s.terminal.until('scrolls and selects');
    await s.until(asked);
  });

  test('a program sets the clipboard only after a key that was armed, and never reads it', async () => {
    const s = await start();
    s.terminal.write("printf '\\033]52;c;?\\007\\033]52;c;aGVsbG8=\\007'\r");
    await s.terminal.until('clipboard asked for');
    assert.doesNotMatch(s.terminal.raw, /\x1b\]52/);
    s.terminal.write(`${key.prefix}c`);
    await s.terminal.until('Set the clipboard?');
    await press(s, 'y', shows(s, '5 characters sent to the terminal'));
    assert.ok(s.terminal.raw.includes('\x1b]52;c;aGVsbG8=\x1b\\'));
  });
});
