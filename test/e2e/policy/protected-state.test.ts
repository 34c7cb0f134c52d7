/** What decides the next session is not written from inside this one, whatever is granted, as root and as an ordinary user. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { nono } from '../../helpers/run.ts';
import { environment, installationFor, makeHome, planter, rootSkip, users } from '../../helpers/users.ts';

test('the root half', { skip: rootSkip }, () => {});

for (const user of users) {
  describe(user.name, () => {
    const home = makeHome(user);
    const plant = planter(home);
    const profile = plant(
      '.config/nono/profiles/mine.jsonc',
      '{ "extends": "default", "filesystem": { "allow": ["~"] } }',
    );
    const settings = plant('.config/nono/config.toml', '# ORIGINAL');
    const audit = plant('.local/state/nono/audit/log', '# ORIGINAL');
    const legacy = plant('.nono/rollbacks/x', '# ORIGINAL');
    const linked = plant('elsewhere/linked.jsonc', '{ "extends": "default" }');
    symlinkSync(linked, join(home, '.config/nono/profiles/linked.jsonc'));
    plant('run/nono/socket-place', '# ORIGINAL');
    // What an attack that works leads to: nothing of the machine's own.
    const bait = dirname(plant('bait/x', ''));
    spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, home]);
    const installation = installationFor(user);
    const program = join(installation, 'dist/cli.cjs');
    const before = lstatSync(program);

    const attack = (path: string): string => `
      echo PWNED > '${path}'; echo PWNED >> '${path}'; rm -rf '${path}'; mv '${path}' /tmp/x$$; truncate -s 0 '${path}'
      ln -f /etc/hostname '${path}'; ln -sfn '${bait}' '${path}'; cp /etc/hostname '${path}'; echo x > /tmp/y$$; mv -f /tmp/y$$ '${path}'; chmod 777 '${path}'; touch -d 2001-01-01 '${path}'; chattr +d '${path}'
      touch '${path}.new' '${path}/new'; mkdir -p '${path}.d' '${path}/d'
      d=$(dirname '${path}'); mv "$d" "$d.away"; mv "$d" /tmp/z$$; rm -rf "$d"; ln -sfn '${bait}' "$d"; touch "$d/planted"
      g=$(dirname "$d"); mv "$g" "$g.away"; rm -rf "$g/nono"`;

    for (const [what, args] of [
      ['--allow ~', ['--allow', '~']],
      ['--allow /', ['--allow', '/']],
      [
        'the directories themselves',
        ['--allow', '~/.config/nono', '--allow', '~/.local/state/nono', '--allow', '~/.nono', '--allow-cwd'],
      ],
      ['a profile that grants the home directory', ['-p', profile]],
      ['a saved profile by name', ['-p', 'mine']],
    ] as const) {
      test(`with ${what}`, () => {
        const env = { XDG_RUNTIME_DIR: join(home, 'run') };
        const targets = [profile, settings, audit, legacy, linked, join(home, 'run/nono/socket-place'), program];
        const done = nono(
          user,
          ['run', '-s', ...args, '--', 'sh', '-c', `exec 2>/dev/null\n${targets.map(attack).join('\n')}\necho ran`],
          { cwd: home, home, env },
        );
        assert.match(done.stdout, /ran/, done.stderr);
        for (const path of [settings, audit, legacy, join(home, 'run/nono/socket-place')])
          assert.equal(readFileSync(path, 'utf8'), '# ORIGINAL', path);
        assert.match(readFileSync(profile, 'utf8'), /"allow"/);
        assert.equal(
          readFileSync(join(home, '.config/nono/profiles/linked.jsonc'), 'utf8'),
          '{ "extends": "default" }',
        );
        for (const dir of [
          '.config',
          '.config/nono',
          '.config/nono/profiles',
          '.local/state/nono',
          '.local/state/nono/audit',
          '.nono',
        ])
          assert.equal(lstatSync(join(home, dir)).isDirectory(), true, dir);
        assert.equal(existsSync(join(home, '.config/nono/profiles/planted')), false);
        const after = lstatSync(program);
        assert.deepEqual(
          [after.ino, after.size, after.mtimeMs, after.mode],
          [before.ino, before.size, before.mtimeMs, before.mode],
        );
      });
    }

    test('started with other XDG places, it keeps the usual ones too', () => {
      const env = { XDG_CONFIG_HOME: join(home, 'other/config'), XDG_STATE_HOME: join(home, 'other/state') };
      const script = `exec 2>/dev/null; ${[profile, settings, audit].map(attack).join('\n')}; echo ran; echo ok >'${home}/granted'`;
      const done = nono(user, ['run', '-s', '--allow', '~', '--', 'sh', '-c', script], { cwd: home, home, env });
      assert.match(done.stdout, /ran/, done.stderr);
      for (const path of [settings, audit]) assert.equal(readFileSync(path, 'utf8'), '# ORIGINAL', path);
      assert.match(readFileSync(profile, 'utf8'), /"allow"/);
      assert.equal(existsSync(join(home, '.config/nono/profiles/planted')), false);
      assert.equal(readFileSync(join(home, 'granted'), 'utf8'), 'ok\n');
    });

    test('settings that are kept elsewhere and linked in, as a file and as a directory', () => {
      const mine = makeHome(user);
      const there = planter(mine);
      const kept = [
        there('dotfiles/profiles/other.jsonc', '{ "extends": "default" }'),
        there('dotfiles/nono.toml', '# ORIGINAL'),
      ];
      const place = dirname(there('.config/nono/x', ''));
      symlinkSync('../../dotfiles/profiles', join(place, 'profiles'));
      symlinkSync(join(mine, 'dotfiles/nono.toml'), join(place, 'config.toml'));
      spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, mine]);
      const before = kept.map((file) => readFileSync(file, 'utf8'));
      const script = `exec 2>/dev/null; ${kept.map(attack).join('\n')}; echo ran; echo ok >'${mine}/dotfiles/granted'`;
      const done = nono(user, ['run', '-s', '--allow', '~', '--', 'sh', '-c', script], { cwd: mine, home: mine });
      assert.match(done.stdout, /ran/, done.stderr);
      assert.deepEqual(
        kept.map((file) => readFileSync(file, 'utf8')),
        before,
      );
      assert.deepEqual(readdirSync(join(mine, 'dotfiles/profiles')), ['other.jsonc']);
      assert.equal(readFileSync(join(mine, 'dotfiles/granted'), 'utf8'), 'ok\n');
    });

    test('the link by which the shell finds nono is not replaced', () => {
      const mine = makeHome(user);
      const bin = dirname(planter(mine)('.local/bin/other', ''));
      const link = join(bin, 'nono');
      symlinkSync(join(installation, 'bin/nono'), link);
      spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, mine]);
      const script = `exec 2>/dev/null; for f in '${link}' '${bin}/other'; do ln -sfn /bin/false "$f"; rm -f "$f"; done
        mv '${bin}' '${mine}/away'; mv '${mine}/.local' '${mine}/away'; echo ran`;
      const env = { PATH: `${bin}:/usr/local/bin:/usr/bin:/bin` };
      const done = nono(user, ['run', '-s', '--allow', '~', '--', 'sh', '-c', script], { cwd: mine, home: mine, env });
      assert.match(done.stdout, /ran/, done.stderr);
      assert.equal(readlinkSync(link), join(installation, 'bin/nono'));
      assert.equal(existsSync(join(bin, 'other')), false, 'what lies beside it is granted');
    });

    test('no other nono is made in a directory of PATH, nor in one that login shells put there', () => {
      const mine = makeHome(user);
      const there = planter(mine);
      const bin = dirname(there('.local/bin/other', ''));
      // Before nono on PATH: one that is there, one that is not, one that is a link, one where a directory has the name.
      there('first/tool', '');
      there('linked-to/tool', '');
      symlinkSync('linked-to', join(mine, 'linked'));
      there('sources/nono/README', '');
      symlinkSync(join(installation, 'bin/nono'), join(bin, 'nono'));
      spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, mine]);
      const before = ['first', 'not-there/bin', 'linked', 'sources'].map((name) => join(mine, name));
      const PATH = `${before.join(':')}:${bin}:/usr/local/bin:/usr/bin:/bin`;
      const places = [...before, join(mine, 'linked-to'), join(mine, 'bin'), bin, join(mine, 'later')];
      const script = `exec 2>/dev/null; printf '#!/bin/sh\necho PWNED\n' > evil; chmod 755 evil; mkdir evils; cp evil evils/nono
        for d in ${places.map((place) => `'${place}'`).join(' ')}; do
          mkdir -p "$d"; cp evil "$d/nono"; ln evil "$d/nono"; ln -s "$PWD/evil" "$d/nono"; cp evil "$d/tool2"; mv "$d/tool2" "$d/nono"
          mv "$d/nono" "$d/moved" && cp evil "$d/nono"; mv "$d" "$d.away" && cp -r evils "$d"; rmdir "$d"; ln -s "$PWD/evils" "$d"
          cp evil "$d/tool3"; echo x >> "$d/nono/README"
        done; echo ran`;
      const done = nono(user, ['run', '-s', '--allow', '~', '--', 'sh', '-c', script], {
        cwd: join(mine, 'project'),
        home: mine,
        env: { PATH },
      });
      assert.match(done.stdout, /ran/, done.stderr);
      const [program = '', ...rest] = [...user.prefix, 'sh', '-c', 'nono --version'];
      for (const path of [PATH, `${mine}/bin:${PATH}`]) {
        const next = spawnSync(program, rest, {
          cwd: mine,
          env: { ...environment(mine), PATH: path },
          encoding: 'utf8',
        });
        assert.match(next.stdout, /^nono \d/, `${path}: ${next.stderr}`);
      }
      for (const place of ['first', 'linked-to', 'sources', 'not-there/bin', 'bin'])
        assert.equal(existsSync(join(mine, place, 'tool3')), true, `what lies beside it is granted: ${place}`);
      assert.equal(readFileSync(join(mine, 'sources/nono/README'), 'utf8'), 'x\n');
      // The control: where no shell looks, the name is one like any other.
      assert.equal(existsSync(join(mine, 'later/nono')) || existsSync(join(mine, 'later.away/nono')), true);
    });

    test('started by a link, nono asks no readlink that a session made', () => {
      const mine = makeHome(user);
      const script = '#!/bin/sh\necho PWNED >&2\nexec /usr/bin/readlink "$@"\n';
      const bin = dirname(planter(mine)('bin/readlink', script));
      chmodSync(join(bin, 'readlink'), 0o755);
      symlinkSync(join(installation, 'bin/nono'), join(bin, 'nono'));
      const [program = '', ...rest] = [...user.prefix, join(bin, 'nono'), '--version'];
      const env = { ...environment(mine), PATH: `${bin}:/usr/bin:/bin` };
      const done = spawnSync(program, rest, { cwd: mine, env, encoding: 'utf8' });
      assert.match(done.stdout, /^nono \d/);
      assert.doesNotMatch(done.stderr, /PWNED/);
    });

    test('settings and an installation that other names lead to: hard links in a directory of dotfiles, and in the store of a package manager', () => {
      const mine = makeHome(user);
      const there = planter(mine);
      const kept = [there('.config/nono/profiles/p.jsonc', '{}'), there('.config/nono/config.toml', '# ORIGINAL')];
      for (const [i, file] of kept.entries()) linkSync(file, there(`dotfiles/${i}/x`, '').replace(/x$/, 'linked'));
      // A copy of its own: the store's names would be those of every other test too.
      const store = join(dirname(mine), `store-${user.name}-${process.pid}`);
      spawnSync('cp', ['-a', installation, store]);
      after(() => rmSync(store, { recursive: true, force: true }));
      for (const [i, name] of ['bin/nono', 'dist/cli.cjs'].entries()) {
        linkSync(join(store, name), there(`dotfiles/${i + 2}/x`, '').replace(/x$/, 'linked'));
        kept.push(join(store, name));
      }
      spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, mine]);
      const seen = (): unknown =>
        kept.map((file) => [readFileSync(file, 'utf8'), lstatSync(file).mode, lstatSync(file).nlink]);
      const before = seen();
      const names = kept.map((_, i) => join(mine, `dotfiles/${i}/linked`));
      const script = `exec 2>/dev/null; ${names.map(attack).join('\n')}; echo ok >'${mine}/dotfiles/granted'; echo ran`;
      const words = ['run', '-s', '--allow', '~', '--', 'sh', '-c', script];
      const [program = '', ...prefix] = [...user.prefix, join(store, 'bin/nono')];
      const done = spawnSync(program, [...prefix, ...words], { cwd: mine, env: environment(mine), encoding: 'utf8' });
      assert.match(done.stdout, /ran/, done.stderr);
      assert.deepEqual(seen(), before);
      assert.equal(readFileSync(join(mine, 'dotfiles/granted'), 'utf8'), 'ok\n');
    });

    test('no override lifts it', () => {
      for (const path of ['~/.config/nono', '~/.config/nono/profiles/mine.jsonc', '~/.local/state/nono/audit']) {
        const done = nono(user, ['run', '-s', '--allow', '~', '--override-deny', path, '--', 'true'], {
          cwd: home,
          home,
        });
        assert.equal(done.code, 1, path);
        assert.match(done.stderr, /belongs to nono itself/, path);
      }
      // An override of what lies above it, or all around, is none of it.
      const wide = nono(
        user,
        ['run', '-s', '--allow', '~', '--override-deny', '~', '--', 'sh', '-c', `echo PWNED > '${settings}'`],
        { cwd: home, home },
      );
      assert.notEqual(wide.code, 0);
      assert.equal(readFileSync(settings, 'utf8'), '# ORIGINAL');
    });

    test('the home directory is usable all the same', () => {
      const done = nono(
        user,
        [
          'run',
          '-s',
          '--allow',
          '~',
          '--',
          'sh',
          '-c',
          'echo hi > new && mkdir d && mv new d/ && cat d/new notes.txt && rm -r d',
        ],
        { cwd: home, home },
      );
      assert.equal(done.stdout, 'hi\nremember the milk\n', done.stderr);
      assert.equal(done.code, 0);
    });

    test('a hard link to a denied file is named at start', () => {
      linkSync(join(home, '.ssh/id_ed25519'), join(home, 'project/innocent'));
      const done = nono(user, ['run', '--allow', '~', '--', 'true'], { cwd: home, home });
      assert.match(
        done.stderr,
        /project\/innocent is the same file as .*\.ssh\/id_ed25519, which group:deny_credentials denies/,
      );
      const none = nono(user, ['run', '--read', '~/.config', '--', 'true'], { cwd: home, home });
      assert.doesNotMatch(none.stderr, /same file/);
    });
  });
}
