/** Leaving a session without ending it, and the door through which the next terminal comes. */
import { closeSync, openSync } from 'node:fs';
import type { Registration } from '../../registry/registration.ts';
import type { OuterTerminal } from '../../terminal/outer-terminal.ts';
import { RESTORE_SCREEN } from '../../terminal/screen-sequences.ts';
import { AttachedTerminal } from '../outer/attached-terminal.ts';
import type { DetachableTerminal } from '../outer/detachable-terminal.ts';
import { suspendJob } from '../outer/outer-shell.ts';
import type { Guard } from '../outer/session-guard.ts';

export interface LeavingOptions {
  readonly registration: Registration | undefined;
  /** Absolute path of nono-attach, which asks whose a connection is; without it there is no door. */
  readonly checker: string | undefined;
  readonly terminal: DetachableTerminal;
  /** Whether a relay holds the terminal that the session was started on. */
  readonly relayed: boolean;
  readonly guard: Guard;
  /** Somebody else has it until it comes back. */
  readonly suspended: () => void;
  /** There is none any more. */
  readonly left: () => void;
  readonly say: (line: string) => void;
  /** There is a terminal again, of another size and with nothing on it. */
  readonly attached: () => void;
  readonly resized: () => void;
  readonly repaint: () => void;
}

export class Leaving {
  readonly #options: LeavingOptions;
  readonly #relayPid = process.ppid;
  #closeDoor: (() => void) | undefined;

  constructor(options: LeavingOptions) {
    this.#options = options;
  }

  /** Why the session cannot go on without its terminal; undefined when it does. */
  detach(): string | undefined {
    const { registration, terminal, left } = this.#options;
    const { current } = terminal;
    if (this.#closeDoor === undefined || registration === undefined) return 'this session cannot be detached';
    if (current === undefined) return 'it is detached already';
    left();
    terminal.detach();
    const line = `[nono] detached: nono attach ${registration.id}`;
    if (current instanceof AttachedTerminal) {
      current.giveBack(RESTORE_SCREEN);
      current.end(0, line);
    } else this.#leaveTerminal(current, line);
    registration.attached('detached');
    return undefined;
  }

  /** Why the session cannot be stopped with its terminal given back; undefined when it is about to be. */
  suspend(): string | undefined {
    if (this.attached) return 'an attached terminal is not suspended: {prefix:detach} detaches it';
    if (!this.#options.relayed || process.ppid !== this.#relayPid) return 'this session cannot be suspended';
    const problem = suspendJob(this.#relayPid);
    // What was seen before counts for nothing, and what is typed behind `fg` is read before its signal.
    if (problem === undefined) this.#options.suspended();
    return problem;
  }

  /** Not before the first prompt is on the screen. Whether there is one; a door that cannot be opened costs detaching and nothing else. */
  async openDoor(): Promise<boolean> {
    const { registration, checker, terminal, left, attached, resized, repaint } = this.#options;
    if (registration === undefined || checker === undefined) return false;
    try {
      // The directory is there only when the entry is.
      if (!(await registration.begun)) return false;
      const { openDoor } = await import('./door.ts');
      this.#closeDoor = openDoor({
        socket: registration.files.socket,
        checker,
        refusal: () =>
          terminal.current === undefined
            ? undefined
            : `the session has a terminal: nono detach ${registration.id} takes it away`,
        attached: (next) => {
          terminal.attach(next);
          attached();
          registration.attached('attached');
        },
        resized,
        repaint,
        gone: (lost) => {
          if (terminal.current !== lost) return;
          left();
          terminal.detach();
          registration.attached('detached');
        },
        detach: () => this.detach(),
      });
      registration.canAttach();
      return true;
    } catch {
      // Said when somebody asks for it.
      return false;
    }
  }

  /** Whether the terminal is one that came later. */
  get attached(): boolean {
    return this.#options.terminal.current instanceof AttachedTerminal;
  }

  /** The session has ended with this code, and leaves these lines behind. Whether a relay has still to be waited for, which gives its terminal back. */
  end(code: number, left: readonly string[] = []): boolean {
    this.#closeDoor?.();
    const { current } = this.#options.terminal;
    if (!(current instanceof AttachedTerminal)) return false;
    current.giveBack(RESTORE_SCREEN);
    current.end(code, left.length === 0 ? undefined : left.join('\r\n'));
    return true;
  }

  /** The terminal that the session was started on: its relay gives it back and ends. */
  #leaveTerminal(terminal: OuterTerminal, line: string): void {
    this.#options.guard.letGo();
    this.#options.say(line);
    void terminal.close(0);
    for (const fd of [0, 1, 2]) {
      closeSync(fd);
      openSync('/dev/null', 'r+');
    }
    if (process.ppid === this.#relayPid) process.kill(this.#relayPid, 'SIGUSR1');
  }
}
