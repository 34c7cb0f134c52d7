import assert from 'node:assert/strict';
import { linkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findHardLinks } from '../../../src/policy/pattern/hard-links.ts';
import { nodeFileSystem } from '../../../src/policy/plan/file-system.ts';
import { rules, temporary } from '../support.ts';

test('another name of a denied file in a granted tree is found and named, others are not', (t) => {
  const dir = temporary(t, {
    'secret/deep/key': 'K',
    'secret/alone': '',
    'work/a/b': null,
    'work/other': '',
    outside: null,
  });
  linkSync(join(dir, 'secret/deep/key'), join(dir, 'work/a/b/innocent'));
  linkSync(join(dir, 'secret/deep/key'), join(dir, 'secret/also-denied'));
  linkSync(join(dir, 'secret/alone'), join(dir, 'outside/not-granted'));
  linkSync(join(dir, 'work/other'), join(dir, 'work/twice'));
  const list = rules(
    'allow exact read /',
    `allow tree readwrite ${join(dir, 'work')}`,
    `deny tree all ${join(dir, 'secret')}`,
  );
  const found = findHardLinks(list, nodeFileSystem());
  assert.equal(found.complete, true);
  assert.deepEqual(
    found.links.map((link) => [link.granted, link.rule.id]),
    [[join(dir, 'work/a/b/innocent'), 2]],
  );
  assert.match(found.links[0]?.denied ?? '', /secret\/(?:deep\/key|also-denied)$/);
});
