/** npm run generate: writes the pages of docs/ that are made from tables. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages } from './pages.ts';

const root = join(import.meta.dirname, '..');
for (const { file, render } of pages) {
  writeFileSync(join(root, file), render());
  process.stdout.write(`${file}\n`);
}
