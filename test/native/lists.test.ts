/** What is decided by a list of names is refused when the list breaks off: who or what stands behind may be what it is about. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, driver } from './driver.ts';

const lists = (what: string): string[] =>
  ask(
    // Of the parts, only the functions that are asked are needed.
    driver(
      'drivers/lists.c',
      ['job_control', 'birth_pools'],
      ['-Wl,--wrap=readdir', '-ffunction-sections', '-Wl,--gc-sections'],
    ),
    [what],
  )
    .trim()
    .split('\n');

test('a process group with a member outside is not joined, seen or not', () => {
  assert.deepEqual(lists('group'), ['joins', 'EPERM', 'EPERM']);
});

test('a directory is not empty because it cannot be listed', () => {
  assert.deepEqual(lists('pool'), ['empty', 'not empty', 'not empty']);
});
