/** The C files of the product, by their names: no two folders of native/ have one of the same name. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from '../helpers/users.ts';

export const native = join(root, 'native');
/** Made by a build, or of programs of their own. */
const others = /^(?:build|engine-build|planner|preload)\//;

/** Below native/, in order. */
export const files = readdirSync(native, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.c'))
  .toSorted();

const places = new Map(files.filter((name) => !others.test(name)).map((name) => [basename(name, '.c'), name]));

/** Where a part is: its path. */
export function part(name: string): string {
  const place = places.get(name);
  if (place === undefined) throw new Error(`there is no ${name}.c below native/`);
  return join(native, place);
}
