/** What is generated from tables must be checked in as it is generated. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pages } from '../../../scripts/pages.ts';

for (const { file, render } of pages) {
  test(`${file} is what the tables say (npm run generate)`, () => {
    assert.equal(readFileSync(join(import.meta.dirname, '../../..', file), 'utf8'), render());
  });
}
