import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type InnerModes, plainModes } from '../../src/terminal/inner-modes.ts';
import { InputRouter, type PrefixKey } from '../../src/terminal/input-router.ts';
import type { MouseReport } from '../../src/terminal/mouse.ts';
import { random } from './fakes.ts';

/** A router whose focus follows the keys as in a session: the prefix takes the keyboard, Esc gives it back. */
function make(modes: Partial<InnerModes> = {}, prefix?: PrefixKey) {
  const got = { shell: Buffer.alloc(0), keys: [] as string[], pasted: [] as string[], mouse: [] as MouseReport[] };
  let shell = true;
  const router = new InputRouter(
    {
      shellHasKeys: () => shell,
      modes: () => ({ ...plainModes, ...modes }),
      pane: () => ({ x: 2, y: 1, width: 10, height: 5 }),
    },
    {
      toShell: (bytes) => {
        got.shell = Buffer.concat([got.shell, bytes]);
      },
      prefix: () => {
        shell = false;
        got.keys.push('PREFIX');
      },
      key: (name) => {
        got.keys.push(name);
        if (name === 'esc' || name === 'q') shell = true;
      },
      pasted: (text) => got.pasted.push(text),
      mouse: (report) => got.mouse.push(report),
    },
    prefix,
  );
  return { router, got, take: (text: string) => router.take(Buffer.from(text, 'latin1')) };
}

describe('bytes for the shell', () => {
  test('all 256 bytes but the prefix arrive unchanged, in any cut', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i).filter((b) => b !== 0x1c));
    for (let cut = 0; cut <= all.length; cut += 1) {
      const { router, got } = make();
      router.take(all.subarray(0, cut));
      router.take(all.subarray(cut));
      router.settle();
      assert.deepEqual(got.shell, all, `cut at ${cut}`);
    }
  });

  test('random input with escape sequences, cut anywhere, arrives unchanged', () => {
    const next = random(7);
    const units = [
      'a',
      '\x1b',
      '\x1b[A',
      '\x1bOP',
      '\x1b[1;5C',
      '\x1b]11;rgb:0/0/0\x07',
      '\x1b[?1u',
      'é',
      '\x03',
      '\x1b\x1b',
      '\x1bx',
      '\x1b[',
    ];
    for (let round = 0; round < 300; round += 1) {
      const text = Array.from({ length: 20 }, () => units[next(units.length)]).join('');
      const bytes = Buffer.from(text);
      const { router, got } = make();
      for (let at = 0; at < bytes.length; ) {
        const length = 1 + next(5);
        router.take(bytes.subarray(at, at + length));
        at += length;
      }
      router.settle();
      assert.deepEqual(got.shell, bytes, JSON.stringify(text));
    }
  });

  test('a megabyte of paste arrives unchanged, with its marks only when they were asked for', () => {
    const next = random(3);
    const body = Buffer.from(Array.from({ length: 1 << 20 }, () => next(256)).map((b) => (b === 0x1b ? 0x20 : b)));
    for (const bracketedPaste of [true, false]) {
      const { router, got } = make({ bracketedPaste });
      const all = Buffer.concat([Buffer.from('\x1b[200~'), body, Buffer.from('\x1b[201~')]);
      for (let at = 0; at < all.length; at += 4099) router.take(all.subarray(at, at + 4099));
      assert.ok(got.shell.equals(bracketedPaste ? all : body));
      assert.deepEqual(got.keys, []);
    }
  });

  test('Esc leaves at once, and what follows is still understood', () => {
    const { got, take, router } = make();
    take('\x1b');
    assert.equal(got.shell.toString('latin1'), '\x1b');
    assert.equal(router.waiting, false);
    take('[A');
    assert.equal(got.shell.toString('latin1'), '\x1b[A');
  });
});

