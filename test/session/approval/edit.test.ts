import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { ResolvedPolicy } from '../../../src/policy/model.ts';
import { nodeFileSystem } from '../../../src/policy/plan/file-system.ts';
import { coverage, coverageText } from '../../../src/session/approval/coverage.ts';
import { editableText, editedRule } from '../../../src/session/approval/edited-rule.ts';
import type { CommandDoors } from '../../../src/session/commands/command.ts';
import { policyNow } from '../../../src/session/commands/policy-now.ts';
import { record } from '../../terminal/helpers.ts';
import { Bench, rules } from '../support.ts';

const home = realpathSync(mkdtempSync(join(tmpdir(), 'nono-edit-')));
after(() => rmSync(home, { recursive: true }));
mkdirSync(join(home, 'src/deep'), { recursive: true });
mkdirSync(join(home, 'src/secret'));
for (const name of ['a.ts', 'b.ts', 'c.md', 'deep/d.ts', 'secret/e.ts']) writeFileSync(join(home, 'src', name), '');
symlinkSync('src', join(home, 'link'));

const policy: ResolvedPolicy = {
  profile: 'test',
  rules: rules.map((rule) => (rule.id === 0 ? { ...rule, path: join(home, 'src/secret') } : rule)),
  blockNetwork: false,
  blockedCommands: [],
  allowedCommands: [],
  workdir: home,
  warnings: [],
};
const doors: CommandDoors = {
  session: '20261128-010203-42',
  policy,
  matches: [],
  fileSystem: () => nodeFileSystem(),
  home,
  cwd: () => home,
  why: async () => '',
  outside: async () => '',
  completeOutside: () => [],
  saveDeny: async () => [],
  history: { load: () => [], add: () => {} },
};

function editing(path: string, change: Parameters<typeof record>[0] = {}): Bench {
  const bench = new Bench(undefined, doors);
  bench.session.startAsking();
  bench.session.event({ type: 'held', holdId: 1n, record: record({ path, ...change }) });
  bench.focusList();
  bench.sent.length = 0;
  bench.press('e');
  return bench;
}
const type = (bench: Bench, text: string): void => {
  bench.press('C-e', 'C-u', ...Array.from(text, (c) => (c === ' ' ? 'space' : c)));
};
const text = (bench: Bench): string =>
  bench
    .shown()
    .model.dialog?.lines.map((line) => line.map((s) => s.text).join(''))
    .join('\n') ?? '';

describe('the edited rule', () => {
  const rule = (written: string) => editedRule(written, 'read', '/home/u', (path) => path.replace('/link', '/real'));

  test('a path, a directory, a pattern; links lead where they lead', () => {
    const made = (kind: string, path: string) => ({ verdict: 'allow', kind, access: 'read', path });
    assert.deepEqual(rule('/a/b'), made('exact', '/a/b'));
    assert.deepEqual(rule('/a/b/'), made('tree', '/a/b'));
    assert.deepEqual(rule('~/x/../y'), made('exact', '/home/u/y'));
    assert.deepEqual(rule('/link/b'), made('exact', '/real/b'));
    assert.deepEqual(rule('/a/**/*.ts'), made('pattern', '/a/**/*.ts'));
    assert.deepEqual(rule('/a/\\[slug\\].ts'), made('exact', '/a/[slug].ts'));
    assert.equal(editableText({ verdict: 'allow', kind: 'exact', access: 'read', path: '/a/[x]' }), '/a/\\[x\\]');
  });

  test('what would reach too far or mean something else is refused', () => {
    for (const written of [
      '',
      'a',
      '/',
      '//',
      '/.',
      '/*',
      '/**/x',
      '/a/../*',
      '/a/{b,c}',
      '/a/[b',
      '/a/\ufffd',
      '/a/*/../b',
    ])
      assert.ok('refused' in rule(written), written);
  });
});

