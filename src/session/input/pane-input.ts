/** Input from the user's terminal to the shell or the chrome. */
import type { Clock } from '../../terminal/flush-scheduler.ts';
import { contains } from '../../terminal/geometry.ts';
import { InputRouter } from '../../terminal/input-router.ts';
import type { OuterProbe } from '../../terminal/outer-probe.ts';
import type { OuterTerminal } from '../../terminal/outer-terminal.ts';
import type { Pty } from '../../terminal/pty.ts';
import type { SessionController } from '../controller.ts';
import type { RelayKeys, RelayLine } from '../outer/relay-keys.ts';
import type { Layout } from '../screen/layout.ts';
import type { SessionScreen } from '../screen/session-screen.ts';
import { BorderDrag } from './border-drag.ts';
import { paneMouse } from './pane-mouse.ts';
import { prefixKey } from './prefix-key.ts';
import type { ShellKeys } from './shell-keys.ts';

export interface PaneInputOptions {
  readonly terminal: OuterTerminal;
  readonly clock: Clock;
  readonly keys: ShellKeys;
  /** Where the reports of the mouse go. */
  readonly pty: Pty;
  readonly session: SessionController;
  readonly screen: SessionScreen;
  /** Takes the answers of the user's terminal out of what it sends. */
  readonly probe?: () => OuterProbe;
  /** Something was typed into the shell. */
  readonly typed?: () => void;
  /** The terminal is gone. */
  readonly hangup: () => void;
}

/** A lone ESC in the chrome, or an unfinished sequence, is waited on this long. */
const SETTLE_MS = 25;
/** Half a report of the mouse, this long. */
const MOUSE_SETTLE_MS = 1000;
/** Typed and not read by the program; beyond this it is dropped, as a terminal does, instead of filling the memory. */
const MAX_BACKLOG = 32 * 1024 * 1024;

/** Gives the keyboard to what was clicked at, as the prefix would. Nothing is approved by that: an approving key counts only on a row that was shown for a while. */
function clickBeside(session: SessionController, layout: Layout, x: number, y: number): void {
  if (contains(layout.hint, x, y)) session.prefix();
  else if (contains(layout.list, x, y) || contains(layout.divider, x, y)) {
    session.focusList();
    session.options.changed(true);
  }
}

export interface PaneInput {
  /** The relay reads the keyboard from now on, when it can. */
  lend(line: RelayLine): Promise<void>;
  /** Something may have changed who has the keyboard. */
  reconsider(): void;
  stop(): void;
}

/** Reads from now on. */
export function startInput(options: PaneInputOptions): PaneInput {
  const { terminal, clock, keys, pty, session, screen } = options;
  let cancel: () => void = () => {};
  let stopped = false;
  let relayed: RelayKeys | undefined;
  const typed = (): void => {
    screen.keySent();
    session.hover(undefined);
    options.typed?.();
  };
  const toShell = (bytes: Uint8Array): void => {
    if (keys.backlog > MAX_BACKLOG) return;
    // First what somebody waits for.
    keys.write(bytes);
    typed();
  };
  const prefix = prefixKey(session.keymap.prefix);
  const beside = (x: number, y: number): void => {
    if (session.keymap.prefix === '') clickBeside(session, session.layout(screen.size), x, y);
  };
  const border = new BorderDrag({ session, size: () => screen.size, clicked: beside });
  const router = new InputRouter(
    {
      shellHasKeys: () => session.shellHasKeys,
      modes: () => screen.compositor.pane.modes,
      pane: () => session.layout(screen.size).pane,
    },
    {
      toShell,
      prefix: () => session.prefix(),
      key: (name, raw) => {
        if (session.key(name) === 'shell') toShell(raw);
      },
      pasted: (text) => session.pasted(text),
      mouse: paneMouse({
        session,
        pane: () => session.layout(screen.size).pane,
        modes: () => screen.compositor.pane.modes,
        alternate: () => screen.compositor.pane.alternate,
        toShell: (bytes) => pty.write(bytes),
        link: (x, y) => screen.compositor.pane.addressAt(x, y),
        border: (report) => border.take(report),
        beside,
      }),
    },
    prefix,
  );
  const take = (bytes: Buffer | undefined): void => {
    if (bytes === undefined) {
      options.hangup();
      return;
    }
    cancel();
    const probe = options.probe?.();
    const rest = probe?.open ? probe.take(bytes) : bytes;
    if (rest.length > 0) router.take(rest);
    if (router.waiting || probe?.waiting)
      cancel = clock.timeout(
        () => {
          if (probe?.waiting) router.take(probe.settle());
          router.settle();
          relayed?.reconsider();
        },
        router.waitsForMouse ? MOUSE_SETTLE_MS : SETTLE_MS,
      );
  };
  terminal.onInput(take);
  terminal.onAnother?.(() => {
    cancel();
    router.restart();
  });
  return {
    lend: async (line) => {
      const { RelayKeys } = await import('../outer/relay-keys.ts');
      if (stopped || relayed !== undefined) return;
      relayed = new RelayKeys(line, pty.master, prefix.byte, {
        input: take,
        typed,
        left: (bytes) => keys.write(bytes),
        shellHasKeys: () =>
          session.shellHasKeys && router.idle && options.probe?.().open !== true && !keys.waiting && keys.backlog === 0,
        reading: (own) => terminal.pauseInput(!own),
      });
    },
    reconsider: () => relayed?.reconsider(),
    stop: () => {
      stopped = true;
      cancel();
      relayed?.stop();
      terminal.onInput(() => {});
    },
  };
}
