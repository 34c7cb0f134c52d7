/** Paths that the user said no to for the rest of the session, each with everything below it. Narrows only. */
import { isWithin } from '../../policy/paths.ts';
import type { DenialRow } from './denial-row.ts';

export class Refusals {
  readonly #paths = new Set<string>();
  /** Muted by this, and not by a no of their own. */
  readonly #muted = new WeakSet<DenialRow>();

  get paths(): readonly string[] {
    return [...this.#paths];
  }

  add(path: string): void {
    this.#paths.add(path);
  }

  /** Whether it was one of them. The rows that it alone has muted are asked about again. */
  remove(path: string, rows: Iterable<DenialRow>): boolean {
    const was = this.#paths.delete(path);
    for (const row of rows) if (this.#muted.has(row) && !this.#covers(row)) this.#unmute(row);
    return was;
  }

  /** Mutes a row that is about one of them, on whichever side of a rename. Answers whether it is. */
  mute(row: DenialRow): boolean {
    if (!this.#covers(row)) return false;
    if (!row.muted) this.#muted.add(row);
    row.muted = true;
    return true;
  }

  #unmute(row: DenialRow): void {
    this.#muted.delete(row);
    row.muted = false;
  }

  #covers({ path, other }: DenialRow): boolean {
    for (const refused of this.#paths)
      if (isWithin(path, refused) || (other !== undefined && isWithin(other.path, refused))) return true;
    return false;
  }
}
