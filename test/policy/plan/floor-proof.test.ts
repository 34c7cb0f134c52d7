import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decide } from '../../../src/policy/decide/decide.ts';
import type { PolicyRule } from '../../../src/policy/model.ts';
import { nodeFileSystem } from '../../../src/policy/plan/file-system.ts';
import { computeFloor } from '../../../src/policy/plan/floor.ts';
import { floorViolation } from '../../../src/policy/plan/floor-proof.ts';
import { FLOOR_READ_TREE, FLOOR_WRITE_TREE, floorRight } from '../../../src/sandbox/linux/constants.ts';
import { memoryFileSystem, random, rule, rules, temporary } from '../support.ts';

const READ_FILE = floorRight.readFile | floorRight.execute;

const policy = rules(
  'allow tree readwrite /w',
  'deny tree all /w/secret',
  'deny tree writeconnect /w/fixed',
  'deny pattern all /**/.env',
  'allow exact read /x',
  'deny tree all /o/a',
  'allow tree readwrite /o',
  'override tree all /o/a',
  'override tree all /w/nono/profiles',
).concat({ ...rule('deny tree writeconnect /w/nono', 99), fixed: true });

/** Each violates the policy in one way; a proof that lets one pass proves nothing. */
const mutations: readonly [what: string, path: string, rights: number, says: RegExp][] = [
  ['a denied path', '/w/secret', READ_FILE, /secret is denied/],
  ['below a denied path', '/w/secret/deep/x', READ_FILE, /secret is denied/],
  ['above a denied path', '/w', FLOOR_READ_TREE, /\/w\/secret below it is denied/],
  ['the root', '/', FLOOR_READ_TREE, /entries of processes/],
  ['writing what is only readable', '/w/fixed/f', READ_FILE | floorRight.writeFile, /fixed is denied/],
  ['what no override lifts', '/w/nono/profiles', READ_FILE | floorRight.writeFile, /nono is denied/],
  ['what a pattern matches', '/w/p/.env', READ_FILE, /pattern/],
  ['below what a pattern matches', '/w/p/.env/x', READ_FILE, /pattern/],
  ['making names below a pattern', '/w/p', floorRight.writeFile | floorRight.make | floorRight.remove, /must be seen/],
  ['moving names below a pattern', '/w/p', floorRight.refer, /must be seen/],
  ['what nothing grants', '/elsewhere', READ_FILE, /no rule grants it/],
  ['more than is granted', '/x', READ_FILE | floorRight.writeFile, /no rule grants it/],
  ['below what is granted by itself only', '/x', FLOOR_READ_TREE, /no rule grants it/],
  ['a device without a grant', '/elsewhere', floorRight.ioctlDev, /no rule grants it/],
  ['entries of a process', '/proc/1/environ', READ_FILE, /entries of processes/],
  ['everything of /proc', '/proc', FLOOR_READ_TREE, /entries of processes/],
];

for (const [what, path, rights, says] of mutations)
  test(`the proof finds: ${what}`, () => assert.match(floorViolation([{ path, rights }], policy) ?? '', says));

test('the proof lets pass what the policy grants', () => {
  const NAMING = floorRight.make | floorRight.refer;
  const floor = [
    { path: '/w/p', rights: FLOOR_READ_TREE | (FLOOR_WRITE_TREE & ~NAMING) },
    { path: '/w/fixed', rights: FLOOR_READ_TREE },
    { path: '/x', rights: READ_FILE },
    { path: '/o/a', rights: FLOOR_READ_TREE },
    { path: '/o', rights: FLOOR_READ_TREE },
  ];
  assert.equal(floorViolation(floor, policy), undefined);
});

test('new names in a bulk directory need not be seen for a guard; everywhere else they must', () => {
  const guard = { ...rule('deny pattern writeconnect /g/**/.git/modules/**/hooks', 1), bulk: ['bulk', 'x/y'] };
  const guarded = [...rules('allow tree readwrite /g'), guard];
  const names = (path: string, all: readonly PolicyRule[]): string | undefined =>
    floorViolation([{ path, rights: FLOOR_READ_TREE | FLOOR_WRITE_TREE }], all);
  for (const path of ['/g/bulk', '/g/p/bulk', '/g/p/bulk/q', '/g/x/y', '/g/.git/bulk'])
    assert.equal(names(path, guarded), undefined, path);
  // Beside it, in another spelling, under half of its name, above it, and where the guard has begun already.
  for (const path of [
    '/g/p',
    '/g/Bulk',
    '/g/p/y',
    '/g/x',
    '/g/xx/y',
    '/g',
    '/g/.git/modules/bulk',
    '/g/.git/modules/x/y',
  ])
    assert.match(names(path, guarded) ?? '', /must be seen for the pattern/, path);
  // What is denied, is denied there too.
  for (const deny of ['deny pattern all /**/.env', 'deny pattern writeconnect /g/**/.git/modules/**/hooks'])
    assert.match(names('/g/p/bulk', [...guarded, rule(deny, 2)]) ?? '', /must be seen for the pattern/);
  assert.match(names('/g/p/bulk', [...guarded, rule('deny tree all /g/p/bulk/secret', 2)]) ?? '', /secret below it/);
});

const names = ['a', 'b', 'c', '.env', 'A'];
const patterns = ['**/.env', '**/a', '*/b', 'a/**', '[ab]/c', 'a/*/b', '**/b/c', '?'];

