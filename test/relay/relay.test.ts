/** nono-relay in a real pty: whatever becomes of the host, the terminal is given back. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { nativeProgram } from '../../src/platform/installation.ts';
import { pause, TestTerminal } from '../helpers/terminal.ts';

const relay = nativeProgram('nono-relay');
let dir = '';

before(() => {
  dir = mkdtempSync(join(tmpdir(), 'nono-relay-'));
});
after(() => rmSync(dir, { recursive: true, force: true }));

function terminal(argv: readonly string[]): TestTerminal {
  return new TestTerminal({ argv, cwd: dir, env: { PATH: '/usr/bin:/bin', RELAY: relay }, cols: 80, rows: 24 });
}

/** The relay with a host that is this shell script. */
function hosting(script: string): TestTerminal {
  return terminal([relay, '--', 'sh', '-c', script]);
}

async function appears(file: string): Promise<string> {
  const path = join(dir, file);
  for (let i = 0; i < 500; i++) {
    if (existsSync(path) && readFileSync(path, 'utf8').endsWith('\n')) return readFileSync(path, 'utf8').trim();
    await pause(10);
  }
  throw new Error(`it never happened: ${file} was written`);
}

function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2)[0] ?? '';
}

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

async function untilState(pid: number, wanted: (state: string) => boolean): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (wanted(stateOf(pid))) return;
    await pause(10);
  }
  assert.fail(`it never happened: process ${pid} stayed in state ${stateOf(pid)}`);
}

/** Where the restore sequence ends after a host on the alternate screen: main screen, title. */
const LAST = '\x1b[?1049l\x1b[23;0t';
/** After one on the main screen: the scroll region, without moving the cursor. */
const LAST_ON_MAIN = '\x1b7\x1b[r\x1b8';
/** What a host does that takes the screen over, and gives it back. */
const ENTER = 'printf + >&$NONO_RELAY_FD; printf "\\033[?1049h"';
const LEAVE = 'printf "\\033[?1049l"; printf - >&$NONO_RELAY_FD';

describe('ending', () => {
  test("the host's exit code is the relay's", async () => {
    const t = hosting('exit 7');
    assert.deepEqual(await t.untilEnd(), { code: 7, signal: 0 });
    assert.ok(t.raw.endsWith(LAST_ON_MAIN), JSON.stringify(t.raw));
  });

  test('a host that a signal ended gives 128+n', async () => {
    assert.equal((await hosting('kill -TERM $$').untilEnd()).code, 143);
  });

  test('a host that does not exist gives 127 and one line', async () => {
    const t = terminal([relay, '--', '/nonexistent/host']);
    assert.equal((await t.untilEnd()).code, 127);
    assert.match(t.raw, /nono: cannot start: \/nonexistent\/host: No such file or directory/);
  });
});

describe('restoring', () => {
  test('after kill -9 of a host that had changed everything', async () => {
    const host =
      `${ENTER}; printf "` +
      '\\033[?1003h\\033[?1006h\\033[?2004h\\033[?25l\\033[5;10r\\033[41mmess"; stty raw -echo; kill -9 $$';
    const t = terminal([
      'sh',
      '-c',
      `stty -g >before; "$RELAY" -- sh -c '${host}'; echo $? >code; stty -g >after; echo done`,
    ]);
    await t.until('done');
    assert.equal((await t.untilEnd()).code, 0);
    assert.equal(await appears('code'), '137');
    assert.equal(await appears('after'), await appears('before'));
    assert.equal(t.inAlternateScreen, false);
    for (const mode of ['?1003l', '?1006l', '?2004l', '?1004l', '?25h', '?2026l', '>4;0m', '<9u', 'r'])
      assert.ok(t.raw.includes(`\x1b[${mode}`), mode);
  });

  test('leaves the cursor where it was when the host never drew', async () => {
    const t = terminal(['sh', '-c', 'echo one; echo two; "$RELAY" -- true; echo three']);
    await t.untilEnd();
    assert.deepEqual((await t.lines()).slice(0, 4), ['one', 'two', 'three', '']);
  });

  test('what was typed for the host does not reach the shell outside', async () => {
    const typed = 'rm -rf everything\r';
    // It ends when all of it lies in its terminal, unread.
    const host = `$n = ""; print "ready\\r\\n"; do { select(undef, undef, undef, 0.01); ioctl(STDIN, 0x541b, $n = pack("L", 0)) } until unpack("L", $n) >= ${typed.length}; kill 9, $$`;
    writeFileSync(join(dir, 'unread'), `$| = 1; ${host};\n`);
    const t = terminal(['sh', '-c', '"$RELAY" -- perl unread; printf "outside>"; stty -icanon min 0 time 3; cat']);
    await t.until('ready');
    t.write(typed);
    await t.until('outside>');
    await t.untilEnd();
    assert.ok(!(await t.text()).includes('everything'));
  });

  test('a terminal left non-blocking by the host is blocking again', async () => {
    const flags =
      'exec 3</dev/null; while read -r name value; do [ "$name" = flags: ] && echo "$value"; done </proc/self/fdinfo/0';
    const nonblock = `perl -MFcntl -e 'fcntl(STDIN, F_SETFL, O_RDWR | O_NONBLOCK); kill 9, $$'`;
    const t = terminal([
      'sh',
      '-c',
      `(${flags}) >flags1; "$RELAY" -- ${nonblock}; (${flags}) >flags2; echo $? >flags-code`,
    ]);
    await t.untilEnd();
    assert.equal(await appears('flags2'), await appears('flags1'));
  });
});

