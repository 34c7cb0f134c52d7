/** The profiles that `nono setup --profiles` writes for the user to start from. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NonoError } from '../platform/errors.ts';
import { installationRoot } from '../platform/installation.ts';

export interface ExampleProfile {
  readonly name: string;
  /** Name of the file below the user's profile directory. */
  readonly file: string;
  readonly text: string;
}

/** In the order in which they are written. */
export function exampleProfiles(root: string = installationRoot()): readonly ExampleProfile[] {
  const directory = join(root, 'profiles', 'examples');
  try {
    return readdirSync(directory)
      .filter((file) => file.endsWith('.jsonc'))
      .sort()
      .map((file) => ({
        name: file.slice(0, -'.jsonc'.length),
        file,
        text: readFileSync(join(directory, file), 'utf8'),
      }));
  } catch (cause) {
    throw new NonoError('installation', `${directory} cannot be read`, { cause, hint: 'install nono again' });
  }
}
