/** Where in a TOML text a key is written, for what is said about it. Pure. */

/** Longer names are none of ours: they are cut in what is said, and not looked for. */
export const MOST_NAME = 100;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Where a key is written: `line:column`. The parser gives no positions; a key that is spelt in an unusual way has none. */
export function placeIn(text: string, path: readonly string[]): string {
  if (path.some((part) => part.length > MOST_NAME)) return '1:1';
  const lines = text.split(/\r?\n/);
  const name = (parts: readonly string[]): string =>
    parts.map((part) => `["']?${escaped(part)}["']?`).join('\\s*\\.\\s*');
  // As a table of its own, in its table, or dotted from further above.
  for (let split = path.length; split >= 0; split -= 1) {
    const header = split === 0 ? undefined : new RegExp(`^\\s*\\[\\[?\\s*${name(path.slice(0, split))}\\s*[.\\]]`);
    const key = split === path.length ? undefined : new RegExp(`^\\s*${name(path.slice(split))}\\s*[=.]`);
    let inside = split === 0;
    for (const [i, line] of lines.entries()) {
      if (/^\s*\[/.test(line)) inside = header?.test(line) === true;
      if (!inside || (key !== undefined && !key.test(line))) continue;
      if (key === undefined && !/^\s*\[/.test(line)) continue;
      return `${i + 1}:${line.search(/\S/) + 1}`;
    }
  }
  return '1:1';
}
