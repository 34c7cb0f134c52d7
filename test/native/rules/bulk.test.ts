/** Bulk directories in a session: born on the floor, and by no move does what a guard protects come to lie in one, or what was made in one come to a guarded place unseen. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { FLOOR_READ_TREE, FLOOR_WRITE_TREE, floorRight } from '../../../src/sandbox/linux/constants.ts';
import type { Plan, PlanRule } from '../../../src/sandbox/linux/plan-format.ts';
import { users } from '../../helpers/users.ts';
import { type Ended, makeWorld, plan, Session, type World } from '../session.ts';

const NAMING = floorRight.make | floorRight.refer;
const BULK = ['node_modules', 'dist', '.git/objects'];

for (const user of users) {
  /** The floor as it is of a tree that a guard looks into: everything but names. `deny`: a pattern that is no guard's. */
  const planned = (world: World, deny?: string): Plan => {
    const base = plan({
      rules: [{ verdict: 'allow', path: world.work }],
      floorRights: [{ path: world.work, rights: FLOOR_READ_TREE | (FLOOR_WRITE_TREE & ~NAMING) }],
      cwd: world.work,
      fastPath: true,
    });
    const guard = (id: number, path: string): PlanRule => ({
      ...{ id, verdict: 'deny', kind: 'pattern', access: 'writeconnect', guard: true },
      path: `${world.work}/**/${path}`,
    });
    const place = join(world.base, 'state', 'birth');
    return {
      ...base,
      rules: [
        ...base.rules,
        guard(90, '.git/hooks'),
        guard(91, '.git/modules/**/hooks'),
        guard(92, '.envrc'),
        ...(deny === undefined
          ? []
          : [{ id: 93, verdict: 'deny', kind: 'pattern', access: 'all', path: deny } as const]),
      ],
      bulk: BULK,
      births: [{ kind: 'bulk', rights: FLOOR_READ_TREE | FLOOR_WRITE_TREE, place, tree: world.work }],
    };
  };
  const exchange = `exchange() { python3 -c 'import ctypes, sys; r = ctypes.CDLL(None).renameat2(-100, sys.argv[1].encode(), -100, sys.argv[2].encode(), 2); sys.exit(r != 0)' "$1" "$2" 2>/dev/null; }
rename() { python3 -c 'import os, sys; os.rename(sys.argv[1], sys.argv[2])' "$1" "$2" 2>/dev/null; }`;
  const run = async (world: World, script: string, deny?: string): Promise<Ended & { session: Session }> => {
    const session = new Session(user, planned(world, deny), ['sh', '-c', `${exchange}\n${script}`]);
    return { ...(await session.finish()), session };
  };
  const denials = ({ session }: { session: Session }): string[] =>
    session.events.flatMap((event) =>
      event.type === 'denied' && event.record.path.includes('/work/') ? [event.record.path] : [],
    );

  describe(`bulk directories, as ${user.name}`, () => {
    test('are born on the floor, with the mode that mkdir gives; what a guard denies elsewhere is made in them', async () => {
      const world = makeWorld(user);
      const done = await run(
        world,
        `umask 027; mkdir node_modules; mkdir -p a/b/dist plain; umask 022
mkdir -p node_modules/x/.git/hooks; echo 1 >node_modules/x/.git/hooks/h && echo 2 >a/b/dist/.envrc && echo made
mv a/b/dist/.envrc a/b/dist/.envrc2; mv a/b/dist/.envrc2 a/b/dist/.envrc && echo moved; echo no >plain/.envrc; mkdir -p plain/.git/hooks; find . | sort`,
      );
      assert.match(done.stdout, /^made\nmoved\n/, done.stderr);
      assert.equal(statSync(join(world.work, 'node_modules')).mode & 0o777, 0o750);
      assert.ok(existsSync(join(world.work, 'node_modules/x/.git/hooks/h')));
      assert.ok(!existsSync(join(world.work, 'plain/.envrc')) && !existsSync(join(world.work, 'plain/.git/hooks')));
      assert.deepEqual([...new Set(denials(done))].sort(), [
        join(world.work, 'plain/.envrc'),
        join(world.work, 'plain/.git/hooks'),
      ]);
    });

    test('what was made in one comes to no guarded place, by no kind of move', async () => {
      const moves = [
        'mv node_modules moved',
        'rename node_modules moved',
        'mv node_modules/x moved',
        'rename node_modules/x moved',
        'mkdir moved; exchange node_modules moved',
        'mkdir moved; exchange node_modules/x moved',
        'mkdir -p moved; mv node_modules/x/.git moved/',
        'mkdir -p moved; rename node_modules/x/.git moved/.git',
        'mkdir -p moved/.git; rename node_modules/x/.git/hooks moved/.git/hooks',
        'mkdir -p moved; ln node_modules/x/.envrc moved/.envrc',
        'mkdir -p moved; rename node_modules/x/.envrc moved/.envrc',
        // Half of a name of two: .git/objects is bulk, moved/objects is not.
        'mkdir -p .git/objects; echo x >.git/objects/.envrc; rename .git moved',
        'mkdir -p .git/objects; echo x >.git/objects/.envrc; rename .git/objects moved',
        // Links to it, and from it to what is guarded.
        'mkdir -p moved/.git; ln -s ../../node_modules/x/.git/hooks moved/.git/hooks',
        'ln -s node_modules/x/.git moved; mkdir -p m; ln -s ../node_modules/x/.git m/.git',
        'mkdir -p moved/.git; ln -s ../moved/.git node_modules/l; mkdir node_modules/l/hooks; echo x >node_modules/l/hooks/h',
        // A submodule with the name of a bulk directory.
        'mkdir -p moved/.git/modules/dist; mkdir moved/.git/modules/dist/hooks; mv node_modules/x/.git/hooks moved/.git/modules/dist/',
        // Bulk under a name, then a guarded place that it is moved below.
        'mkdir -p moved/.git/modules; rename node_modules moved/.git/modules/node_modules',
        'mkdir -p s/dist/hooks moved/.git/modules; rename s moved/.git/modules/s; mv s moved/.git/modules/',
      ];
      for (const move of moves) {
        const world = makeWorld(user);
        const done = await run(
          world,
          `mkdir -p node_modules/x/.git/hooks; echo x >node_modules/x/.git/hooks/h; echo x >node_modules/x/.envrc; ${move}
echo later >moved/.envrc; mkdir -p moved/.git/hooks moved/x/.git/hooks; echo later >moved/x/.git/hooks/h; echo later >moved/.git/hooks/h; echo later >moved/objects/.envrc; echo end`,
        );
        assert.match(done.stdout, /end/, `${move}: ${done.stderr}`);
        for (const name of [
          ...['moved/.envrc', 'moved/.git/hooks', 'moved/x/.git/hooks', 'moved/x/.envrc', 'moved/objects/.envrc'],
          ...[
            'moved/.git/modules/dist/hooks',
            'moved/.git/modules/node_modules/x/hooks',
            'moved/.git/modules/s/dist/hooks',
          ],
          'm/.git',
        ]) {
          const found = existsSync(join(world.work, name));
          // A link to a directory of hooks that is no repository's is none of these names.
          const linked = move.startsWith('ln -s node_modules/x/.git moved') && name.startsWith('moved/');
          assert.ok(!found || linked, `${move}: ${name} ${done.stdout} ${done.stderr}`);
        }
      }
    });

    test('what a guard protects comes into none', async () => {
      const world = makeWorld(user);
      world.write('work/p/.git/hooks/pre-commit', 'mine');
      world.write('work/p/.envrc', 'mine');
      // As the host adds them for what matches at start.
      const base = planned(world);
      // Around what matches at start the tree is carved: here all of it is brokered.
      const floor = base.floor.map((one) => (one.path === world.work ? { ...one, rights: FLOOR_READ_TREE } : one));
      const at = (id: number, path: string): PlanRule => ({
        ...{ id, verdict: 'deny', kind: 'tree', access: 'writeconnect' },
        path: join(world.work, path),
      });
      const rules = [...base.rules, at(90, 'p/.git/hooks'), at(92, 'p/.envrc')];
      const session = new Session(user, { ...base, floor, rules }, [
        'sh',
        '-c',
        `${exchange}
mkdir -p node_modules/q; for f in p p/.git p/.git/hooks p/.git/hooks/pre-commit p/.envrc; do for t in node_modules/new dist node_modules/q; do rename $f $t; mv -T $f $t; exchange $f $t; ln $f $t; ln $f $t/l; done; done
for f in $(find node_modules dist -type f 2>/dev/null); do echo changed >$f; done; ln -s ../p node_modules/l; echo changed >node_modules/l/.envrc; echo changed >node_modules/l/.git/hooks/pre-commit; echo end`,
      ]);
      assert.match((await session.finish()).stdout, /end/);
      for (const name of ['p/.git/hooks/pre-commit', 'p/.envrc'])
        assert.equal(readFileSync(join(world.work, name), 'utf8'), 'mine', name);
    });

    test('a pattern that is no guard’s holds in them, and none is born with the right to make names where one could match', async () => {
      const world = makeWorld(user);
      const done = await run(
        world,
        'mkdir -p node_modules/x; echo x >node_modules/.env; echo x >node_modules/x/.env; echo x >node_modules/t; mv node_modules/t node_modules/.env; ln node_modules/t node_modules/x/.env; echo x >node_modules/x/.envrc && echo unguarded; find . -name .env',
        '/**/.env',
      );
      assert.equal(done.stdout, 'unguarded\n', done.stderr);
      assert.ok(denials(done).length >= 4, denials(done).join());
    });

    test('a link, a file, another spelling and another place of that name are none', async () => {
      const world = makeWorld(user);
      mkdirSync(join(world.work, 'real'));
      symlinkSync('../real', join(world.work, 'real/up'));
      world.own();
      const done = await run(
        world,
        `mkdir l; ln -s ../real l/node_modules; echo x >l/node_modules/.envrc; ls real
mkdir Node_Modules DIST objects x.git x.git/objects; for d in Node_Modules DIST objects x.git/objects; do echo x >$d/.envrc; done
echo file >node_modules; rm node_modules; mkdir node_modules; echo x >node_modules/.envrc && echo born; find . -name .envrc`,
      );
      assert.equal(done.stdout, 'up\nborn\n./node_modules/.envrc\n', done.stderr);
    });

    test('one that was removed and made again, or took the name of one, is what it is by its name', async () => {
      const world = makeWorld(user);
      const done = await run(
        world,
        `mkdir node_modules; echo x >node_modules/.envrc; rm -r node_modules; mkdir plain; rename plain node_modules; echo x >node_modules/.envrc && echo bulk
mv node_modules plain; ls -A plain; rm -r node_modules; mkdir dist other; rename dist other/dist && rename other/dist node_modules && echo renamed; echo y >node_modules/.envrc && echo bulk`,
      );
      // From a directory in which names were never unseen the move is looked through, and refused for what lies in it: mv has nothing to copy either.
      assert.match(done.stdout, /^bulk\n(.*\n)*renamed\nbulk\n$/, done.stderr);
      assert.ok(!existsSync(join(world.work, 'plain/.envrc')));
    });

    test('when none is left they are plain, and guarded or not by their name all the same', async () => {
      const world = makeWorld(user);
      const done = await run(
        world,
        'for i in $(seq 80); do mkdir -p d$i/dist; echo x >d$i/dist/.envrc || echo failed $i; echo x >d$i/.envrc; done 2>/dev/null; find . -name .envrc | grep -c dist/; find . -name .envrc | grep -vc dist/',
      );
      assert.equal(done.stdout, '80\n0\n');
      writeFileSync(join(world.work, 'end'), '');
    });
  });
}
