/** What nono says between the lines of programs: each line, also one that goes on, begins with the number that no program inside knows. Pure. */
import { textWidth, visibleText } from '../../terminal/visible-text.ts';
import { wordLines } from '../../terminal/wrap.ts';

/** Narrower, a line would be a word at most. */
const LEAST = 20;

/** Text and nothing else: it goes to the user's terminal as it is. Over as many lines as the terminal's width makes of it, broken between words: a terminal breaks anywhere, and a screen reader then reads half words. */
export function taggedLines(text: string, tag: string, columns: number): string {
  // In the last column some terminals begin a new line, some wait with it.
  const width = Math.max(LEAST, columns - textWidth(tag) - 2);
  const lines = wordLines(visibleText(text), width).map((line) => `${tag} ${line}`);
  // Behind a question stands what is typed.
  return lines.join('\r\n') + (/ $/.test(text) ? ' ' : '');
}
