/** Whether somebody sits at a terminal: then `nono shell` draws its screen, or asks in lines of text. */
import { isTerminal } from '../../platform/terminal.ts';
import type { Options } from '../tables/flags.ts';
import { wantsLines } from './screen-reader.ts';

/** A terminal on which no screen can be drawn. bin/nono says the same, an empty name included: where it does not, it has started the relay. */
export function isDumb(env: NodeJS.ProcessEnv = process.env): boolean {
  return (env['TERM'] || 'dumb') === 'dumb';
}

export function isInteractive(options: Options): boolean {
  if (!isTerminal(0) || !isTerminal(1)) return false;
  return wantsLines(options) || !isDumb();
}
