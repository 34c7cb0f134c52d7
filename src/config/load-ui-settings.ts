/** The user's `[ui]`, if there is a file: without one, what reads TOML is not loaded. */
import { join } from 'node:path';
import { isThere } from './is-there.ts';
import type { UiSettings } from './ui-settings.ts';

/** `named`: a file instead of the user's own. */
export async function loadUiSettings(config: string, named?: string): Promise<UiSettings> {
  if (named === undefined && !isThere(join(config, 'config.toml'))) return {};
  const { readUiSettings } = await import('./user-config.ts');
  return readUiSettings(config, named);
}
