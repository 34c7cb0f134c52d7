/** The home directory as a writable working directory with denied paths in it: ordinary work succeeds, and no name trick reaches what is denied. */
import assert from 'node:assert/strict';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { nono, type Outcome } from '../../helpers/run.ts';
import { makeHome, users } from '../../helpers/users.ts';

for (const user of users) {
  describe(`a carved home, as ${user.name}`, () => {
    const home = makeHome(user);
    const sh = (script: string): Outcome =>
      nono(user, ['run', '-s', '--allow', '.', '--', 'sh', '-c', script], { cwd: home, home });

    test('create, rename, link and remove at the top of it', () => {
      const done = sh(`set -e
umask 027; mkdir -p made/deep; echo one > made/deep/file; echo two > top; mv top made/moved; mv made/moved back
ln -s back pointer; ln back second; mkfifo pipe; rm pipe; mkdir gone; rmdir gone; truncate -s 2 back; cat pointer; rm -r made; mkdir slash/; git init -q repo && ls -a repo/.git >/dev/null; mktemp -p . >/dev/null`);
      assert.equal(done.code, 0, done.stderr);
      assert.equal(readFileSync(join(home, 'back'), 'utf8'), 'tw');
      assert.equal(readlinkSync(join(home, 'pointer')), 'back');
      assert.equal(statSync(join(home, 'second')).nlink, 2);
      assert.equal(statSync(join(home, 'slash')).uid, user.uid);
      assert.equal(statSync(join(home, 'slash')).mode & 0o777, 0o750);
      for (const gone of ['made', 'gone', 'pipe', 'top']) assert.equal(existsSync(join(home, gone)), false, gone);
    });
    test("errors are the kernel's own", () => {
      const done = sh(
        `mkdir project; rmdir nothing; rmdir project; mkdir no/such; rm -f nothing && echo fine; mv nothing x; ln -s a project`,
      );
      for (const line of [
        /mkdir: .*File exists/,
        /rmdir: .*'nothing'.*No such file/,
        /rmdir: .*not empty/,
        /mkdir: .*No such file/,
        /mv: .*No such file/,
      ]) {
        assert.match(done.stderr, line);
      }
      assert.match(done.stdout, /fine/);
    });
    test('nothing moves, replaces or stands in for what is denied', () => {
      const done =
        sh(`mv .ssh away; mv project .ssh; ln -s project .gnupg; mkdir .aws; ln .ssh/id_ed25519 key; mv .ssh/id_ed25519 key2; rm .ssh/id_ed25519; rm -rf .ssh
mkdir -p .config && ln -s ../project .config/gcloud; mv .config elsewhere; mkdir cfg; mv cfg .config; python3 - <<'P'
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
r = libc.syscall(316, -100, b'project', -100, b'.ssh', 2)
print('EXCHANGE', r)
P
cat key key2 away/id_ed25519 project/id_ed25519 2>/dev/null`);
      assert.doesNotMatch(done.stdout, /SECRET/);
      assert.doesNotMatch(done.stdout, /EXCHANGE 0/);
      assert.equal(readFileSync(join(home, '.ssh/id_ed25519'), 'utf8'), 'SECRET-KEY-MATERIAL\n');
      for (const name of ['away', 'key', 'key2', '.gnupg', '.aws', 'elsewhere', '.config/gcloud']) {
        assert.equal(lstatSync(join(home, name), { throwIfNoEntry: false }), undefined, name);
      }
      assert.deepEqual(readdirSync(join(home, '.ssh')), ['id_ed25519']);
    });
    test("nono's own settings cannot be written, whatever is granted", () => {
      const done = sh(
        `mkdir -p .config/nono/profiles; echo '{}' > .config/nono/profiles/default-local.json; mkdir .config/nono; ls .config/nono`,
      );
      assert.match(done.stderr, /Permission denied/);
      assert.equal(existsSync(join(home, '.config/nono/profiles/default-local.json')), false);
      assert.equal(done.code === 0, false);
    });
  });
}
