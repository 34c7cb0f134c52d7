/** Themes and when colour is used at all: flag over variable over file; NO_COLOR and its opposites. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { look } from '../../../components/theme.ts';
import {
  type Coloured,
  chromeColours,
  coloured,
  palettes,
  roles,
  terminalPalette,
} from '../../../src/cli/output/theme.ts';
import { colorOn } from '../../../src/session/screen/chrome-model.ts';
import { nono, type Outcome } from '../../helpers/run.ts';
import { closeTerminals, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, type TestUser, users } from '../../helpers/users.ts';

const user = users[0] as TestUser;
const home = makeHome(user);
const config = join(home, '.config/nono');
const configure = (text: string | undefined): void => {
  rmSync(config, { recursive: true, force: true });
  if (text === undefined) return;
  mkdirSync(config, { recursive: true });
  writeFileSync(join(config, 'config.toml'), text);
};
const why = (args: readonly string[], env: Record<string, string> = {}): Outcome =>
  nono(user, ['why', '--path', '/etc/shadow', ...args], { cwd: home, home, env });

/** What each theme is made for. Of another one its colours are not to be trusted. */
const themeBackgrounds: Readonly<Record<Coloured, string>> = {
  mocha: '1e1e2e',
  latte: 'eff1f5',
  frappe: '303446',
  macchiato: '24273a',
  'tokyo-night': '1a1b26',
};

/** The colour in which each theme says no, from its published palette. */
const red = {
  mocha: '243;139;168',
  latte: '210;15;57',
  frappe: '231;130;132',
  macchiato: '237;135;150',
  'tokyo-night': '247;118;142',
} as const;

