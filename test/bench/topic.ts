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

/** Measures every variant once per round, starting each round one further along, so that no variant always follows the same other one. */
export async function interleave(
  bench: Bench,
  title: string,
  variants: readonly Variant[],
  options: { readonly rounds: number; readonly unit: string; readonly base: string },
): Promise<Table> {
  const samples = new Map<Variant, number[]>();
  const problems = new Map<Variant, string>();
  const runnable = variants.filter((variant) => variant.once !== undefined);
  // Round -1 warms the caches and is not counted.
  for (let round = -1; round < options.rounds; round++) {
    bench.progress(`${title}: round ${Math.max(round, 0) + (round < 0 ? 0 : 1)}/${options.rounds}`);
    for (let i = 0; i < runnable.length; i++) {
      const variant = runnable[(i + Math.max(round, 0)) % runnable.length] as Variant;
      if (variant.once === undefined || problems.has(variant)) continue;
      try {
        const value = await variant.once();
        if (round >= 0) samples.set(variant, [...(samples.get(variant) ?? []), value]);
      } catch (error) {
        problems.set(variant, `failed: ${(error as Error).message}`);
        samples.delete(variant);
      }
    }
  }
  const base = samples.get(variants.find((variant) => variant.name === options.base) as Variant) ?? [];
  const rows = variants.map((variant) => {
    const note = problems.get(variant) ?? variant.skip ?? variant.note?.();
    return row({
      name: variant.name,
      unit: options.unit,
      samples: samples.get(variant) ?? [],
      base,
      than: samples.get(variants.find((other) => other.name === variant.budget?.than) as Variant),
      budget: variant.budget,
      note,
    });
  });
  return { title, base: options.base, rows };
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
