/** Whether the terminal is light or dark, from what it says of its background (OSC 11; asked by outer-probe.ts). */

export type Background = 'light' | 'dark';

/** The answer's colour as light or dark; undefined for what is no colour. */
export function backgroundOf(answer: string): Background | undefined {
  const parts = /^rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})/i.exec(answer);
  if (parts === null) return undefined;
  const [red = 0, green = 0, blue = 0] = parts.slice(1).map((hex) => Number.parseInt(hex, 16) / (16 ** hex.length - 1));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 ? 'light' : 'dark';
}
