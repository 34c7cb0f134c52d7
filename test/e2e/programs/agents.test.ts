/** Programs that hide their memory from debuggers work inside: ssh-agent with a key of the working directory, and a new gpg key. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { installed } from '../../helpers/installed.ts';
import { nono } from '../../helpers/run.ts';
import { makeHome, rootSkip, users } from '../../helpers/users.ts';

test('the root half', { skip: rootSkip }, () => {});

const missing = (...programs: readonly string[]): string | undefined => {
  const absent = programs.filter((program) => !installed(program));
  return absent.length === 0 ? undefined : `no ${absent.join(', ')}`;
};

for (const user of users) {
  describe(user.name, () => {
    const run = (home: string, script: string) =>
      nono(user, ['run', '-s', '--allow', '.', '--', 'sh', '-ec', script], { cwd: join(home, 'project'), home });

    test('ssh-agent and ssh-add', { skip: missing('ssh-agent', 'ssh-add', 'ssh-keygen') }, () => {
      const home = makeHome(user);
      const done = run(
        home,
        'ssh-keygen -q -t ed25519 -N \'\' -C inside -f id; eval "$(ssh-agent -s -a "$PWD/agent")" >/dev/null; ssh-add -q id; ssh-add -l; ssh-agent -k >/dev/null',
      );
      assert.equal(done.code, 0, done.stderr);
      assert.match(done.stdout, /inside \(ED25519\)/);
      assert.ok(existsSync(join(home, 'project/id')));
    });

    test('gpg makes a key and signs with it', { skip: missing('gpg', 'gpg-agent') }, () => {
      const home = makeHome(user);
      const done = run(
        home,
        "export GNUPGHOME=$PWD/g; mkdir -m 700 g; gpg --batch --quiet --passphrase '' --quick-gen-key inside@example.org ed25519 sign never; echo text >t; gpg --batch --quiet --detach-sign t; gpg --verify t.sig t; gpgconf --kill all",
      );
      assert.equal(done.code, 0, done.stderr);
      assert.match(done.stderr, /Good signature from "inside@example\.org"/);
    });
  });
}
