/** Input from the user's terminal to the shell or the chrome. */
import type { Clock } from '../terminal/flush-scheduler.ts';
import { InputRouter } from '../terminal/input-router.ts';
import type { OuterTerminal } from '../terminal/outer-terminal.ts';
import type { Pty } from '../terminal/pty.ts';
import { BACKGROUND_QUESTION, BackgroundAnswer } from './background.ts';
import type { SessionController } from './controller.ts';
import { paneMouse } from './pane-mouse.ts';
import type { SessionScreen } from './session-screen.ts';

export interface PaneInputOptions {
  readonly terminal: OuterTerminal;
  readonly clock: Clock;
  readonly pty: Pty;
  readonly session: SessionController;
  readonly screen: SessionScreen;
  /** Ask the terminal whether it is light or dark. */
  readonly askBackground: boolean;
  /** The terminal is gone. */
  readonly hangup: () => void;
}

/** A lone ESC in the chrome, or an unfinished sequence, is waited on this long. */
const SETTLE_MS = 25;
/** Typed and not read by the program; beyond this it is dropped, as a terminal does, instead of filling the memory. */
const MAX_BACKLOG = 32 * 1024 * 1024;

/** The byte of a prefix key (`C-x`): what terminals send for it, and what the shell gets for `prefix prefix`. */
export function prefixByte(name: string): number {
  return (name.codePointAt(2) ?? 0) & 0x1f;
}

/** Reads from now on. Returns how to stop. */
export function startInput(options: PaneInputOptions): () => void {
  const { terminal, clock, pty, session, screen } = options;
  let cancel: () => void = () => {};
  const router = new InputRouter(
    {
      shellHasKeys: () => session.shellHasKeys,
      modes: () => screen.compositor.pane.modes,
      pane: () => session.layout(screen.size).pane,
    },
    {
      toShell: (bytes) => {
        if (pty.backlog > MAX_BACKLOG) return;
        screen.compositor.keySent();
        pty.write(bytes);
      },
      prefix: () => session.prefix(),
      key: (name) => session.key(name),
      pasted: (text) => session.pasted(text),
      mouse: paneMouse({
        session,
        pane: () => session.layout(screen.size).pane,
        modes: () => screen.compositor.pane.modes,
        alternate: () => screen.compositor.pane.alternate,
        toShell: (bytes) => pty.write(bytes),
      }),
    },
    { byte: prefixByte(session.keymap.prefix), name: session.keymap.prefix },
  );
  const take = (bytes: Buffer): void => {
    cancel();
    router.take(bytes);
    if (router.waiting) cancel = clock.timeout(() => router.settle(), SETTLE_MS);
  };
  const answer = new BackgroundAnswer(clock, take, (background) => {
    session.background = background;
    screen.refresh(false);
  });
  if (options.askBackground) {
    answer.expect();
    screen.compositor.sideBand(BACKGROUND_QUESTION);
  }
  terminal.onInput((bytes) => {
    if (bytes === undefined) options.hangup();
    else answer.take(bytes);
  });
  return () => {
    answer.stop();
    cancel();
    terminal.onInput(() => {});
  };
}
