/** What a start loads. Time is the benchmark's matter; this holds what the time depends on, on any machine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { confinedBelow } from '../../helpers/confined.ts';
import { closeTerminals, TestTerminal } from '../../helpers/terminal.ts';
import { makeHome, root, users } from '../../helpers/users.ts';

const home = makeHome(users[0] as (typeof users)[number]);
const hook = join(home, 'hook.cjs');
const ownNode = join(root, 'node_modules/.bin/node');
const productNode = existsSync(ownNode) ? ownNode : process.execPath;
// `process.execve` ends the process without an exit event, so `wrap` is watched at its last call instead.
writeFileSync(
  hook,
  `const fs = require('node:fs'), vm = require('node:vm');
const chunks = [];
const { Script } = vm;
vm.Script = class extends Script {
  constructor(text, options) {
    super(text, options);
    chunks.push([options.filename, this.cachedDataRejected]);
  }
};
const tell = () => fs.writeFileSync(process.env.TOLD, JSON.stringify({ chunks, builtin: process.moduleLoadList }));
process.on('exit', tell);
const { execve } = process;
process.execve = (...args) => { tell(); return execve.apply(process, args); };
`,
);

interface Loaded {
  readonly chunks: readonly (readonly [file: string, cacheRejected: boolean | undefined])[];
  readonly builtin: readonly string[];
}

/** The bundles and Node's own modules that a command line loads, with words before Node. */
function loaded(
  args: readonly string[],
  ...before: readonly string[]
): { readonly chunks: readonly string[]; readonly builtin: readonly string[] } {
  const told = join(home, 'told.json');
  const [program = '', ...rest] = [...before, productNode, '--require', hook, join(root, 'dist/cli.cjs'), ...args];
  const done = spawnSync(program, rest, {
    cwd: join(home, 'project'),
    env: { HOME: home, PATH: '/usr/bin:/bin', TOLD: told },
    encoding: 'utf8',
  });
  assert.equal(done.status, 0, done.stderr);
  const { chunks, builtin } = JSON.parse(spawnSync('cat', [told], { encoding: 'utf8' }).stdout) as Loaded;
  for (const [file, rejected] of chunks) assert.equal(rejected, false, `the code cache of ${file} is refused`);
  return { chunks: chunks.map(([file]) => basename(file).replace(/-[0-9a-f]+\.js$/, '')), builtin };
}

const heavy = ['NativeModule net', 'NativeModule crypto', 'NativeModule child_process', 'NativeModule perf_hooks'];

for (const [line, chunks, ...without] of [
  ['--version', ['cli'], ...heavy],
  ['--help', ['cli'], ...heavy],
  ['policy show default', ['cli', 'policy'], ...heavy],
  ['policy groups deny_credentials --json', ['cli', 'policy'], ...heavy],
  ['profile list', ['cli', 'policy'], ...heavy],
  ['why --path /etc/hosts', ['cli', 'inspect'], ...heavy],
  ['wrap -s --allow-cwd -- true', ['cli', 'start'], ...heavy, 'NativeModule os'],
  ['run -s --allow-cwd -- true', ['cli', 'start'], 'NativeModule crypto', 'NativeModule perf_hooks'],
] as const)
  test(`nono ${line} loads ${chunks.join(' and ')}, from their code caches, and no more`, () => {
    const found = loaded(line.split(' '));
    assert.deepEqual(found.chunks, chunks);
    assert.ok(found.builtin.includes('NativeModule fs'), 'the list of modules is there');
    for (const module of without) assert.ok(!found.builtin.includes(module), module);
  });

// As bin/nono starts it. `wrap` is killed there before it could tell anything.
test('nono run -s --allow-cwd -- true loads neither node:net nor node:child_process where the launcher waits', () => {
  const found = loaded(
    'run -s --allow-cwd -- true'.split(' '),
    join(root, 'native/build/nono-launch'),
    '--front',
    'run',
    '--',
  );
  assert.deepEqual(found.chunks, ['begin', 'cli', 'start']);
  for (const module of heavy) assert.ok(!found.builtin.includes(module), module);
});

/** It has its terminal and reads from it: by read(2), or by pselect6(2) for descriptors below 1. */
const atPrompt = (pid: number): boolean =>
  readFileSync(`/proc/${pid}/comm`, 'latin1') === 'bash\n' &&
  /^(?:0|63) 0x0 |^(?:270|72) 0x1 /.test(readFileSync(`/proc/${pid}/syscall`, 'latin1'));

