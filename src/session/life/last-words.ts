/** What a session leaves on the user's own screen. Whoever closed the terminal, or ended the session from elsewhere, does not wait for it. */

import { constants } from 'node:os';
import type { InteractiveRequest } from '../interactive-request.ts';
import type { DetachableTerminal } from '../outer/detachable-terminal.ts';
import type { SessionScreen } from '../screen/session-screen.ts';
import { lastRows } from './last-output.ts';
import { SIGNAL_BASE } from './session-end.ts';

/** Of a terminal that was closed. */
const HUNG_UP = SIGNAL_BASE + constants.signals.SIGHUP;

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, one]) => one === number)?.[0] ?? `signal ${number}`;
}

const GONE_MS = 300;
/** A slow line takes this long for a frame at most; who is slower sees the end of the output on the main screen. */
const LAST_FRAME_MS = 2000;

export class LastWords {
  readonly #request: Pick<InteractiveRequest, 'say' | 'ascii'>;
  readonly #terminal: DetachableTerminal;

  constructor(request: Pick<InteractiveRequest, 'say' | 'ascii'>, terminal: DetachableTerminal) {
    this.#request = request;
    this.#terminal = terminal;
  }

  say(line: string): void {
    if (this.#request.say !== undefined) this.#request.say(line);
    else process.stderr.write(`${line}\n`);
  }

  /** Nobody waits for a terminal that is not there, or may be gone. */
  frameWait(hungUp: boolean): number {
    if (this.#terminal.current === undefined) return 0;
    return hungUp ? GONE_MS : LAST_FRAME_MS;
  }

  /** The end of what the shell printed, what was granted, and what ended the session where that was not the shell; `code` is that of a signal to this process. */
  lines(screen: SessionScreen, summary: string | undefined, code: number | undefined): readonly string[] {
    const { pane } = screen.compositor;
    const gone = code === HUNG_UP || pane.alternate;
    const rows = gone ? [] : lastRows(pane.lookBack(), screen.size.cols, this.#request.ascii);
    const signal = code === undefined || code === HUNG_UP ? undefined : signalName(code - SIGNAL_BASE);
    const ended = signal === undefined ? [] : [`[nono] the session was ended by ${signal}`];
    return [...rows, ...(summary === undefined ? [] : [summary]), ...ended];
  }

  /** The relay makes line ends of line feeds again only when this process has ended. */
  leave(lines: readonly string[], code: number | undefined): void {
    if (this.#terminal.current === undefined || code === HUNG_UP) for (const line of lines) this.say(line);
    else this.#terminal.writeNow(lines.map((line) => `${line}\r\n`).join(''));
  }
}
