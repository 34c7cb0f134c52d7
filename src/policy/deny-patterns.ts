/** The deny patterns of a policy, asked about directories and names. */
import { access as accessBits } from '../sandbox/linux/constants.ts';
import { patternOf } from './bulk.ts';
import type { PolicyRule } from './model.ts';
import { isWithin } from './paths.ts';
import { literalPrefix, type Pattern, patternAt, patternMatches, patternReaches, patternStep } from './pattern.ts';

export interface Denied {
  readonly rule: PolicyRule;
  readonly pattern: Pattern;
}

/** The deny patterns of a policy, for the question where new names must be seen. */
export class DenyPatterns {
  readonly #denied: readonly Denied[];

  constructor(rules: readonly PolicyRule[]) {
    this.#denied = rules
      .filter((rule) => rule.verdict === 'deny' && rule.kind === 'pattern')
      .map((rule) => ({ rule, pattern: patternOf(rule) }));
  }

  get empty(): boolean {
    return this.#denied.length === 0;
  }

  /** Whether a new name in this directory, or somewhere below it, could match. */
  reach(directory: string): boolean {
    return this.#denied.some(({ pattern }) => patternReaches(pattern, patternAt(pattern, directory)));
  }

  /** For the names in a directory: whether a pattern on this access matches one, known or not when the patterns were searched for. */
  namesIn(directory: string, bits: number): (name: string) => boolean {
    const live = this.#denied
      .filter(({ rule }) => (accessBits[rule.access] & bits) !== 0)
      .map(({ pattern }) => ({ pattern, state: patternAt(pattern, directory) }))
      .filter(({ pattern, state }) => patternReaches(pattern, state));
    return (name) =>
      live.some(({ pattern, state }) => patternMatches(pattern, patternStep(pattern, state, name, directory)));
  }

  /** Whether one could match in this directory, below it or, above it, anywhere that it lies in. */
  touch(directory: string): boolean {
    return (
      this.reach(directory) ||
      this.#denied.some(({ pattern }) => isWithin(literalPrefix(pattern.text).prefix, directory))
    );
  }

  all(): readonly Denied[] {
    return this.#denied;
  }
}