describe('the prefix', () => {
  for (const [name, bytes] of [
    ['as a byte', '\x1c'],
    ['in kitty form', '\x1b[92;5u'],
    ['in kitty form with num lock', '\x1b[92;133u'],
    ['as modifyOtherKeys', '\x1b[27;5;92~'],
    ['after a lone Esc', '\x1b\x1c'],
  ] as const) {
    test(name, () => {
      const { got, take } = make();
      take(`${bytes}d`);
      assert.deepEqual(got.keys, ['PREFIX', 'd']);
      assert.equal(got.shell.toString('latin1'), bytes.startsWith('\x1b\x1c') ? '\x1b' : '');
    });
  }

  for (const [name, bytes] of [
    ['F1', '\x1bOP'],
    ['F1', '\x1b[11~'],
    ['F1', '\x1b[P'],
    ['F3', '\x1bOR'],
    ['F12', '\x1b[24~'],
    ['F12', '\x1b[24;1:1~'],
  ] as const) {
    test(`a function key: ${name} as ${JSON.stringify(bytes)}`, () => {
      const { got, take } = make({}, { byte: undefined, name });
      take(`a\x1cb\x1b[A\x1b[23~\x1b[24;5~\x1b[1;1R${bytes}x`);
      assert.deepEqual(got.keys, ['PREFIX', 'x']);
      assert.equal(got.shell.toString('latin1'), 'a\x1cb\x1b[A\x1b[23~\x1b[24;5~\x1b[1;1R');
    });
  }

  test('none: every byte is for the shell', () => {
    const { got, take } = make({}, { byte: undefined, name: '' });
    const all = `${String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i))}\x1bOP\x1b[92;5u\x1b[u\x1b[24~`;
    take(all);
    assert.equal(got.shell.toString('latin1'), all);
    assert.deepEqual(got.keys, []);
  });

  test('a key release is not a second press', () => {
    const { got, take } = make();
    take('\x1b[92;5:3u');
    assert.deepEqual(got.keys, []);
  });

  test('nothing in a paste is the prefix, whether or not the program asked for marks', () => {
    for (const bracketedPaste of [true, false]) {
      const { got, take } = make({ bracketedPaste });
      take('\x1b[200~echo \x1cda');
      take('ay\r\x1b[201~');
      assert.deepEqual(got.keys, []);
      assert.match(got.shell.toString('latin1'), /echo \x1cdaay\r/);
    }
  });

  test('a paste that is cut inside its marks', () => {
    const whole = 'x\x1b[200~a\x1cd\x1b[20\x1b[201~y';
    for (let cut = 1; cut < whole.length; cut += 1) {
      const { got, take } = make({ bracketedPaste: true });
      take(whole.slice(0, cut));
      take(whole.slice(cut));
      assert.equal(got.shell.toString('latin1'), whole, `cut at ${cut}`);
      assert.deepEqual(got.keys, []);
    }
  });
});

