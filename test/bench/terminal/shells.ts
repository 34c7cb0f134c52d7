/** The shells that are compared: bare in the terminal, in tmux with something beside it, in nono. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { layoutFor } from '../../../src/session/screen/layout.ts';
import type { Size } from '../../../src/terminal/geometry.ts';
import { BARE_SHELL } from '../budgets.ts';
import type { Bench } from '../topic.ts';
import { pause, Screen } from './screen.ts';

export interface Shell {
  readonly name: string;
  readonly skip?: string;
  /** Opens it and waits for its prompt. */
  open(): Promise<Screen>;
  /** The same with something that changes ten times a second beside the shell. */
  openTicking?(): Promise<Screen>;
  /** Starts it and waits for nothing. */
  start(): Screen;
  /** The same, as no start before it was: nothing that an earlier one has kept can be taken. */
  startFirst?(): Screen;
  close(screen: Screen): Promise<void>;
}

export interface Stage {
  readonly shells: readonly Shell[];
  readonly base: Shell;
  readonly nono: Shell;
  /** Working directory, granted. */
  readonly directory: string;
  readonly size: Size;
  remove(): void;
}

const TICK_S = 0.1;
const SETTLE_MS = 400;
const BASH = ['/bin/bash', '--noprofile', '--norc'];

/** The cursor stands after a prompt. */
export function promptShown(screen: Screen): boolean {
  const { x, y } = screen.cursor();
  return /[$#] ?$/.test(screen.row(y).slice(0, x)) && x > 0;
}

/** The list says something below its header, beside or below the shell, and the last row has its hints. Drawn by our own code at first, with the cells that Ink draws later. */
export function chromeShown(screen: Screen, size: Size): boolean {
  const { split, list, hint } = layoutFor(size);
  const { x, width } = list;
  const first = list.y + (split === 'right' ? 1 : 0);
  const rows = Array.from({ length: list.y + list.height - first }, (_, n) => screen.row(first + n));
  return rows.some((row) => row.slice(x, x + width).trim() !== '') && screen.row(hint.y).trim() !== '';
}

async function settled(screen: Screen): Promise<Screen> {
  await screen.until(() => promptShown(screen), 'a prompt');
  await pause(SETTLE_MS);
  return screen;
}

/** What every shell is started with. */
interface Place {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly size: Size;
}

function bare({ directory, env, size }: Place): Shell {
  const start = (): Screen => new Screen(BASH, directory, env, size);
  return { name: BARE_SHELL, start, open: () => settled(start()), close: (screen) => screen.close() };
}

interface Tmux extends Shell {
  /** Ends the server, whatever became of the measurement. */
  abandon(): void;
}

/** Splits tmux's window so that its shell has as many columns, or rows, as ours. */
function besideShell(size: Size): string[] {
  const { pane, split } = layoutFor(size);
  return split === 'right'
    ? ['-h', '-l', `${size.cols - 1 - pane.width}`]
    : ['-v', '-l', `${size.rows - 2 - pane.height}`];
}

function tmux(bench: Bench, { directory, env, size }: Place): Tmux {
  const name = 'tmux, side pane';
  const tool = bench.machine.find('tmux');
  const socket = `nono-bench-${process.pid}`;
  const run = (...args: string[]): void => {
    if (tool.path !== undefined) spawnSync(tool.path, ['-L', socket, ...args], { env });
  };
  const start = (): Screen =>
    new Screen(
      [
        tool.path ?? '',
        '-u',
        '-L',
        socket,
        '-f',
        '/dev/null',
        'new-session',
        BASH.join(' '),
        ';',
        'split-window',
        ...besideShell(size),
        'sleep 1000',
        ';',
        'select-pane',
        '-t',
        '{top-left}',
      ],
      directory,
      env,
      size,
    );
  return {
    name,
    ...(tool.skip === undefined ? {} : { skip: tool.skip }),
    start,
    open: () => settled(start()),
    openTicking: async () => {
      const screen = await settled(start());
      run('respawn-pane', '-k', '-t', '{bottom-right}', `while :; do echo $RANDOM; sleep ${TICK_S}; done`);
      await pause(SETTLE_MS);
      return screen;
    },
    abandon: () => run('kill-server'),
    close: async (screen) => {
      run('kill-server');
      await screen.close();
    },
  };
}

/** A home of its own: no user's files are read, nothing is written into a user's profile, and it holds a key that a rule denies. */
function makeHome(base: string): string {
  const home = join(base, 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true });
  writeFileSync(join(home, '.ssh', 'id_ed25519'), 'not a key\n');
  chmodSync(join(home, '.ssh'), 0o700);
  return home;
}

function nonoShell(bench: Bench, { directory, env, size }: Place, home: string): Shell {
  const { product } = bench.machine;
  const own = { ...env, HOME: home, SHELL: '/bin/bash' };
  const start = (more: Readonly<Record<string, string>> = {}): Screen =>
    new Screen([product.path ?? '', 'shell', '--silent', '--allow', directory], directory, { ...own, ...more }, size);
  let starts = 0;
  const open = async (): Promise<Screen> => {
    const screen = await settled(start());
    if (!chromeShown(screen, size)) await screen.until(() => chromeShown(screen, size), 'the list');
    return screen;
  };
  // Builtins only, so that what is measured is the list and not the starting of processes.
  const deny = `exec 9<>"${directory}/fifo"; (while :; do read -rt ${TICK_S} -u 9; : <"${home}/.ssh/id_ed25519"; done) 2>/dev/null & clear\r`;
  return {
    name: 'nono shell',
    ...(product.skip === undefined ? {} : { skip: product.skip }),
    start: () => start(),
    startFirst: () => start({ NONO_BENCH_START: `${process.pid}-${starts++}` }),
    open,
    openTicking: async () => {
      const screen = await open();
      screen.write(deny);
      await pause(2 * SETTLE_MS);
      return screen;
    },
    close: (screen) => screen.close(),
  };
}

/** Makes a home and the shells. Outside /tmp, which the default profile grants: a denied path in it would be a special case. */
export function setStage(bench: Bench, size: Size): Stage {
  const cache = join(homedir(), '.cache');
  mkdirSync(cache, { recursive: true });
  const private_ = mkdtempSync(join(cache, 'nono-bench-'));
  const directory = join(private_, 'work');
  mkdirSync(directory);
  spawnSync('mkfifo', [join(directory, 'fifo')]);
  const env = { ...bench.workspace.env, LANG: 'C.UTF-8' };
  const place: Place = { directory, env, size };
  const base = tmux(bench, place);
  const nono = nonoShell(bench, place, makeHome(private_));
  return {
    shells: [base, bare(place), nono],
    base,
    nono,
    directory,
    size,
    remove: () => {
      base.abandon();
      rmSync(private_, { recursive: true, force: true });
    },
  };
}
