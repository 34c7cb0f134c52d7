/** Whether the session is to be lines of text: asked for by flag, NONO_SCREEN_READER, or Ink's own variable. bin/nono asks the same. */
import type { Options } from '../tables/flags.ts';

export function wantsLines(options: Pick<Options, 'screenReader'>, env: NodeJS.ProcessEnv = process.env): boolean {
  const ink = env['INK_SCREEN_READER'] ?? '';
  return options.screenReader === true || !['', '0', 'false'].includes(ink);
}
