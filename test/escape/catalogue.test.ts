import assert from 'node:assert/strict';
import { test } from 'node:test';
import { specials, topics } from './catalogue/index.ts';
import { knownIds } from './catalogue/page.ts';
import { findings, survives } from './catalogue/survives.ts';

test('every line and every finding has attempts that exist', () => {
  const known = knownIds();
  for (const line of [...survives.flatMap((s) => s.lines), ...findings]) {
    assert.ok(line.cases.length > 0, line.id);
    for (const id of line.cases) assert.ok(known.has(id), `${line.id} speaks of ${id}`);
  }
});

test('ids are used once', () => {
  const ids = [...topics.flatMap((t) => t.attempts.map((a) => a.id)), ...specials.map((s) => s.id)];
  assert.equal(new Set(ids).size, ids.length);
});