describe('a relay that is killed', () => {
  test('the host reads end of file, gets SIGHUP, and can restore the terminal itself', async () => {
    const host = [
      'trap "echo hup >>hup" HUP; trap "" PIPE',
      `${ENTER}; echo $PPID >relay-pid`,
      'read -r x <&$NONO_RELAY_FD; echo "read $?" >eof',
      `${LEAVE}; "$RELAY" --restore; echo restored >restored`,
      // A process closes its descriptors before its children are told that it ended: on a busy machine the host would be done in between.
      'n=0; while [ ! -e hup ] && [ $n -lt 200 ]; do sleep 0.02; n=$((n+1)); done',
    ].join('; ');
    const t = terminal([
      'sh',
      '-c',
      `stty -g >before2; "$RELAY" -- sh -c '${host}'; while [ ! -e restored ]; do sleep 0.02; done; stty -g >after2`,
    ]);
    process.kill(Number(await appears('relay-pid')), 'SIGKILL');
    assert.equal(await appears('eof'), 'read 1');
    assert.equal(await appears('hup'), 'hup');
    assert.equal(await appears('after2'), await appears('before2'));
    await t.untilEnd();
    assert.equal(t.inAlternateScreen, false);
  });
});

/** Whether it runs or is stopped; what has ended and was not waited for is gone, too. */
function alive(pid: number): boolean {
  try {
    return stateOf(pid) !== 'Z';
  } catch {
    return false;
  }
}

