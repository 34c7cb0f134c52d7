/** Input from the user's terminal to the shell or the chrome. */
import type { Clock } from '../terminal/flush-scheduler.ts';
import { InputRouter } from '../terminal/input-router.ts';
import type { OuterProbe } from '../terminal/outer-probe.ts';
import type { OuterTerminal } from '../terminal/outer-terminal.ts';
import type { Pty } from '../terminal/pty.ts';
import type { SessionController } from './controller.ts';
import { paneMouse } from './pane-mouse.ts';
import type { SessionScreen } from './session-screen.ts';

export interface PaneInputOptions {
  readonly terminal: OuterTerminal;
  readonly clock: Clock;
  readonly pty: Pty;
  readonly session: SessionController;
  readonly screen: SessionScreen;
  /** Takes the answers of the user's terminal out of what it sends. */
  readonly probe?: () => OuterProbe;
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
  terminal.onInput((bytes) => {
    if (bytes === undefined) return options.hangup();
    cancel();
    const probe = options.probe?.();
    const rest = probe?.open ? probe.take(bytes) : bytes;
    if (rest.length > 0) router.take(rest);
    if (router.waiting || probe?.waiting)
      cancel = clock.timeout(() => {
        if (probe?.waiting) router.take(probe.settle());
        router.settle();
      }, SETTLE_MS);
  });
  return () => {
    cancel();
    terminal.onInput(() => {});
  };
}
