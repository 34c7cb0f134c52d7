/** What the user has granted in this session, last first: the memory behind `z`, and the line printed at the end. */
import type { GrantRule, SavedRule } from './profile-saver.ts';

/** One approval that can be taken back. */
export interface Grant {
  readonly rule: GrantRule;
  /** Ids on the wire; more than one for an override. */
  readonly ruleIds: readonly number[];
  readonly saved: SavedRule | undefined;
}

export class GrantJournal {
  readonly #grants: Grant[] = [];

  add(grant: Grant): void {
    this.#grants.push(grant);
  }

  get last(): Grant | undefined {
    return this.#grants[this.#grants.length - 1];
  }

  remove(grant: Grant): void {
    const at = this.#grants.lastIndexOf(grant);
    if (at >= 0) this.#grants.splice(at, 1);
  }

  /** One line about what stays on disk, or undefined. */
  summary(): string | undefined {
    const saved = this.#grants.flatMap((g) => (g.saved === undefined ? [] : [g.saved]));
    const first = saved[0];
    if (first === undefined) return undefined;
    const files = Array.from(new Set(saved.map((s) => s.file)));
    return `nono: saved ${saved.length} ${saved.length === 1 ? 'rule' : 'rules'} to profile ${first.profile} (${files.join(', ')})`;
  }
}
