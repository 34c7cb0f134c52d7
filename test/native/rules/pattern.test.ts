import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { decide } from '../../../src/policy/decide/decide.ts';
import type { PolicyRule } from '../../../src/policy/model.ts';
import { expandBraces, parsePattern, patternAt, patternMatches } from '../../../src/policy/pattern/pattern.ts';
import {
  type AccessName,
  access,
  RULE_DEEP,
  RULE_FIXED,
  RULE_GUARD,
  ruleKind,
  ruleVerdict,
} from '../../../src/sandbox/linux/constants.ts';
import { random } from '../../policy/support.ts';
import { ask, driver, RULES } from '../driver.ts';
import { answerOf } from './decisions.ts';

const program = (): string => driver('drivers/decide.c', RULES);

/** An oracle of another kind: the pattern as one regular expression over the whole path. */
function oracle(text: string): RegExp {
  const parts = text.slice(1).split('/');
  let source = '^';
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    if (part === '**') {
      source += last ? '(?:/[^/]+)+' : '(?:/[^/]+)*';
      continue;
    }
    source += '/';
    for (let at = 0; at < part.length; at++) {
      const c = part[at] as string;
      if (c === '*') source += '[^/]*';
      else if (c === '?') source += '[^/]';
      else if (c === '[') {
        const end = part.indexOf(']', at + 2);
        source += part.slice(at, end + 1).replace('[!', '[^/');
        at = end;
      } else source += c.replace(/[.]/g, '\\.');
    }
  }
  return new RegExp(`${source}$`, 'u');
}

const pick = <T>(r: (n: number) => number, from: readonly T[]): T => from[r(from.length)] as T;
const pieces = ['a', 'b', 'ab', '.env', 'é', '漢', '*', '*', '?', '[ab]', '[!a]', '[a-c]', '.'];
const names = ['a', 'b', 'ab', 'ba', 'c', '.env', 'é', 'aé', '漢b', '.', 'abab'].filter((n) => n !== '.');

function component(r: (n: number) => number): string {
  if (r(4) === 0) return '**';
  const text = Array.from({ length: 1 + r(3) }, () => pick(r, pieces)).join('');
  return text === '.' || text === '..' || text === '**' ? 'a' : text;
}
const somePattern = (r: (n: number) => number): string =>
  Array.from({ length: 1 + r(5) }, () => `/${component(r)}`).join('');
const somePath = (r: (n: number) => number): string => {
  const depth = r(6);
  return depth === 0 ? '/' : Array.from({ length: depth }, () => `/${pick(r, names)}`).join('');
};

test('a pattern matches what the same regular expression matches, and nothing else', () => {
  const r = random(Number(process.env['NONO_TEST_SEED'] ?? 5));
  let matched = 0;
  for (let round = 0; round < 20_000; round++) {
    const [text, path] = [somePattern(r), somePath(r)];
    const pattern = parsePattern(text);
    const found = patternMatches(pattern, patternAt(pattern, path));
    assert.equal(found, path !== '/' && oracle(text).test(path), `${text} on ${path}`);
    if (found) matched++;
  }
  assert.ok(matched > 500, `only ${matched} matched: the test would show nothing`);
});

