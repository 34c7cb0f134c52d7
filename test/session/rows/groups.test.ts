/** Rows grouped under headings: by the key that sorts, never in the way of the cursor or of the row that a key would approve. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { firstFrame } from '../../../src/session/screen/first-frame.ts';
import { record } from '../../terminal/helpers.ts';
import { Bench } from '../support.ts';

function grouped(paths: readonly string[], size = { cols: 120, rows: 36 }): Bench {
  const bench = new Bench(size);
  bench.session.startAsking();
  for (const [i, path] of paths.entries())
    bench.session.event({ type: 'denied', record: record({ path, comm: i % 2 === 0 ? 'cat' : 'npm' }) });
  bench.focusList();
  bench.press('t');
  return bench;
}

/** Headings as `[name n]`, rows as their paths, the selected one with `>`. */
function outline(bench: Bench): string[] {
  return bench
    .shown()
    .model.list.rows.flatMap((row) => [
      ...(row.heading === undefined ? [] : [`[${row.heading.name} ${row.heading.rows}]`]),
      (row.selected ? '>' : '') + row.path,
    ]);
}

const PATHS = ['/srv/b/two', '/srv/a', '/srv/b/one', '/home/u/x/y', '/srv/c'] as const;

describe('groups', () => {
  test('by directory, then by program, then sorted by count, then as they came', () => {
    const bench = grouped(PATHS);
    const directories = [
      '[~/x/ 1]',
      '~/x/y',
      '[/srv/ 2]',
      '/srv/a',
      '>/srv/c',
      '[/srv/b/ 2]',
      '/srv/b/one',
      '/srv/b/two',
    ];
    assert.deepEqual(outline(bench), directories);
    bench.press('t');
    assert.deepEqual(outline(bench), ['[cat 3]', '/srv/b/one', '/srv/b/two', '>/srv/c', '[npm 2]', '~/x/y', '/srv/a']);
    bench.press('t');
    assert.equal(
      outline(bench).some((line) => line.startsWith('[')),
      false,
    );
    bench.press('t');
    assert.deepEqual(
      outline(bench).map((line) => line.replace('>', '')),
      PATHS.map((path) => path.replace('/home/u', '~')),
    );
  });

  test('the cursor goes from row to row, over the headings', () => {
    const bench = grouped(PATHS);
    bench.press('g');
    const seen: (string | undefined)[] = [];
    for (let i = 0; i < PATHS.length; i += 1) {
      seen.push(outline(bench).find((line) => line.startsWith('>')));
      bench.press('down');
    }
    assert.deepEqual(seen, ['>~/x/y', '>/srv/a', '>/srv/c', '>/srv/b/one', '>/srv/b/two']);
  });

  test('what comes later stands below, and moves nothing', () => {
    const bench = grouped(PATHS);
    const before = outline(bench);
    bench.session.event({ type: 'denied', record: record({ path: '/srv/aa' }) });
    assert.deepEqual(outline(bench), [...before, '[newer 1]', '/srv/aa']);
  });

  test('a group whose beginning is scrolled away is named all the same, and the selected row is on the screen in every size', () => {
    const many = Array.from({ length: 60 }, (_, i) => `/d${i % 7}/f${String(i).padStart(2, '0')}`);
    for (let rows = 10; rows <= 40; rows += 1)
      for (const cols of [60, 120]) {
        const bench = grouped(many, { cols, rows });
        const steps = ['g', ...Array.from({ length: 59 }, () => 'down'), ...Array.from({ length: 59 }, () => 'up')];
        for (const step of rows % 5 === 0 ? steps : ['g', 'G', 'pageup', 'up', 'up']) {
          bench.session.key(step);
          const { model } = bench.shown();
          const [first] = model.list.rows;
          const selected = model.list.rows.find((row) => row.selected);
          assert.ok(selected !== undefined, `${cols}x${rows} ${step}`);
          const text = firstFrame(model).join('\n');
          assert.ok(text.includes(`${selected.path} `), `${cols}x${rows} ${step}: ${selected.path} in ${text}`);
          if (model.layout.list.height > 3) assert.ok(first?.heading !== undefined);
        }
      }
  });

  test('names are written out', () => {
    const bench = grouped(['/srv/\x1b[2J/x']);
    assert.equal(outline(bench)[0], '[/srv/\\x1b[2J/ 1]');
  });
});

describe('a row that stands for many', () => {
  test('shows what lies in it when it is unfolded, also at the end of the list, and stays in sight itself', () => {
    const bench = new Bench({ cols: 80, rows: 24 });
    bench.session.startAsking();
    for (let i = 0; i < 30; i += 1)
      bench.session.event({ type: 'held', holdId: BigInt(i + 1), record: record({ path: `/srv/a/f${i}`, pid: i }) });
    bench.focusList();
    bench.press('G');
    const hint = (): string | undefined => bench.shown().model.hints.find(({ key }) => key === 'Space')?.text;
    const before = outline(bench);
    assert.match(before.at(-1) ?? '', /^>\/srv\/a\//);
    assert.equal(hint(), 'unfold');
    bench.press('space');
    const [first, ...rest] = outline(bench);
    assert.equal(first, before.at(-1));
    assert.ok(rest.length > 2 && rest.every((path) => /f\d+$/.test(path)), rest.join());
    assert.equal(hint(), 'fold');
    bench.press('space');
    assert.deepEqual(outline(bench).at(-1), before.at(-1));
    assert.equal(hint(), 'unfold');
  });
});