test('whether the terminal is lent stands in the descriptor after the line, which takes the place of none that was inherited', async () => {
  const host = [
    'echo "=$(cat /proc/self/fd/$((NONO_RELAY_FD + 1)))" >state-1',
    `trap 'echo "=$(cat /proc/self/fd/$((NONO_RELAY_FD + 1)))" >state-2' CONT`,
    'echo $$ >state-host; n=0; while [ ! -e state-2 ] && [ $n -lt 200 ]; do sleep 0.02; n=$((n+1)); done',
    'cat <&4 >inherited',
  ].join('; ');
  writeFileSync(join(dir, 'given'), 'given\n');
  const t = terminal(['sh', '-c', `exec 4<given; "$RELAY" -- sh -c '${host.replaceAll("'", `'"'"'`)}'`]);
  const pid = Number(await appears('state-host'));
  assert.equal(await appears('state-1'), '=');
  const relayPid = parentOf(pid);
  process.kill(relayPid, 'SIGTSTP');
  await untilState(pid, (s) => s === 'T');
  await untilState(relayPid, (s) => s === 'T');
  assert.equal(readFileSync(`/proc/${pid}/fd/${Number(lineOf(pid)) + 1}`, 'utf8'), 'l');
  process.kill(relayPid, 'SIGCONT');
  assert.equal(await appears('state-2'), '=-');
  assert.equal(await appears('inherited'), 'given');
  await t.untilEnd();
});

/** Which descriptor the relay gave a host. */
function lineOf(pid: number): string {
  const variable = readFileSync(`/proc/${pid}/environ`, 'utf8')
    .split('\0')
    .find((one) => one.startsWith('NONO_RELAY_FD='));
  return variable?.split('=')[1] ?? '';
}

describe('a relay that is killed while its host is stopped', () => {
  async function killed(script: string, handlers = ':'): Promise<number> {
    const t = hosting(`${handlers}; echo $$ >while-stopped-pid; ${script}`);
    const host = Number(await appears('while-stopped-pid'));
    rmSync(join(dir, 'while-stopped-pid'));
    t.kill('SIGTSTP');
    await untilState(t.pid, (s) => s === 'T');
    await untilState(host, (s) => s === 'T');
    t.kill('SIGKILL');
    return host;
  }

  test('the host ends: it is not left behind with a hangup that it never hears of', async () => {
    const host = await killed('while :; do sleep 0.02; done');
    for (let i = 0; i < 300 && alive(host); i++) await pause(10);
    const left = alive(host);
    if (left) process.kill(host, 'SIGKILL');
    assert.equal(left, false);
  });

  test('one that handles the hangup reads end of file, and does what is left to do', async () => {
    // A relay that ends closes one descriptor after the other: the end of file can be there well before the hangup, for which this host waits five seconds.
    await killed(
      'read -r x <&$NONO_RELAY_FD; echo "read $?" >stopped-eof; n=0; while [ $n -lt 250 ] && [ ! -e stopped-hup ]; do sleep 0.02; n=$((n + 1)); done',
      'trap "echo hup >stopped-hup" HUP',
    );
    assert.equal(await appears('stopped-eof'), 'read 1');
    assert.equal(await appears('stopped-hup'), 'hup');
  });
});

describe('while the host runs', () => {
  test('it has a session of its own, and a raw terminal', async () => {
    const t = hosting(
      'set -- $(cat /proc/$$/stat); echo "sid $6 pid $$"; stty -a | tr ";" "\\n"; echo end-of-settings; sleep 0.1',
    );
    const screen = await t.until('end-of-settings');
    const [, sid, pid] = /sid (\d+) pid (\d+)/.exec(screen) ?? [];
    assert.equal(sid, pid);
    assert.match(t.raw, /-icanon/);
    assert.match(t.raw, /-isig/);
    assert.match(t.raw, /-echo/);
    await t.untilEnd();
  });

  test('a new size reaches it', async () => {
    const t = hosting('trap "stty size; exit 0" WINCH; echo ready; while :; do sleep 0.02; done');
    await t.until('ready');
    t.resize(100, 30);
    await t.until('30 100');
    assert.equal((await t.untilEnd()).code, 0);
  });

  for (const name of ['TERM', 'INT', 'HUP', 'QUIT']) {
    test(`SIG${name} reaches it`, async () => {
      const t = hosting(`trap "exit 42" ${name}; echo ready; while :; do sleep 0.02; done`);
      await t.until('ready');
      t.kill(`SIG${name}`);
      assert.equal((await t.untilEnd()).code, 42);
    });
  }

  test('SIGTSTP stops both and gives the terminal back; SIGCONT goes on and repaints', async () => {
    const t = hosting(`${ENTER}; trap "echo repaint >>painted" WINCH; echo $$ >host-pid; while :; do sleep 0.02; done`);
    const host = Number(await appears('host-pid'));
    t.kill('SIGTSTP');
    await untilState(t.pid, (s) => s === 'T');
    await untilState(host, (s) => s === 'T');
    // The last bytes may still be on their way through the pty.
    for (const until = Date.now() + 5000; !t.raw.endsWith(LAST) && Date.now() < until; ) await pause(5);
    assert.ok(t.raw.endsWith(LAST), JSON.stringify(t.raw));
    t.kill('SIGCONT');
    assert.equal(await appears('painted'), 'repaint');
    await untilState(host, (s) => s !== 'T');
    t.kill('SIGTERM');
    assert.equal((await t.untilEnd()).code, 143);
  });

  test('however often it is stopped, what the host draws stays on its own screen, and the cursor where it was', async () => {
    // It never enters the screen again by itself, and is in the middle of something whenever it is stopped.
    const host = `${ENTER}; while :; do printf '\\033[1;1Hframe-%s\\033[20;20H' $((n=n+1)); done`;
    writeFileSync(join(dir, 'drawing'), `echo $$ >drawing-pid; ${host}\n`);
    const t = terminal(['env', 'PS1=outer> ', 'bash', '--norc', '--noprofile']);
    await t.until('outer>');
    t.write('echo older\r');
    await t.until(/^older\nouter>/m);
    t.write('$RELAY -- sh drawing\r');
    const relayPid = parentOf(Number(await appears('drawing-pid')));
    for (let stops = 1; stops <= 4; stops++) {
      await t.until((screen) => t.inAlternateScreen && screen.includes('frame-'));
      process.kill(relayPid, 'SIGTSTP');
      const screen = await t.until((now) => !t.inAlternateScreen && /Stopped[^\n]*\nouter>\s*$/.test(now));
      const rows = ['', '[1]+  Stopped                 $RELAY -- sh drawing', 'outer> fg', '$RELAY -- sh drawing'];
      const wanted = ['outer> echo older', 'older', 'outer> $RELAY -- sh drawing', ...Array(stops).fill(rows).flat()];
      assert.deepEqual(screen.split('\n').slice(0, wanted.length - 1), [...wanted.slice(0, -2), 'outer> ']);
      assert.doesNotMatch(screen, /frame-/);
      t.write('fg\r');
    }
    process.kill(relayPid, 'SIGKILL');
  });

  test('`kill %1` ends one that is suspended, and the shell outside goes on with its own terminal settings', async () => {
    const host = `trap '${LEAVE}; exit 3' TERM; ${ENTER}; while :; do printf '\\033[1;1Hdrawn'; sleep 0.02; done`;
    writeFileSync(join(dir, 'ending'), `echo $$ >ending-pid; ${host}\n`);
    const t = terminal(['env', 'PS1=outer> ', 'bash', '--norc', '--noprofile']);
    await t.until('outer>');
    t.write('$RELAY -- sh ending\r');
    const pid = Number(await appears('ending-pid'));
    await t.until('drawn');
    process.kill(parentOf(pid), 'SIGTSTP');
    await t.until((now) => !t.inAlternateScreen && /Stopped[^\n]*\nouter>\s*$/.test(now));
    const settings = async (file: string): Promise<string> => {
      t.write(`stty -g >${file}\r`);
      return appears(file);
    };
    const before = await settings('settings-before');
    t.write('kill %1\r');
    for (let i = 0; i < 300 && alive(pid); i++) await pause(10);
    const left = alive(pid);
    if (left) process.kill(pid, 'SIGKILL');
    assert.equal(left, false);
    t.write('\r');
    const screen = await t.until(/Exit 3[^\n]*\nouter>\s*$/);
    assert.equal(t.inAlternateScreen, false);
    assert.doesNotMatch(screen, /drawn/);
    assert.equal(await settings('settings-after'), before);
  });

  test('a host on the main screen that is stopped leaves the cursor and the title alone', async () => {
    const t = hosting('printf "one\\r\\ntwo"; echo $$ >plain-pid; while :; do sleep 0.02; done');
    const host = Number(await appears('plain-pid'));
    await t.until('two');
    t.kill('SIGTSTP');
    await untilState(t.pid, (s) => s === 'T');
    await untilState(host, (s) => s === 'T');
    for (const until = Date.now() + 5000; !t.raw.endsWith(LAST_ON_MAIN) && Date.now() < until; ) await pause(5);
    assert.doesNotMatch(t.raw, /\x1b\[(?:\?10\d\d[hl]\x1b\[23|23;0t|\?104[79])/);
    await t.lines();
    assert.deepEqual([t.screen.buffer.active.cursorX, t.screen.buffer.active.cursorY], [3, 1]);
    t.kill('SIGCONT');
    t.kill('SIGTERM');
    await t.untilEnd();
    assert.doesNotMatch(t.raw, /\x1b\[(?:23;0t|\?104[79])/);
  });

  test('it costs at most 1 MB', async () => {
    const t = hosting('echo ready; read -r key');
    await t.until('ready');
    const status = readFileSync(`/proc/${t.pid}/status`, 'latin1');
    const rss = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]);
    assert.ok(rss > 0 && rss <= 1024, `${rss} kB`);
    t.write('\n');
    await t.untilEnd();
  });
});

describe('without a terminal', () => {
  test('it becomes the host', () => {
    const done = spawnSync(relay, ['--', 'sh', '-c', 'echo $$ "fd:$NONO_RELAY_FD"; exit 3'], {
      input: '',
      encoding: 'utf8',
    });
    assert.equal(done.status, 3);
    assert.equal(done.stdout.trim(), `${done.pid} fd:`);
  });

  test('no command is a usage error', () => {
    assert.equal(spawnSync(relay, []).status, 2);
    assert.equal(spawnSync(relay, ['--']).status, 2);
  });
});
