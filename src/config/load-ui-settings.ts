/** The user's `[ui]`, if there is a file: without one, what reads TOML is not loaded. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { NonoError } from '../platform/errors.ts';
import { isThere } from './is-there.ts';
import type { UiSettings } from './ui-settings.ts';

/** `named`: a file instead of the user's own. */
export async function loadUiSettings(config: string, named?: string): Promise<UiSettings> {
  const file = named ?? join(config, 'config.toml');
  if (named === undefined && !isThere(file)) return {};
  const { readUiSettings } = await import('./user-config.ts');
  const settings = readUiSettings(config, named);
  if (settings.copyCommand !== undefined) refuseOthers(file);
  return settings;
}

/** It names a program that runs outside the sandbox, as this user: `sudo` may leave HOME, and the settings found there, as they were. */
function refuseOthers(file: string): void {
  const { uid } = statSync(file);
  if (uid === 0 || uid === process.geteuid?.()) return;
  throw new NonoError('usage', `${file}: ui.copy_command would run as you, and the file belongs to user ${uid}`, {
    hint: 'set HOME to your own, or take copy_command out',
  });
}
