/** Where the patterns of a policy stand at directories. Compiling asks about the same ones hundreds of times, so each is stepped to once. */
import { parentOf } from '../paths.ts';
import {
  type Pattern,
  type PatternState,
  patternMatches,
  patternReaches,
  patternStart,
  patternStep,
  patternStepOther,
} from './pattern.ts';
import { PatternNames } from './pattern-names.ts';

/** A session that runs for days is asked about paths without end. */
const MOST_REMEMBERED = 2000;

export interface StatesAt {
  /** Of each pattern, in their order: what `patternAt` says of one. */
  readonly states: readonly PatternState[];
  /** Places in that order of the patterns that match the path itself. */
  readonly matched: readonly number[];
  /** Whether something below it can match one of them. */
  readonly reaches: boolean;
}

export class PatternStates {
  readonly #patterns: readonly Pattern[];
  readonly #root: StatesAt;
  readonly #nothing: StatesAt;
  readonly #known = new Map<string, StatesAt>();
  readonly #names: PatternNames;
  /** Where they stand behind a name that concerns none of them: one answer for all such names of a directory. */
  readonly #others = new WeakMap<StatesAt, StatesAt>();

  constructor(patterns: readonly Pattern[]) {
    this.#patterns = patterns;
    this.#names = new PatternNames(patterns);
    this.#root = this.#facts(patterns.map(patternStart));
    this.#nothing = { states: patterns.map(() => 0), matched: [], reaches: false };
  }

  /** At an absolute, real path. */
  at(path: string): StatesAt {
    if (path === '/') return this.#root;
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const found = this.#step(path);
    if (this.#known.size >= MOST_REMEMBERED) this.#known.clear();
    this.#known.set(path, found);
    return found;
  }

  #step(path: string): StatesAt {
    const parent = parentOf(path);
    return this.step(this.at(parent), path.slice(parent === '/' ? 1 : parent.length + 1), parent);
  }

  /** One component further, at `name` in the directory `dir`. */
  step(from: StatesAt, name: string, dir: string): StatesAt {
    if (!from.reaches) return this.#nothing;
    if (!this.concern(dir, name)) return this.#other(from);
    return this.#facts(
      from.states.map((state, i) => (state === 0 ? 0 : patternStep(this.#patterns[i] as Pattern, state, name, dir))),
    );
  }

  /** Whether one of them could treat this name, in any case, in another way than any name. */
  concern(dir: string, name: string): boolean {
    return this.#names.concern(dir, name);
  }

  #other(from: StatesAt): StatesAt {
    const known = this.#others.get(from);
    if (known !== undefined) return known;
    const found = this.#facts(from.states.map((state, i) => patternStepOther(this.#patterns[i] as Pattern, state)));
    this.#others.set(from, found);
    return found;
  }

  #facts(states: readonly PatternState[]): StatesAt {
    const matched: number[] = [];
    let reaches = false;
    for (const [i, state] of states.entries()) {
      if (state === 0) continue;
      const pattern = this.#patterns[i] as Pattern;
      if (patternMatches(pattern, state)) matched.push(i);
      reaches ||= patternReaches(pattern, state);
    }
    return { states, matched, reaches };
  }
}
