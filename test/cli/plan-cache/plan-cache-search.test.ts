/** Cached plans with deny patterns: the trees are searched again, and whatever the patterns find now that they did not find then, or the other way round, is a miss. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { enter, runLine } from '../../e2e/shell/shell-helpers.ts';
import { assertHit, CachedInstallation, leave } from '../../helpers/plan-cache.ts';
import { closeTerminals, key, type TestTerminal } from '../../helpers/terminal.ts';
import { type TestUser, users } from '../../helpers/users.ts';

after(closeTerminals);

/** Title of the session's own command line. */
const COMMANDS = /commands of this session/;

const look = 'cat deep/one/file deep/one/.env deep/two/.env; echo x > deep/one/new && mv deep/one/new deep/two/.env';
/** Below the project only: the directory for temporary files may be too large to be searched again in time. */
const startOf = (at: CachedInstallation, ...flags: string[]): string[] => {
  const pattern = `${at.project}/**/.env`;
  return ['run', '-s', '--no-diagnostics', ...flags, '--allow', '.', '--deny', pattern, '--', 'sh', '-c', look];
};

function prepared(user: TestUser): CachedInstallation {
  const at = new CachedInstallation(user);
  at.write('project/deep/one/file', 'plain\n');
  at.write('project/deep/one/.env', 'secret of one\n');
  at.write('project/deep/two/file', 'plain\n');
  at.write('project/deep/three/four/file', 'plain\n');
  for (const name of ['deep', 'deep/one', 'deep/two', 'deep/three', 'deep/three/four'])
    if (user.prefix.length > 0) chownSync(join(at.project, name), user.uid, user.uid);
  return at;
}

