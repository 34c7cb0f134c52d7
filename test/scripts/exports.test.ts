/** Every export has somebody who uses it, and every module of the product somebody who imports it: what is left over is taken out. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const files = globSync('{src,components,scripts,test,docs}/**/*.{ts,tsx,mjs,cjs}', { cwd: root }).sort();
const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const wordsOf = (text: string): string[] => text.match(/[\w$]+/g) ?? [];

/** In how many files each word stands. */
const spread = new Map<string, number>();
for (const text of texts.values())
  for (const word of new Set(wordsOf(text))) spread.set(word, (spread.get(word) ?? 0) + 1);

const exported = /^export (?:async )?(function\*?|const|let|class|type|interface|enum) (\w+)/gm;

/** Types that a signature of the same file names are part of it, whether or not somebody writes them down. */
function leftOver(text: string): string[] {
  return [...text.matchAll(exported)].flatMap(([, kind = '', name = '']) => {
    if ((spread.get(name) ?? 0) > 1) return [];
    const inside = wordsOf(text).filter((word) => word === name).length > 1;
    return inside && ['type', 'interface'].includes(kind) ? [] : [name];
  });
}

test('every export is used by another file', () => {
  assert.ok(files.length > 500 && [...texts.values()].some((text) => text.match(exported)), 'the sources were found');
  assert.deepEqual(
    [...texts].flatMap(([file, text]) => leftOver(text).map((name) => `${file}: ${name}`)),
    [],
  );
  assert.deepEqual(leftOver('export const anythingThatNobodyNames1 = 1;'), ['anythingThatNobodyNames1']);
});

test('every module of the product is imported', () => {
  // By the build: bin/nono starts it, and the planner's engine has it in the place of Node's own modules.
  const begun = ['src/cli/main.ts', 'src/planner/main.ts', 'src/planner/node/fs.ts', 'src/planner/node/globals.ts'];
  const imported = new Set(begun);
  for (const [file, text] of texts)
    for (const [, path = ''] of text.matchAll(/['"](\.{1,2}\/[^'"]+)['"]/g)) imported.add(join(dirname(file), path));
  assert.deepEqual(
    files.filter((file) => /^(src|components)\//.test(file) && !imported.has(file)),
    [],
  );
});
