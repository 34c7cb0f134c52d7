/** Nothing that says what a key does is cut: where there is no room, whole items are left out. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { reasons } from '../../../src/sandbox/linux/constants.ts';
import type { Approvable } from '../../../src/session/approval/approvable.ts';
import { sessionCommands } from '../../../src/session/commands/table.ts';
import { lineOf } from '../../../src/session/dialog/line-editor.ts';
import type { KeyContext } from '../../../src/session/keys/binding.ts';
import { defaultKeymap, keyLabel, keymapOf } from '../../../src/session/keys/keymap.ts';
import { bindings } from '../../../src/session/keys/table.ts';
import { ruleName, shortRule } from '../../../src/session/rows/row-text.ts';
import type { Line } from '../../../src/session/screen/chrome-model.ts';
import { textWidth } from '../../../src/terminal/visible-text.ts';
import { record } from '../../terminal/helpers.ts';
import { inked } from '../inked.ts';
import { Bench, quietDoors } from '../support.ts';

const sizes = [
  { cols: 120, rows: 36 },
  { cols: 80, rows: 24 },
  { cols: 60, rows: 20 },
  { cols: 40, rows: 10 },
];
const contexts = Array.from(new Set(bindings.map((b) => b.in)));
const kinds: readonly Approvable[] = ['held', 'denied', 'rule', 'granted', 'fold', 'startup', 'none'];
const alerts = ['', '1 held · Ctrl-\\ d', '12345 new denials · click here', 'clipboard asked for · Ctrl-\\ c'];
const plain = (line: Line): string => line.map((one) => one.text).join('');
const at = ({ cols, rows }: { cols: number; rows: number }): string => `${cols}x${rows}`;

/** What a line of hints may be: some of these, each whole, in their order. */
function assertWhole(row: string, all: readonly string[], what: string): void {
  let rest = row.trim();
  for (const one of all) if (rest.startsWith(one)) rest = rest.slice(one.length).trimStart();
  assert.equal(rest, '', `${what}: '${row}'`);
}

describe('what the hint line leaves out', () => {
  const shown = (bench: Bench): string => stripVTControlCharacters(inked(bench.shown().model).at(-1) ?? '');

  for (const size of sizes)
    test(`a key that what waits has named already: ${at(size)}`, () => {
      const bench = new Bench(size);
      assert.match(shown(bench), /Ctrl-\\ d denials/);
      bench.session.event({ type: 'held', holdId: 5n, record: record() });
      const row = shown(bench);
      assert.match(row, /1 held · Ctrl-\\ d /);
      assert.equal(row.split('Ctrl-\\ d ').length, 2, row);
    });

  test('undo, while there is nothing to take back', async () => {
    const bench = new Bench({ cols: 120, rows: 36 });
    bench.session.startAsking();
    bench.session.event({ type: 'denied', record: record() });
    bench.focusList();
    bench.press('G');
    const undo = (): boolean => bench.shown().model.hints.some((hint) => hint.text === 'undo');
    assert.equal(undo(), false);
    bench.press('s');
    await bench.settle();
    assert.equal(undo(), true, shown(bench));
    bench.press('z');
    await bench.settle();
    assert.equal(undo(), false, shown(bench));
  });
});

test('while a filter is on, Esc is said to clear it', () => {
  const bench = new Bench({ cols: 120, rows: 36 });
  bench.session.startAsking();
  bench.session.event({ type: 'denied', record: record() });
  bench.focusList();
  const saysOfEsc = (): string | undefined => bench.shown().model.hints.find((hint) => hint.key === 'Esc')?.text;
  assert.equal(saysOfEsc(), 'shell');
  bench.press('/', 'n', 'o', 'enter');
  assert.equal(saysOfEsc(), 'clear');
  bench.press('esc');
  assert.deepEqual([bench.session.ui.filter, bench.session.ui.focus, saysOfEsc()], ['', 'list', 'shell']);
});

describe('the hint line', () => {
  for (const size of sizes)
    test(at(size), () => {
      const { model } = new Bench(size).shown();
      const drawn = new Set<string>();
      for (const context of contexts)
        for (const kind of kinds)
          for (const alert of alerts)
            for (const ascii of [false, true]) {
              const hints = defaultKeymap.hintsFor(context, kind);
              // Many kinds of rows have the same hints.
              const line = JSON.stringify([hints, alert, ascii]);
              if (drawn.has(line)) continue;
              drawn.add(line);
              const shown = inked({ ...model, hints, alert, ascii });
              const row = stripVTControlCharacters(shown.at(-1) ?? '');
              assert.ok(textWidth(row) <= size.cols);
              const said = ascii ? alert.replaceAll('·', '|') : alert;
              assert.ok(row.includes(said), `${context} ${alert}: ${row}`);
              assertWhole(
                row.replace(said, ''),
                hints.map((hint) => `${hint.key} ${hint.text}`),
                `${context} ${kind} ${alert}`,
              );
            }
    });

  test('at 80x24 nothing is left out beside a call that waits but what comes last', () => {
    const { model } = new Bench({ cols: 80, rows: 24 }).shown();
    const hints = defaultKeymap.hintsFor('list', 'held');
    assert.match(
      stripVTControlCharacters(inked({ ...model, hints }).at(-1) ?? ''),
      /a once.*s session.*Esc shell.*\? help/,
    );
  });
});

