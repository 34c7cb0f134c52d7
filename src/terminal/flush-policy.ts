/** When to send the next frame. Measured on a prototype of the pane: an echo leaves at once, a flood shares frames. Pure. */

export interface FlushState {
  readonly now: number;
  readonly lastFlush: number;
  /** When a key last went to the shell. */
  readonly lastKey: number;
  /** Whether a flood was flying past by then: Ctrl-C is to end it, and was not what began it. */
  readonly keyInFlood: boolean;
  /** Frames sent early since that key. */
  readonly flushesSinceKey: number;
  /** Bytes that came since the last frame. */
  readonly pendingBytes: number;
  /** Bytes that the last frame showed, and those that came since the frame was last looked for. */
  readonly lastBytes: number;
  readonly newBytes: number;
  /** Since when the program has held its frame (mode 2026), undefined when it does not. */
  readonly heldSince: number | undefined;
  /** A prompt has come since the last frame: the shell has nothing more to print. */
  readonly prompted: boolean;
}

const FRAME_MS = 16;
/** After a key there is somebody who waits: what Ctrl-C brings comes behind the rest of the flood that it ended. */
const KEY_FRAME_MS = 4;
/** Nobody reads what flies past: half the frames do, and the rest of the time is the program's. */
const FLOOD_FRAME_MS = 33;
/** A frame that showed this much was one of a flood. */
const FLOOD_BYTES = 65_536;
/** A flood that has paused for this long is shown at once. */
const FLOOD_PAUSE_MS = 8;
const ECHO_WINDOW_MS = 100;
const ECHO_BYTES = 4096;
const ECHO_FLUSHES = 4;
/** A program that died inside a synchronised update must not freeze the pane. */
const HOLD_LIMIT_MS = 150;

/** Whether new output is most likely the answer to a key. */
export function isEcho(s: Pick<FlushState, 'now' | 'lastKey' | 'pendingBytes' | 'flushesSinceKey'>): boolean {
  return s.now - s.lastKey < ECHO_WINDOW_MS && s.pendingBytes < ECHO_BYTES && s.flushesSinceKey < ECHO_FLUSHES;
}

/** Whether it is the first output after a pause, and little: it shares its frame with nothing. */
export function isFirst(s: Pick<FlushState, 'now' | 'lastFlush' | 'pendingBytes'>): boolean {
  return s.now - s.lastFlush >= FRAME_MS && s.pendingBytes < ECHO_BYTES;
}

/** Milliseconds to wait before the next frame; 0 means: at the end of this turn of the event loop. */
export function flushDelay(s: FlushState): number {
  if (s.heldSince !== undefined && s.now - s.heldSince < HOLD_LIMIT_MS) return HOLD_LIMIT_MS - (s.now - s.heldSince);
  if (isEcho(s)) return 0;
  return Math.max(0, (awaited(s) ? KEY_FRAME_MS : FRAME_MS) - (s.now - s.lastFlush));
}

/** Whether so much flies past that nobody reads it. */
export function flooded(s: Pick<FlushState, 'lastBytes' | 'pendingBytes'>): boolean {
  return Math.max(s.lastBytes, s.pendingBytes) >= FLOOD_BYTES;
}

/** Whether somebody waits for this frame. A program that prints prompts without end gets as many frames as one that is typed to. What a key
 * began is no answer to it any more once it is a flood. */
function awaited(s: FlushState): boolean {
  return s.prompted || (s.now - s.lastKey < ECHO_WINDOW_MS && (s.keyInFlood || !flooded(s)));
}

/** A frame is due: how much longer it can wait because a flood goes on. */
export function floodDelay(s: FlushState): number {
  if (!flooded(s) || s.newBytes === 0 || awaited(s)) return 0;
  return Math.min(FLOOD_PAUSE_MS, FLOOD_FRAME_MS - (s.now - s.lastFlush));
}
