/** Text over as many lines as a width needs, broken between words. */
import { textWidth } from '../../terminal/visible-text.ts';

/** Folds between words. A word wider than the width stands alone. */
export function foldWords(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let taken = 0;
  for (const word of words) {
    const columns = textWidth(word);
    if (line !== '' && taken + 1 + columns > width) {
      lines.push(line);
      line = word;
      taken = columns;
    } else {
      taken = line === '' ? columns : taken + 1 + columns;
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Folds at spaces. */
export function fold(text: string, width: number): string[] {
  return textWidth(text) <= width ? [text] : foldWords(text.split(' '), width);
}
