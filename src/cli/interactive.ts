/** Whether somebody sits at a terminal: then `nono shell` draws its screen, or asks in lines of text. */
import { isTerminal } from '../platform/terminal.ts';
import { wantsLines } from './screen-reader.ts';
import type { Options } from './tables/flags.ts';

export function isInteractive(options: Options): boolean {
  if (!isTerminal(0) || !isTerminal(1)) return false;
  return wantsLines(options) || (process.env['TERM'] ?? 'dumb') !== 'dumb';
}
