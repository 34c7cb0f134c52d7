/** Finds what the user probably meant: an error that names the nearest known word is fixed in one step. */

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

const LEAST_BEGINNING = 3;

/** The known word nearest to `word`, if any is near enough to be meant; else the only one that begins with it. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  const longer: string[] = [];
  for (const candidate of known) {
    // No distance is less than that of the lengths: a word that is a whole book costs nothing.
    const d =
      Math.abs(word.length - candidate.length) < least
        ? distance(word.toLowerCase(), candidate.toLowerCase())
        : Infinity;
    if (d < least) {
      least = d;
      best = candidate;
    }
    if (word.length >= LEAST_BEGINNING && candidate.startsWith(word)) longer.push(candidate);
  }
  return best ?? (longer.length === 1 ? longer[0] : undefined);
}