describe('the keys after the prefix', () => {
  const prefixed = bindings.filter((one) => one.in === 'prefix' && one.keys.length > 0);
  for (const size of sizes)
    for (const keymap of [defaultKeymap, keymapOf(bindings, 'C-backspace')])
      test(`${at(size)}, ${keymap.prefix}`, () => {
        const bench = new Bench(size, undefined, { keymap });
        bench.session.prefix();
        bench.clock.advance(500);
        const { dialog } = bench.shown().model;
        assert.ok(dialog !== undefined && dialog.lines.length > 0);
        const texts = dialog.lines.map(plain);
        for (const line of texts) {
          assert.ok(textWidth(line.trimEnd()) <= dialog.rect.width - 4, line);
          const items = prefixed.flatMap((one) =>
            [one.help, one.short, one.hint].map((text) => `${keyLabel(one.keys[0] ?? '')} ${text}`),
          );
          // Items stand in the order of the columns, not of the table.
          let rest = line.trim();
          while (rest !== '') {
            const words = rest.replace(/^(\S+) +/, '$1 ');
            const item = items.filter((one) => words.startsWith(one)).sort((a, b) => b.length - a.length)[0];
            assert.ok(item !== undefined, `cut: '${rest}' of '${line}'`);
            rest = words.slice(item.length).trim();
          }
        }
        assert.ok(
          texts.some((line) => /(?:^| )\? +(?:keys|help)/.test(line)),
          texts.join('\n'),
        );
        if (size.cols >= 60)
          for (const one of prefixed) assert.ok(texts.join('\n').includes(keyLabel(one.keys[0] ?? '')));
      });
});

/** Opens every question there is. */
const openings: Readonly<Record<string, (bench: Bench) => void>> = {
  details: (b) => b.press('enter'),
  save: (b) => b.press('p'),
  edit: (b) => b.press('e'),
  grant: (b) => b.press('e', 'enter'),
  quit: ({ session }) => {
    session.ui.dialog = { kind: 'quit' };
  },
  clipboard: ({ session }) => {
    session.ui.dialog = { kind: 'clipboard', wish: { number: 1, text: 'echo one\necho two' } };
  },
  ...Object.fromEntries(
    contexts.map((about) => [
      `help for ${about}`,
      ({ session }: Bench) => {
        session.ui.dialog = { kind: 'help', about: about as KeyContext, filter: '', at: 0 };
      },
    ]),
  ),
};

describe('dialogs', () => {
  for (const size of sizes)
    for (const [name, open] of Object.entries(openings))
      test(`${name} at ${at(size)}: no line is cut, no answer is missing`, () => {
        const bench = new Bench(size, quietDoors);
        bench.session.startAsking();
        bench.session.event({ type: 'held', holdId: 1n, record: record() });
        bench.focusList();
        open(bench);
        const seen: string[] = [];
        for (let page = 0; page < 50; page += 1) {
          const { dialog } = bench.shown().model;
          assert.ok(dialog !== undefined, name);
          for (const line of dialog.lines.map(plain)) {
            assert.ok(textWidth(line) <= dialog.rect.width - 4, `${dialog.rect.width}: '${line}'`);
            seen.push(line);
          }
          assert.ok(textWidth(dialog.title) <= dialog.rect.width - 6, dialog.title);
          if (name.startsWith('help')) bench.session.key('down');
          else bench.session.key('pagedown');
        }
        const all = seen.join('\n');
        if (name === 'save')
          for (const answer of ['y: save and allow', 'Esc: change nothing', 'f: file / directory'])
            assert.ok(all.includes(answer), all);
        if (name === 'quit') for (const answer of ['y: end it', 'Esc: go on']) assert.ok(all.includes(answer), all);
        if (name === 'grant') assert.match(all, /s: this session[\s\S]*Esc: nothing/);
        if (name.startsWith('help'))
          for (const one of bindings.filter((b) => `help for ${b.in}` === name && b.keys.length > 0 && b.in !== 'help'))
            assert.ok(all.includes(keyLabel(one.keys[0] ?? '')), `${one.in} ${one.action}`);
      });

  for (const size of sizes)
    test(`the help of every command is read whole while it is typed at ${at(size)}`, () => {
      for (const command of sessionCommands) {
        const bench = new Bench(size, quietDoors);
        bench.session.openConsole();
        const { console } = bench.session;
        assert.ok(console !== undefined);
        console.line = lineOf(`${command.name} `);
        const { dialog } = bench.shown().model;
        const rows = (dialog?.lines ?? []).map(plain);
        // Beside each other whole, or not in one row: the end of the one is not read on into the other.
        const beside = `${command.usage}   ${command.help}`;
        const first = command.help.split(' ')[0] ?? '';
        assert.ok(
          rows.some((row) => row.includes(beside) || row.startsWith(first)),
          rows.join('\n'),
        );
        const words = (dialog?.lines ?? []).map(plain).join('').replace(/\s+/g, '');
        assert.ok(words.includes(`${command.usage}${command.help}`.replace(/\s+/g, '')), `${command.name}: ${words}`);
      }
    });
});

