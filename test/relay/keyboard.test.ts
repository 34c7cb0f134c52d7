/** nono-relay reads the keyboard in the place of its host: what goes straight to the shell, what the host looks at first, and that nothing is lost between them. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { nativeProgram } from '../../src/platform/installation.ts';
import { closeTerminals, pause, TestTerminal } from '../helpers/terminal.ts';

const relay = nativeProgram('nono-relay');
const root = new URL('../..', import.meta.url).pathname;
let dir = '';

before(() => {
  dir = mkdtempSync(join(tmpdir(), 'nono-keyboard-'));
});
after(() => rmSync(dir, { recursive: true, force: true }));
afterEach(closeTerminals);

/** A host with a raw terminal for a shell that is not there. It obeys lines of a file, and writes down what it hears and what the shell would have got. */
const HOST = `
import { appendFileSync, readSync, readFileSync, writeSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import net from 'node:net';
import { openPty } from ${JSON.stringify(join(root, 'src/terminal/pty.ts'))};
import { FrameReader } from ${JSON.stringify(join(root, 'src/session/outer/attached-terminal.ts'))};
const fd = Number(process.env.NONO_RELAY_FD);
const pty = openPty({ cols: 80, rows: 24 });
spawnSync('stty', ['raw', '-echo'], { stdio: [pty.slave, 'ignore', 'inherit'] });
const line = new net.Socket({ fd, readable: true, writable: false });
const frames = new FrameReader();
let told = 0;
line.on('data', (bytes) => {
  for (const { type, payload } of frames.push(bytes)) {
    if (type === 'i') told += payload.length;
    appendFileSync('heard', JSON.stringify([type, payload.toString('latin1')]) + '\\n');
  }
});
const word = (letter, ...numbers) => {
  const bytes = Buffer.alloc(1 + numbers.reduce((sum, [size]) => sum + size, 0));
  bytes.write(letter);
  let at = 1;
  for (const [size, value] of numbers) { bytes.writeUIntLE(value, at, size); at += size; }
  writeSync(fd, bytes);
};
const commands = {
  lend: () => word('k', [1, 0x1c], [4, pty.master]),
  wrong: () => word('k', [1, 0x1c], [4, 2]),
  straight: () => word('g', [4, told]),
  stale: () => word('g', [4, told + 1]),
  stop: () => word('s'),
  back: () => { word('h'); process.stdin.on('data', (bytes) => appendFileSync('heard', JSON.stringify(['own', bytes.toString('latin1')]) + '\\n')); },
  shell: () => {
    const bytes = Buffer.alloc(65536);
    const got = readSync(pty.slave, bytes);
    appendFileSync('heard', JSON.stringify(['shell', bytes.toString('latin1', 0, got)]) + '\\n');
  },
};
let done = 0;
setInterval(() => {
  const wanted = readFileSync('commands', 'utf8').split('\\n').slice(0, -1);
  for (; done < wanted.length; done++) { commands[wanted[done]](); writeSync(1, 'did ' + done + '\\r\\n'); }
}, 5);
process.on('SIGHUP', () => process.exit(0));
`;

class Host {
  readonly terminal: TestTerminal;
  #commands = '';
  #done = 0;

  constructor() {
    for (const file of ['heard', 'commands']) writeFileSync(join(dir, file), '');
    writeFileSync(join(dir, 'host.ts'), HOST);
    this.terminal = new TestTerminal({
      argv: [relay, '--', process.execPath, 'host.ts'],
      cwd: dir,
      env: { PATH: process.env['PATH'] ?? '' },
      cols: 80,
      rows: 24,
    });
  }

  async does(...commands: readonly string[]): Promise<void> {
    for (const command of commands) {
      this.#commands += `${command}\n`;
      writeFileSync(join(dir, 'commands'), this.#commands);
      const at = this.#done++;
      for (let i = 0; i < 2000 && !this.terminal.raw.includes(`did ${at}\r`); i++) await pause(10);
      assert.ok(this.terminal.raw.includes(`did ${at}\r`), `${command}: ${this.terminal.raw}`);
    }
  }

  heard(): [string, string][] {
    const file = join(dir, 'heard');
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  /** Of these kinds, put together. */
  text(...types: readonly string[]): string {
    return this.heard()
      .filter(([type]) => types.includes(type))
      .map(([, text]) => text)
      .join('');
  }

  async until(what: () => boolean): Promise<void> {
    for (let i = 0; i < 2000 && !what(); i++) await pause(10);
    assert.ok(what(), JSON.stringify(this.heard()).slice(0, 2000));
  }
}

async function lent(): Promise<Host> {
  const host = new Host();
  await host.does('lend');
  await host.until(() => host.heard().some(([type]) => type === 'y'));
  return host;
}

describe('the keyboard of a relay', { timeout: 120_000 }, () => {
  test('is looked at by the host until it says otherwise, and then goes straight to the shell', async () => {
    const host = await lent();
    host.terminal.write('a');
    await host.until(() => host.text('i') === 'a');
    await host.does('straight');
    host.terminal.write('b\r\x03\x7f');
    await host.until(() => host.text('d') === 'b\r\x03\x7f');
    await host.does('shell');
    assert.equal(host.text('shell'), 'b\r\x03\x7f');
    await host.does('stop');
    host.terminal.write('c');
    await host.until(() => host.text('i') === 'ac');
  });

  test('is not the shell’s behind what the host has not looked at', async () => {
    const host = await lent();
    host.terminal.write('a');
    await host.until(() => host.text('i') === 'a');
    await host.does('stale');
    host.terminal.write('b');
    await host.until(() => host.text('i') === 'ab');
    assert.equal(host.text('d'), '');
  });

  for (const [name, keys] of [
    ['the prefix', 'a\x1c'],
    ['an escape sequence', 'a\x1b[A'],
  ] as const)
    test(`is the host’s again with ${name}, and with all that comes behind`, async () => {
      const host = await lent();
      await host.does('straight');
      host.terminal.write(keys);
      await host.until(() => host.text('i') === keys);
      host.terminal.write('b');
      await host.until(() => host.text('i') === `${keys}b`);
      assert.equal(host.text('d'), '');
    });

  test('loses nothing to a shell that does not read', async () => {
    const host = await lent();
    await host.does('straight');
    const all = Array.from({ length: 20_000 }, (_, i) => String.fromCharCode(97 + (i % 26))).join('');
    host.terminal.write(all);
    await host.until(() => host.text('d', 'i').length === all.length);
    assert.equal(host.text('d', 'i'), all);
    const left = host.text('u');
    assert.notEqual(left, '');
    assert.ok(host.text('d').endsWith(left));
    let got = '';
    while (got.length < host.text('d').length - left.length) {
      await host.does('shell');
      got = host.text('shell');
    }
    assert.equal(got + left, host.text('d'));
  });

  test('is given back when the host wants to read itself', async () => {
    const host = await lent();
    await host.does('straight', 'back');
    host.terminal.write('x');
    await host.until(() => host.text('own') === 'x');
    assert.equal(host.text('d', 'i'), '');
  });

  test('is refused for what is no terminal of a shell', async () => {
    const host = new Host();
    await host.does('wrong');
    await host.until(() => host.heard().some(([type]) => type === 'n'));
    await host.does('straight', 'back');
    host.terminal.write('x');
    await host.until(() => host.text('own') === 'x');
  });
});
