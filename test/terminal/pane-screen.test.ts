import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClusterTable } from '../../src/terminal/cells.ts';
import { modeChange, plainModes } from '../../src/terminal/inner-modes.ts';
import { PaneScreen } from '../../src/terminal/pane-screen.ts';

function make() {
  const seen: string[] = [];
  const pane = new PaneScreen(
    { cols: 80, rows: 24, scrollback: 10, clusters: new ClusterTable() },
    {
      reply: (data) => seen.push(`reply ${JSON.stringify(data)}`),
      title: (text) => seen.push(`title ${text}`),
      bell: () => seen.push('bell'),
      promptMark: (part) => seen.push(`prompt ${part}`),
      ask: (query) => seen.push(`ask ${query}`),
      askKitty: (flags) => seen.push(`kitty ${flags}`),
      clipboard: (text) => seen.push(`clipboard ${text}`),
    },
  );
  return { pane, seen, feed: (text: string) => pane.feed(Buffer.from(text)) };
}

describe('modes of the program', () => {
  for (const [name, bytes, wanted] of [
    ['application cursor keys', '\x1b[?1h', { applicationCursor: true }],
    ['keypad', '\x1b=', { applicationKeypad: true }],
    ['bracketed paste', '\x1b[?2004h', { bracketedPaste: true }],
    ['focus events', '\x1b[?1004h', { focusEvents: true }],
    ['mouse', '\x1b[?1002h\x1b[?1006h', { mouse: 'drag', mouseSgr: true }],
    ['mouse off again', '\x1b[?1003;1006h\x1b[?1003;1006l', {}],
    ['kitty push', '\x1b[>5u', { kitty: 5 }],
    ['kitty push and pop', '\x1b[>5u\x1b[>1u\x1b[<u', { kitty: 5 }],
    ['kitty pops more than there is', '\x1b[>5u\x1b[<9u', {}],
    ['kitty set', '\x1b[=3u\x1b[=8;2u', { kitty: 11 }],
    ['kitty flags of the alternate screen are its own', '\x1b[>1u\x1b[?1049h', {}],
    ['and the main screen has its flags back', '\x1b[>1u\x1b[?1049h\x1b[>7u\x1b[?1049l', { kitty: 1 }],
    ['modifyOtherKeys', '\x1b[>4;2m', { otherKeys: 2 }],
    ['a full reset', '\x1b[?1h\x1b=\x1b[?1003;1006h\x1b[>5u\x1b[>4;2m\x1bc', {}],
  ] as const) {
    test(name, () => {
      const { pane, feed } = make();
      feed(bytes);
      assert.deepEqual(pane.modes, { ...plainModes, ...wanted });
    });
  }

  test('leaving takes back exactly what was switched on', () => {
    const { pane, feed } = make();
    feed('\x1b[?1h\x1b=\x1b[?1004h\x1b[?1003;1006h\x1b[>5u\x1b[>4;2m');
    assert.equal(
      modeChange(plainModes, pane.modes),
      '\x1b[?1h\x1b=\x1b[?1004h\x1b[?1003h\x1b[?1006h\x1b[=5;1u\x1b[>4;2m',
    );
    assert.equal(
      modeChange(pane.modes, plainModes),
      '\x1b[?1l\x1b>\x1b[?1004l\x1b[?1003l\x1b[?1006l\x1b[=0;1u\x1b[>4m',
    );
    assert.equal(modeChange(pane.modes, pane.modes), '');
  });
});

describe('cursor', () => {
  test('shape and visibility', () => {
    const { pane, feed } = make();
    assert.deepEqual([pane.cursorVisible, pane.cursorStyle], [true, 0]);
    feed('\x1b[?25l\x1b[5 q');
    assert.deepEqual([pane.cursorVisible, pane.cursorStyle], [false, 5]);
    feed('\x1b[?25h\x1b[99 q');
    assert.deepEqual([pane.cursorVisible, pane.cursorStyle], [true, 0]);
  });

  test('behind the last column it stays in the pane', () => {
    const { pane, feed } = make();
    feed('x'.repeat(80));
    assert.deepEqual(pane.cursor, { x: 79, y: 0 });
  });
});

describe('what leaves the pane', () => {
  test('answers to queries', () => {
    const { seen, feed } = make();
    feed('\x1b[c\x1b[6n\x1b[>c\x1b[>q\x1b[?2026$p');
    assert.deepEqual(seen, [
      'reply "\\u001b[?1;2c"',
      'reply "\\u001b[1;1R"',
      'reply "\\u001b[>0;276;0c"',
      'reply "\\u001bP>|nono\\u001b\\\\"',
      'reply "\\u001b[?2026;2$y"',
    ]);
  });

  test('questions about colours and keys are not for the emulator, which knows only the flags in force', () => {
    const { seen, feed } = make();
    feed('\x1b]10;?\x07\x1b]11;?\x1b\\\x1b[?u\x1b]11;#123456\x07\x1b[>5u\x1b[?u');
    assert.deepEqual(seen, ['ask foreground', 'ask background', 'kitty 0', 'kitty 5']);
  });

  test('prompt marks, bell and title', () => {
    const { seen, feed } = make();
    feed('\x1b]133;A\x07$ \x1b]133;B\x07\x07\x1b]2;vim\x07\x1b]133;D;0\x07');
    assert.deepEqual(seen, ['prompt begin', 'prompt end', 'bell', 'title vim']);
  });

  test('titles can be put aside and brought back, a few of them', () => {
    const { seen, feed } = make();
    feed('\x1b]2;one\x07\x1b[22;0t\x1b]2;two\x07\x1b[23;0t\x1b[23;0t');
    assert.deepEqual(seen, ['title one', 'title two', 'title one']);
    feed('\x1b[22t'.repeat(1000) + '\x1b[23t'.repeat(1000));
    assert.ok(seen.length < 20);
  });

  test('colours of the palette are asked for, never changed', () => {
    const { seen, feed } = make();
    feed('\x1b]4;1;?;300;?\x07\x1b]4;2;#ff0000\x07\x1b]104\x07');
    assert.deepEqual(seen, ['ask 1', 'ask 300']);
  });

  test('a wish for the clipboard is told, its contents and everything else are not asked for', () => {
    const { seen, feed } = make();
    feed('\x1b]52;c;aGk=\x07\x1b]52;c;?\x07\x1b]8;;http://x\x07link\x1b]8;;\x07\x1b[21t\x1b[?15n\x05');
    assert.deepEqual(seen, ['clipboard hi']);
  });
});
