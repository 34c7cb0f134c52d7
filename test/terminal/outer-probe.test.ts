import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import xterm from '@xterm/headless';
import { OuterProbe, PROBE } from '../../src/terminal/outer-probe.ts';
import { type OuterWidths, unicode6, type WidthProvider, widthProvider } from '../../src/terminal/outer-widths.ts';
import { changeWidths, HeadlessTerminal } from '../../src/terminal/xterm-door.ts';

const MODERN: OuterWidths = { emoji: 2, vs16: 2, joined: true, skinTones: true, flags: 'one' };

/** A terminal with these widths, asked; what it answers. */
async function answers(widths: OuterWidths): Promise<string> {
  const term = new HeadlessTerminal({ cols: 80, rows: 10, allowProposedApi: true });
  changeWidths(term, (base) => widthProvider(widths, base));
  let said = '';
  term.onData((data) => {
    said += data;
  });
  for (const [code, color] of [
    [10, 'rgb:1111/2222/3333'],
    [11, 'rgb:ffff/ffff/ffff'],
  ] as const)
    term.parser.registerOscHandler(code, () => {
      said += `\x1b]${code};${color}\x1b\\`;
      return true;
    });
  await new Promise<void>((resolve) => term.write(PROBE, resolve));
  return said;
}

describe('the answers of the terminal', () => {
  for (const [name, widths] of [
    ['a modern one', MODERN],
    ['emoji wide, nothing joined', { emoji: 2, vs16: 1, joined: false, skinTones: false, flags: 'apart' }],
    ['wide and joined, VS16 narrow', { ...MODERN, vs16: 1 }],
  ] as const) {
    test(`${name}: what was measured is what it has`, async () => {
      const probe = new OuterProbe(() => {});
      probe.take(Buffer.from(await answers(widths)));
      assert.deepEqual(probe.widths, widths);
      assert.equal(probe.colors.background, 'rgb:ffff/ffff/ffff');
      assert.equal(probe.open, false);
    });
  }

  test('one with the widths of the emulator changes nothing', async () => {
    const probe = new OuterProbe(() => {});
    probe.take(Buffer.from(await answers(unicode6)));
    assert.equal(probe.widths, undefined);
  });

  test('it knows the kitty keyboard protocol, or says nothing of it', async () => {
    const silent = new OuterProbe(() => {});
    silent.take(Buffer.from(await answers(unicode6)));
    assert.equal(silent.kitty, false);
    const knows = new OuterProbe(() => {});
    assert.equal(knows.take(Buffer.from('\x1b[?0u\x1b[?62cx')).toString(), 'x');
    assert.deepEqual([knows.kitty, knows.open], [true, false]);
  });

  test('come out of the input in any cut, and keys between them stay', async () => {
    const said = await answers(MODERN);
    const middle = said.indexOf('\x1b[2;');
    const input = Buffer.from(`ls\r${said.slice(0, middle)}é\x1b[A${said.slice(middle)}\x1b[1;5Rq`);
    for (let cut = 1; cut < input.length; cut += 1) {
      const probe = new OuterProbe(() => {});
      const got = Buffer.concat([probe.take(input.subarray(0, cut)), probe.take(input.subarray(cut)), probe.settle()]);
      assert.equal(got.toString(), 'ls\ré\x1b[A\x1b[1;5Rq', `cut at ${cut}`);
      assert.deepEqual(probe.widths, MODERN);
    }
  });

  test('after the last one everything is input again', async () => {
    const probe = new OuterProbe(() => {});
    probe.take(Buffer.from(await answers(unicode6)));
    assert.equal(probe.take(Buffer.from('\x1b[2;3R\x1b[?1;2c')).toString(), '\x1b[2;3R\x1b[?1;2c');
  });

  test('every byte passes while there is no answer; Esc, and the beginning of one, when nothing follows', () => {
    const probe = new OuterProbe(() => {});
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    assert.deepEqual(probe.take(all), all);
    for (const begun of ['\x1b', '\x1b]11;', '\x1b]11;rgb:ff', '\x1b[2;', '\x1b[?']) {
      assert.equal(probe.take(Buffer.from(begun)).length, 0);
      assert.equal(probe.waiting, true);
      assert.equal(probe.settle().toString('latin1'), begun);
    }
  });

  test('nonsense changes nothing', () => {
    let done = 0;
    const probe = new OuterProbe(() => {
      done += 1;
    });
    probe.take(Buffer.from('\x1b[2;99R\x1b[2;1R\x1b[2;3R\x1b[2;3R\x1b[2;3R\x1b[?c'));
    assert.equal(probe.widths, undefined);
    probe.giveUp();
    assert.equal(done, 1);
  });
});

describe('widths', () => {
  const base = new (class implements WidthProvider {
    readonly version = '6';
    readonly #service = (
      new xterm.Terminal({ allowProposedApi: true }) as unknown as {
        _core: { unicodeService: { _providers: Record<string, WidthProvider> } };
      }
    )._core.unicodeService._providers['6'] as WidthProvider;
    wcwidth = (code: number): 0 | 1 | 2 => this.#service.wcwidth(code);
    charProperties = (code: number, preceding: number): number => this.#service.charProperties(code, preceding);
  })();
  /** Columns that a text takes. */
  const columns = (text: string, widths: OuterWidths): number => {
    const provider = widthProvider(widths, base);
    let total = 0;
    let state = 0;
    for (const c of text) {
      const next = provider.charProperties(c.codePointAt(0) ?? 0, state);
      total += ((next >> 1) & 3) - ((next & 1) === 1 ? (state >> 1) & 3 : 0);
      state = next;
    }
    return total;
  };
  for (const [text, modern, plain] of [
    ['abc', 3, 3],
    ['漢字', 4, 4],
    ['e\u0301', 1, 1],
    ['😀', 2, 1],
    ['⚠\ufe0f', 2, 1],
    ['⚠', 1, 1],
    ['1\ufe0f\u20e3', 1, 1],
    ['👩\u200d👩\u200d👧', 2, 3],
    ['👍🏽', 2, 2],
    ['🇩🇪', 2, 2],
    ['🇩🇪🇫🇷', 4, 4],
    ['❤\ufe0f\u200d🔥', 2, 2],
    ['한', 2, 2],
  ] as const) {
    test(`${text}: ${modern} on a modern terminal, ${plain} for Unicode 6`, () => {
      assert.equal(columns(text, MODERN), modern);
      assert.equal(columns(text, unicode6), plain);
    });
  }
});
