/** A disk without room, a limit on the size of files, and kill -9 in the middle: what was saved before stays whole, what fails is said in one line, and nothing is granted by it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, describe, test } from 'node:test';
import { noFileGrows, type SmallDisk, smallDisk } from '../../helpers/full-disk.ts';
import { lifeline } from '../../helpers/lifeline.ts';
import { nono } from '../../helpers/run.ts';
import { closeTerminals, key, pause, type TestTerminal } from '../../helpers/terminal.ts';
import { installationFor, makeHome, rootSkip, type TestUser, users } from '../../helpers/users.ts';
import { approve, enter, leaveList, openShell } from '../shell/shell-helpers.ts';

test('the root half, and small disks', { skip: rootSkip }, () => {});
afterEach(closeTerminals);

const PROFILE = '{\n  // mine\n  "extends": "default",\n  "filesystem": { "allow": ["~/project"] }\n}\n';
const disks: SmallDisk[] = [];
after(() => {
  for (const disk of disks) disk.remove();
});

interface Place {
  readonly home: string;
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly disk: SmallDisk;
  readonly profile: string;
  readonly sessions: string;
}

function place(user: TestUser, size = '512k'): Place {
  const home = makeHome(user);
  lifeline(home);
  const disk = smallDisk(join(home, 'disk'), size, user);
  disks.push(disk);
  const profiles = join(disk.directory, 'config/nono/profiles');
  mkdirSync(profiles, { recursive: true });
  mkdirSync(join(disk.directory, 'state/nono/sessions'), { recursive: true, mode: 0o700 });
  const profile = join(profiles, 'mine.jsonc');
  writeFileSync(profile, PROFILE);
  spawnSync('chown', ['-R', `${user.uid}:${user.uid}`, join(disk.directory, 'config'), join(disk.directory, 'state')]);
  return {
    home,
    cwd: join(home, 'project'),
    env: { XDG_CONFIG_HOME: join(disk.directory, 'config'), XDG_STATE_HOME: join(disk.directory, 'state') },
    disk,
    profile,
    sessions: join(disk.directory, 'state/nono/sessions'),
  };
}

const untouched = ({ profile }: Place): void => {
  assert.equal(readFileSync(profile, 'utf8'), PROFILE);
  assert.deepEqual(readdirSync(join(profile, '..')), ['mine.jsonc'], 'no lock and no half is left');
};

async function ended(user: TestUser, where: Place, id: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const all = JSON.parse(nono(user, ['ps', '--all', '--json'], where).stdout) as {
      session_id: string;
      status: string;
    }[];
    if (all.some((one) => one.session_id === id && one.status === 'exited')) return;
    await pause(50);
  }
  throw new Error('it did not end');
}

/** An editor that writes what is in the file beside it. */
function editor(where: Place, script: string): Record<string, string> {
  const file = join(where.home, 'editor');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return { ...where.env, VISUAL: file };
}

