/** What a topic measures and how a measured variant becomes a row. */
import type { Size } from '../../src/terminal/geometry.ts';
import type { Budget } from './budgets.ts';
import type { Machine } from './machine.ts';
import { median, pairedRatio, quantile, type Ratio } from './stats.ts';
import type { Workspace } from './workspace.ts';

export interface Bench {
  readonly machine: Machine;
  readonly workspace: Workspace;
  /** The compiled stopwatch.c. */
  readonly stopwatch: string;
  readonly quick: boolean;
  /** Of the terminal; the first is the one at which everything is measured. */
  readonly sizes: readonly Size[];
  /** Rounds for this run: fewer with --quick. */
  rounds(usual: number): number;
  progress(text: string): void;
  /** Whether a table of that title was asked for (--table); topics with many tables look. */
  wanted(title: string): boolean;
}

export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly samples: readonly number[];
  readonly ratio?: Ratio;
  readonly budget?: Budget | undefined;
  /** Undefined: there is no budget, or nothing was measured. */
  readonly met?: boolean;
  /** Whether the budget that stood here before is met. */
  readonly metBefore?: boolean;
  readonly note?: string | undefined;
}

export interface Table {
  readonly title: string;
  /** What the ratios are against. */
  readonly base: string;
  readonly rows: readonly Row[];
}

export interface Topic {
  readonly name: string;
  readonly what: string;
  /** One table after the other, so that each is printed when it is measured. */
  run(bench: Bench): AsyncGenerator<Table>;
}

/** A way to do the same work. */
export interface Variant {
  readonly name: string;
  /** Measures once, in the table's unit. */
  readonly once?: () => Promise<number>;
  /** Why it is not measured here, when it is not. */
  readonly skip?: string;
  readonly budget?: Budget | undefined;
  readonly note?: () => string | undefined;
}

export interface Rounds {
  readonly rounds: number;
  /** How often in a round what a verdict rests on is measured, in turn and before the others, which wait meanwhile: a slow one between two that are compared lets the machine change. */
  readonly passes?: number;
  readonly unit: string;
  readonly base: string;
}

/** Those with a budget, and those that they are held against. */
function judgedOf(variants: readonly Variant[], base: string): Variant[] {
  const named = new Set([base, ...variants.map((variant) => variant.budget?.than)]);
  return variants.filter((variant) => variant.budget !== undefined || named.has(variant.name));
}

/** Measures every variant once per round or once per pass, starting each one further along, so that no variant always follows the same other one. */
export async function interleave(
  bench: Bench,
  title: string,
  variants: readonly Variant[],
  options: Rounds,
): Promise<Table> {
  const { rounds, passes = 1, base } = options;
  /** Of each round. */
  const samples = new Map<Variant, number[][]>();
  const problems = new Map<Variant, string>();
  const runnable = variants.filter((variant) => variant.once !== undefined);
  const judged = passes > 1 ? judgedOf(runnable, base) : [];
  const others = runnable.filter((variant) => !judged.includes(variant));
  const measure = async (group: readonly Variant[], from: number, round: number): Promise<void> => {
    for (let i = 0; i < group.length; i++) {
      const variant = group[(i + from) % group.length] as Variant;
      if (variant.once === undefined || problems.has(variant)) continue;
      try {
        const value = await variant.once();
        if (round < 0) continue;
        const all = samples.get(variant) ?? [];
        samples.set(variant, all);
        all[round] = [...(all[round] ?? []), value];
      } catch (error) {
        problems.set(variant, `failed: ${(error as Error).message}`);
        samples.delete(variant);
      }
    }
  };
  // Round -1 warms the caches and is not counted.
  for (let round = -1; round < rounds; round++) {
    const at = Math.max(round, 0);
    bench.progress(`${title}: round ${at + (round < 0 ? 0 : 1)}/${rounds}`);
    for (let pass = 0; pass < (round < 0 ? 1 : passes); pass++) await measure(judged, at * passes + pass, round);
    await measure(others, at, round);
  }
  const measured = (name: string | undefined): number[][] =>
    samples.get(variants.find((variant) => variant.name === name) as Variant) ?? [];
  const rows = variants.map((variant) => {
    const each = judged.length === 0 || judged.includes(variant);
    // Measured once in a round, it is held against what the base took in that round.
    const inStep = (all: number[][]): number[] => (each ? all.flat() : all.map(median));
    return row({
      name: variant.name,
      unit: options.unit,
      samples: (samples.get(variant) ?? []).flat(),
      base: inStep(measured(base)),
      than: inStep(measured(variant.budget?.than)),
      budget: variant.budget,
      note: problems.get(variant) ?? variant.skip ?? variant.note?.(),
    });
  });
  return { title, base, rows };
}

export interface RowParts {
  readonly name: string;
  readonly unit: string;
  readonly samples: readonly number[];
  readonly base?: readonly number[];
  /** Of the row that the budget compares with. */
  readonly than?: readonly number[] | undefined;
  /** Instead of the one that samples and base give. */
  readonly ratio?: Ratio;
  readonly budget?: Budget | undefined;
  readonly note?: string | undefined;
}

/** Judges samples against their budget. */
export function row(parts: RowParts): Row {
  const { name, unit, samples, base, budget, note } = parts;
  if (samples.length === 0) return { name, unit, samples, budget, note: note ?? 'not measured' };
  const ratio = parts.ratio ?? (base && base.length > 0 ? pairedRatio(samples, base) : undefined);
  const metBefore = judge(budget?.before, samples, ratio, parts.than);
  // The design's budget met is enough, whatever took its place where it cannot be met.
  const met = metBefore === true || judge(budget, samples, ratio, parts.than);
  return {
    ...{ name, unit, samples, budget, note },
    ...(ratio ? { ratio } : {}),
    ...(met === undefined ? {} : { met }),
    ...(metBefore === undefined ? {} : { metBefore }),
  };
}

function judge(
  budget: Budget | undefined,
  samples: readonly number[],
  ratio: Ratio | undefined,
  than: readonly number[] | undefined,
): boolean | undefined {
  if (budget === undefined) return undefined;
  if (budget.of === 'times') return than && than.length > 0 && pairedRatio(samples, than).median <= budget.limit;
  if (budget.of === 'more') return than && median(samples) - median(than) <= budget.limit;
  if (budget.of === 'ratio') return ratio && ratio.median <= budget.limit;
  return (budget.of === 'p99' ? quantile(samples, 0.99) : median(samples)) <= budget.limit;
}
