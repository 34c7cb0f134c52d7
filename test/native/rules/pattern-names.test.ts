/** Names that concern none of many patterns: both sides say so only where every step is the same for all of them, and then do not ask each pattern. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BulkNames } from '../../../src/policy/pattern/bulk.ts';
import {
  foldName,
  type Pattern,
  parsePattern,
  patternAt,
  patternStep,
  patternStepOther,
} from '../../../src/policy/pattern/pattern.ts';
import { PatternNames } from '../../../src/policy/pattern/pattern-names.ts';
import { PatternStates } from '../../../src/policy/pattern/pattern-states.ts';
import { floorViolation } from '../../../src/policy/plan/floor-proof.ts';
import { random, root, rule, temporary } from '../../policy/support.ts';
import { ask, driver } from '../driver.ts';

const letters = [
  'a',
  'B',
  'k',
  'x',
  '7',
  '.',
  '-',
  '_',
  ' ',
  '[',
  'é',
  'É',
  'ß',
  'ﬁ',
  'f',
  'i',
  's',
  '\u212a',
  '漢',
  'ſ',
];
const special = ['*', '*', '?', '[a-c]', '[!k]', '\\*', '\\['];
const pick = <T>(r: (n: number) => number, from: readonly T[]): T => from[r(from.length)] as T;
const word = (r: (n: number) => number, from: readonly string[]): string => {
  const text = Array.from({ length: 1 + r(4) }, () => pick(r, from)).join('');
  return /^\.{1,2}$/.test(text) ? 'a' : text;
};
const somePattern = (r: (n: number) => number): string => {
  const parts = Array.from({ length: 1 + r(4) }, () =>
    r(3) === 0 ? '**' : word(r, [...letters.filter((c) => c !== '['), ...special]),
  );
  return `/${parts.map((part) => (/^\*{3,}$/.test(part) ? '*' : part)).join('/')}`;
};
const variants = (name: string): readonly string[] => [name, name.toUpperCase(), name.toLowerCase(), foldName(name)];

test('a name that concerns no pattern is stepped over as any other name is, in every case, and none is forgotten', () => {
  const r = random(Number(process.env['NONO_TEST_SEED'] ?? 11));
  let [none, some] = [0, 0];
  for (let round = 0; round < 400; round++) {
    const bulk = r(3) === 0 ? new BulkNames([word(r, letters), `${word(r, letters)}/${word(r, letters)}`]) : undefined;
    const patterns = Array.from({ length: 1 + r(6) }, (): Pattern => {
      const pattern = parsePattern(somePattern(r));
      return bulk !== undefined && r(2) === 0 ? { ...pattern, bulk } : pattern;
    });
    const names = new PatternNames(patterns);
    const states = new PatternStates(patterns);
    for (let i = 0; i < 40; i++) {
      const name = pick(r, variants(word(r, [...letters, ...letters, 'usr', 'proc'])));
      const dir = pick(r, ['/', '/a', '/B/k']);
      if (names.concern(dir, name)) some++;
      else {
        none++;
        for (const pattern of patterns) {
          const everywhere = (1 << pattern.components.length) - 1;
          for (const folded of [false, true])
            assert.equal(
              patternStep(pattern, everywhere, name, dir, folded),
              patternStepOther(pattern, everywhere),
              `${pattern.text} at ${name} in ${dir}`,
            );
        }
      }
      const path = `${dir === '/' ? '' : dir}/${name}`;
      assert.deepEqual(
        states.at(path).states,
        patterns.map((pattern) => patternAt(pattern, path)),
        path,
      );
    }
  }
  assert.ok(none > 1000 && some > 1000, `${none} ${some}`);
});

test('C: the same', () => {
  const r = random(Number(process.env['NONO_TEST_SEED'] ?? 12));
  const program = driver('drivers/pattern-names.c', ['pattern', 'pattern_names']);
  const counts = [0, 0];
  for (let round = 0; round < 30; round++) {
    const lines = Array.from({ length: 1 + r(6) }, () => `P ${somePattern(r)}`);
    for (let i = 0; i < 200; i++) lines.push(`N ${pick(r, variants(word(r, letters)))}`);
    const answers = ask(program, [], `${lines.join('\n')}\n`)
      .trim()
      .split('\n');
    assert.equal(answers.length, 200);
    for (const answer of answers) counts[Number(answer)] = (counts[Number(answer)] ?? 0) + 1;
  }
  assert.ok((counts[0] ?? 0) > 1000 && (counts[1] ?? 0) > 300, counts.join());
});

/** Patterns that count how often one of them is asked about a name: a step asks once whether the name is bulk. */
function counting(count: number): { readonly patterns: readonly Pattern[]; asked(): number } {
  let asked = 0;
  const bulk = {
    has: () => {
      asked++;
      return false;
    },
  };
  const patterns = Array.from({ length: count }, (_, i) => ({ ...parsePattern(`/**/x${i}*`), bulk }));
  return { patterns, asked: () => asked };
}

test('a thousand patterns are not each asked about each of a thousand names', () => {
  const { patterns, asked } = counting(1000);
  const states = new PatternStates(patterns);
  for (let i = 0; i < 1000; i++) assert.equal(states.at(`/home/user/file-${i}`).reaches, true);
  assert.ok(asked() < 10_000, `asked ${asked()} times`);
  assert.deepEqual(states.at('/home/user/x17').matched, [1, 17]);
  assert.ok(asked() < 20_000, `asked ${asked()} times`);
});

test('the proof holds with such names: one pattern of a thousand is enough to refuse a floor', () => {
  const rules = [
    rule('allow tree readwrite /home/user', 1),
    ...Array.from({ length: 1000 }, (_, i) => rule(`deny pattern all /**/x${i}*`, 2 + i)),
  ];
  const READ_FILE = 4;
  const floor = Array.from({ length: 500 }, (_, i) => ({ path: `/home/user/file-${i}`, rights: READ_FILE }));
  assert.equal(floorViolation(floor, rules), undefined);
  assert.match(floorViolation([...floor, { path: '/home/user/x17', rights: READ_FILE }], rules) ?? '', /pattern .*x1/);
});

/** Of the fastest of three, in milliseconds of its own processor time, so that what else runs here counts little. */
function searchTime(top: string, patterns: number): number {
  const fields = Array.from({ length: patterns }, (_, i) => `P/**/x${i}*z\0F/**/x${i}*z\0`).join('');
  writeFileSync(join(top, 'request'), `${fields}${`R${top}/tree\0`.repeat(4)}`);
  const script = `TIMEFORMAT=%3U\ntime '${join(root, 'native/build/nono-search')}' <'${top}/request' >/dev/null`;
  const times = Array.from({ length: 3 }, () => {
    const done = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8', env: { LC_ALL: 'C' } });
    assert.equal(done.status, 0, done.stderr);
    return Number(done.stderr.trim()) * 1000;
  });
  return Math.min(...times);
}

test('nono-search: a thousand patterns cost far less than a thousand times one', (t) => {
  const top = temporary(t);
  for (let d = 0; d < 10; d++) {
    mkdirSync(join(top, 'tree', `${d}`), { recursive: true });
    for (let i = 0; i < 1000; i++) writeFileSync(join(top, 'tree', `${d}`, `module-${i}.index.js`), '');
  }
  // Before: 40,000 names × 1,000 patterns × 70 ns.
  const few = searchTime(top, 8);
  const many = searchTime(top, 1000);
  assert.ok(many < 20 * Math.max(few, 20), `${many} ms of 1,000 patterns, ${few} ms of 8`);
});
