/** What is said to native/nono-search, and what it says: fields of a letter and a text. */
import type { FoundEntry, NodeKind, TreeSearch } from '../plan/file-system.ts';

const kinds: Readonly<Record<string, NodeKind>> = {
  f: 'file',
  d: 'directory',
  l: 'symlink',
  c: 'char-device',
  b: 'block-device',
  s: 'socket',
  p: 'fifo',
};
const states: Readonly<Record<string, FoundEntry['state']>> = {
  U: 'unlisted',
  D: 'too-deep',
  S: 'slow',
  L: 'too-large',
};
const letters = new Map<NodeKind | FoundEntry['state'], string>(
  [...Object.entries(kinds), ...Object.entries(states)].map(([letter, meaning]) => [meaning, letter]),
);

/** As native/search/search_request.c reads them. `more`: how it is to behave, which changes nothing of the answer. */
export function searchFields(search: TreeSearch, more: readonly string[] = []): readonly string[] {
  return [
    ...search.bulk.map((name) => `${search.closed.includes(name) ? 'C' : 'B'}${name}`),
    ...search.patterns.flatMap(({ text, folded, guard }) => [
      `${guard === 'deep' ? 'H' : guard ? 'G' : 'P'}${text}`,
      `F${folded}`,
    ]),
    ...search.skip.map((path) => `K${path}`),
    ...search.slow.map((path) => `S${path}`),
    `N${search.most}`,
    ...more,
    ...search.roots.map((path) => `R${path}`),
  ];
}

/** Undefined: no record of something found. */
export function foundEntry(record: string): FoundEntry | undefined {
  const letter = record.charAt(0);
  const path = record.slice(1);
  const kind = kinds[letter];
  const state = states[letter];
  if (!path.startsWith('/') || (kind === undefined && state === undefined)) return undefined;
  return { path, kind: kind ?? 'directory', state };
}

export function searchRecord({ path, kind, state }: FoundEntry): string {
  return `${letters.get(state ?? kind)}${path}`;
}
