/** Ranks candidates for what was typed: letters in this order, better when they stand together, at the beginning, or at the start of a word. Pure. */

/** Undefined when the letters are not all there in this order; higher is better. */
export function fuzzyScore(typed: string, candidate: string): number | undefined {
  const wanted = typed.toLowerCase();
  const text = candidate.toLowerCase();
  const whole = text.indexOf(wanted);
  if (whole >= 0) return 1000 - whole * 2 - text.length / 100 + (whole === 0 ? 100 : 0);
  let score = 0;
  let last = -1;
  for (const c of wanted) {
    const at = text.indexOf(c, last + 1);
    if (at < 0) return undefined;
    const startsWord = at === 0 || /[^a-z0-9]/.test(text[at - 1] ?? '');
    score += at === last + 1 ? 5 : startsWord ? 4 : 1;
    last = at;
  }
  return score - text.length / 100;
}

/** The fitting ones, best first; those of equal rank stay in their order. */
export function fuzzyFilter<T>(typed: string, items: readonly T[], text: (item: T) => string): readonly T[] {
  if (typed === '') return items;
  return items
    .map((item) => ({ item, score: fuzzyScore(typed, text(item)) }))
    .filter((one): one is { item: T; score: number } => one.score !== undefined)
    .sort((a, b) => b.score - a.score)
    .map((one) => one.item);
}
