/** The user's `[ui]`, if there is a file: without one, what reads TOML is not loaded. */
import { join } from 'node:path';
import { isThere } from './is-there.ts';
import type { UiSettings } from './ui-settings.ts';

export async function loadUiSettings(config: string): Promise<UiSettings> {
  if (!isThere(join(config, 'config.toml'))) return {};
  const { readUiSettings } = await import('./ui-settings.ts');
  return readUiSettings(config);
}
