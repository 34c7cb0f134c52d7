/** What config.toml adds to a command line. Without the file nothing more is loaded. */
import { join } from 'node:path';
import { nonoDirectories } from '../config/directories.ts';
import { isThere } from '../config/is-there.ts';
import { NonoError } from '../platform/errors.ts';
import { visibleText } from '../terminal/visible-text.ts';
import { say } from './output.ts';
import type { Options } from './tables/flags.ts';
import { isColourChoice, isTheme } from './theme.ts';
import { backgrounds, colourChoices, themeNames } from './theme-names.ts';

/** A name that no theme has costs one line, never a start. */
function knownTheme(theme: string | undefined, silent: boolean): string | undefined {
  if (theme === undefined || isTheme(theme)) return theme;
  if ((backgrounds as readonly string[]).includes(theme)) return undefined;
  if (!silent)
    say(
      `  [nono] Warning: unknown theme '${visibleText(theme)}'; using the terminal's own colours (themes: ${themeNames.join(', ')})\n`,
    );
  return undefined;
}

/** `--theme` and NONO_THEME win over the file. Throws NonoError for a file that cannot be understood. */
export async function withConfig(options: Options, env: NodeJS.ProcessEnv): Promise<Options> {
  if (!isColourChoice(options.color))
    throw new NonoError('usage', `--color: '${options.color}' is none of ${colourChoices.join(', ')}`);
  const file = options.config ?? join(nonoDirectories(env).config, 'config.toml');
  if (options.config === undefined && !isThere(file))
    return { ...options, theme: knownTheme(options.theme, options.silent) };
  const { readUserConfig } = await import('../config/user-config.ts');
  const { theme, withoutEffect } = readUserConfig(file, options.config !== undefined);
  if (options.verbose > 0 && withoutEffect.length > 0)
    say(`  [nono] ${visibleText(file)}: without effect in this version: ${visibleText(withoutEffect.join(', '))}\n`);
  return { ...options, theme: knownTheme(options.theme ?? theme, options.silent) };
}
