import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, driver } from '../driver.ts';

/** The list of children is longer than any buffer: a pid cut in two at its end would be the pid of somebody outside. */
test('of thousands of children each is signalled, and nobody else', () => {
  const program = driver(
    'drivers/children.c',
    ['inside', 'caller', 'caller_stat', 'caller_workers', 'lineage', 'process_table'],
    ['-Wl,--wrap=kill'],
  );
  for (const count of [0, 1, 170, 3000]) assert.equal(ask(program, [String(count)]), `reached ${count}\n`);
});
