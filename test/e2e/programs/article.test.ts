/** The article's `developer` profile, as it stands there. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { developerProfile } from '../../helpers/article.ts';
import { nono } from '../../helpers/run.ts';
import { makeHome, users } from '../../helpers/users.ts';

for (const user of users) {
  describe(`the article's developer profile, as ${user.name}`, () => {
    const home = makeHome(user);
    mkdirSync(join(home, '.config/nono/profiles'), { recursive: true });
    writeFileSync(join(home, '.config/nono/profiles/developer.json'), developerProfile);
    spawnSync('chown', ['-R', `${user.uid}`, join(home, '.config')]);
    const under = ['run', '--profile', 'developer', '--silent', '--allow-cwd', '--'];
    const python = (script: string): readonly string[] => [...under, 'python3', '-S', '-c', script];

    for (const cwd of [home, join(home, 'project')]) {
      test(`a key is refused from ${cwd === home ? 'the home directory' : 'a project'}`, () => {
        const done = nono(user, python(`print(open('${home}/.ssh/id_ed25519').read())`), { cwd, home });
        assert.equal(done.code, 1);
        assert.match(done.stderr, /PermissionError: \[Errno 13\] Permission denied: '.*\/\.ssh\/id_ed25519'/);
        assert.doesNotMatch(done.stdout, /SECRET/);
      });
    }
    test('an ordinary file beside it stays readable and writable from the home directory', () => {
      const done = nono(
        user,
        python(
          `print(open('${home}/beside.txt').read()); open('made-inside','w').write('x'); print(open('made-inside').read())`,
        ),
        {
          cwd: home,
          home,
        },
      );
      assert.equal(done.code, 0, done.stderr);
      assert.match(done.stdout, /an ordinary file/);
    });
    test('a key made after the start, a rename of its directory and a hard link give nothing', () => {
      const script = `
import os, sys
def t(name, f):
    try: f(); print('OPEN', name)
    except OSError as e: print('blocked', name, e.errno)
t('create below', lambda: open('${home}/.ssh/later', 'w'))
t('rename ancestor', lambda: os.rename('${home}/.ssh', '${home}/moved'))
t('hard link', lambda: os.link('${home}/.ssh/id_ed25519', '${home}/project/key'))
t('through root', lambda: open('/proc/self/root${home}/.ssh/id_ed25519'))
os.symlink('${home}/.ssh/id_ed25519', '${home}/project/link')
t('symlink', lambda: open('${home}/project/link'))
`;
      const done = nono(user, python(script), { cwd: home, home });
      assert.equal(done.code, 0, done.stderr);
      assert.doesNotMatch(done.stdout, /OPEN/);
      assert.equal(done.stdout.match(/blocked/g)?.length, 5);
    });
    for (const tool of ['npm', 'pip3']) {
      const there =
        spawnSync(user.prefix[0] ?? 'env', [
          ...user.prefix.slice(1),
          'sh',
          '-c',
          `PATH=/usr/local/bin:/usr/bin:/bin ${tool} --version`,
        ]).status === 0;
      test(`${tool} starts`, { skip: there ? undefined : `${tool} is not on this machine` }, () => {
        const done = nono(user, [...under, tool, '--version'], { cwd: join(home, 'project'), home });
        assert.equal(done.code, 0, done.stderr);
        assert.match(done.stdout, /\d+\.\d+/);
      });
    }
  });
}