test('on random trees and policies with patterns: the floor passes the proof, holds no match, and every widened floor that would is caught', (t) => {
  const pick = random(17);
  let [matches, widened, caught, bulks] = [0, 0, 0, 0];
  for (let round = 0; round < 25; round++) {
    const dir = temporary(t);
    const existing: string[] = [];
    const grow = (at: string, depth: number): void => {
      for (const name of names) {
        if (pick(2) === 0) continue;
        const path = join(at, name);
        existing.push(path);
        if (depth < 3 && pick(3) > 0) {
          mkdirSync(path);
          grow(path, depth + 1);
        } else writeFileSync(path, '');
      }
    };
    grow(dir, 0);
    const somewhere = (): string =>
      join(dir, ...Array.from({ length: pick(4) }, () => names[pick(names.length)] as string));
    const bulk = ['c', 'a/b'].slice(pick(2));
    for (let i = 0; i < 20; i++) {
      const list = Array.from({ length: 2 + pick(6) }, (_, id): PolicyRule => {
        const pattern = pick(3) === 0;
        const path = pattern ? `${somewhere()}/${patterns[pick(patterns.length)]}` : somewhere();
        const verdict = pattern ? 'deny' : (['allow', 'allow', 'deny', 'override'] as const)[pick(4)];
        const kind = pattern ? 'pattern' : pick(4) === 0 ? 'exact' : 'tree';
        const access = pattern ? 'all' : (['read', 'readwrite', 'all'] as const)[pick(3)];
        const fixed = verdict === 'deny' && pick(3) === 0 ? { fixed: true } : {};
        const guard = pattern && pick(2) === 0 ? { bulk, access: 'writeconnect' } : {};
        return { id, verdict, kind, access, path, raw: path, source: 'test', ...fixed, ...guard } as PolicyRule;
      });
      const floor = computeFloor(list, nodeFileSystem());
      const all = [...list, ...floor.matches];
      matches += floor.matches.length;
      bulks += floor.bulk;
      assert.equal(floorViolation(floor.rules, all), undefined, JSON.stringify(list));
      for (const path of existing) {
        const rights = floor.rules.filter((r) => path === r.path || path.startsWith(`${r.path}/`));
        if (rights.some((r) => r.rights & 1))
          assert.equal(
            decide({ rules: list }, { path, access: 'read' }).verdict,
            'allow',
            `${path} ${JSON.stringify(list)}`,
          );
        if (rights.some((r) => r.rights & 8))
          assert.equal(
            decide({ rules: list }, { path, access: 'write' }).verdict,
            'allow',
            `${path} ${JSON.stringify(list)}`,
          );
      }
      // A floor with one entry more, chosen at random: if something that exists below it is denied, the proof must say so.
      const path = existing[pick(existing.length)];
      if (path === undefined) continue;
      widened++;
      const denied = existing.some(
        (at) =>
          (at === path || at.startsWith(`${path}/`)) &&
          decide({ rules: list }, { path: at, access: 'read' }).verdict === 'deny',
      );
      if (!denied) continue;
      caught++;
      assert.ok(
        floorViolation([...floor.rules, { path, rights: FLOOR_READ_TREE }], all),
        `${path} ${JSON.stringify(list)}`,
      );
    }
  }
  assert.ok(matches > 100 && caught > 100 && bulks > 3, `${matches}, ${bulks}, ${caught} of ${widened} caught`);
});

test('what cannot be looked into stays off the floor, and where it is', () => {
  const fs = {
    ...memoryFileSystem({ '/w/plain': 'file', '/w/net/x': 'file', '/w/shut/x': 'file', '/w/d/f': 'file' }),
    slowMounts: () => new Set(['/w/net']),
    enterable: () => true,
  };
  const list = fs.list;
  const looked: string[] = [];
  const shut = {
    ...fs,
    list: (path: string) => {
      looked.push(path);
      return path === '/w/shut' ? undefined : list(path);
    },
  };
  const policy = rules('allow tree readwrite /w', 'deny pattern all /**/.env');
  const floor = computeFloor(policy, shut);
  assert.deepEqual(
    floor.rules.map(({ path }) => path),
    ['/w/d', '/w/plain'],
  );
  assert.ok(!looked.includes('/w/net'));
  assert.match(floor.warnings.join(), /\/w\/net is not searched/);
  assert.deepEqual(floor.matches.map(({ path, kind, access }) => `${path} ${kind} ${access}`).sort(), [
    '/w/net exact writeconnect',
    '/w/shut exact writeconnect',
  ]);
  assert.equal(floorViolation(floor.rules, [...policy, ...floor.matches]), undefined);
});

test('names that a file system ignoring case would take for a match are not on the floor, and looked through', () => {
  const fs = memoryFileSystem({ '/w/Secret/.env': 'file', '/w/SECRET/b': 'file', '/w/c': 'file', '/w/.ENV': 'file' });
  const policy = rules('allow tree read /w', 'deny tree all /w/secret', 'deny pattern all /**/.env');
  const floor = computeFloor(policy, fs);
  assert.deepEqual(
    floor.rules.map(({ path }) => path),
    ['/w/c'],
  );
  assert.ok(floor.matches.some(({ path }) => path === '/w/Secret/.env'));
});
