/** The native walk for deny patterns: it finds what Node's walk finds, says when it cannot, and can be ended. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { DenyPatterns } from '../../../src/policy/decide/deny-patterns.ts';
import type { PolicyRule } from '../../../src/policy/model.ts';
import { parseSearchAnswer } from '../../../src/policy/pattern/native-search.ts';
import { searchPatterns } from '../../../src/policy/pattern/pattern-search.ts';
import { type FileSystem, nodeFileSystem } from '../../../src/policy/plan/file-system.ts';
import { typedTo } from '../../helpers/read-so-far.ts';
import { TestTerminal } from '../../helpers/terminal.ts';
import { environment } from '../../helpers/users.ts';
import { random, root, rule, temporary } from '../../policy/support.ts';
import { withServer } from '../stuck.ts';

const program = join(root, 'native/build/nono-search');

/** Nothing is said where nobody looks. */
function ask(...fields: readonly string[]): { code: number | null; answer: Buffer } {
  const done = spawnSync(program, [], { input: Buffer.from(fields.map((field) => `${field}\0`).join('')) });
  assert.equal(done.stderr.toString(), '');
  return { code: done.status, answer: done.stdout };
}

/** Without the native walk. */
function slowly(): FileSystem {
  const { search: _, ...rest } = nodeFileSystem();
  return rest;
}

const found = (rules: readonly PolicyRule[], fs: FileSystem) => {
  const { matches, unseen, unseenForWriting, derived, bulk, warnings, searched } = searchPatterns(
    rules,
    new DenyPatterns(rules),
    fs,
  );
  const line = (r: PolicyRule): string => `${r.verdict} ${r.kind} ${r.access} ${r.path} ${r.id}`;
  return {
    matches: matches.map(line).sort(),
    unseen: [...unseen].sort(),
    unseenForWriting: [...unseenForWriting].sort(),
    derived: derived.map(line).sort(),
    bulk: [...bulk].sort(),
    warnings,
    searched,
  };
};

const names = [
  '.env',
  '.ENV',
  'a.pem',
  'A.Pem',
  'src',
  'SRC',
  '.git',
  'hooks',
  'x',
  'ключ',
  'ßtrasse',
  'ﬁle',
  'file',
  'K',
  'k',
  'a b',
  '[x]',
];
const components = [
  '**',
  '**',
  '*',
  '.env',
  '*.pem',
  'src',
  '.git',
  'hooks',
  'ключ',
  'file',
  'ﬁle',
  '\u212a',
  '[a-k]',
  '?',
  '\\[x\\]',
  'strasse',
];

test('random trees and patterns: both walks find the same', (t) => {
  const r = random(20_261);
  const pick = <T>(from: readonly T[]): T => from[r(from.length)] as T;
  let matched = 0;
  let wide = 0;
  let bulks = 0;
  const bulk = ['src', '.git/hooks', 'ключ', 'x'];
  const closed = ['.git/hooks', 'x'];
  for (let round = 0; round < 50; round++) {
    const top = temporary(t);
    const dirs = [top];
    for (let i = 0; i < 40; i++) {
      const path = Buffer.concat([
        Buffer.from(`${pick(dirs)}/`),
        r(12) === 0 ? Buffer.from([0xff, 0x2e]) : Buffer.from(pick(names)),
      ]);
      try {
        const what = r(5);
        if (what < 3) {
          mkdirSync(path);
          if (!path.includes(0xff)) dirs.push(path.toString());
        } else if (what === 3) writeFileSync(path, '');
        else symlinkSync(pick(dirs), path);
      } catch {} // The name is taken.
    }
    const rules = [
      rule(`allow tree readwrite ${top}`, 1),
      rule(`deny tree all ${pick(dirs.slice(1)) ?? '/nowhere'}`, 2),
      ...Array.from({ length: 1 + r(3) }, (_, i) =>
        rule(
          `deny pattern all ${r(2) === 0 ? '' : top}/${Array.from({ length: 1 + r(4) }, () => pick(components)).join('/')}`,
          3 + i,
        ),
      ),
      ...Array.from({ length: r(3) }, (_, i) => ({
        ...rule(`deny pattern writeconnect ${top}/**/${pick(components)}/${pick(components)}`, 9 + i),
        ...((round + i) % 2 === 0 ? { bulk } : { bulk: closed, deep: true as const }),
      })),
    ];
    bulks += found(rules, slowly()).bulk.length;
    const { searched, ...native } = found(rules, nodeFileSystem());
    const { searched: _, ...expected } = found(rules, slowly());
    assert.deepEqual(native, expected, JSON.stringify(rules));
    // Once for what must not be read, once for what must not be written.
    assert.ok(searched <= 80);
    matched += expected.matches.length;
    wide += expected.unseen.length;
  }
  assert.ok(matched > 50 && wide > 10 && bulks > 20, `${matched} ${wide} ${bulks}`);
});