describe('what a rule would cover', () => {
  const now = (kind: 'exact' | 'tree' | 'pattern', path: string, clock = () => 0) =>
    coverage({ verdict: 'allow', kind, access: 'read', path }, policy, nodeFileSystem(), clock);

  test('is counted by the deciding function: denied names stay out, granted ones are not counted again', () => {
    assert.deepEqual(now('tree', join(home, 'src')), { granted: 6, denied: 2, more: false });
    assert.deepEqual(now('pattern', join(home, 'src/*.ts')), { granted: 2, denied: 0, more: false });
    assert.deepEqual(now('pattern', join(home, 'src/**/*.ts')), { granted: 3, denied: 1, more: false });
    assert.deepEqual(now('exact', join(home, 'src/a.ts')), { granted: 1, denied: 0, more: false });
    assert.deepEqual(now('exact', join(home, 'missing')), { granted: 0, denied: 0, more: false });
    assert.deepEqual(now('tree', '/usr/lib'), { ...now('tree', '/usr/lib'), granted: 0 });
  });

  test('what patterns matched at the start stays denied, and what a matching link led to', () => {
    const match = {
      ...rules[0],
      id: 0,
      kind: 'tree',
      verdict: 'deny',
      raw: '**/*.key',
      source: 'flag',
      access: 'all',
    } as const;
    const paths = [join(home, 'src/deep/d.ts'), join(home, 'src/c.md')];
    const now = policyNow({ policy, matches: paths.map((path) => ({ ...match, path })) }, []);
    const rule = { verdict: 'allow', kind: 'tree', access: 'read', path: join(home, 'src') } as const;
    const counted = (p: typeof now) => coverage(rule, p, nodeFileSystem(), () => 0);
    assert.deepEqual(counted(policyNow({ policy, matches: [] }, [])), { granted: 6, denied: 2, more: false });
    assert.deepEqual(counted(now), { granted: 4, denied: 4, more: false });
  });

  test('no directory is looked through in which nothing can match, so that the number is the whole one', () => {
    const fs = nodeFileSystem();
    const looked: string[] = [];
    const spied = {
      ...fs,
      scan: (directory: string) => {
        looked.push(directory);
        return (fs.scan ?? fs.list).call(fs, directory);
      },
    };
    const rule = { verdict: 'allow', kind: 'pattern', access: 'read', path: join(home, 'src/*.ts') } as const;
    assert.deepEqual(
      coverage(rule, policy, spied, () => 0),
      { granted: 2, denied: 0, more: false },
    );
    assert.deepEqual(looked, [join(home, 'src')]);
    looked.length = 0;
    const counted = (pattern: string) => coverage({ ...rule, path: join(home, pattern) }, policy, spied, () => 0);
    assert.deepEqual(counted('src/d*/*.ts'), { granted: 1, denied: 0, more: false });
    assert.deepEqual(looked, [join(home, 'src'), join(home, 'src/deep')]);
    // What may stand for several names is looked for everywhere.
    assert.deepEqual(counted('s*/**/d.ts'), { granted: 1, denied: 0, more: false });
    assert.deepEqual(counted('s*/d*/[d].ts'), { granted: 1, denied: 0, more: false });
    // What matches is a directory: all of it.
    assert.deepEqual(now('pattern', join(home, 'sr*')), now('tree', join(home, 'src')));
    assert.equal(coverageText({ granted: 1, denied: 0, more: true }), 'more than 1 name there now');
    const none = 'none of the names that were looked at; there are more';
    assert.equal(coverageText({ granted: 0, denied: 0, more: true }), none);
    assert.equal(coverageText({ granted: 0, denied: 2, more: true }), `${none}; 2 stay denied by rules`);
    assert.equal(coverageText({ granted: 0, denied: 0, more: false }), '0 names there now');
  });

  test('has an end', () => {
    let calls = 0;
    const found = now('tree', home, () => calls++ * 40);
    assert.equal(found.more, true);
    assert.match(coverageText(found), /^more than /);
  });
});

describe('on the smallest screen', () => {
  test('a question has no second page for what the last row says', () => {
    const bench = editing('/x/y/a.ts');
    Object.assign(bench.size, { cols: 40, rows: 10 });
    type(bench, '/x/y/*.ts');
    bench.press('enter');
    const { dialog, hints } = bench.shown().model;
    assert.equal(dialog?.title, 'Allow?', text(bench));
    assert.deepEqual(
      hints.map((hint) => hint.text),
      ['session', 'cancel'],
    );
    bench.press('s');
    assert.equal(bench.session.ui.dialog, undefined, text(bench));
  });
});

