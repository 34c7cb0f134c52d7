/** The home on a terminal. Resolves with the shell to start, or undefined when nothing was chosen; the terminal is as it was by then. */

import { typedCharacter } from '../session/input/list-keys.ts';
import { defaultKeymap, type Keymap } from '../session/keys/keymap.ts';
import { suspendJob } from '../session/outer/outer-shell.ts';
import { plainModes } from '../terminal/inner-modes.ts';
import { InputRouter } from '../terminal/input-router.ts';
import { openOuterTerminal } from '../terminal/outer-terminal.ts';
import { giveBack, takeOver } from '../terminal/relay-line.ts';
import { REENTER_SCREEN } from '../terminal/screen-sequences.ts';
import { keysText } from './home-keys-text.ts';
import { type HomeItem, type HomeState, homeKey, homeState, withPage } from './home-state.ts';
import { homeHints, homeLines } from './home-view.ts';

export interface HomeOptions {
  readonly items: readonly HomeItem[];
  readonly about: string;
  /** Of the relay that holds the terminal in raw mode. */
  readonly relay: number | undefined;
  readonly keymap?: Keymap;
  /** No character beyond ASCII in what is ours. */
  readonly ascii: boolean;
  /** Output of one of nono's own commands that only read. */
  readonly read: (words: readonly string[]) => Promise<string>;
}

export interface ChosenShell {
  readonly directory: string | undefined;
  readonly profile: string | undefined;
}

const SETTLE_MS = 25;
const CLOSE_MS = 300;
const HIDE_CURSOR = '\x1b[?25l';

export async function runHome(options: HomeOptions): Promise<ChosenShell | undefined> {
  const { keymap = defaultKeymap } = options;
  const mark = options.ascii ? '..' : '…';
  const terminal = openOuterTerminal(0, 1, options.relay === undefined);
  let state: HomeState = homeState(options.items);
  let message = '';
  let shown: readonly string[] = [];
  // The last write: a page that is still being read would be drawn on the user's own screen.
  const restore = (): void => giveBack((data) => terminal.giveBack(data), options.relay);
  process.on('exit', restore);

  const draw = (): void => {
    const size = terminal.size();
    const lines = homeLines(state, size, homeHints(state, keymap), options.about, message, mark);
    // Only rows that changed are sent, in one synchronised frame.
    const changed = lines
      .slice(0, size.rows)
      .map((line, y) => (line === shown[y] ? '' : `\x1b[${y + 1};1H\x1b[m\x1b[2K${line}`))
      .join('');
    shown = lines;
    if (changed !== '') terminal.write(`\x1b[?2026h${changed}\x1b[m\x1b[?2026l`, () => {});
  };
  const resized = (): void => {
    shown = [];
    terminal.write('\x1b[2J', () => {});
    draw();
  };

  const open = async (words: readonly string[]): Promise<void> => {
    message = `reading ${mark}`;
    draw();
    try {
      state = withPage(state, words.join(' '), await options.read(words));
      message = '';
    } catch (error) {
      message = error instanceof Error ? error.message : String(error);
    }
    draw();
  };

  const resumed = (): void => {
    shown = [];
    terminal.write(REENTER_SCREEN + HIDE_CURSOR, () => {});
    draw();
  };

  const relayPid = process.ppid;
  const suspend = (): string | undefined =>
    options.relay === undefined || process.ppid !== relayPid ? 'this cannot be suspended' : suspendJob(relayPid);

  takeOver((data) => terminal.writeNow(data + HIDE_CURSOR), options.relay);
  process.on('SIGWINCH', resized);
  process.on('SIGCONT', resumed);
  draw();
  const chosen = await new Promise<ChosenShell | undefined>((resolve) => {
    let settle: NodeJS.Timeout | undefined;
    const router = new InputRouter(
      { shellHasKeys: () => false, modes: () => plainModes, pane: () => ({ x: 0, y: 0, width: 1, height: 1 }) },
      {
        toShell: () => {},
        prefix: () => {},
        pasted: () => {},
        key: (name) => {
          const context = state.filtering ? 'filter' : state.page === undefined ? 'home' : 'home-page';
          message = '';
          const action = keymap.bindingFor(context, name)?.action;
          const step = homeKey(state, action, typedCharacter(name), terminal.size());
          state = step.state;
          const { wish } = step;
          if (wish?.kind === 'quit') resolve(undefined);
          else if (wish?.kind === 'shell') resolve({ directory: wish.directory, profile: wish.profile });
          else if (wish?.kind === 'page') void open(wish.words);
          else if (wish?.kind === 'suspend') message = suspend() ?? '';
          else if (wish?.kind === 'keys') state = withPage(state, 'keys', keysText(keymap));
          draw();
        },
      },
    );
    terminal.onInput((bytes) => {
      if (bytes === undefined) return resolve(undefined);
      clearTimeout(settle);
      router.take(bytes);
      if (router.waiting) settle = setTimeout(() => router.settle(), SETTLE_MS);
    });
  });
  process.off('SIGWINCH', resized);
  process.off('SIGCONT', resumed);
  process.off('exit', restore);
  restore();
  terminal.onInput(() => {});
  await terminal.close(CLOSE_MS);
  return chosen;
}