test('the native walk is used, and a name made after one search is found by the next', (t) => {
  const top = temporary(t, { 'a/b/.env': '', 'a/c/f': '' });
  const rules = [rule(`allow tree readwrite ${top}`, 1), rule('deny pattern all /**/.env', 2)];
  const fs = { ...nodeFileSystem(), scan: () => assert.fail('walked by Node') };
  assert.deepEqual(found(rules, fs).matches, [`deny tree all ${top}/a/b/.env 2`]);
  // At once: no time stamp need have changed.
  writeFileSync(join(top, 'a/c/.env'), '');
  assert.deepEqual(found(rules, fs).matches, [`deny tree all ${top}/a/b/.env 2`, `deny tree all ${top}/a/c/.env 2`]);
});

test('what cannot be listed, lies too deep or is too much is named, and an answer without its end is none', (t) => {
  const top = temporary(t, { 'closed/f': '', 'slow/.env': '', 'skip/.env': '', '.env': '' });
  const deep = `${top}/${Array.from({ length: 20 }, () => 'd'.repeat(120)).join('/')}`;
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, '.env'), '');
  chmodSync(join(top, 'closed'), 0);
  const pattern = ['P/**/.env', 'F/**/.env'];
  const { code, answer } = ask(...pattern, `S${top}/slow`, `K${top}/skip`, `R${top}`, `R${top}/absent`);
  assert.equal(code, 0);
  const entries =
    parseSearchAnswer(answer)?.entries.map((e) => `${e.state ?? e.kind} ${e.path.slice(top.length)}`) ?? [];
  assert.ok(entries.includes('file /.env') && entries.includes('slow /slow') && entries.includes('unlisted /absent'));
  assert.equal(entries.filter((e) => e.startsWith('too-deep')).length, 1);
  assert.equal(
    entries.some((e) => e.includes('skip')),
    false,
  );
  if (process.getuid?.() !== 0) assert.ok(entries.includes('unlisted /closed'));
  assert.match(ask(...pattern, 'N3', `R${top}`).answer.toString(), /(?:^|\0)L\//);
  assert.equal(parseSearchAnswer(answer.subarray(0, -1)), undefined);
  assert.equal(parseSearchAnswer(answer.subarray(0, answer.indexOf('E'))), undefined);
  for (const wrong of [['P/**'], ['X'], ['R.'], ['P', 'F'], [...pattern, 'Rrelative']])
    assert.equal(ask(...wrong).code, 1, wrong.join());
  // A policy keeps all of it off the floor.
  const rules = [rule(`allow tree readwrite ${top}`, 1), rule('deny pattern all /**/.env', 2)];
  for (const fs of [nodeFileSystem(), slowly()]) {
    const hidden = found(rules, fs).unseen.filter((path) => deep.startsWith(path));
    assert.equal(hidden.length, 1);
    assert.ok((hidden[0] as string).length > 2048 && (hidden[0] as string).length < 2300);
  }
});

