import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestUser } from '../helpers/users.ts';
import { specials, topics } from './catalogue/index.ts';
import { knownIds } from './catalogue/page.ts';
import { findings, survives } from './catalogue/survives.ts';
import { neverDone } from './try.ts';

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

test('a call that never succeeded outside a sandbox is said, unless only root can make it', () => {
  const plain = { id: 'x', title: '', script: '', breach: 'changed' } as const;
  const attempt = { ...plain, every: /^mknod char$/ };
  const [rootUser, ordinary] = ['root', 'ordinary user'].map((name) => ({ name }) as TestUser);
  const output =
    'SECRET-1@ link: File exists\n@ mknod char: Operation not permitted\n@ link: done\n@ the peer: setns: Bad file\n';
  assert.deepEqual(neverDone(attempt, ordinary as TestUser, output), ['the peer: setns']);
  assert.deepEqual(neverDone(attempt, rootUser as TestUser, output), ['mknod char', 'the peer: setns']);
  assert.deepEqual(neverDone(plain, rootUser as TestUser, output), []);
});
