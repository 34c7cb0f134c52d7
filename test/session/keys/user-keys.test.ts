import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseUiSettings } from '../../../src/config/ui-settings.ts';
import { prefixBytes, prefixKey } from '../../../src/session/input/prefix-key.ts';
import { userKeymap } from '../../../src/session/keys/user-keys.ts';
import { record } from '../../terminal/helpers.ts';
import { Bench } from '../support.ts';

const wrong = (wishes: Parameters<typeof userKeymap>[0], what: RegExp) =>
  assert.throws(() => userKeymap(wishes), { code: 'usage', message: what });

describe('keys of the user', () => {
  test('without wishes they are those of the table, which has been through the same', () => {
    assert.deepEqual(userKeymap({}).bindings, userKeymap({ keys: {} }).bindings);
    assert.equal(userKeymap({}).prefix, userKeymap({ keys: {} }).prefix);
  });

  test('another prefix takes the place of the first everywhere', () => {
    const keymap = userKeymap({ prefix: 'Ctrl-]' });
    assert.equal(keymap.prefix, 'C-]');
    assert.deepEqual(prefixKey(keymap.prefix), { byte: 0x1d, name: 'C-]' });
    assert.deepEqual([...prefixBytes(keymap.prefix)], [0x1d]);
    assert.equal(keymap.bindingFor('shell', 'C-]')?.action, 'prefix');
    assert.equal(keymap.bindingFor('prefix', 'C-]')?.action, 'literal-prefix');
    assert.equal(keymap.bindingFor('list', 'C-]')?.action, 'prefix');
    assert.equal(keymap.bindingFor('quit', 'C-]')?.action, 'prefix');
    assert.ok(!keymap.bindings.some((one) => one.keys.includes('C-\\')));
  });

  test('keys that shells and terminals need are no prefix', () => {
    for (const prefix of ['Ctrl-c', 'Ctrl-i', 'Ctrl-m', 'Ctrl-[', 'Ctrl-d', 'x', 'Esc', 'F13', 'F0', ''])
      wrong({ prefix }, /cannot be the prefix|not the name of a key/);
  });

  test('a function key can be the prefix, or none where the mouse leads to the chrome', () => {
    for (const [name, bytes] of [
      ['F1', '\x1bOP'],
      ['F12', '\x1b[24~'],
    ] as const) {
      const keymap = userKeymap({ prefix: name.toLowerCase() });
      assert.deepEqual(prefixKey(keymap.prefix), { byte: undefined, name });
      assert.equal(Buffer.from(prefixBytes(keymap.prefix)).toString(), bytes);
      assert.equal(keymap.bindingFor('prefix', name)?.action, 'literal-prefix');
    }
    const none = userKeymap({ prefix: 'none' });
    assert.equal(none.prefix, '');
    assert.ok(!none.bindings.some((one) => one.keys.includes('') || one.keys.includes('C-\\')));
    assert.equal(none.bindingFor('list', 'esc')?.action, 'back');
    wrong({ prefix: 'none', mouse: false }, /needs the mouse/);
  });

  test('what is done with a row has the same key on its page, unless that one is named', () => {
    const keymap = userKeymap({ keys: { list: { 'allow-session': 'S', down: ['n', 'j'], 'next-held': [] } } });
    assert.equal(keymap.bindingFor('details', 'S')?.action, 'allow-session');
    assert.equal(keymap.bindingFor('details', 's'), undefined);
    assert.equal(keymap.bindingFor('details', 'n'), undefined);
    const apart = userKeymap({ keys: { list: { 'allow-session': 'S' }, details: { 'allow-session': 'T' } } });
    assert.equal(apart.bindingFor('details', 'T')?.action, 'allow-session');
    assert.equal(apart.bindingFor('details', 'S'), undefined);
  });

  test('an action gets other keys, and the old ones mean nothing', () => {
    const keymap = userKeymap({ keys: { list: { 'allow-session': ['S', '2'] } } });
    assert.equal(keymap.bindingFor('list', 'S')?.action, 'allow-session');
    assert.equal(keymap.bindingFor('list', '2')?.approves, true);
    assert.equal(keymap.bindingFor('list', 's'), undefined);
  });

  test('what approves is never a key that is pressed without looking', () => {
    for (const key of ['Enter', 'Space', 'Tab', 'Down', 'Ctrl-a'])
      wrong({ keys: { list: { 'allow-once': [key] } } }, /cannot approve/);
    wrong({ keys: { save: { confirm: ['Enter'] } } }, /cannot approve/);
  });

  test('Esc leads out, whatever is asked for', () => {
    assert.equal(userKeymap({ keys: { list: { back: ['b'] } } }).bindingFor('list', 'esc')?.action, 'back');
    assert.equal(userKeymap({ keys: { list: { back: [] } } }).bindingFor('list', 'esc')?.action, 'back');
    wrong({ keys: { list: { down: ['Esc'] } } }, /Esc always leads back/);
  });

  test('two meanings, unknown places, actions and keys are named', () => {
    wrong({ keys: { list: { down: ['k'] } } }, /k would be/);
    wrong({ keys: { lst: {} } }, /^ui\.keys\.lst: no such place/);
    wrong({ keys: { list: { 'alow-once': ['y'] } } }, /^ui\.keys\.list\.alow-once: no such action/);
    wrong({ keys: { list: { down: ['Hyper-x'] } } }, /^ui\.keys\.list\.down: 'Hyper-x' is not the name of a key/);
    for (const [place, action] of [
      ['command', 'run'],
      ['edit', 'accept-text'],
    ] as const)
      wrong({ keys: { [place]: { [action]: ['r'] } } }, /is text there/);
  });
});

