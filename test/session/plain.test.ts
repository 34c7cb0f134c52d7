import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summariseDenials } from '../../src/session/plain.ts';
import { record } from '../terminal/helpers.ts';

test('one entry per path and access, in the order of first denial; allowed calls are none', () => {
  const all = summariseDenials([
    { type: 'denied', record: record({ path: '/b' }) },
    { type: 'held', holdId: 1n, record: record({ path: '/held' }) },
    { type: 'denied', record: record({ path: '/b' }) },
    { type: 'held', holdId: 2n, record: record({ path: '/allowed' }) },
    { type: 'released', holdId: 1n, outcome: 'suspended' },
    { type: 'released', holdId: 1n, outcome: 'denied' },
    { type: 'released', holdId: 2n, outcome: 'allowed' },
    { type: 'denied', record: record({ path: '/b', access: 'write' }) },
    { type: 'held', holdId: 3n, record: record({ path: '/at-the-end' }) },
  ]);
  assert.deepEqual(
    all.map((d) => [d.path, d.access, d.count]),
    [
      ['/b', 'read', 2],
      ['/held', 'read', 1],
      ['/b', 'write', 1],
      ['/at-the-end', 'read', 1],
    ],
  );
});
