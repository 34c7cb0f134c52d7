/** What the user has granted in this session, last first: the memory behind `z`, and the line printed at the end. */
import type { SupervisorCommand } from '../../sandbox/linux/wire.ts';
import type { AddCommand } from './approvals.ts';
import type { GrantRule, SavedRule } from './profile-saver.ts';

/** One approval that can be taken back. */
export interface Grant {
  /** More than one for a rename or link, which has two sides. */
  readonly rules: readonly GrantRule[];
  /** What takes them out of force: one for each rule on the wire, more for an override. */
  readonly takeBack: readonly SupervisorCommand[];
  /** What of it stays in a profile. */
  readonly saved: SavedRule | undefined;
  /** What put them in force. */
  readonly commands: readonly AddCommand[];
  /** When. */
  readonly at: number;
}

export class GrantJournal {
  readonly #grants: Grant[] = [];

  /** Oldest first. */
  get grants(): readonly Grant[] {
    return this.#grants;
  }

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
    const saved = this.#grants.flatMap((g) => g.saved ?? []);
    const first = saved[0];
    if (first === undefined) return undefined;
    const files = Array.from(new Set(saved.map((s) => s.file)));
    const rules = saved.reduce((sum, one) => sum + one.rules.length, 0);
    return `nono: saved ${rules} ${rules === 1 ? 'rule' : 'rules'} to profile ${first.profile} (${files.join(', ')})`;
  }
}