for (const raw of [false, true]) {
  test(`a long search says how far it is, and ^C ends it${raw ? ' on a raw terminal' : ''}`, async (t) => {
    const top = temporary(t);
    for (let i = 0; i < 600; i++) writeFileSync(join(top, `${i}${'x'.repeat(200)}`), '');
    const fields = ['P/**/*x', 'F/**/*x', 'V0', ...(raw ? ['T'] : []), ...Array.from({ length: 40 }, () => `R${top}`)];
    writeFileSync(join(top, 'request'), fields.map((field) => `${field}\0`).join(''));
    // Nobody reads its answer, so it never comes to an end.
    const script = `${raw ? 'stty raw -echo; ' : ''}mkfifo pipe; exec 3<&0 9<>pipe; ${program} <request >pipe; echo "ended $?"`;
    const terminal = new TestTerminal({ argv: ['bash', '-c', script], cwd: top, env: environment(top) });
    await terminal.until(/searching .*\d+ entries .*\^C ends/);
    terminal.write('x\x03');
    const ended = await terminal.untilEnd();
    if (raw) assert.match(await terminal.text(), /\^C\s+ended 130/);
    else assert.deepEqual(ended, { code: 0, signal: 2 });
  });
}

for (const size of [0, 3000, 80_000]) {
  test(`what is typed meanwhile on a raw terminal is in the answer: ${size} bytes`, async (t) => {
    const top = temporary(t);
    for (let i = 0; i < 600; i++) writeFileSync(join(top, `${i}${'x'.repeat(200)}`), '');
    const fields = ['P/**/*x', 'F/**/*x', 'V0', 'T', ...Array.from({ length: 40 }, () => `R${top}`)];
    writeFileSync(join(top, 'request'), fields.map((field) => `${field}\0`).join(''));
    // Its answer is larger than the pipe, which nobody reads before everything was typed.
    const script = `stty raw -echo; exec 3<&0; ${program} <request | { until [ -e go ]; do sleep 0.02; done; cat >answer; }; echo "ended"`;
    const terminal = new TestTerminal({ argv: ['bash', '-c', script], cwd: top, env: environment(top) });
    await terminal.until(/searching .*\d+ entries .*\^C ends/);
    const every = Array.from({ length: 128 }, (_, byte) => String.fromCharCode(byte))
      .join('')
      .replace('\x03', '');
    const typed = `${every}ключ\x1cd${'y'.repeat(size)}`;
    // In pieces, as the terminal passes it on: the last of them may wait in the terminal.
    await typedTo(terminal, 'nono-search', typed, Math.max(0, Buffer.byteLength(typed) - 4096));
    writeFileSync(join(top, 'go'), '');
    await terminal.untilEnd();
    const answer = parseSearchAnswer(readFileSync(join(top, 'answer')));
    assert.equal(answer?.entries.length, 40 * 600);
    if (size > 65_536) assert.equal(answer?.typed, 'too-much');
    else assert.equal(answer?.typed?.toString(), typed);
  });
}

test('a request that breaks off, and a reader that goes away, end it', async () => {
  assert.equal(spawnSync(program, [], { input: 'P/**/x' }).status, 1);
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdout.destroy();
  child.stdin.end('P/usr/**\0F/usr/**\0R/usr\0');
  const code = await new Promise((resolve) => child.on('exit', (status, signal) => resolve(signal ?? status)));
  assert.notEqual(code, 0);
});

test('a name longer than there can be, as a FUSE server may list it, is not looked at: its directory is not known', async (t) => {
  const base = temporary(t);
  // Long enough that the name would not fit behind it.
  const mount = join(base, ...Array<string>(8).fill('m'.repeat(200)));
  const above = dirname(mount);
  mkdirSync(above, { recursive: true });
  await withServer(t, mount, 'lists', async () => {
    const { code, answer } = ask('P/**/file', 'F/**/file', `R${mount}`);
    assert.deepEqual([code, answer.toString()], [0, `f${mount}/file\0U${mount}\0E2\0`]);
  });
});
