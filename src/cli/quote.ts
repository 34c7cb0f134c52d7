/** Words as a shell would need them, to be copied from what nono prints. */
import { visibleText } from '../terminal/visible-text.ts';

/** What cannot be shown as it is cannot be copied either, so it is shown escaped and unquoted. */
export function quoted(word: string): string {
  const shown = visibleText(word);
  if (shown !== word || /^[\w@%+=:,./-]+$/.test(word)) return shown;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
