/** What somebody outside mounts below a granted directory during a session cannot be taken back from it; that rules do not hold there is said. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { environment, installationFor, makeHome, planter, users } from '../../helpers/users.ts';

/** The table of mounts has no history: what is mounted is kept until it has been told `times`. */
const told = (what: string, times = 1, where = 'said'): string =>
  `wait_for '[ $(grep -c "mounted: .*${what}" ${where}) -ge ${times} ]'`;

/** A mount namespace of its own: what is mounted here is seen by this session and nobody else. */
const own = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c'];
const canMount =
  users[0]?.uid === 0 && spawnSync(own[0] as string, [...own.slice(1), 'mount -t tmpfs x /mnt']).status === 0;

for (const user of users)
  describe(user.name, { skip: canMount ? false : 'nothing can be mounted here' }, () => {
    /** What `nono run` says while `mounts` is done, in the project, once its command runs. */
    const said = (mounts: string, flags = ''): string => {
      const home = makeHome(user);
      const project = join(home, 'project');
      const plant = planter(home);
      for (const name of ['project/deny/s', 'project/sub/a b/x', 'project/top/x', 'away/s']) plant(name, 'SECRET\n');
      spawnSync('chown', ['-R', `${user.uid}:${user.uid}`, home]);
      const nono = [...user.prefix, join(installationFor(user), 'bin/nono')].join(' ');
      const wait =
        'wait_for() { i=0; until eval "$1"; do i=$((i+1)); [ $i -lt 300 ] || { cat said; exit 1; }; sleep 0.1; done; }';
      const inside =
        'i=0; touch ready; until [ -e mounted ] || [ $i -ge 600 ]; do sleep 0.1; i=$((i+1)); done; cat top/s; echo ran';
      const script = `${wait}; cd '${project}'; RUST_LOG=info ${nono} run --log-file ../log ${flags} --allow . --deny deny -- sh -c '${inside}' 2>said >out & n=$!
        wait_for '[ -e ready ]'; ${mounts}; touch mounted; wait $n; grep -q ran out && cat said`;
      const [program = '', ...words] = [...own, script];
      const done = spawnSync(program, words, { env: environment(home), encoding: 'utf8' });
      assert.equal(done.status, 0, `${done.stdout}${done.stderr}`);
      return done.stdout.replaceAll(project, '.');
    };

    test('where the floor reaches into it, and nowhere else', () => {
      const text = said(
        `mount --bind deny "sub/a b"; mount --bind ../away top; mount -t tmpfs x ../away; mkdir -p sub/dev; mount --bind /dev sub/dev; ${told('sub/dev now')}; umount sub/dev`,
      );
      const places = text.match(/\[nono\] mounted: \S+(?: b)? now lies below what is granted/g);
      assert.deepEqual(
        places,
        ['sub/a b', 'sub/dev'].map((place) => `[nono] mounted: ./${place} now lies below what is granted`),
        text,
      );
      assert.doesNotMatch(
        said(`mount --bind deny "sub/a b"; ${told('a b now', 1, '../log')}`, '-s'),
        /mounted/,
        'not where it was asked to be silent',
      );
    });

    test('of many the first are named, and once that there are more', () => {
      const many = said(
        `for i in $(seq 40); do mkdir -p sub/$i; mount -t tmpfs x sub/$i; sleep 0.02; done; ${told('more than')}`,
      );
      assert.equal(many.match(/mounted: \.\/sub\/\d+ now/g)?.length, 16);
      assert.equal(many.match(/mounted: more than is named/g)?.length, 1);
    });

    test('what is mounted once more at the same place is told again', () => {
      const once = 'mount -t tmpfs x "sub/a b"';
      // Told only of a table that the first one is gone from.
      const between = `umount "sub/a b"; mkdir -p sub/between; mount -t tmpfs x sub/between; ${told('sub/between now')}`;
      const text = said(`${once}; ${told('a b now')}; ${between}; ${once}; ${told('a b now', 2)}`);
      assert.equal(text.match(/mounted: \.\/sub\/a b now/g)?.length, 2);
    });
  });
