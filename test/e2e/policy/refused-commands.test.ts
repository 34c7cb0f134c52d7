/** `commands.deny` and --block-command: refused at every execve under a supervisor, by name and by file; what is only a guard is shown to be one. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, copyFileSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { nodeFileSystem } from '../../../src/policy/plan/file-system.ts';
import { refusedCommands } from '../../../src/policy/plan/refused-commands.ts';
import { nono, type Outcome } from '../../helpers/run.ts';
import { makeHome, rootSkip, users } from '../../helpers/users.ts';

test('the root half', { skip: rootSkip }, () => {});

test('a name stands for the files that PATH has under it, but not for a file that is many commands', () => {
  const fs = nodeFileSystem();
  assert.deepEqual(refusedCommands([], '/usr/bin', fs), []);
  assert.deepEqual(refusedCommands(['no-such-command'], '/usr/bin', fs), ['no-such-command']);
  assert.deepEqual(refusedCommands(['env'], '/usr/bin', fs).slice(0, 2), ['env', realpathSync('/usr/bin/env')]);
  assert.deepEqual(refusedCommands(['/usr/bin/env'], undefined, fs), ['env', realpathSync('/usr/bin/env')]);
});

for (const user of users) {
  describe(user.name, () => {
    const home = makeHome(user);
    const project = join(home, 'project');
    const bin = join(project, 'bin');
    mkdirSync(bin, { recursive: true });
    const tool = join(bin, 'tool');
    copyFileSync('/usr/bin/readlink', tool);
    symlinkSync('tool', join(bin, 'alias'));
    writeFileSync(join(bin, 'script'), '#!./bin/tool -f\n', { mode: 0o755 });
    writeFileSync(join(bin, 'tool-two'), '#!/bin/sh\necho other\n', { mode: 0o755 });
    spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, home]);
    chownSync(tool, user.uid, user.uid);
    const env = { PATH: `${bin}:/usr/local/bin:/usr/bin:/bin` };
    const sh = (flags: readonly string[], script: string): Outcome =>
      nono(user, ['run', '--allow', '.', ...flags, '--', 'sh', '-c', script], { cwd: project, home, env });

    test('nothing in the session executes it, however it is called; all else runs', () => {
      const done = sh(
        ['--block-command', 'tool'],
        `exec 2>&1; tool -f . ; echo name $?; ./bin/tool -f .; echo path $?; alias -f .; echo; bin/alias -f .; echo link $?; bin/script; echo script $?
exec 3<bin/tool; /proc/self/fd/3 -f . ; echo descriptor $?; /proc/self/root${bin}/tool -f .; echo root $?; (cd bin; exec /proc/self/cwd/tool -f .); echo cwd $?
env tool -f .; echo env $?; mv bin/tool bin/moved; bin/moved -f .; echo moved $?; ln bin/moved bin/second; bin/second -f .; echo linked $?; mv bin/moved bin/tool
tool-two; readlink -f . ; sh -c 'sh -c "tool -f .; echo deep \\$?"'; no-such-command; echo missing $?`,
      );
      for (const word of [
        'name',
        'path',
        'link',
        'script',
        'descriptor',
        'root',
        'cwd',
        'env',
        'moved',
        'linked',
        'deep',
      ])
        assert.match(done.stdout, new RegExp(`^${word} 126$`, 'm'), `${word}: ${done.stdout}`);
      assert.match(done.stdout, /^other$/m);
      assert.match(done.stdout, /^missing 127$/m);
      // Once, by the other program.
      assert.equal(done.stdout.split('\n').filter((line) => line === project).length, 1, done.stdout);
    });

    test('the refusal is named at the end, with what lifts it', () => {
      const done = sh(['--block-command', 'tool'], 'tool -f .');
      assert.equal(done.code, 126);
      assert.match(done.stderr, /bin\/tool.*--allow-command tool/s);
      const lifted = sh(['--block-command', 'tool', '--allow-command', 'tool'], 'tool -f .');
      assert.equal(lifted.stdout, `${project}\n`, lifted.stderr);
    });

    test('a profile refuses as well; its groups refuse the first command only', () => {
      const profile = join(home, 'p.json');
      const of = (content: object): string[] => {
        writeFileSync(profile, JSON.stringify({ meta: { name: 'p' }, ...content }));
        return ['-p', profile];
      };
      assert.match(sh(of({ commands: { deny: ['tool'] } }), 'tool -f . 2>&1; echo $?').stdout, /126/);
      assert.match(sh(of({ policy: { add_deny_commands: ['tool'] } }), 'tool -f . 2>&1; echo $?').stdout, /126/);
      const group = of({ security: { groups: ['dangerous_commands'] } });
      assert.match(sh(group, 'touch x; rm x; echo removed $?').stdout, /removed 0/);
      assert.equal(nono(user, ['run', ...group, '--', 'rm', 'x'], { cwd: project, home, env }).code, 1);
    });

    test('it is a guard and no boundary: a copy runs', () => {
      const done = sh(['--block-command', 'tool'], 'cp bin/tool bin/copy; bin/copy -f .; rm bin/copy');
      assert.equal(done.stdout, `${project}\n`, done.stderr);
    });

    test('wrap refuses it as the first command, and says that nothing refuses it later', () => {
      const at = { cwd: project, home, env };
      assert.equal(nono(user, ['wrap', '--allow', '.', '--block-command', 'tool', '--', 'tool'], at).code, 1);
      const later = nono(user, ['wrap', '--allow', '.', '--block-command', 'tool', '--', 'env', 'tool', '-f', '.'], at);
      assert.equal(later.stdout, `${project}\n`);
      assert.match(later.stderr, /not in force.*refused commands after the first/);
    });
  });
}
