/** The profiles in profiles/examples, by name, as a user copies them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './users.ts';

export function exampleProfiles(): { readonly name: string; readonly file: string; readonly text: string }[] {
  const directory = join(root, 'profiles/examples');
  return readdirSync(directory)
    .filter((file) => file.endsWith('.jsonc'))
    .sort()
    .map((file) => ({
      name: file.slice(0, -'.jsonc'.length),
      file,
      text: readFileSync(join(directory, file), 'utf8'),
    }));
}
