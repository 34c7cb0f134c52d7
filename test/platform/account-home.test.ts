import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { accountHome, homeInAccounts } from '../../src/platform/account-home.ts';
import { nono } from '../helpers/run.ts';
import { users } from '../helpers/users.ts';
import { temporary } from '../policy/support.ts';

test('the home of an account is the sixth field of the line with its number', () => {
  const text = `# comment
root:x:0:0:root:/root:/bin/sh
short:x:7
relative:x:8:8::home:/bin/sh
you:x:1000:1000:You,,,:/home/you:/bin/bash
twice:x:1000:1000::/home/twice:/bin/bash
`;
  assert.equal(homeInAccounts(text, 0), '/root');
  assert.equal(homeInAccounts(text, 1000), '/home/you', 'the first counts');
  for (const uid of [7, 8, 10, 100]) assert.equal(homeInAccounts(text, uid), undefined, `${uid}`);
});

for (const user of users) {
  const home = homeInAccounts(readFileSync('/etc/passwd', 'utf8'), user.uid);
  const skip = (home === undefined || !existsSync(home)) && 'this account has no home here';
  test(`a start with another HOME keeps nono’s own files in the home of the account, ${user.name}`, { skip }, (t) => {
    const other = temporary(t);
    for (const path of ['.config/nono/profiles/x.json', '.local/state/nono/plan-cache/x', '.nono/x']) {
      const args = ['why', '--json', '--path', join(home ?? '', path), '--op', 'write', '--allow', home ?? ''];
      const { stdout, stderr } = nono(user, args, { cwd: '/', home: other });
      const answer = JSON.parse(stdout);
      assert.equal(answer.status, 'denied', stderr);
      assert.equal(answer.rule.source, 'nono', stdout);
    }
  });
}

test('the home of this account is what the system says', { skip: process.platform !== 'linux' }, () => {
  assert.equal(accountHome(process.getuid?.() ?? 0), userInfo().homedir);
  assert.equal(accountHome(4_000_000_000), userInfo().homedir, 'in no file: a directory service is asked');
});
