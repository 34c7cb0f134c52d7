/** Notices floods: many paths of one directory (or one tree) by one program in a short time. Pure but for its memory. */
import { dirname } from 'node:path/posix';

const WINDOW_MS = 2000;
/** More distinct paths than these within the window are one row. */
const DIRECT_LIMIT = 5;
const DEEP_LIMIT = 20;
const MAX_STREAMS = 4000;

interface Stream {
  direct: number[];
  deep: number[];
}

/** Directories above a path, nearest first, without the root: a row for `/` would say nothing. */
export function directoriesAbove(path: string): readonly string[] {
  const all: string[] = [];
  // A path that is not absolute is an address of net-target.ts: its first part says nothing either.
  for (let dir = dirname(path); dir !== '/' && dir.includes('/'); dir = dirname(dir)) all.push(dir);
  return all;
}

export class FoldDetector {
  readonly #streams = new Map<string, Stream>();

  /** Notes a path not seen before from this program; answers the directory that should become one row, if any. */
  note(path: string, comm: string, now: number): string | undefined {
    let found: string | undefined;
    const above = directoriesAbove(path);
    for (const [depth, dir] of above.entries()) {
      const stream = this.#stream(`${comm}\0${dir}`);
      if (depth === 0) this.#add(stream.direct, now, DIRECT_LIMIT);
      this.#add(stream.deep, now, DEEP_LIMIT);
      const flooded = (depth === 0 && stream.direct.length > DIRECT_LIMIT) || stream.deep.length > DEEP_LIMIT;
      if (flooded) found ??= dir;
    }
    return found;
  }

  #add(times: number[], now: number, limit: number): void {
    times.push(now);
    while (times.length > limit + 1 || (times[0] ?? now) < now - WINDOW_MS) times.shift();
  }

  #stream(key: string): Stream {
    const known = this.#streams.get(key);
    if (known !== undefined) return known;
    if (this.#streams.size >= MAX_STREAMS) this.#streams.clear();
    const fresh: Stream = { direct: [], deep: [] };
    this.#streams.set(key, fresh);
    return fresh;
  }
}
