/** Ranks candidates for what was typed: letters in this order, better when they stand together or begin a word. */
import fuzzysort from 'fuzzysort';

/** The fitting ones, best first; all of them, in their order, when nothing was typed. */
export function fuzzyFilter<T>(typed: string, items: readonly T[], text: (item: T) => string): readonly T[] {
  if (typed.trim() === '') return items;
  const targets = items.map((item) => ({ item, text: text(item) }));
  return fuzzysort
    .go(typed, targets, { key: 'text', threshold: 0, limit: targets.length })
    .map((found) => found.obj.item);
}