for (const user of users)
  describe(`as ${user.name}`, () => {
    const own = (path: string): void => {
      if (user.prefix.length > 0) chownSync(path, user.uid, user.uid);
    };

    test('a hit denies what the start before it denied, and the record has the search', () => {
      const at = prepared(user);
      const first = at.start(startOf(at));
      assert.equal(first.hit, false);
      assert.match(first.stdout, /^plain\n$/);
      assert.match(first.stderr, /one\/\.env: Permission denied/);
      const hit = at.untilHit(startOf(at));
      assert.match(hit.stdout, /^plain\n$/);
      assert.match(hit.stderr, /one\/\.env: Permission denied/);
      assert.match(hit.stderr, /mv: .*\.env'?: Permission denied\n$/, 'nor made by renaming');
      const searches = at.questions().filter(({ op }) => op === 's');
      assert.ok(searches.some(({ answer }) => answer.includes(`f${at.project}/deep/one/.env\n`)));
    });

    test('with a directory for temporary files of its own, which each start has anew', () => {
      const at = prepared(user);
      const line = ['run', '-s', '--private-tmp', '--allow', '.', '--deny', './**/.env', '--', 'sh', '-c'];
      at.untilHit([...line, 'true']);
      const start = at.untilHit([...line, 'echo made > "$TMPDIR/file" && cat "$TMPDIR/file"']);
      assert.equal(start.stdout, 'made\n', start.stderr);
      assert.ok(at.questions().every(({ op, subject }) => op !== 's' || !subject.includes('nono-tmp-')));
    });

    const changes: readonly (readonly [string, (at: CachedInstallation) => void])[] = [
      ['a file that matches', (at) => void at.write('project/deep/two/.env', 'secret of two\n')],
      [
        'a directory that matches',
        (at) => {
          mkdirSync(join(at.project, 'deep/three/.env'));
          own(join(at.project, 'deep/three/.env'));
        },
      ],
      ['a link that matches', (at) => symlinkSync('file', join(at.project, 'deep/two/.env'))],
      [
        'another kind under the same name',
        (at) => {
          rmSync(join(at.project, 'deep/one/.env'));
          symlinkSync('file', join(at.project, 'deep/one/.env'));
        },
      ],
      ['a match that is gone', (at) => rmSync(join(at.project, 'deep/one/.env'))],
      ['a tree that was moved', (at) => renameSync(join(at.project, 'deep/one'), join(at.project, 'deep/three/one'))],
      ...(user.prefix.length > 0
        ? ([
            [
              'a directory that cannot be listed any more',
              (at: CachedInstallation) => chmodSync(join(at.project, 'deep/three/four'), 0o111),
            ],
          ] as const)
        : []),
    ];
    for (const [what, change] of changes)
      test(`a miss: ${what}`, () => {
        const at = prepared(user);
        at.untilHit(startOf(at));
        change(at);
        for (let i = 0; i < 3; i++) {
          const { hit, stdout } = at.start(startOf(at));
          if (i === 0) assert.equal(hit, false);
          assert.doesNotMatch(stdout, /secret/);
        }
      });

    test('what matches nothing is still a hit, with as many entries as one likes', () => {
      const at = prepared(user);
      at.untilHit(startOf(at));
      for (let i = 0; i < 200; i++) at.write(`project/deep/three/four/more-${i}`, 'x');
      assertHit(at.start(startOf(at)));
    });

    test('the guard of an agent: its hit keeps hooks closed, also those that are new', () => {
      const at = prepared(user);
      at.write('project/deep/two/.git/hooks/pre-commit', '#!/bin/sh\n');
      const guarded = (hooks: string): string[] => [
        'run',
        '-s',
        '--no-diagnostics',
        '-p',
        'claude-code',
        '--allow-cwd',
        '--',
        'sh',
        '-c',
        `echo x >> deep/two/.git/hooks/pre-commit; echo x >> ${hooks}/pre-commit; echo y > deep/free && cat deep/free`,
      ];
      const words = guarded('deep/three/.git/hooks');
      const before = at.untilHit(words);
      assert.match(before.stderr, /two\/\.git\/hooks\/pre-commit: Permission denied/);
      assert.equal(before.stdout, 'y\n');
      at.write('project/deep/three/.git/hooks/pre-commit', '#!/bin/sh\n');
      for (let i = 0; i < 3; i++) {
        const { hit, stderr } = at.start(words);
        if (i === 0) assert.equal(hit, false);
        assert.match(stderr, /three\/\.git\/hooks\/pre-commit: Permission denied/);
      }
    });

    test('not kept: a match with a line feed in its path, -v', () => {
      const at = prepared(user);
      for (let i = 0; i < 3; i++) assert.equal(at.start(startOf(at, '-v')).hit, false);
      mkdirSync(join(at.project, 'line\nfeed'));
      own(join(at.project, 'line\nfeed'));
      at.write('project/line\nfeed/.env', 'secret');
      for (let i = 0; i < 3; i++) assert.equal(at.start(startOf(at)).hit, false);
      assert.deepEqual(at.entries(), []);
    });

    // Once: what differs between users is asked above.
    const once = { skip: user !== users.at(-1) };
    test('a session in the pane: its hit denies and tells the same, and a new match is a miss', once, async () => {
      const at = prepared(user);
      const flags = ['-s', '--allow', '.', '--deny', `${at.project}/**/.env`];
      // What the link leads to is denied as well, which only the matches say.
      symlinkSync('file', join(at.project, 'deep/two/.env'));
      const told = async (t: TestTerminal): Promise<readonly string[]> => {
        // What matches now, and what was made since.
        enter(t, 'clear; cat deep/one/.env deep/two/file; echo x > deep/new; mv deep/new deep/three/.env; echo END-$?');
        await t.until('END-1');
        const seen = await t.text();
        const denied = [...seen.matchAll(/^cat: (\S+): Permission denied/gm)].map(([, path]) => path as string);
        const self = await runLine(
          t,
          `clear; ${nono} why --self --path ${at.project}/deep/one/.env --op read`,
          'READY',
        );
        t.write(key.prefix);
        t.write(':');
        await t.until(COMMANDS);
        enter(t, 'why deep/two/file');
        const answer = /filesystem_deny|path_not_granted|granted_path/;
        const inside = answer.exec(await t.until(answer))?.[0] ?? '';
        t.write(key.escape);
        await t.until((screen) => !COMMANDS.test(screen));
        await leave(t);
        const words = [/Reason: \w+/, /Denied by: \S+/].map((line) => line.exec(self)?.[0] ?? self);
        return [...denied, ...words, inside];
      };
      const nono = join(at.installation, 'bin/nono');
      const first = await at.terminal([...flags, '--no-plan-cache']);
      assert.equal(at.wasHit(), false);
      const before = await told(first);
      assert.deepEqual(before.slice(0, 2), ['deep/one/.env', 'deep/two/file']);
      assert.deepEqual(await told(await at.terminalHit(flags)), before);
      assert.equal(before.at(-1), 'filesystem_deny');
      at.write('project/deep/three/four/.env', 'secret of four\n');
      for (let i = 0; i < 2; i++) {
        const t = await at.terminal(flags);
        if (i === 0) assert.equal(at.wasHit(), false);
        enter(t, 'clear; cat deep/three/four/.env; echo END-$?');
        assert.doesNotMatch(await t.until('END-1'), /secret of four/);
        await leave(t);
      }
    });
  });