describe('editing in the list', () => {
  test('shows the count while it is typed, and grants nothing by Enter', () => {
    const bench = editing(join(home, 'src/a.ts'));
    assert.match(text(bench), /1 name there now/);
    bench.press('tab');
    assert.match(text(bench), /src\/ and everything below/);
    assert.match(text(bench), /6 names there now; 2 stay denied by rules/);
    type(bench, `${home}/src/*.ts`);
    assert.match(text(bench), /2 names there now/);
    assert.match(text(bench), /1 of the rows in the list, 1 waiting/);
    bench.press('enter', 'enter', 'y');
    assert.equal(bench.session.ui.dialog?.kind, 'grant');
    assert.deepEqual([bench.sent, bench.saver.saved], [[], []]);
  });

  test('a wider directory is one rule for the supervisor', () => {
    const bench = editing(join(home, 'src/a.ts'));
    bench.press('tab', 'enter', 's');
    assert.deepEqual(bench.sent, [
      { type: 'add-rule', id: rules.length, verdict: 'allow', kind: 'tree', access: 'read', path: join(home, 'src') },
    ]);
  });

  test('a pattern answers what waits and what comes, that and nothing else, until it is taken back', async () => {
    const bench = editing(join(home, 'src/a.ts'));
    type(bench, `${home}/src/*.ts`);
    bench.press('enter', 'p');
    await bench.settle();
    assert.deepEqual([bench.sent, bench.saver.saved], [[], []]);
    // So no key is offered for it.
    const { hints, dialog } = bench.shown().model;
    // One blank line before the answers, where no change of a profile stands above them.
    const lines = (dialog?.lines ?? []).map((line) =>
      line
        .map((span) => span.text)
        .join('')
        .trim(),
    );
    assert.equal(lines.filter((line) => line === '').length, 1, lines.join('\n'));
    assert.deepEqual(hints, [
      { key: 's', text: 'session' },
      { key: 'Esc', text: 'cancel' },
    ]);
    bench.press('s');
    const path = join(home, 'src/*.ts');
    assert.deepEqual(bench.sent, [
      { type: 'add-rule', id: rules.length, verdict: 'allow', kind: 'pattern', access: 'read', path },
      { type: 'verdict', holdId: 1n, allow: true },
    ]);
    const held = (holdId: bigint, change: Parameters<typeof record>[0]) => {
      bench.sent.length = 0;
      bench.session.event({ type: 'held', holdId, record: record(change) });
      return bench.sent.length;
    };
    assert.equal(held(2n, { path: join(home, 'src/b.ts') }), 1);
    assert.equal(held(3n, { path: join(home, 'src/c.md') }), 0);
    assert.equal(held(4n, { path: join(home, 'src/deep/d.ts') }), 0);
    assert.equal(held(5n, { path: join(home, 'src/b.ts'), access: 'write' }), 0);
    assert.equal(held(6n, { path: join(home, 'src/\ufffd.ts') }), 0);
    const other = { path: join(home, 'elsewhere'), first: false, allowed: false };
    assert.equal(held(7n, { path: join(home, 'src/b.ts'), other }), 0);
    bench.press('z');
    await bench.settle();
    assert.equal(held(8n, { path: join(home, 'src/b.ts') }), 0);
  });

  test('nothing is edited under a deny rule', () => {
    const bench = new Bench(undefined, doors);
    bench.session.startAsking();
    const denied = record({ path: '/home/u/.ssh/id', reason: 'denied-by-rule', ruleId: 0 });
    bench.session.event({ type: 'denied', record: denied });
    bench.focusList();
    bench.press('e');
    assert.equal(bench.session.ui.dialog, undefined);
  });
});

describe('the order of the rows', () => {
  const paths = (bench: Bench) => bench.shown().model.list.rows.map((row) => row.path);
  const listed = (): Bench => {
    const bench = new Bench();
    bench.session.startAsking();
    for (const [path, comm] of [
      ['/z', 'cat'],
      ['/a', 'vi'],
      ['/m', 'cat'],
    ] as const)
      bench.session.event({ type: 'denied', record: record({ path, comm }) });
    bench.focusList();
    return bench;
  };

  test('is chosen by a key, keeps the selection, and puts newer rows below', () => {
    const bench = listed();
    const { selected } = bench.session.ui;
    bench.press('t');
    assert.deepEqual(paths(bench), ['/a', '/m', '/z']);
    assert.equal(bench.session.ui.selected, selected);
    bench.session.event({ type: 'denied', record: record({ path: '/b' }) });
    assert.deepEqual(paths(bench), ['/a', '/m', '/z', '/b']);
    bench.press('t');
    assert.deepEqual(paths(bench), ['/b', '/m', '/z', '/a']);
    bench.press('t', 't');
    assert.deepEqual(paths(bench), ['/z', '/a', '/m', '/b']);
  });

  test('what was answered with no can be hidden, what waits never', () => {
    const bench = listed();
    bench.press('x', 'm');
    assert.deepEqual(paths(bench), ['/z', '/a']);
    bench.session.event({ type: 'held', holdId: 9n, record: record({ path: '/m' }) });
    assert.deepEqual(paths(bench), ['/z', '/a', '/m']);
    bench.session.event({ type: 'released', holdId: 9n, outcome: 'denied' });
    bench.press('m');
    assert.deepEqual(paths(bench), ['/z', '/a', '/m']);
  });
});
