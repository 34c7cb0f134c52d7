/** native/README.md says what each file is for, and names none that is gone; build.sh builds each. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { files as all, native } from './parts.ts';

const made = /^(?:build|engine-build)\//;
const files = all.filter((name) => !made.test(name));

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
  const whole = files.filter((name) => !/^(?:planner|preload)\//.test(name)).map((name) => name.slice(0, -2));
  assert.deepEqual(
    whole.filter((name) => !words.has(name) && !words.has(`${name}.c`)),
    [],
  );
  for (const pattern of ['planner/*.c', 'preload/*.c']) assert.ok(words.has(pattern), pattern);
});

test('no two have one name, so that tests can ask for one by it', () => {
  const names = files.filter((name) => !/^(?:planner|preload)\//.test(name)).map((name) => basename(name));
  assert.deepEqual(names, [...new Set(names)]);
});