describe('keys for the chrome', () => {
  test('names in normal, application and kitty form', () => {
    const { got, take } = make();
    take('\x1c');
    take('\x1b[A\x1bOB\x1b[5~\x1b[97u\x1b[97;2u\x1b[13u \r\t\x7f/\xc3\xa9');
    assert.deepEqual(got.keys, [
      'PREFIX',
      'up',
      'down',
      'pageup',
      'a',
      'A',
      'enter',
      'space',
      'enter',
      'tab',
      'backspace',
      '/',
      'é',
    ]);
    assert.equal(got.shell.length, 0);
  });

  test('answers of the terminal are no keys', () => {
    const { got, take } = make();
    take('\x1c');
    take('\x1b]11;rgb:aaaa/dddd/ssss\x1b\\\x1b[?62;22c\x1b[?1u\x1bP>|xterm(a)\x1b\\\x1b]10;rgb:a');
    take('aa/b/c\x07');
    assert.deepEqual(got.keys, ['PREFIX']);
  });

  test('pasted text is handed over as text', () => {
    const { got, take } = make();
    take('\x1c');
    take('\x1b[200~a\x1b[201~');
    assert.deepEqual([got.keys, got.pasted], [['PREFIX'], ['a']]);
  });

  test('a lone Esc is the Esc key when nothing follows', () => {
    const { got, take, router } = make();
    take('\x1c');
    take('\x1b');
    assert.equal(router.waiting, true);
    router.settle();
    assert.deepEqual(got.keys, ['PREFIX', 'esc']);
  });

  test('what was typed behind the key that left the chrome is the shell’s, in one read or in many', () => {
    for (const text of ['\x1c\x1b[27uls\r', '\x1cqls\x1b[A\r', '\x1cäqé\x1b[200~p\x1b[201~\r']) {
      const results = Array.from({ length: Buffer.from(text).length }, (_, cut) => {
        const { got, router } = make({ bracketedPaste: true });
        const bytes = Buffer.from(text);
        router.take(bytes.subarray(0, cut));
        router.take(bytes.subarray(cut));
        return { keys: got.keys, shell: got.shell.toString() };
      });
      for (const result of results) assert.deepEqual(result, results[0]);
      assert.match(results[0]?.shell ?? '', /^(ls\r|ls\x1b\[A\r|é\x1b\[200~p\x1b\[201~\r)$/);
    }
  });

  test('half a character and nothing after it is no key', () => {
    const { got, take, router } = make();
    take('\x1c\xc3');
    assert.equal(router.waiting, true);
    router.settle();
    assert.deepEqual(got.keys, ['PREFIX']);
  });
});

describe('the mouse', () => {
  test('reports are moved to the pane and clipped at its border', () => {
    const { got, take } = make({ mouse: 'any', mouseSgr: true });
    take('\x1b[<0;3;2M\x1b[<32;1;1M\x1b[<32;13;3M\x1b[<0;99;99m\x1b[<35;13;3M\x1b[<35;12;3M');
    assert.equal(got.shell.toString(), '\x1b[<0;1;1M\x1b[<32;1;1M\x1b[<32;10;2M\x1b[<0;10;5m\x1b[<35;10;2M');
    assert.deepEqual(got.mouse, []);
  });

  test('the old form for programs that did not ask for SGR', () => {
    const { got, take } = make({ mouse: 'vt200' });
    take('\x1b[<0;3;2M\x1b[<0;3;2m');
    assert.equal(got.shell.toString('latin1'), '\x1b[M !!\x1b[M#!!');
  });

  test('what is pressed beside the pane is no business of a program that has the mouse, wherever it is dragged', () => {
    const { got, take } = make({ mouse: 'any', mouseSgr: true });
    take('\x1b[<0;30;9M\x1b[<32;5;3M\x1b[<0;5;3m\x1b[<64;31;9M');
    assert.deepEqual(got.mouse, [
      { button: 0, x: 29, y: 8, release: false },
      { button: 32, x: 4, y: 2, release: false },
      { button: 0, x: 4, y: 2, release: true },
    ]);
    assert.equal(got.shell.length, 0);
  });

  test('a program hears of what it asked for, though the terminal is asked for more', () => {
    const all = '\x1b[<4;3;2M\x1b[<36;4;2M\x1b[<4;4;2m\x1b[<35;5;2M\x1b[<64;3;2M';
    for (const [mouse, wanted] of [
      ['x10', '\x1b[<0;1;1M'],
      ['vt200', '\x1b[<4;1;1M\x1b[<4;2;1m\x1b[<64;1;1M'],
      ['drag', '\x1b[<4;1;1M\x1b[<36;2;1M\x1b[<4;2;1m\x1b[<64;1;1M'],
      ['any', '\x1b[<4;1;1M\x1b[<36;2;1M\x1b[<4;2;1m\x1b[<35;3;1M\x1b[<64;1;1M'],
    ] as const) {
      const { got, take } = make({ mouse, mouseSgr: true });
      take(all);
      assert.equal(got.shell.toString(), wanted, mouse);
    }
  });

  test('a program that takes or leaves the mouse in the middle of a drag gets no half of it', () => {
    let mouse: InnerModes['mouse'] = 'none';
    const got: string[] = [];
    const router = new InputRouter(
      {
        shellHasKeys: () => true,
        modes: () => ({ ...plainModes, mouse, mouseSgr: true }),
        pane: () => ({ x: 0, y: 0, width: 10, height: 5 }),
      },
      {
        toShell: (bytes) => got.push(`shell ${Buffer.from(bytes).toString().slice(1)}`),
        prefix: () => {},
        key: () => {},
        pasted: () => {},
        mouse: ({ button, release }) => got.push(`chrome ${button}${release ? 'm' : 'M'}`),
      },
    );
    router.take(Buffer.from('\x1b[<0;1;1M'));
    mouse = 'drag';
    router.take(Buffer.from('\x1b[<32;2;1M\x1b[<0;2;1m'));
    assert.deepEqual(got.splice(0), ['chrome 0M', 'chrome 32M', 'chrome 0m']);
    router.take(Buffer.from('\x1b[<0;1;1M'));
    mouse = 'none';
    router.take(Buffer.from('\x1b[<32;2;1M\x1b[<0;2;1m'));
    assert.deepEqual(got, ['shell [<0;1;1M']);
  });

  test('nothing when the program asked for no mouse', () => {
    const { got, take } = make();
    take('\x1b[<0;3;2M');
    assert.equal(got.shell.length, 0);
  });
});
