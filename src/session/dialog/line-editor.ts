/** A line of text with a cursor in it. Pure: keys in, a new line out. Positions count characters, not code units. */

export interface EditedLine {
  readonly text: string;
  readonly at: number;
}

export const emptyLine: EditedLine = { text: '', at: 0 };

export function lineOf(text: string): EditedLine {
  return { text, at: Array.from(text).length };
}

export type LineEdit = 'left' | 'right' | 'home' | 'end' | 'erase' | 'delete' | 'erase-word' | 'erase-all';

/** Puts text where the cursor is. */
export function inserted({ text, at }: EditedLine, more: string): EditedLine {
  const all = Array.from(text);
  const added = Array.from(more);
  return { text: [...all.slice(0, at), ...added, ...all.slice(at)].join(''), at: at + added.length };
}

function without({ text }: EditedLine, from: number, to: number): EditedLine {
  const all = Array.from(text);
  return { text: [...all.slice(0, from), ...all.slice(to)].join(''), at: from };
}

function wordStart(line: EditedLine): number {
  const all = Array.from(line.text);
  let at = line.at;
  while (at > 0 && /\s/.test(all[at - 1] ?? '')) at -= 1;
  while (at > 0 && !/[\s/]/.test(all[at - 1] ?? '')) at -= 1;
  return at === line.at ? Math.max(0, at - 1) : at;
}

export function edited(line: EditedLine, edit: LineEdit): EditedLine {
  const length = Array.from(line.text).length;
  switch (edit) {
    case 'left':
      return { ...line, at: Math.max(0, line.at - 1) };
    case 'right':
      return { ...line, at: Math.min(length, line.at + 1) };
    case 'home':
      return { ...line, at: 0 };
    case 'end':
      return { ...line, at: length };
    case 'erase':
      return line.at === 0 ? line : without(line, line.at - 1, line.at);
    case 'delete':
      return without(line, line.at, line.at + 1);
    case 'erase-word':
      return without(line, wordStart(line), line.at);
    case 'erase-all':
      return without(line, 0, line.at);
  }
}