test('what is wrong in a file is named with its place there', () => {
  const placeOf = (path: readonly string[]): string => `f(${path.join('/')})`;
  wrong({ prefix: 'foo', placeOf }, /^f\(ui\/prefix\): ui\.prefix: 'foo' is not the name of a key$/);
  wrong(
    { keys: { list: { undoo: 'u' } }, placeOf },
    /^f\(ui\/keys\/list\/undoo\): ui\.keys\.list\.undoo: no such action$/,
  );
});

describe('[ui] of config.toml', () => {
  test('strings, lists, comments, and tables of others', () => {
    const text =
      '# mine\n[ui]\nprefix = "Ctrl-]" # "AltGr"\nsplit = \'bottom\'\nascii = true\nmouse = false\nscrollback = 500\nclipboard = "off"\n[ui.keys.list]\nallow-session = ["S", "2"]\nundo = "#"\n[audit]\nx = {y = 1}\n';
    assert.deepEqual(parseUiSettings(text, 'f'), {
      prefix: 'Ctrl-]',
      split: 'bottom',
      ascii: true,
      mouse: false,
      scrollback: 500,
      clipboard: 'off',
      keys: { list: { 'allow-session': ['S', '2'], undo: ['#'] } },
    });
  });

  test('however TOML writes it', () => {
    const keys = { list: { undo: ['u'] } };
    assert.deepEqual(parseUiSettings('ui.prefix = "Ctrl-]"\nui.keys.list.undo = "u"', 'f'), { prefix: 'Ctrl-]', keys });
    assert.deepEqual(parseUiSettings('ui = { prefix = "Ctrl-]", keys = { list = { undo = ["u"] } } }', 'f'), {
      prefix: 'Ctrl-]',
      keys,
    });
    assert.deepEqual(parseUiSettings('[audit]\nx = 1', 'f'), {});
  });

  test('what is wrong is named', () => {
    const bad = (text: string, what: RegExp) => assert.throws(() => parseUiSettings(text, 'f'), { message: what });
    bad('[ui]\nprefx = "x"', /^f:2:1: ui\.prefx is not known/);
    bad('[ui]\nprefix = x', /^f:2: is not TOML/);
    bad('[ui]\nprefix = 3', /^f:2:1: ui\.prefix must be one key/);
    bad('[ui]\nascii = "yes"', /ui\.ascii must be true or false/);
    bad('[ui]\nclipboard = "sometimes"', /ui\.clipboard must be/);
    bad('[ui]\nmouse = "no"', /ui\.mouse must be true or false/);
    for (const rows of ['-1', '1.5', '60000', '"many"'])
      bad(`[ui]\nscrollback = ${rows}`, /ui\.scrollback must be a number of rows/);
    bad('[ui]\nsplit = "left"', /ui\.split must be/);
    bad('[ui]\nkeys = 1', /ui\.keys must be a table/);
    bad('[ui.keys]\nlist = "x"', /ui\.keys\.list must be a table/);
    bad('[ui.keys.list]\nundo = [1]', /ui\.keys\.list\.undo must be a key/);
    bad('ui = 1', /ui must be a table/);
  });
});