// Node's streams take as long to make as the frame. The shell is quicker than the screen on a machine that is idle; here it is waited for. The relay has asked for the size long before.
test('nono shell shows a prompt that is there before it loads node:net and node:tty; then it takes keys, and fits the window as it is by now', async () => {
  after(closeTerminals);
  const [prompt, told, slow] = ['[nono]', join(home, 'told-by-shell.json'), join(home, 'slow-screen.cjs')];
  const waits = join(home, 'waits');
  writeFileSync(
    slow,
    `const fs = require('node:fs'), vm = require('node:vm');
const { Script } = vm, { writeSync } = fs;
let waited = false;
vm.Script = class extends Script {
  constructor(text, options) {
    super(text, options);
    if (waited || !options.filename.includes('/shell-')) return;
    waited = true;
    fs.writeFileSync(${JSON.stringify(waits)}, '');
    const cell = new Int32Array(new SharedArrayBuffer(4));
    for (let i = 0; i < 12000 && fs.existsSync(${JSON.stringify(waits)}); i++) Atomics.wait(cell, 0, 0, 5);
  }
};
fs.writeSync = (fd, data, ...rest) => {
  if (typeof data === 'string' && data.includes('${prompt}')) {
    fs.writeSync = writeSync;
    fs.writeFileSync(${JSON.stringify(told)}, JSON.stringify(process.moduleLoadList));
  }
  return writeSync(fd, data, ...rest);
};
`,
  );
  const front = [join(root, 'native/build/nono-launch'), '--front', 'shell', '--'];
  const host = [productNode, '--require', slow, join(root, 'dist/cli.cjs')];
  const terminal = new TestTerminal({
    argv: [join(root, 'native/build/nono-relay'), '--', ...front, ...host, 'shell', '-s', '--allow-cwd'],
    cwd: join(home, 'project'),
    env: { HOME: home, PATH: '/usr/bin:/bin', SHELL: '/bin/bash', TERM: 'xterm-256color' },
  });
  await terminal.until(() => existsSync(waits));
  terminal.resize(130, 40);
  await terminal.until(() => confinedBelow(terminal.pid).some(atPrompt), 30_000);
  rmSync(waits);
  await terminal.until(prompt);
  const builtin = JSON.parse(readFileSync(told, 'utf8')) as string[];
  assert.ok(builtin.includes('NativeModule fs'), 'the list of modules is there');
  for (const module of ['net', 'tty']) assert.ok(!builtin.includes(`NativeModule ${module}`), module);
  terminal.write('echo $((6 * 7))\r');
  await terminal.until(/^42\b/m);
  await terminal.until((screen) => screen.split('\n')[39]?.includes('help') === true);
  terminal.write('exit\r');
  assert.equal((await terminal.untilEnd()).code, 0);
});

// The first word of it loads node:perf_hooks. In the bundles of our own code and of the emulator each clock has another name.
test('no bundle that runs before the prompt asks the global `performance`', () => {
  const table = /var chunks = (\{.*\});/.exec(readFileSync(join(root, 'dist/cli.cjs'), 'utf8'))?.[1] ?? '{}';
  const chunks = JSON.parse(table) as Readonly<Record<string, string>>;
  for (const name of ['begin', 'cli', 'start', 'adopted', 'adopted-shell', 'shell']) {
    const text = readFileSync(join(root, 'dist', `${chunks[name]}.js`), 'utf8');
    assert.ok(!/\bperformance\./.test(text), name);
  }
});

// The parser of profiles is a bundle of its own: what it throws is an error of another copy of the class.
test('a profile of the user is parsed by a bundle that other starts do not load, and its errors are known', () => {
  const directory = join(home, '.config/nono/profiles');
  mkdirSync(directory, { recursive: true });
  try {
    writeFileSync(join(directory, 'fine.json'), JSON.stringify({ meta: { name: 'fine' } }));
    writeFileSync(join(directory, 'broken.json'), '{');
    assert.deepEqual(loaded('wrap -s -p fine --allow-cwd -- true'.split(' ')).chunks, ['cli', 'start', 'profiles']);
    assert.deepEqual(loaded(['profile', 'list']).chunks, ['cli', 'policy', 'profiles']);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