describe('which theme', () => {
  for (const [theme, rgb] of Object.entries(red))
    test(theme, () => {
      const done = why(['--color=always', '--theme', theme]);
      assert.ok(done.stdout.startsWith(`\x1b[38;2;${rgb}mDENIED`), JSON.stringify(done.stdout.slice(0, 40)));
      assert.equal(done.stderr, '');
    });
  test('none: the terminal’s own red; minimal: weight alone', () => {
    assert.match(why(['--color=always']).stdout, /^\x1b\[31mDENIED\x1b\[39m/);
    const minimal = why(['--color=always', '--theme=minimal']).stdout;
    assert.match(minimal, /^\x1b\[1mDENIED\x1b\[22m/);
    assert.doesNotMatch(minimal, /\x1b\[[34]/);
  });
  test('flag over NONO_THEME over config.toml', () => {
    configure('[ui]\ntheme = "latte"\n');
    assert.ok(why(['--color=always']).stdout.includes(red.latte));
    assert.ok(why(['--color=always'], { NONO_THEME: 'frappe' }).stdout.includes(red.frappe));
    assert.ok(why(['--color=always', '--theme=mocha'], { NONO_THEME: 'frappe' }).stdout.includes(red.mocha));
    configure(undefined);
  });
  test('an unknown name: one warning, and the default', () => {
    for (const [args, env] of [
      [['--theme', 'neon'], {}],
      [[], { NONO_THEME: 'neon' }],
    ] as const) {
      const done = why([...args, '--color=always'], env);
      assert.match(done.stderr, /^ {2}\[nono\] Warning: unknown theme 'neon'; [^\n]*mocha[^\n]*\n$/);
      assert.match(done.stdout, /^\x1b\[31mDENIED/);
    }
    configure('[ui]\ntheme = "neon"\n');
    assert.match(
      why([]).stderr,
      /^ {2}\[nono\] Warning: unknown theme 'neon' at \S+\/config\.toml:2:1; [^\n]*mocha[^\n]*\n$/,
    );
    configure(undefined);
  });
  test('summary and footer of run have it too', () => {
    const done = nono(user, ['run', '--theme=mocha', '--color=always', '--', 'cat', '/etc/shadow-none', '/root/x'], {
      cwd: home,
      home,
    });
    assert.match(done.stderr, /\x1b\[38;2;137;180;250mkernel/);
    const failed = nono(user, ['run', '--theme=mocha', '--color=always', '--', 'cat', join(home, 'notes.txt')], {
      cwd: home,
      home,
    });
    assert.ok(failed.stderr.includes(`\x1b[38;2;${red.mocha}mDenied paths`), failed.stderr);
  });
});

describe('whether colour at all', () => {
  const cases: readonly (readonly [string | undefined, Record<string, string>, boolean])[] = [
    [undefined, {}, false],
    [undefined, { FORCE_COLOR: '1' }, true],
    [undefined, { CLICOLOR_FORCE: '1' }, true],
    [undefined, { FORCE_COLOR: '0' }, false],
    [undefined, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [undefined, { NO_COLOR: '', FORCE_COLOR: '1' }, true],
    ['always', { NO_COLOR: '1' }, true],
    ['never', { FORCE_COLOR: '1' }, false],
    ['auto', { FORCE_COLOR: '1' }, true],
  ];
  for (const [color, env, expected] of cases)
    test(`--color=${color ?? '(none)'} ${JSON.stringify(env)}`, () => {
      assert.equal(/\x1b\[/.test(why(color === undefined ? [] : [`--color=${color}`], env).stdout), expected);
      assert.equal(coloured({ theme: undefined, color }, -1, env), expected);
    });
  test('another word is a usage error', () => {
    const done = why(['--color=sometimes']);
    assert.equal(done.code, 2);
    assert.match(done.stderr, /^nono: --color: 'sometimes' is none of auto, always, never\n$/);
  });
  test('a terminal has it, a dumb one not', async (t) => {
    t.after(closeTerminals);
    for (const [TERM, expected] of [
      ['xterm-256color', true],
      ['dumb', false],
    ] as const) {
      const terminal = new TestTerminal({
        argv: [
          ...user.prefix,
          'env',
          `TERM=${TERM}`,
          join(installationFor(user), 'bin', 'nono'),
          'why',
          '--path',
          '/etc/shadow',
        ],
        cwd: home,
        env: environment(home),
      });
      await terminal.untilEnd();
      assert.equal(terminal.raw.includes('\x1b[31m'), expected, JSON.stringify(terminal.raw));
    }
  });
});

describe('the session’s screen', () => {
  test('has the theme’s colours, the terminal’s own, or none', () => {
    const themed = chromeColours({ theme: 'mocha', color: undefined }, {});
    assert.deepEqual(look('denied', themed), { color: '#f38ba8' });
    assert.deepEqual(look('held', themed), { color: '#f9e2af', bold: true });
    assert.deepEqual(look('granted', themed), { color: '#a6e3a1' });
    assert.deepEqual(look('denied', chromeColours({ theme: undefined, color: undefined }, {})), { color: 'red' });
    for (const [theme, color, env] of [
      ['mocha', undefined, { NO_COLOR: '1' }],
      ['mocha', 'never', {}],
      ['minimal', undefined, {}],
    ] as const)
      assert.deepEqual(look('denied', chromeColours({ theme, color }, env)), {}, `${theme} ${color}`);
  });
  test('a theme gives way where the terminal says that it is of the other kind', () => {
    const [mocha, latte] = ['mocha', 'latte'].map((theme) => chromeColours({ theme, color: undefined }, {}));
    assert.ok(typeof mocha === 'object' && typeof latte === 'object');
    assert.deepEqual(
      [colorOn(mocha, 'light'), colorOn(latte, 'dark'), colorOn(true, 'light'), colorOn(false, 'dark')],
      ['light', 'dark', 'light', false],
    );
    for (const [theme, background] of [
      [mocha, 'dark'],
      [latte, 'light'],
      [mocha, undefined],
    ] as const)
      assert.equal(colorOn(theme, background), theme);
  });
});

/** WCAG 2: relative luminance. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

describe('contrast', () => {
  for (const [theme, colours] of Object.entries(palettes))
    test(`${theme}: every role is text on its background, and on the plain one of its kind`, () => {
      assert.equal(colours.length, roles.length);
      const plain = theme === 'latte' ? 'ffffff' : '000000';
      for (const background of [themeBackgrounds[theme as Coloured], plain])
        for (const [i, role] of roles.entries()) {
          const ratio = contrast(colours[i] as string, background);
          assert.ok(ratio >= 4.5, `${role} on ${background}: ${ratio.toFixed(2)}`);
        }
    });

  /** Red, green, yellow, blue, magenta and cyan as terminals ship them. */
  const shipped: Readonly<Record<string, readonly string[]>> = {
    xterm: ['cd0000', '00cd00', 'cdcd00', '0000ee', 'cd00cd', '00cdcd'],
    VTE: ['cc0000', '4e9a06', 'c4a000', '3465a4', '75507b', '06989a'],
    'Windows Terminal': ['c50f1f', '13a10e', 'c19c00', '0037da', '881798', '3a96dd'],
    Terminal: ['990000', '00a600', '999900', '0000b2', 'b200b2', '00a6b2'],
  };
  // With a word beside it that says the same. Yellow has 1.6 on white, and blue 1.6 on black, at worst.
  const LEAST = 1.9;
  test('the default: its colours can be seen on black and on white, with the palettes of usual terminals', () => {
    for (const role of roles) {
      const code = Number(terminalPalette[role]);
      if (code < 30) continue; // the terminal's own foreground, bold or dim
      for (const [terminal, colours] of Object.entries(shipped))
        for (const background of ['000000', 'ffffff']) {
          const ratio = contrast(colours[code - 31] as string, background);
          assert.ok(ratio >= LEAST, `${role}, ${terminal}, on ${background}: ${ratio.toFixed(2)}`);
        }
    }
    const worst = (index: number, on: string): number =>
      Math.min(...Object.values(shipped).map((colours) => contrast(colours[index] as string, on)));
    assert.ok(worst(2, 'ffffff') < LEAST && worst(3, '000000') < LEAST, 'the two that are not used');
  });
});
