/** native/README.md says what each file is for, and names none that is gone; build.sh builds each. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../helpers/users.ts';

const native = join(root, 'native');
const files = ['', 'planner/', 'preload/'].flatMap((directory) =>
  readdirSync(join(native, directory))
    .filter((name) => name.endsWith('.c'))
    .map((name) => directory + name),
);

test('every C file has its row, and every row its file', () => {
  const rows = readFileSync(join(native, 'README.md'), 'utf8').split('## One file per mechanism')[1]?.split('\n## ')[0];
  const named = [...(rows ?? '').matchAll(/^\| ([^|]*) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([\w/-]+\.c)`/g)].map(([, name = '']) => name),
  );
  // The library's files are one row.
  assert.deepEqual(named.toSorted(), files.filter((name) => !name.startsWith('preload/')).toSorted());
});

test('every C file is built', () => {
  const words = new Set(readFileSync(join(native, 'build.sh'), 'utf8').split(/[\s"=]+/));
  const whole = files.filter((name) => !name.includes('/')).map((name) => name.slice(0, -2));
  assert.deepEqual(
    whole.filter((name) => !words.has(name) && !words.has(`${name}.c`)),
    [],
  );
  for (const pattern of ['planner/*.c', 'preload/*.c']) assert.ok(words.has(pattern), pattern);
});
