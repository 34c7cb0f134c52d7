/** The few statistics that the tables print. */

/** Value at fraction `q` of the sorted samples, interpolated. NaN for none. */
export function quantile(samples: readonly number[], q: number): number {
  if (samples.length === 0) return Number.NaN;
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] as number;
  const high = sorted[Math.ceil(at)] as number;
  return low + (high - low) * (at - Math.floor(at));
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

export interface Ratio {
  /** Median of the round-by-round ratios: what else ran on the machine in a round slows both halves. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Compares two variants that were measured in the same rounds. The spread is the quartiles. */
export function pairedRatio(samples: readonly number[], base: readonly number[]): Ratio {
  const each = samples.map((value, round) => value / (base[round] ?? Number.NaN)).filter((r) => Number.isFinite(r));
  return { median: median(each), low: quantile(each, 0.25), high: quantile(each, 0.75) };
}