test('why something was denied is cut in no list', () => {
  for (const size of sizes)
    for (const reason of reasons) {
      if (reason === 'denied-by-rule') continue;
      const bench = new Bench(size);
      // What came before the first prompt, in a row of its own.
      bench.session.event({ type: 'denied', record: record({ path: '/opt/early' }) });
      bench.session.startAsking();
      bench.session.event({ type: 'denied', record: record({ path: '/opt/x', reason }) });
      const { model } = bench.shown();
      const screen = inked(model).map(stripVTControlCharacters);
      const rows = screen.slice(model.layout.list.y);
      const said = ruleName([...bench.session.list.rows].at(-1) as never, { paths: [], net: [] });
      const words = [said, shortRule(said)];
      // In the narrowest list the path has its place.
      assert.ok(
        size.cols === 40 || rows.some((row) => words.some((one) => row.includes(` ${one} `))),
        `${at(size)} ${reason}: ${rows.join('\n')}`,
      );
      // The name of a program is cut, what is said of it is not.
      for (const row of rows) assert.doesNotMatch(row, /…\s+(?:now|<1m)\s*$/, `${at(size)} ${reason}: ${row}`);
      assert.ok(rows.some((row) => row.includes('start-up')));
    }
});

describe('the filter of the help', () => {
  const filtered = (filter: string, size = { cols: 80, rows: 24 }) => {
    const bench = new Bench(size, quietDoors);
    bench.session.ui.dialog = { kind: 'help', about: 'prefix', filter, at: 0 };
    const { dialog } = bench.shown().model;
    assert.ok(dialog !== undefined);
    return dialog;
  };

  // As hints and popups call it, as the settings do, and in any order.
  for (const [filter, label] of [
    ['zoom', 'z'],
    ['split', '|'],
    ['list hide', 'h'],
    ['policies', 'p'],
    ['larger-list', '> +'],
    ['ctrl-z', 'Ctrl-z'],
  ] as const)
    test(`'${filter}' finds ${label}`, () => {
      const lines = filtered(filter).lines.map(plain);
      assert.ok(
        lines.some((line) => line.slice(2).startsWith(`${label} `)),
        lines.join('\n'),
      );
    });

  // The list behind it is empty: its pages are none of the help's.
  for (const [size, most] of [
    [{ cols: 80, rows: 24 }, 3],
    [{ cols: 40, rows: 10 }, 30],
  ] as const)
    test(`PgDn goes as far as there are keys in sight at ${at(size)}`, () => {
      const walk = (key: string): { readonly seen: ReadonlySet<string>; readonly presses: number } => {
        const bench = new Bench(size, quietDoors);
        bench.session.ui.dialog = { kind: 'help', about: 'list', filter: '', at: 0 };
        const seen = new Set<string>();
        for (let presses = 0, before = ''; ; presses += 1) {
          const rows = (bench.shown().model.dialog?.lines ?? []).map(plain);
          if (rows.join() === before) return { seen, presses };
          before = rows.join();
          for (const row of rows) seen.add(row.slice(2));
          bench.session.key(key);
        }
      };
      const pages = walk('pagedown');
      assert.deepEqual(
        [...walk('down').seen].filter((row) => !pages.seen.has(row)),
        [],
      );
      assert.ok(pages.presses <= most, `${pages.presses} presses`);
    });

  test('what is typed moves neither the box nor its columns', () => {
    const whole = filtered('');
    for (const filter of ['z', 'zoom', 'nothing at all']) {
      const { rect } = filtered(filter);
      assert.deepEqual(rect, whole.rect);
      // Drawn to its last row: what lies in it and is not drawn shows neither the shell nor the box.
      const bench = new Bench({ cols: 80, rows: 24 }, quietDoors);
      bench.session.ui.dialog = { kind: 'help', about: 'prefix', filter, at: 0 };
      const rows = inked(bench.shown().model).map((row) => stripVTControlCharacters(row));
      for (let y = rect.y + 1; y < rect.y + rect.height - 1; y += 1)
        assert.match((rows[y] ?? '').slice(rect.x, rect.x + rect.width), /^│.*│$/);
      assert.match((rows[rect.y + rect.height - 1] ?? '').slice(rect.x), /^╰─+╯/);
    }
    const column = (lines: readonly string[]) => lines.find((line) => line.includes('the shell alone'))?.indexOf('the');
    assert.equal(column(filtered('zoom').lines.map(plain)), column(whole.lines.map(plain)));
  });

  test('in a narrow terminal the keys leave most of the width to what they do', () => {
    const lines = filtered('zoom', { cols: 40, rows: 10 }).lines.map(plain);
    const at = lines.find((line) => line.startsWith('> z'))?.indexOf('the') ?? 99;
    assert.ok(at <= 12, lines.join('\n'));
  });
});