for (const user of users) {
  describe(`as ${user.name}`, { timeout: 240_000 }, () => {
    test('a full disk: profile init and edit fail in one line, and the profile is as it was', {
      skip: rootSkip,
    }, () => {
      const where = place(user);
      where.disk.fill();
      const made = nono(user, ['profile', 'init', 'other'], where);
      assert.deepEqual([made.code, made.stdout], [1, '']);
      assert.match(made.stderr, /^nono: \S+other\.json: cannot be written \(ENOSPC\) \(the disk is full[^\n]*\)\n$/);
      const copied = nono(user, ['profile', 'edit', 'mine'], { ...where, env: editor(where, 'exit 0') });
      assert.equal(copied.code, 1);
      assert.match(copied.stderr, /^nono: [^\n]*ENOSPC[^\n]*stays as it was[^\n]*disk is full[^\n]*\n$/);
      untouched(where);
      where.disk.free();
      // Full after the editor has saved its copy: what was edited is kept, and named.
      const edited = PROFILE.replace('~/project', '~/edited');
      writeFileSync(join(where.home, 'edited'), edited);
      const full = nono(user, ['profile', 'edit', 'mine'], {
        ...where,
        env: editor(
          where,
          `cat '${where.home}/edited' > "$1"; dd if=/dev/zero of='${where.disk.directory}/filler2' bs=512 2>/dev/null; exit 0`,
        ),
      });
      assert.equal(full.code, 1);
      const [, kept = ''] = /^nono: [^\n]*ENOSPC[^\n]*what was edited is in (\S+) [^\n]*\n$/.exec(full.stderr) ?? [];
      assert.equal(readFileSync(kept, 'utf8'), edited, full.stderr);
      assert.equal(readFileSync(where.profile, 'utf8'), PROFILE);
      // The same works at once when there is room: no lock is left to wait for.
      spawnSync('rm', [join(where.disk.directory, 'filler2'), kept]);
      const at = Date.now();
      const done = nono(user, ['profile', 'edit', 'mine'], {
        ...where,
        env: editor(where, `cat '${where.home}/edited' > "$1"`),
      });
      assert.equal(done.code, 0, done.stderr);
      assert.ok(Date.now() - at < 4000);
      assert.equal(readFileSync(where.profile, 'utf8'), edited);
    });

    test('a limit on the size of files: the same', () => {
      const home = makeHome(user);
      const env = { XDG_CONFIG_HOME: join(home, '.config') };
      const cwd = join(home, 'project');
      assert.equal(nono(user, ['profile', 'init', 'mine'], { cwd, home, env }).code, 0);
      const profiles = join(home, '.config/nono/profiles');
      const [file = ''] = readdirSync(profiles);
      const before = readFileSync(join(profiles, file), 'utf8');
      for (const args of [
        ['profile', 'init', 'other'],
        ['profile', 'init', 'mine', '--force', '--full'],
        ['profile', 'edit', 'mine'],
        ['run', '--detached', '-s', '--allow', '.', '--', 'touch', 'ran'],
      ]) {
        const done = nono(user, args, { cwd, home, env: { ...env, VISUAL: 'true' }, before: noFileGrows });
        assert.equal(done.code, 1, args.join(' '));
        assert.match(done.stderr, /^nono: [^\n]*EFBIG[^\n]*ulimit -f[^\n]*\n$/, args.join(' '));
      }
      assert.deepEqual(readdirSync(profiles), [file]);
      assert.equal(readFileSync(join(profiles, file), 'utf8'), before);
      assert.equal(existsSync(join(cwd, 'ran')), false);
      const run = nono(user, ['run', '-s', '--allow', '.', '--', 'echo', 'runs'], {
        cwd,
        home,
        env,
        before: noFileGrows,
      });
      assert.deepEqual([run.code, run.stdout, run.stderr], [0, 'runs\n', ''], 'a session needs no entry');
    });

    test('sessions on a full disk: one that is seen runs without an entry, one out of sight is not started', {
      skip: rootSkip,
    }, () => {
      const where = place(user);
      where.disk.fill();
      const run = nono(user, ['run', '-s', '--allow', '.', '--', 'sh', '-c', 'cat ~/notes.txt; exit 4'], where);
      assert.equal(run.code, 4);
      assert.match(run.stderr, /Permission denied/);
      for (const command of [
        ['run', '--detached', '-s', '--allow', '.', '--', 'touch', 'ran'],
        ['shell', '--detached', '-s', '--allow', '.'],
      ]) {
        const hidden = nono(user, command, where);
        assert.deepEqual([hidden.code, hidden.stdout], [1, ''], command.join(' '));
        assert.match(hidden.stderr, /^nono: [^\n]*ENOSPC[^\n]*disk is full[^\n]*\n$/, command.join(' '));
      }
      assert.equal(existsSync(join(where.cwd, 'ran')), false);
      assert.deepEqual(
        readdirSync(where.sessions).filter((name) => !name.endsWith('.sock')),
        [],
      );
      untouched(where);
    });

    test('what a detached command prints on a small disk: the newest is kept, the command goes on, logs says what is missing', {
      skip: rootSkip,
    }, async () => {
      const where = place(user, '8m');
      const script = 'echo first; yes 0123456789abcdef | head -c 40000000; echo; echo the-end; exit 6';
      const started = nono(user, ['run', '--detached', '-s', '--allow', '.', '--', 'sh', '-c', script], where);
      assert.equal(started.code, 0, started.stderr);
      await ended(user, where, started.stdout.trim());
      const shown = nono(user, ['logs', '--output', started.stdout.trim()], where);
      assert.equal(shown.stdout.trimEnd().split('\n').at(-1), 'the-end');
      assert.ok(shown.stdout.length > 500_000, `${shown.stdout.length} are kept`);
      assert.doesNotMatch(shown.stdout, /first/);
      assert.match(shown.stderr, /^nono: the first \d+ bytes are not kept/);
      const gaps = [...shown.stderr.matchAll(/(\d+) bytes/g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
      assert.equal(
        gaps + shown.stdout.length,
        'first\n'.length + 40_000_000 + '\nthe-end\n'.length,
        'every byte is shown or told',
      );
    });

    test('an approval on a full disk: not saved, so not allowed; with room it is', { skip: rootSkip }, async () => {
      const where = place(user);
      const t: TestTerminal = await openShell({
        user,
        home: where.home,
        cols: 200,
        rows: 40,
        env: where.env,
        flags: ['--profile', 'mine'],
      });
      // A line in the history, from when there was room.
      t.write(`${key.prefix}:`);
      await t.until('commands of this session');
      t.write('grants\r');
      await t.until('in this session');
      const close = async (): Promise<void> => {
        t.write(key.escape);
        await t.until((screen) => !screen.includes('commands of this session'));
        await pause(150);
      };
      await close();
      const history = join(where.disk.directory, 'state/nono/command-history');
      assert.equal(readFileSync(history, 'utf8'), 'grants\n');
      where.disk.fill();
      enter(t, 'cat ~/notes.txt');
      await t.until('HELD');
      await approve(t, /not saved, so not allowed/, 'p', 'y');
      assert.match((await t.text()).replace(/[\s│]+/g, ' '), /ENOSPC/);
      untouched(where);
      assert.doesNotMatch(await t.text(), /remember the milk/);
      // The command line works, and its history on the disk is the one before.
      await leaveList(t);
      t.write(`${key.prefix}:`);
      await t.until('commands of this session');
      t.write('limits\r');
      await t.until(': limits');
      await close();
      assert.equal(readFileSync(history, 'utf8'), 'grants\n');
      where.disk.free();
      await approve(t, 'remember the milk', 'p', 'y');
      assert.match(readFileSync(where.profile, 'utf8'), /\/\/ mine[\s\S]*notes\.txt/);
      await leaveList(t);
      enter(t, 'exit 0');
      await t.untilEnd();
    });

    test('kill -9 at every step of a save: the profile is the old or the new one, whole, and the next save waits for nobody', () => {
      const home = makeHome(user);
      const cwd = join(home, 'project');
      const config = join(home, '.config/nono/profiles');
      const run = { cwd, home, env: { XDG_CONFIG_HOME: join(home, '.config') } };
      assert.equal(nono(user, ['profile', 'init', 'mine'], run).code, 0);
      const [file = ''] = readdirSync(config);
      const before = readFileSync(join(config, file), 'utf8');
      const outcomes = new Set<string>();
      const root = installationFor(user);
      const preload = join(home, 'killed-at.cjs');
      writeFileSync(preload, readFileSync(join(import.meta.dirname, '../../helpers/killed-at.cjs')));
      let whole = '';
      for (const when of ['before', 'after']) {
        for (let at = 1; ; at++) {
          assert.ok(at < 60, 'it ends by itself at last');
          const [program = '', ...args] = [
            ...user.prefix,
            process.execPath,
            '-r',
            preload,
            join(root, 'dist/cli.cjs'),
            'profile',
            'init',
            'mine',
            '--force',
            '--full',
          ];
          const done = spawnSync(program, args, {
            cwd,
            env: {
              HOME: home,
              PATH: '/usr/bin:/bin',
              ...run.env,
              KILL_AT: String(at),
              KILL_WHEN: when,
              KILL_BELOW: config,
            },
            encoding: 'utf8',
          });
          const now = readFileSync(join(config, file), 'utf8');
          if (whole === '') whole = now === before ? '' : now;
          assert.ok(now === before || now === whole, `${when} ${at}: ${now.length}`);
          if (done.signal === null) {
            assert.equal(done.status, 0, done.stderr);
            assert.equal(now, whole);
            break;
          }
          outcomes.add(now === before ? 'old' : 'new');
          // Not what a person sees as profiles, and nothing that is in anybody's way.
          assert.deepEqual(
            JSON.parse(nono(user, ['profile', 'list', '--json'], run).stdout).filter((one: { name: string }) =>
              one.name.includes('mine.'),
            ).length,
            0,
          );
          const began = Date.now();
          const next = nono(user, ['profile', 'init', 'mine', '--force'], run);
          assert.equal(next.code, 0, next.stderr);
          assert.ok(Date.now() - began < 4500, `${when} ${at}: the lock of the dead one is taken over at once`);
          assert.equal(readFileSync(join(config, file), 'utf8'), before);
        }
        whole = '';
      }
      assert.deepEqual([...outcomes].sort(), ['new', 'old']);
    });
  });
}
