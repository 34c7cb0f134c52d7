/**
 * node docs/tour/record.ts: goes through steps.ts in a real terminal, at two sizes and on two backgrounds, and writes a picture and a text for each step beside this
 * file, and the page that shows them. It runs the built product, in a home of its own that it makes and removes.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { enter, leaveList, PROMPT, pressUntil } from '../../test/e2e/shell/shell-helpers.ts';
import { key, TestTerminal } from '../../test/helpers/terminal.ts';
import { root } from '../../test/helpers/users.ts';
import { type PaletteName, palettes } from './palettes.ts';
import { pngRenderer } from './png.ts';
import { screenSvg } from './screen-svg.ts';
import { type Step, steps, still } from './steps.ts';

const SIZES = ['80x24', '120x36'] as const;

/** Not in /tmp, where the default policy grants reading and writing. */
const home = process.getuid?.() === 0 ? '/home/ada' : join(homedir(), '.cache', 'nono-tour', 'ada');

function makeHome(): void {
  rmSync(home, { recursive: true, force: true });
  const deep = 'notes/customers/northern-lights/contracts/2026';
  for (const dir of ['project', 'notes', deep, '.ssh']) mkdirSync(join(home, dir), { recursive: true });
  writeFileSync(join(home, 'project/main.c'), 'int main(void)\n{\n\treturn 0;\n}\n');
  writeFileSync(join(home, 'notes/plan.txt'), 'buy bread\n');
  for (const name of ['a.txt', 'b.txt', 'c.txt']) writeFileSync(join(home, 'notes', name), `${name}\n`);
  writeFileSync(join(home, deep, 'first-draft.txt'), 'a draft\n');
  writeFileSync(join(home, '.ssh/id_ed25519'), 'not a key\n', { mode: 0o600 });
}

const environment = (): Record<string, string> => ({
  HOME: home,
  USER: 'ada',
  SHELL: '/bin/bash',
  PATH: '/usr/local/bin:/usr/bin:/bin',
  TERM: 'xterm-256color',
  LANG: 'C.UTF-8',
});

const fileOf = (step: Step, at: number): string => `${String(at + 1).padStart(2, '0')}-${step.name}`;

function openHome(size: string, background: string): TestTerminal {
  const [cols = 80, rows = 24] = size.split('x').map(Number);
  return new TestTerminal({
    argv: [join(root, 'bin/nono')],
    cwd: join(home, 'project'),
    env: environment(),
    cols,
    rows,
    background,
  });
}

async function open(size: string, background: string): Promise<TestTerminal> {
  const [cols = 80, rows = 24] = size.split('x').map(Number);
  const argv = [join(root, 'bin/nono'), 'shell', '--allow', '.', '--block-net'];
  const t = new TestTerminal({ argv, cwd: join(home, 'project'), env: environment(), cols, rows, background });
  await t.until(PROMPT);
  await leaveList(t);
  await still(t);
  // The machine's name and user are nobody's business.
  enter(t, "PS1='\\w $ '; clear");
  await t.until((screen) => screen.includes('~/project $') && !screen.includes('clear'));
  return t;
}

async function record(size: string, theme: PaletteName, png: (svg: string) => Uint8Array): Promise<void> {
  const directory = join(import.meta.dirname, `${size}-${theme}`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  makeHome();
  let t = await open(size, palettes[theme].background);
  let atHome = false;
  try {
    for (const [at, step] of steps.entries()) {
      if (step.home === true && !atHome) {
        // The question before the end is open. A session that is killed would write its state into the home that is removed.
        const running = t;
        await pressUntil(t, 'y', () => running.ended !== undefined);
        t = openHome(size, palettes[theme].background);
        atHome = true;
      }
      await step.run(t);
      const file = join(directory, fileOf(step, at));
      writeFileSync(`${file}.txt`, `${(await t.lines()).map((line) => line.trimEnd()).join('\n')}\n`);
      writeFileSync(
        `${file}.png`,
        png(screenSvg(t.screen, palettes[theme], t.raw.lastIndexOf('\x1b[?25h') > t.raw.lastIndexOf('\x1b[?25l'))),
      );
      process.stdout.write(`${size} ${theme}: ${step.name}\n`);
    }
    // From the page to the list, from its filter to the whole of it, and out.
    while (t.ended === undefined) {
      const home = t;
      const before = await t.text();
      t.write(key.escape);
      await t.until((screen) => screen !== before || home.ended !== undefined);
    }
  } finally {
    t.close();
  }
}

function page(): string {
  const one = (step: Step, at: number): string =>
    `## ${at + 1}. ${step.says}\n\n![${step.name}](120x36-dark/${fileOf(step, at)}.png)\n`;
  return `# A tour of \`nono shell\`\n\nMade by \`node docs/tour/record.ts\`, at ${SIZES.join(' and ')}, on a dark and on a light terminal; the text of each screen lies beside its picture.\n\n${steps.map(one).join('\n')}`;
}

if (existsSync(home) && process.getuid?.() === 0 && !existsSync(join(home, 'project/main.c'))) {
  process.stderr.write(`${home} is somebody's home: the tour would replace it\n`);
  process.exit(1);
}
const png = await pngRenderer();
try {
  for (const size of SIZES) for (const theme of Object.keys(palettes) as PaletteName[]) await record(size, theme, png);
} finally {
  rmSync(home, { recursive: true, force: true });
}
writeFileSync(join(import.meta.dirname, 'README.md'), page());
process.exit(0);
