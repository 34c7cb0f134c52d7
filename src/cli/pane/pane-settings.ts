/** What the pane of `nono shell` needs besides a plan: the user's settings, the size, how the shell is started. */
import { join } from 'node:path';
import { nonoDirectories } from '../../config/directories.ts';
import { loadUiSettings } from '../../config/load-ui-settings.ts';
import type { UiSettings } from '../../config/ui-settings.ts';
import { installationRoot } from '../../platform/installation.ts';
import { decideOnce } from '../../policy/decide/decide.ts';
import type { PolicyRule } from '../../policy/model.ts';
import { type ShellStart, shellStart } from '../../session/life/shell-rc.ts';
import { type Size, sizeFrom } from '../../terminal/geometry.ts';
import type { Options } from '../tables/flags.ts';

/** Throws NonoError for a wrong key: said before anything is started. */
export async function paneSettings(options: Options): Promise<UiSettings> {
  const ui = await loadUiSettings(nonoDirectories(process.env).config, options.config);
  // A table of keys is there with each file that has settings.
  if (ui.prefix !== undefined || Object.keys(ui.keys ?? {}).length > 0) {
    const { userKeymap } = await import('./interactive-shell.ts');
    userKeymap(ui);
  }
  return ui;
}

/** The relay has asked the terminal; asking it here would load what the screen needs first. */
export function terminalSize(): Size | undefined {
  return sizeFrom(process.env['NONO_RELAY_SIZE'] ?? '');
}

export function paneShell(shell: string, rules: readonly PolicyRule[] = []): ShellStart {
  const readable = (path: string): boolean => decideOnce(rules, { path, access: 'read' }).verdict === 'allow';
  return shellStart(shell, join(installationRoot(), 'dist', 'rc'), process.env, readable);
}