test('C and TypeScript decide alike under 12,000 random policies of paths and patterns', () => {
  const r = random(Number(process.env['NONO_TEST_SEED'] ?? 6));
  const input: string[] = [];
  const expected: string[] = [];
  const questions: string[] = [];
  const accesses = Object.keys(access) as AccessName[];
  for (let round = 0; round < 600; round++) {
    const bulk = Array.from({ length: r(3) }, () => pick(r, ['a', 'b', 'é', 'a/b', 'ab/c', '漢b/a']));
    const closed = bulk.slice(0, r(bulk.length + 1));
    const rules = Array.from({ length: 1 + r(9) }, (_, id): PolicyRule => {
      const kind = pick(r, ['tree', 'exact', 'pattern', 'pattern'] as const);
      const where = kind === 'pattern' ? somePattern(r) : somePath(r);
      const verdict = pick(r, ['deny', 'allow', 'allow', 'override'] as const);
      const fixed = verdict === 'deny' && r(3) === 0 ? ({ fixed: true } as const) : {};
      const guards = verdict === 'deny' && kind === 'pattern' && bulk.length > 0 && r(2) === 0;
      const guard = !guards ? {} : r(2) === 0 ? { bulk } : { bulk: closed, deep: true as const };
      return {
        ...{ id, verdict, kind, access: pick(r, accesses), path: where, raw: where, source: 'test' },
        ...fixed,
        ...guard,
      };
    });
    input.push('reset', ...bulk.map((name) => `${closed.includes(name) ? 'closed' : 'bulk'} ${name}`));
    for (const x of rules) {
      const look = x.deep ? RULE_DEEP : x.bulk ? RULE_GUARD : 0;
      const bits = access[x.access] | (x.fixed ? RULE_FIXED : 0) | look;
      input.push(`rule ${x.id} ${ruleVerdict[x.verdict]} ${ruleKind[x.kind]} ${bits} ${x.path}`);
    }
    for (let i = 0; i < 20; i++) {
      const asked = { path: somePath(r), access: pick(r, accesses) };
      input.push(`ask ${access[asked.access]} ${asked.path}`);
      expected.push(answerOf(decide({ rules }, asked)));
      questions.push(
        `${asked.access} ${asked.path} under ${rules.map((x) => `${x.verdict} ${x.kind} ${x.access} ${x.path} ${x.bulk}`).join('; ')}`,
      );
    }
  }
  const done = spawnSync(program(), [], { input: `${input.join('\n')}\n`, encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.equal(done.status, 0, done.stderr);
  const answers = done.stdout.trim().split('\n');
  assert.equal(answers.length, 12_000);
  for (const [i, answer] of answers.entries()) assert.equal(answer, expected[i], questions[i]);
});

const rows: readonly [pattern: string, path: string, matches: boolean][] = [
  ['/**/.env', '/.env', true],
  ['/**/.env', '/a/b/.env', true],
  ['/**/.env', '/a/.envrc', false],
  ['/**/.env*', '/a/.envrc', true],
  ['/a/**', '/a', false],
  ['/a/**', '/a/b', true],
  ['/a/**/b', '/a/b', true],
  ['/a/**/b', '/a/x/y/b', true],
  ['/a/*/b', '/a/b', false],
  // A leading dot is like any other character: a pattern denies, so it must not overlook.
  ['/a/*', '/a/.hidden', true],
  ['/a/x**y', '/a/x123y', true],
  ['/a/x**y', '/a/x1/2y', false],
  ['/a/[!b]', '/a/c', true],
  ['/a/[^b]', '/a/b', false],
  ['/a/[]x]', '/a/]', true],
  ['/a/[a\\-z]', '/a/m', false],
  ['/a/\\*', '/a/*', true],
  ['/a/\\*', '/a/b', false],
  ['/a/?', '/a/漢', true],
  ['/a/??', '/a/漢', false],
  // The system's own directories are not meant by "anywhere", but can be named.
  ['/**/x', '/usr/lib/x', false],
  ['/**/x', '/lib64/x', false],
  ['/**/x', '/library/x', true],
  ['/usr/**/x', '/usr/lib/x', true],
  ['/*/x', '/usr/x', true],
  ['/**/stat', '/proc/stat', false],
  ['/**/uevent', '/sys/a/uevent', false],
  ['/sys/**/uevent', '/sys/a/uevent', true],
  ['/**/x', '/a/proc/x', true],
];

test('what patterns mean, one line each, on both sides', () => {
  const input = rows.flatMap(([pattern, path]) => [
    'reset',
    'rule 0 1 0 7 /',
    `rule 1 0 2 7 ${pattern}`,
    `ask 1 ${path}`,
    `ask 1 ${path}/below`,
  ]);
  const answers = spawnSync(program(), [], { input: `${input.join('\n')}\n`, encoding: 'utf8' })
    .stdout.trim()
    .split('\n');
  for (const [i, [text, path, matches]] of rows.entries()) {
    const pattern = parsePattern(text);
    assert.equal(patternMatches(pattern, patternAt(pattern, path)), matches, `${text} on ${path}`);
    assert.equal(answers[2 * i]?.startsWith('0'), matches, `C: ${text} on ${path}`);
    // What lies below a match is covered by it.
    if (matches) assert.ok(answers[2 * i + 1]?.startsWith('0'), `C: ${text} below ${path}`);
  }
});

test('braces are multiplied out, and bounded', () => {
  assert.deepEqual(expandBraces('/a/{b,c}/d'), ['/a/b/d', '/a/c/d']);
  assert.deepEqual(expandBraces('/{a,b{1,2}}'), ['/a', '/b1', '/b2']);
  assert.deepEqual(expandBraces('/{a}/\\{b,c}'), ['/{a}/\\{b,c}']);
  assert.throws(() => expandBraces('/{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}'), /more than 64/);
});

test('no pattern makes a decision slow: the work is bounded by length times length', () => {
  const nasty = `/${Array.from({ length: 29 }, (_, i) => (i % 2 ? '**' : `${'*a'.repeat(100)}b`)).join('/')}`;
  const path = `/${Array.from({ length: 15 }, () => 'a'.repeat(200)).join('/')}`;
  const input = [`rule 0 0 2 7 ${nasty}`, ...Array.from({ length: 50 }, () => `ask 1 ${path}`)];
  // An exponential matcher would not end within the driver's limit of a minute, nor within a year.
  assert.equal(
    ask(program(), [], `${input.join('\n')}\n`)
      .trim()
      .split('\n').length,
    50,
  );
  const pattern = parsePattern(nasty);
  for (let i = 0; i < 5; i++) assert.equal(patternMatches(pattern, patternAt(pattern, path)), false);
});

test('what is no pattern is refused by the launcher', () => {
  for (const text of ['/a/[b', 'a', '/a//b', '/a/../b', `/${'a/'.repeat(30)}a`]) {
    const done = spawnSync(program(), [], { input: `rule 0 0 2 7 ${text}\n`, encoding: 'utf8' });
    assert.equal(done.status, 1, text);
    assert.throws(() => parsePattern(text), /pattern/, text);
  }
});

test('in a directory that ignores case, another spelling of a denied name is denied; elsewhere it is another name', () => {
  const rules = ['rule 0 1 0 7 /', 'rule 1 0 0 7 /w/Secret', 'rule 2 0 2 7 /**/.Env', 'rule 3 2 0 7 /w/secret/open'];
  const asked = ['/w/secret', '/w/SECRET/x', '/w/.ENV', '/w/other', '/w/caf\u00e9', '/w/Secret', '/w/SECRET/OPEN/x'];
  const answers = (mode: string): string[] => {
    const input = [mode, ...rules, ...asked.map((path) => `ask 1 ${path}`)];
    const done = spawnSync(program(), [], { input: `${input.join('\n')}\n`, encoding: 'utf8' });
    return done.stdout
      .trim()
      .split('\n')
      .map((line) => line.slice(0, 1));
  };
  assert.deepEqual(answers('folds'), ['0', '0', '0', '1', '0', '0', '1']);
  assert.deepEqual(answers('folds never'), ['1', '1', '1', '1', '1', '0', '1']);
});

test('where capitals make no other name, neither do dots at the end or a stream; a short name may be any', () => {
  const rules = ['rule 0 1 0 7 /', 'rule 1 0 0 7 /w/private.text', 'rule 2 0 2 7 /**/.env', 'rule 3 0 0 7 /w/dir/key'];
  const rows: readonly (readonly [path: string, folds: string])[] = [
    ['/w/private.text.', '0'],
    ['/w/Private.text../x', '0'],
    ['/w/private.text:stream', '0'],
    ['/w/private.text::$DATA', '0'],
    ['/a/.env.', '0'],
    ['/w/dir./key', '0'],
    ['/w/PRIVAT~1.TEX', '0'],
    ['/w/PRIVAT~1.TEX.', '0'],
    ['/w/ENV~1', '0'],
    ['/w/PRIV~123/key', '0'],
    ['/w/PRIVAT~1.TEX:s', '0'],
    ['/w/other.', '1'],
    ['/w/12:30.log', '1'],
    ['/w/a~', '1'],
    ['/w/a.~1~', '1'],
    ['/w/much-too-long~1', '1'],
    ['/w/a~1.html', '1'],
    ['/w/...', '1'],
    ['/w/:x', '1'],
  ];
  for (const mode of ['folds', 'folds never']) {
    const input = [mode, ...rules, ...rows.map(([path]) => `ask 1 ${path}`)];
    const answers = ask(program(), [], `${input.join('\n')}\n`)
      .trim()
      .split('\n');
    for (const [i, [path, folds]] of rows.entries())
      assert.equal(answers[i]?.slice(0, 1), mode === 'folds' ? folds : '1', `${mode} ${path}`);
  }
});

test('which names stand on the way to a rule or to what a pattern matches', () => {
  const rules = [
    'rule 1 0 0 7 /w/a/secret',
    'rule 2 0 2 7 /**/.git/hooks/*',
    'rule 3 0 2 7 /v/*/x',
    'rule 4 1 2 7 /u/y/z',
  ];
  const rows: readonly (readonly [string, string, string])[] = [
    ['/w/a', '1 0', '1 0'],
    ['/w/A', '0 0', '1 0'],
    ['/w/ab', '0 0', '0 0'],
    ['/w/.git', '0 2', '0 2'],
    ['/w/.GIT', '0 0', '0 2'],
    ['/w/.git.', '0 0', '0 2'],
    ['/w/a.', '0 0', '1 0'],
    ['/w/.git/hooks', '0 2', '0 2'],
    ['/w/.git/hooks/x', '0 0', '0 0'],
    ['/usr/.git', '0 0', '0 0'],
    ['/v/q', '0 1', '0 1'],
    ['/v', '0 2', '0 2'],
    // Only denies count.
    ['/u/y', '0 0', '0 0'],
  ];
  for (const [mode, column] of [
    ['folds never', 1],
    ['folds', 2],
  ] as const) {
    const input = [mode, ...rules, ...rows.map(([path]) => `prefix ${path}`)];
    const answers = ask(program(), [], `${input.join('\n')}\n`)
      .trim()
      .split('\n');
    for (const [i, row] of rows.entries())
      assert.equal(answers[i]?.split(' ').slice(0, 2).join(' '), row[column], `${mode} ${row[0]}`);
  }
});

const guarded: readonly [pattern: string, path: string, denied: boolean][] = [
  ['/p/**/.git/hooks', '/p/.git/hooks/x', true],
  ['/p/**/.git/hooks', '/p/node_modules/.git/hooks', false],
  ['/p/**/.git/hooks', '/p/a/node_modules/b/.git/hooks/x', false],
  // Another spelling, and a longer name, are other names.
  ['/p/**/.git/hooks', '/p/Node_modules/.git/hooks', true],
  ['/p/**/.git/hooks', '/p/node_modules2/.git/hooks', true],
  ['/p/**/.git/hooks', '/p/my-node_modules/.git/hooks', true],
  // What began outside goes on inside: a submodule that is called node_modules.
  ['/p/**/.git/modules/**/hooks', '/p/.git/modules/node_modules/hooks', true],
  ['/p/**/.git/modules/**/hooks', '/p/.git/modules/a/node_modules/b/hooks', true],
  ['/p/**/.git/modules/**/hooks', '/p/node_modules/.git/modules/a/hooks', false],
  // What is named is meant.
  ['/p/**/node_modules/.bin', '/p/node_modules/.bin', true],
  ['/p/**/node_modules', '/p/node_modules', true],
  ['/p/node_modules/**/.git', '/p/node_modules/a/.git', true],
  // Of two names, both.
  ['/p/**/.envrc', '/p/.git/objects/.envrc', false],
  ['/p/**/.envrc', '/p/objects/.envrc', true],
  ['/p/**/.envrc', '/p/x.git/objects/.envrc', true],
  ['/p/**/.envrc', '/p/.git/x/objects/.envrc', true],
  ['/p/**/.envrc', '/p/.git/.envrc', true],
];

test('a guard does not look into bulk directories, one line each, on both sides', () => {
  const bulk = ['node_modules', '.git/objects'];
  const input = guarded.flatMap(([pattern, path]) => [
    'reset',
    ...bulk.map((name) => `bulk ${name}`),
    'rule 0 1 0 7 /',
    `rule 1 0 2 ${access.writeconnect | RULE_GUARD} ${pattern}`,
    `ask 2 ${path}`,
    // The same pattern as a deny is not weakened.
    `rule 2 0 2 ${access.writeconnect} ${pattern}`,
    `ask 2 ${path}`,
  ]);
  const answers = ask(program(), [], `${input.join('\n')}\n`)
    .trim()
    .split('\n');
  assert.equal(answers.length, 2 * guarded.length);
  for (const [i, [pattern, path, denied]] of guarded.entries()) {
    const rule: PolicyRule = {
      ...{ id: 1, verdict: 'deny', kind: 'pattern', access: 'writeconnect' },
      ...{ path: pattern, raw: pattern, source: 'test' },
    };
    const all: PolicyRule = { ...rule, id: 0, verdict: 'allow', kind: 'tree', access: 'all', path: '/' };
    const here = decide({ rules: [all, { ...rule, bulk }] }, { path, access: 'write' }).verdict === 'deny';
    assert.equal(here, denied, `decide: ${pattern} on ${path}`);
    assert.equal(answers[2 * i]?.startsWith('0'), denied, `rules.c: ${pattern} on ${path}`);
    const plain = decide({ rules: [all, rule] }, { path, access: 'write' }).verdict === 'deny';
    assert.equal(answers[2 * i + 1]?.startsWith('0'), plain, `without bulk: ${pattern} on ${path}`);
  }
});

const deeply: readonly [pattern: string, path: string, denied: boolean][] = [
  ['/p/**/.git/hooks', '/p/node_modules/x/.git/hooks/y', true],
  ['/p/**/.git/hooks', '/p/a/node_modules/.git/hooks', true],
  ['/p/**/.git/hooks', '/p/.git/objects/x/.git/hooks', false],
  ['/p/**/.git/hooks', '/p/.git/objects/.git/hooks', false],
  ['/p/**/.git/hooks', '/p/node_modules/x/.git/objects/.git/hooks', false],
  ['/p/**/.git/modules/**/hooks', '/p/node_modules/x/.git/modules/a/hooks', true],
];

test('a guard that looks into bulk directories leaves the closed ones out, on both sides', () => {
  const input = deeply.flatMap(([pattern, path]) => [
    ...['reset', 'bulk node_modules', 'closed .git/objects', 'rule 0 1 0 7 /'],
    `rule 1 0 2 ${access.writeconnect | RULE_DEEP} ${pattern}`,
    `ask 2 ${path}`,
  ]);
  const answers = ask(program(), [], `${input.join('\n')}\n`)
    .trim()
    .split('\n');
  assert.equal(answers.length, deeply.length);
  for (const [i, [pattern, path, denied]] of deeply.entries()) {
    const rule: PolicyRule = {
      ...{ id: 1, verdict: 'deny', kind: 'pattern', access: 'writeconnect' },
      ...{ path: pattern, raw: pattern, source: 'test', bulk: ['.git/objects'], deep: true },
    };
    const all: PolicyRule = { ...rule, id: 0, verdict: 'allow', kind: 'tree', access: 'all', path: '/' };
    const here = decide({ rules: [all, rule] }, { path, access: 'write' }).verdict === 'deny';
    assert.equal(here, denied, `decide: ${pattern} on ${path}`);
    assert.equal(answers[i]?.startsWith('0'), denied, `rules.c: ${pattern} on ${path}`);
  }
});

test('two places differ where a guard looks into one and not into the other', () => {
  const asked: readonly [from: string, to: string, differ: boolean][] = [
    ['/p/node_modules', '/p/x', true],
    ['/p/a/node_modules', '/p/b/node_modules', false],
    ['/p/node_modules/a', '/p/a', true],
    ['/p/x', '/p/y', false],
    // Half of a name of two: what lies in it would be bulk here and not there.
    ['/p/.git', '/p/x', true],
    ['/p/.git/objects', '/p/.git/other', true],
    ['/p/a/.git', '/p/b/.git', false],
  ];
  const input = ['bulk node_modules', 'bulk .git/objects', 'rule 0 1 0 7 /', 'rule 1 0 2 22 /p/**/.envrc'];
  const answers = ask(program(), [], `${[...input, ...asked.map(([a, b]) => `differ ${a} ${b}`)].join('\n')}\n`);
  assert.deepEqual(
    answers.trim().split('\n'),
    asked.map(([, , differ]) => (differ ? '1' : '0')),
  );
});
