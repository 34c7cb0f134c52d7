/** The profile of the article that the product answers, as it stands there. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { decide } from '../../../src/policy/decide/decide.ts';
import { compilePlan } from '../../../src/policy/plan/compile.ts';
import { FLOOR_READ_TREE, FLOOR_WRITE_TREE } from '../../../src/sandbox/linux/constants.ts';
import { developerProfile } from '../../helpers/article.ts';
import { resolveIn, temporary } from '../support.ts';

test('with the home directory as working directory, secrets stay closed and what lies beside them open', (t) => {
  const home = temporary(t, {
    '.config/nono/profiles/developer.json': developerProfile,
    '.config/gcloud/token': '',
    '.config/app/settings': '',
    '.ssh/id_ed25519': '',
    '.npmrc': '',
    '.pyenv/versions/3.11/bin/python3': '',
    'notes.txt': '',
    'proj/src/x': '',
  });
  const policy = resolveIn(home, { profile: 'developer', allowCwd: true });
  const verdict = (path: string, access: 'read' | 'write' = 'read'): string => {
    const decision = decide(policy, { path: join(home, path), access });
    return decision.verdict === 'allow'
      ? 'allow'
      : decision.reason === 'denied-by-rule'
        ? decision.rule.source
        : decision.reason;
  };
  assert.equal(policy.workdirGrant?.state, 'granted');
  assert.equal(verdict('.ssh/id_ed25519'), 'group:deny_credentials');
  assert.equal(verdict('.npmrc'), 'group:deny_credentials');
  assert.equal(verdict('.config/gcloud/token'), 'group:deny_credentials');
  assert.equal(verdict('.bashrc'), 'group:deny_shell_configs');
  for (const path of [
    'notes.txt',
    '.config/app/settings',
    'proj/src/x',
    'proj/new',
    '.pyenv/versions/3.11/bin/python3',
  ])
    assert.equal(verdict(path), 'allow', path);
  assert.equal(verdict('.config/nono/profiles/developer.json', 'write'), 'nono');
  for (const command of ['python3', 'node', 'npm', 'pip', 'rm'])
    assert.ok(!policy.blockedCommands.includes(command), command);
  assert.ok(policy.blockedCommands.includes('mkfs'));

  const { floor, carved } = compilePlan(policy, { supervise: true, mode: 'ask', env: {} });
  assert.ok(carved.includes(home) && carved.includes(join(home, '.config')));
  const rights = (path: string): number | undefined => floor.find((rule) => rule.path === join(home, path))?.rights;
  assert.equal(rights('proj'), FLOOR_READ_TREE | FLOOR_WRITE_TREE);
  assert.equal(rights('notes.txt'), 13);
  for (const path of ['', '.ssh', '.ssh/id_ed25519', '.config', '.config/gcloud', '.npmrc'])
    assert.equal(rights(path), undefined, path);
});