describe('after the prefix', () => {
  const overlay = (bench: Bench) =>
    bench
      .shown()
      .model.dialog?.lines.map((line) => line.map((s) => s.text).join(''))
      .join('\n');

  test('a panel says what could follow, and not before 400 ms', () => {
    const bench = new Bench({ cols: 80, rows: 24 });
    bench.session.prefix();
    bench.clock.advance(350);
    assert.equal(overlay(bench), undefined);
    bench.clock.advance(100);
    assert.match(overlay(bench) ?? '', /d +denials/);
    assert.equal(bench.shown().cursor, 'pane');
    bench.session.key('d');
    assert.equal(overlay(bench), undefined);
    bench.clock.advance(1000);
    assert.equal(overlay(bench), undefined);
  });

  test('every line of it fits where it is drawn', () => {
    for (const cols of [40, 60, 80, 120, 200]) {
      const bench = new Bench({ cols, rows: 10 });
      bench.session.prefix();
      bench.clock.advance(500);
      const { dialog } = bench.shown().model;
      assert.ok(dialog !== undefined && dialog.rect.x + dialog.rect.width <= cols && dialog.rect.y >= 1);
      for (const line of dialog.lines)
        assert.ok(line.reduce((n, s) => n + s.text.length, 0) <= dialog.rect.width - 4, `${cols}`);
    }
  });
});

describe('help', () => {
  const dialogOf = (bench: Bench) => bench.session.ui.dialog?.kind;

  test('Enter does what the line says', () => {
    const bench = new Bench();
    bench.session.startAsking();
    bench.session.prefix();
    bench.session.key('?');
    for (const c of 'list') bench.session.key(c);
    bench.session.key('enter');
    assert.deepEqual([dialogOf(bench), bench.session.ui.focus], [undefined, 'list']);
  });

  test('but approves nothing', () => {
    const bench = new Bench();
    bench.session.startAsking();
    bench.session.event({ type: 'held', holdId: 1n, record: record() });
    bench.focusList();
    bench.sent.length = 0;
    for (const wanted of ['allow', 'deny', 'save', 'lift']) {
      bench.press('?', ...wanted, 'enter', 'enter', 'esc');
      bench.focusList();
    }
    assert.deepEqual([bench.sent, bench.saver.saved], [[], []]);
  });

  test('the chosen line stays in sight on the smallest screen', () => {
    const bench = new Bench({ cols: 40, rows: 10 });
    bench.focusList();
    bench.session.key('?');
    for (let i = 0; i < 40; i += 1) {
      const lines = bench.shown().model.dialog?.lines.map((line) => line.map((s) => s.text).join('')) ?? [];
      assert.equal(lines.filter((line) => line.startsWith('> ')).length, 1, lines.join('\n'));
      bench.session.key('down');
    }
  });
});
