/** When to send the next frame. Measured on a prototype of the pane: an echo leaves at once, a flood shares frames. Pure. */

export interface FlushState {
  readonly now: number;
  readonly lastFlush: number;
  /** When a key last went to the shell. */
  readonly lastKey: number;
  /** Frames sent early since that key. */
  readonly flushesSinceKey: number;
  /** Bytes parsed since the last frame. */
  readonly pendingBytes: number;
  /** Since when the program has held its frame (mode 2026), undefined when it does not. */
  readonly heldSince: number | undefined;
}

const FRAME_MS = 16;
const ECHO_WINDOW_MS = 100;
const ECHO_BYTES = 4096;
const ECHO_FLUSHES = 4;
/** A program that died inside a synchronised update must not freeze the pane. */
const HOLD_LIMIT_MS = 150;

/** Whether new output is most likely the answer to a key. */
export function isEcho(s: FlushState): boolean {
  return s.now - s.lastKey < ECHO_WINDOW_MS && s.pendingBytes < ECHO_BYTES && s.flushesSinceKey < ECHO_FLUSHES;
}

/** Milliseconds to wait before the next frame; 0 means: at the end of this turn of the event loop. */
export function flushDelay(s: FlushState): number {
  if (s.heldSince !== undefined && s.now - s.heldSince < HOLD_LIMIT_MS) return HOLD_LIMIT_MS - (s.now - s.heldSince);
  if (isEcho(s)) return 0;
  return Math.max(0, FRAME_MS - (s.now - s.lastFlush));
}
