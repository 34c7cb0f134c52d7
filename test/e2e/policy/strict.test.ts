/** `--strict-deny`: what somebody outside makes match a deny pattern while the session runs is denied, where it would be open without. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, type TestContext, test } from 'node:test';
import { nodeFileSystem } from '../../../src/policy/plan/file-system.ts';
import { computeFloor } from '../../../src/policy/plan/floor.ts';
import { nono } from '../../helpers/run.ts';
import { environment, installationFor, makeHome, rootSkip, type TestUser, users } from '../../helpers/users.ts';
import { rules, temporary } from '../../policy/support.ts';

test('the root half', { skip: rootSkip }, () => {});

test('the floor holds nothing that a pattern could come to match, and all the rest', (t) => {
  const top = temporary(t, { 'a/f': '', 'a/b/f': '', 'c/f': '', 'd/x/f': '', 'd/f': '' });
  const floor = (...lines: readonly string[]): string[] =>
    computeFloor(rules(`allow tree readwrite ${top}`, 'allow tree read /usr', ...lines), nodeFileSystem(), true)
      .rules.map((rule) => rule.path)
      .filter((path) => path.startsWith(top))
      .map((path) => path.slice(top.length));
  assert.deepEqual(floor(), ['']);
  assert.deepEqual(floor('deny pattern all /**/.env'), []);
  assert.deepEqual(floor(`deny pattern all ${top}/a/*.pem`), ['/a/b', '/c', '/d']);
  assert.deepEqual(floor(`deny pattern all ${top}/d/*/secret`), ['/a', '/c']);
  assert.deepEqual(floor(`deny pattern all ${top}/d/**/secret`), ['/a', '/c']);
  assert.deepEqual(floor(`deny pattern all ${top}/*/secret`), []);
});

/** A session that reads one line at a time and says what it did; the world outside changes in between. */
function session(t: TestContext, user: TestUser, home: string, flags: readonly string[]) {
  const [program = '', ...rest] = [...user.prefix, join(installationFor(user), 'bin/nono'), 'run', '-s', ...flags];
  const child = spawn(
    program,
    [...rest, '--', 'sh', '-c', 'while read -r line; do eval "$line" 2>&1; echo "end $?"; done'],
    {
      cwd: join(home, 'project'),
      env: environment(home),
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (command: string): Promise<string> => {
    child.stdin.write(`${command}\n`);
    let said = '';
    for (;;) {
      const { value, done } = await lines.next();
      assert.ok(!done, `it ended: ${said}`);
      said += `${value}\n`;
      if (value.startsWith('end ')) return said;
    }
  };
}

for (const user of users) {
  describe(user.name, () => {
    const home = makeHome(user);
    const project = join(home, 'project');
    const plant = (name: string, text: string): string => {
      const path = join(project, name);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, text, { mode: 0o755 });
      chownSync(path, user.uid, user.uid);
      return path;
    };
    const flags = ['--allow', '~', '--deny', '**/.env'];

    for (const strict of [false, true]) {
      test(`a file outside gives the name to, and one it makes: ${strict ? 'denied' : 'open without it'}`, async (t) => {
        for (const name of ['plain', 'made', 'fresh']) rmSync(join(project, name), { recursive: true, force: true });
        plant('plain/config', 'TOPSECRET');
        spawnSync('chown', ['-R', `${user.uid}:${user.uid}`, home]);
        const say = session(t, user, home, [...flags, ...(strict ? ['--strict-deny'] : [])]);
        assert.match(
          await say('cat plain/config; mkdir -p made/below; echo x > made/f; cat made/f'),
          /TOPSECRET\s?x\nend 0/,
        );
        renameSync(join(project, 'plain/config'), join(project, 'plain/.env'));
        plant('made/below/.env', 'TOPSECRET');
        plant('fresh/.env', 'TOPSECRET');
        const said = await say('cat plain/.env; cat made/below/.env; cd fresh; cat .env; cat ../made/f; echo y > .env');
        assert.equal(said.match(/TOPSECRET/g)?.length ?? 0, strict ? 0 : 3, said);
        assert.match(said, /x\n/);
        if (!strict) return;
        assert.match(said, /end [12]\n/);
        const looked = await say(
          'sh -c "cat .e*; cp .env x; ln .env y; dd if=.env; grep -r SECRET ~ .; exec 3<.env; cat <&3"',
        );
        assert.doesNotMatch(looked, /TOPSECRET/);
      });
    }

    test('a directory with what somebody outside made under a denied name is not moved to where no pattern looks', async (t) => {
      for (const name of ['vault', 'open']) rmSync(join(project, name), { recursive: true, force: true });
      plant('vault/sub/f', 'fine\n');
      plant('vault/other/f', 'fine\n');
      plant('open/f', 'fine\n');
      spawnSync('chown', ['-R', `${user.uid}:${user.uid}`, home]);
      const say = session(t, user, home, ['--allow', '~', '--deny', `${project}/vault/**/*.pem`, '--strict-deny']);
      assert.match(await say('cat vault/sub/f'), /fine\nend 0/);
      plant('vault/sub/deep/k.pem', 'TOPSECRET\n');
      const said = await say(
        `for d in vault/sub vault/sub/deep; do for to in open/moved open; do mv -T $d $to; mv $d open/; python3 -c 'import ctypes, sys; ctypes.CDLL(None).renameat2(-100, sys.argv[1].encode(), -100, sys.argv[2].encode(), 2)' $d $to; done; done; grep -r . open vault/sub`,
      );
      assert.match(said, /open\/.*fine/);
      assert.doesNotMatch(said, /TOPSECRET/);
      // Without such a file the same move is made.
      assert.match(await say('mv -T vault/other open/other && cat open/other/f'), /fine\nend 0/);
    });

    test('programs work in such a tree: built, run, linked, listed, as scripts, and the fast path stays on', () => {
      plant('m.c', '#include <stdio.h>\nint main(void){puts("built");}\n');
      plant('s.sh', '#!/bin/sh\necho script\n');
      const script = `exec 2>&1; ${spawnSync('cc', ['--version']).status === 0 ? 'cc -o m m.c && ./m' : 'echo built'}; ./s.sh; mkdir -p d/e && mv d/e d/f && ls d; ln -s m.c l && cat l | head -c 8; echo; mktemp | wc -l
find . -name m.c; rm -r d l; echo "$TERM" > /dev/null; echo \${LD_PRELOAD:+preloaded}; echo end`;
      const done = nono(user, ['run', '-s', ...flags, '--strict-deny', '--', 'sh', '-c', script], {
        cwd: project,
        home,
      });
      assert.match(done.stdout, /^built\nscript\nf\n#include\n1\n\.\/m\.c\npreloaded\nend\n/, done.stdout);
    });

    test('a profile asks for it too, and -v says which holds', () => {
      const profile = join(home, 'p.json');
      const say = (strict_deny: boolean): string => {
        writeFileSync(
          profile,
          JSON.stringify({ meta: { name: 'p' }, filesystem: { allow: ['~'], deny: ['**/.env'] }, strict_deny }),
        );
        return nono(user, ['run', '-v', '-p', profile, '--', 'true'], { cwd: project, home }).stderr;
      };
      assert.match(say(true), /what something outside makes during the session is denied too/);
      assert.match(
        say(false),
        /what something outside makes during the session can be read \(--strict-deny refuses it\)/,
      );
    });
  });
}
