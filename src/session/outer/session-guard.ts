/** Gives the terminal back on every way out of this process that still lets it act, and turns hangups into the end of the session. A killed host is the
 * relay's work; a killed relay is this one's. */
import { writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { SIGNAL_BASE } from '../life/session-end.ts';
import { rememberOuterShell } from './outer-shell.ts';
import type { RelayLine } from './relay-keys.ts';

export interface GuardOptions {
  /** Write end at the relay; end of file means that it is gone. */
  readonly relayFd: number | undefined;
  /** Path of nono-relay, which restores the terminal's settings when the relay itself was killed. */
  readonly relayProgram: string | undefined;
  /** Whether the shell outside has it, and the relay that lent it was killed: our sequences would be drawn over its lines. */
  readonly lent: () => boolean;
  /** Writes the restore sequence; called at most once, and not on a terminal that somebody else has. */
  readonly restore: () => void;
  /** The session is to end as by a closed terminal; the argument is the exit code. */
  readonly hangup: (code: number) => void;
  /** The terminal was somebody else's for a while. */
  readonly resumed: () => void;
}

export interface Guard {
  /** Gives the terminal back now, and stops guarding. */
  release(): void;
  hangup(): void;
  /** Undefined while there is no relay. */
  readonly relay: RelayLine | undefined;
  /** Gives the terminal back and goes on without it: neither its hangup nor the relay's end ends the session any more. */
  letGo(): void;
}

const ENDING = ['SIGHUP', 'SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

/** Guards from the moment it is called: call it before the terminal is changed. */
export function guardTerminal(options: GuardOptions): Guard {
  const { relayFd, lent } = options;
  let held = true;
  /** Whether it was there to be restored. */
  const restore = (): boolean => {
    if (!held) return false;
    held = false;
    if (lent()) return false;
    options.restore();
    return true;
  };
  const crashed = (error: unknown): void => {
    restore();
    process.stderr.write(`nono: internal error, the session is ended: ${inspect(error)}\n`);
    process.exit(1);
  };
  const number = (name: (typeof ENDING)[number]): number => process.getBuiltinModule('node:os').constants.signals[name];
  const signals = ENDING.map((name) => [name, () => options.hangup(SIGNAL_BASE + number(name))] as const);
  for (const [name, handle] of signals) process.on(name, handle);
  // The relay's end makes a stopped host go on, too, and then the terminal is somebody else's; that end is heard of one turn later.
  const resumed = (): void => {
    setImmediate(() => setImmediate(() => held && options.resumed()));
  };
  process.on('SIGCONT', resumed);
  const atExit = (): void => void restore();
  process.on('exit', atExit);
  process.on('uncaughtException', crashed);
  process.on('unhandledRejection', crashed);

  const hangup = (): void => options.hangup(SIGNAL_BASE + number('SIGHUP'));
  const relayPid = process.ppid;
  const redrawPrompt = relayFd === undefined ? undefined : rememberOuterShell();
  const actForRelay = (): void => {
    if (!restore()) return;
    // Loaded for this only: a start does without.
    const { spawnSync } = process.getBuiltinModule('node:child_process');
    if (options.relayProgram !== undefined) spawnSync(options.relayProgram, ['--restore'], { stdio: [0, 1, 2] });
    redrawPrompt?.();
  };
  const relayGone = (): void => {
    actForRelay();
    hangup();
  };
  let relay: Socket | undefined;
  // After the first frame: node:net takes as long to load as that to draw. The relay's end until then is still there to be read.
  const watch = setImmediate(() => {
    if (relayFd === undefined) return;
    const net = process.getBuiltinModule('node:net');
    relay = new net.Socket({ fd: relayFd, readable: true, writable: false });
    relay.on('error', () => {});
    relay.once('close', () => {
      if (held) relayGone();
    });
    relay.resume();
    relay.unref();
  });
  const unwatch = (): void => {
    clearImmediate(watch);
    relay?.destroy();
    relay = undefined;
  };
  const line: RelayLine = {
    say: (words) => {
      // Destroyed, its number is soon somebody else's.
      if (relay === undefined || relay.destroyed || relayFd === undefined) return;
      try {
        writeSync(relayFd, words);
      } catch {
        // It is gone, and its end is about to be noticed.
      }
    },
    heard: (run) => relay?.on('data', run),
  };
  return {
    hangup,
    get relay() {
      return relay === undefined ? undefined : line;
    },
    letGo: () => {
      // Killed, and its SIGHUP was here before the end of its pipe.
      if (relayFd !== undefined && held && process.ppid !== relayPid) actForRelay();
      restore();
      unwatch();
      for (const [name, handle] of signals) if (name === 'SIGHUP') process.off(name, handle);
      // The relay's end sends one (PR_SET_PDEATHSIG); without a handler it would end this process.
      process.on('SIGHUP', () => {});
    },
    release: () => {
      restore();
      for (const [name, handle] of signals) process.off(name, handle);
      process.off('SIGCONT', resumed);
      process.off('exit', atExit);
      process.off('uncaughtException', crashed);
      process.off('unhandledRejection', crashed);
      unwatch();
    },
  };
}
