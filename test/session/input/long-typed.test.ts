import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { homeItems } from '../../../src/home/home-items.ts';
import { homeState } from '../../../src/home/home-state.ts';
import { homeLines } from '../../../src/home/home-view.ts';
import { lineOf } from '../../../src/session/dialog/line-editor.ts';
import { typedWindow } from '../../../src/session/dialog/typed-window.ts';
import { textWidth } from '../../../src/terminal/visible-text.ts';
import { record } from '../../terminal/helpers.ts';
import { Bench, quietDoors } from '../support.ts';

const WIDE = `/srv/${'漢字'.repeat(60)}END`;
const LONG = `/srv/${'abcdefghij'.repeat(12)}END`;

const keys = (text: string): readonly string[] => Array.from(text, (c) => (c === ' ' ? 'space' : c));

function bench(cols = 120, path = '/etc/shadow'): Bench {
  const made = new Bench({ cols, rows: 24 }, quietDoors);
  made.session.startAsking();
  made.session.event({ type: 'held', holdId: 1n, record: record({ path }) });
  made.focusList();
  made.shown();
  return made;
}

/** The line of the dialog that the cursor is on, up to the cursor. */
function beforeCursor(one: Bench): string {
  const { model, cursor } = one.shown();
  assert.ok(typeof cursor === 'object' && model.dialog !== undefined);
  const { rect, lines } = model.dialog;
  const line = lines[cursor.y - rect.y - 1]?.map((s) => s.text).join('') ?? '';
  assert.ok(cursor.x < rect.x + rect.width - 1, `${cursor.x} is outside of ${JSON.stringify(rect)}`);
  let text = '';
  for (const c of line) {
    if (textWidth(text + c) > cursor.x - rect.x - 2) break;
    text += c;
  }
  assert.equal(textWidth(text), cursor.x - rect.x - 2, `the cursor is within a character of ${line}`);
  return text;
}

describe('a line longer than there is room for', () => {
  for (const text of [LONG, WIDE, 'e\u0301'.repeat(90), '\u202e'.repeat(20)])
    test(`shows what is around the cursor: ${JSON.stringify(text.slice(0, 20))}`, () => {
      const all = Array.from(text);
      for (const width of [8, 21, 40, 74])
        for (let at = 0; at <= all.length; at += 1) {
          const { shown, column } = typedWindow({ text, at }, width);
          assert.ok(textWidth(shown) <= width, `${textWidth(shown)} of ${width}`);
          assert.ok(column >= 0 && column < width, `cursor ${column} of ${width} at ${at}`);
        }
    });

  test('the end of it is where it is typed', () => {
    for (const text of [LONG, WIDE]) {
      const { shown, column } = typedWindow(lineOf(text), 40);
      assert.match(shown, /^….*END$/);
      assert.equal(column, textWidth(shown));
    }
  });

  test('on the command line, with wide characters', () => {
    const one = bench(80);
    one.press('esc');
    one.session.prefix();
    one.press(':', ...keys(`why ${WIDE}`));
    assert.match(beforeCursor(one), /字END$/);
    one.press('left', 'left', 'left', 'left');
    assert.match(beforeCursor(one), /漢$/);
    one.press('home');
    assert.equal(beforeCursor(one), ': ');
  });

  test('in what an approval would cover', () => {
    const one = bench(80);
    one.press('e', 'C-e', 'C-u', ...keys(WIDE));
    assert.match(beforeCursor(one), /字END$/);
    one.press('left', 'left', 'left', 'left');
    assert.match(beforeCursor(one), /漢$/);
  });

  test('where a path is typed to lift a deny rule', () => {
    const one = new Bench({ cols: 80, rows: 24 }, quietDoors);
    one.session.startAsking();
    const path = `/home/u/.ssh/${'漢字'.repeat(50)}END`;
    one.session.event({ type: 'denied', record: record({ path, reason: 'denied-by-rule', ruleId: 0 }) });
    one.focusList();
    one.press('o', ...keys(path));
    assert.match(beforeCursor(one), /字END$/);
  });
});

describe('a filter longer than there is room for', () => {
  for (const cols of [40, 80, 120])
    test(`of the list, ${cols} columns`, () => {
      const one = bench(cols);
      one.press('/', ...keys(LONG));
      const header = (): string =>
        one
          .shown()
          .model.list.header.map((s) => s.text)
          .join('');
      assert.match(header(), /^denials \/….*END_/);
      one.press('enter');
      assert.match(header(), /^denials \/….*END$/);
    });

  test('of the command line', () => {
    const one = bench(80);
    one.press('esc');
    one.session.prefix();
    one.press(':', '/', ...keys(LONG));
    assert.match(beforeCursor(one), /^\/….*END$/);
  });

  test('of the keys', () => {
    const one = bench(80);
    one.press('?', ...keys(LONG.slice(-72)));
    assert.match(beforeCursor(one), /^filter: ….*END$/);
  });

  test('of the home', () => {
    const items = homeItems({
      directory: '/x',
      home: '/home/u',
      running: [],
      recent: [],
      profiles: [],
      groups: [],
      now: 0,
      exists: () => true,
    });
    for (const cols of [20, 40, 80]) {
      const state = { ...homeState(items), filter: LONG, filtering: true };
      const [head = ''] = homeLines(state, { cols, rows: 24 }, [], 'a sandbox for any command', '');
      assert.match(head, / {2}\/….*END_ *$/);
    }
  });
});
