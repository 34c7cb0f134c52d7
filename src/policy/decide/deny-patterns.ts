/** The deny patterns of a policy, asked about directories and names. */
import { access as accessBits } from '../../sandbox/linux/constants.ts';
import type { PolicyRule } from '../model.ts';
import { isWithin } from '../paths.ts';
import { patternOf } from '../pattern/bulk.ts';
import { literalPrefix, type Pattern } from '../pattern/pattern.ts';
import { PatternStates, type StatesAt } from '../pattern/pattern-states.ts';

export interface Denied {
  readonly rule: PolicyRule;
  readonly pattern: Pattern;
}

/** The deny patterns of a policy, for the question where new names must be seen. */
export class DenyPatterns {
  readonly #denied: readonly Denied[];
  readonly #states: PatternStates;
  #prefixes: readonly string[] | undefined;

  constructor(rules: readonly PolicyRule[]) {
    this.#denied = rules
      .filter((rule) => rule.verdict === 'deny' && rule.kind === 'pattern')
      .map((rule) => ({ rule, pattern: patternOf(rule) }));
    this.#states = new PatternStates(this.#denied.map(({ pattern }) => pattern));
  }

  get empty(): boolean {
    return this.#denied.length === 0;
  }

  /** Whether a new name in this directory, or somewhere below it, could match. */
  reach(directory: string): boolean {
    return this.#states.at(directory).reaches;
  }

  /** For the names in a directory: whether a pattern on this access matches one, known or not when the patterns were searched for. */
  namesIn(directory: string, bits: number): (name: string) => boolean {
    const here = this.#states.at(directory);
    return (name) =>
      this.#states
        .step(here, name, directory)
        .matched.some((i) => (accessBits[(this.#denied[i] as Denied).rule.access] & bits) !== 0);
  }

  /** Whether one could match in this directory, below it or, above it, anywhere that it lies in. */
  touch(directory: string): boolean {
    if (this.reach(directory)) return true;
    this.#prefixes ??= [...new Set(this.#denied.map(({ pattern }) => literalPrefix(pattern.text).prefix))];
    return this.#prefixes.some((prefix) => isWithin(prefix, directory));
  }

  /** Where each of them stands at a path, in the order of `all`. */
  at(path: string): StatesAt {
    return this.#states.at(path);
  }

  all(): readonly Denied[] {
    return this.#denied;
  }
}
