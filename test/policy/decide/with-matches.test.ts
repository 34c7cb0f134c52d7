/** What a matching link leads to is denied in the answers of `why`, as in a session. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { decide } from '../../../src/policy/decide/decide.ts';
import { withMatches } from '../../../src/policy/decide/with-matches.ts';
import { nodeFileSystem } from '../../../src/policy/plan/file-system.ts';
import { resolveIn, temporary } from '../support.ts';

test('a link under a pattern: what it leads to is denied, what lies beside is not', (t) => {
  const home = temporary(t, { 'p/.env': '-> secret.txt', 'p/secret.txt': '', 'p/other.txt': '' });
  const at = (name: string): string => join(home, 'p', name);
  const policy = resolveIn(home, {
    workdir: at(''),
    grants: [{ flag: '--allow', path: at(''), access: 'readwrite', expect: 'directory' }],
    denies: [`${at('')}/**/.env`],
  });
  const verdict = (name: string): string =>
    decide(withMatches(policy, nodeFileSystem()), { path: at(name), access: 'read' }).verdict;
  assert.equal(decide(policy, { path: at('secret.txt'), access: 'read' }).verdict, 'allow', 'by its name alone');
  assert.equal(verdict('secret.txt'), 'deny');
  assert.equal(verdict('other.txt'), 'allow');
});

test('without patterns nothing is searched', (t) => {
  const policy = resolveIn(temporary(t, { 'p/f': '' }), {});
  const nothing = new Proxy(nodeFileSystem(), {
    get: () => assert.fail('it asked the file system'),
  });
  assert.equal(withMatches(policy, nothing), policy);
});
