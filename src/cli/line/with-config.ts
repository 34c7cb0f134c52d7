/** What a file of settings adds to a command line, and which file that is. Without one nothing more is loaded. */
import { join, resolve } from 'node:path';
import { nonoDirectories } from '../../config/directories.ts';
import { isThere } from '../../config/is-there.ts';
import { readTextFile } from '../../config/read-text.ts';
import { NonoError } from '../../platform/errors.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { say } from '../output/output.ts';
import { isColourChoice, isTheme } from '../output/theme.ts';
import { backgrounds, colourChoices, themeNames } from '../pane/theme-names.ts';
import { flagsOf, type Options } from '../tables/flags.ts';

/** A name that no theme has costs one line, never a start. `at`: where it is written, if that is in a file. */
function withTheme(options: Options, theme: string | undefined, silent: boolean, at?: string): Options {
  if (theme === undefined || isTheme(theme)) return { ...options, theme };
  if ((backgrounds as readonly string[]).includes(theme)) return { ...options, theme: undefined };
  if (silent) return { ...options, theme: undefined };
  const where = at === undefined ? '' : ` at ${visibleText(at)}`;
  const themeNotice = `unknown theme '${visibleText(theme)}'${where}; using the terminal's own colours (themes: ${themeNames.join(', ')})`;
  say(`  [nono] Warning: ${themeNotice}\n`);
  return { ...options, theme: undefined, themeNotice };
}

/** Of TOML nothing begins like a JSON object or its comment. */
function isManifest(file: string): boolean {
  return /\.jsonc?$/.test(file) || /^\s*[{/]/.test(readTextFile(file) ?? '');
}

const policyGroups = ['FILESYSTEM', 'NETWORK', 'UNIX SOCKETS', 'PROCESSES', 'RESOURCES', 'COMMANDS'];

/** A manifest is the whole policy: what would change it is a mistake, also where it comes from the environment. */
function refuseBesideManifest(options: Options, env: NodeJS.ProcessEnv): void {
  for (const flag of flagsOf('run')) {
    const decides = policyGroups.includes(flag.group) || ['profile', 'extends', 'environment'].includes(flag.key);
    if (!decides || flag.key === 'workdir') continue;
    const value = options[flag.key as keyof Options];
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) continue;
    const variable = flag.env !== undefined && env[flag.env] ? ` (${flag.env} is set)` : '';
    throw new NonoError('usage', `--config with a manifest goes without --${flag.long}${variable}`, {
      hint: 'the manifest is the whole policy: write it there',
    });
  }
}

/** `--theme` and NONO_THEME win over the file. Throws NonoError for a file that cannot be understood. `said`: what is odd has been said already. */
export async function withConfig(given: Options, env: NodeJS.ProcessEnv, said = false): Promise<Options> {
  const silent = said || given.silent;
  let options = given;
  if (given.config !== undefined && isManifest(given.config)) {
    refuseBesideManifest(given, env);
    options = { ...given, config: undefined, manifest: resolve(given.config) };
  }
  if (!isColourChoice(options.color))
    throw new NonoError('usage', `--color: '${options.color}' is none of ${colourChoices.join(', ')}`);
  const file = options.config ?? join(nonoDirectories(env).config, 'config.toml');
  if (options.config === undefined && !isThere(file)) return withTheme(options, options.theme, silent);
  const { readUserConfig } = await import('../../config/user-config.ts');
  const { theme, themeAt, withoutEffect } = readUserConfig(file, options.config !== undefined);
  if (!said && options.verbose > 0 && withoutEffect.length > 0)
    say(`  [nono] ${visibleText(file)}: without effect in this version: ${visibleText(withoutEffect.join(', '))}\n`);
  return options.theme === undefined
    ? withTheme(options, theme, silent, themeAt)
    : withTheme(options, options.theme, silent);
}
