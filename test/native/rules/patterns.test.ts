import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { rootSkip, users } from '../../helpers/users.ts';
import { AT_FDCWD, actor, inMemory, makeWorld, O, type Session, text, worker } from '../session.ts';

test('the root half', { skip: rootSkip }, () => {});

const RENAME_EXCHANGE = 2;
const FLOOR = { read: 7, write: 8 | 32 };

for (const user of users) {
  describe(user.name, () => {
    const world = makeWorld(user, inMemory());
    const secret = world.write('work/app/.env', 'TOPSECRET');
    const plain = world.write('work/app/plain', 'plain');
    const at = (path: string) => [AT_FDCWD, text(path)] as const;
    const inWork = (name: string): string => join(world.work, name);
    /** As the compiler would have it: reads and writes on the floor beside the carved match, new names brokered, the match a rule of its own. */
    const guarded = () =>
      actor(user, {
        floorRights: [
          { path: plain, rights: 13 },
          ...['free', 'deep']
            .filter((n) => existsSync(inWork(n)))
            .map((n) => ({ path: inWork(n), rights: FLOOR.read | FLOOR.write })),
          { path: join(world.base, 'elsewhere'), rights: 127 },
        ],
        rules: [
          { verdict: 'allow', path: world.work },
          { verdict: 'allow', path: join(world.base, 'elsewhere') },
          { verdict: 'deny', kind: 'pattern', access: 'all', path: '/**/.env' },
          { verdict: 'deny', kind: 'pattern', access: 'all', path: `${world.work}/**/.git/hooks/*` },
          { verdict: 'deny', access: 'all', path: secret },
        ],
      });
    mkdirSync(inWork('free'));
    mkdirSync(inWork('deep/a/b'), { recursive: true });
    mkdirSync(join(world.base, 'elsewhere/d/hooks'), { recursive: true });
    world.write('free-file', 'x');
    world.own();

    const refused = async (s: Session, what: string, ...call: Parameters<Session['sys']>): Promise<void> => {
      const { error } = await s.sys(...call);
      assert.ok(['EACCES', 'EXDEV', 'EPERM'].includes(error), `${what}: ${error || 'it was done'}`);
    };

    test('what matches at start is closed, beside it everything works', async () => {
      const s = guarded();
      assert.equal(await s.read(secret), 'EACCES');
      assert.equal(await s.read(`${world.work}/app/../app//.env`), 'EACCES');
      assert.equal(await s.read(`/proc/self/root${secret}`), 'EACCES');
      assert.equal(await s.read(plain), 'plain');
      assert.equal((await s.open(inWork('free/new'), O.O_CREAT | O.O_WRONLY, 0o600)).error, '');
      assert.equal((await s.sys('mkdirat', ...at(inWork('free/dir')), 0o755)).error, '');
      assert.equal((await s.sys('renameat2', ...at(inWork('free/new')), ...at(inWork('free/dir/moved')), 0)).error, '');
      assert.equal((await s.sys('renameat2', ...at(inWork('free/dir')), ...at(inWork('free/renamed')), 0)).error, '');
      await s.finish();
      assert.ok(existsSync(inWork('free/renamed/moved')));
      rmSync(inWork('free/renamed'), { recursive: true });
    });

    test('a directory that the search for matches could not look into is looked through before it is moved', async () => {
      // What Node reads as another name: no character, half of a pair, a slash in two bytes, above the last character.
      const unreadable = [[0xff], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xe0, 0x80, 0xaf], [0xf4, 0x90, 0x80, 0x80]];
      const readable = [
        [0xc3, 0xa9],
        [0xed, 0x9f, 0xbf],
        [0xf0, 0x9f, 0x98, 0x80],
      ];
      const named = (bytes: number[]) => Buffer.concat([Buffer.from(`${inWork('app')}/`), Buffer.from(bytes)]);
      for (const bytes of [...unreadable, ...readable]) {
        mkdirSync(named(bytes));
        writeFileSync(Buffer.concat([named(bytes), Buffer.from('/.env')]), 'TOPSECRET');
      }
      world.own();
      const s = guarded();
      const move = (bytes: number[], to: string) =>
        s.sys('renameat2', AT_FDCWD, text(named(bytes)), ...at(inWork(`app/${to}`)), 0);
      for (const bytes of unreadable) {
        await refused(s, `moving ${bytes}`, 'renameat2', AT_FDCWD, text(named(bytes)), ...at(inWork('app/moved')), 0);
        assert.ok(existsSync(named(bytes)) && !existsSync(inWork('app/moved')));
      }
      // The search looks into these: what matched at start would be a rule below them, and nothing can have come since.
      for (const [i, bytes] of readable.entries())
        assert.equal((await move(bytes, `moved-${i}`)).error, '', `${bytes}`);
      await s.finish();
      for (const bytes of unreadable) rmSync(named(bytes), { recursive: true });
      for (const i of readable.keys()) rmSync(inWork(`app/moved-${i}`), { recursive: true });
    });

    test('no name that matches is made: create, mkdir, rename, exchange, link, symlink, mknod, a file without a name', async () => {
      world.write('work/free/source', 'mine');
      world.own();
      const s = guarded();
      const names = [inWork('.env'), inWork('free/.env'), inWork('deep/a/b/.env')];
      const source = inWork('free/source');
      for (const name of names) {
        assert.equal((await s.open(name, O.O_CREAT | O.O_WRONLY, 0o600)).error, 'EACCES', name);
        assert.equal((await s.open(name, O.O_CREAT | O.O_EXCL | O.O_RDWR, 0o600)).error, 'EACCES', name);
        await refused(s, 'mkdir', 'mkdirat', ...at(name), 0o755);
        await refused(s, 'mkdir with a slash', 'mkdirat', ...at(`${name}/`), 0o755);
        await refused(s, 'rename', 'renameat2', ...at(source), ...at(name), 0);
        await refused(s, 'link', 'linkat', ...at(source), ...at(name), 0);
        await refused(s, 'symlink', 'symlinkat', text('source'), ...at(name));
        await refused(s, 'mknod', 'mknodat', ...at(name), 0o100644, 0);
        const unnamed = (await s.open(inWork('free'), O.O_TMPFILE | O.O_RDWR, 0o600)).ret;
        assert.ok(unnamed > 2, 'a file without a name can be made');
        await refused(s, 'a file without a name', 'linkat', ...at(`/proc/self/fd/${unnamed}`), ...at(name), 0x400);
        assert.equal(existsSync(name), false, name);
      }
      await refused(s, 'exchange', 'renameat2', ...at(source), ...at(secret), RENAME_EXCHANGE);
      await refused(s, 'away', 'renameat2', ...at(secret), ...at(inWork('free/x')), 0);
      await refused(s, 'a link to the match', 'linkat', ...at(secret), ...at(inWork('free/x')), 0);
      const held = (await s.open(secret, O.O_PATH)).ret;
      await refused(
        s,
        'a link through a descriptor',
        'linkat',
        ...at(`/proc/self/fd/${held}`),
        ...at(inWork('free/x')),
        0x400,
      );
      await refused(s, 'removing', 'unlinkat', ...at(secret), 0);
      await refused(s, 'its directory', 'renameat2', ...at(inWork('app')), ...at(inWork('app2')), 0);
      await refused(
        s,
        'its directory, exchanged',
        'renameat2',
        ...at(inWork('free')),
        ...at(inWork('app')),
        RENAME_EXCHANGE,
      );
      await s.finish();
      assert.equal(readFileSync(secret, 'utf8'), 'TOPSECRET');
      assert.equal(readFileSync(source, 'utf8'), 'mine');
      assert.equal(existsSync(inWork('free/x')), false);
      assert.ok(s.all('denied').some((e) => e.record.reason === 'denied-by-rule' && e.record.path.endsWith('/.env')));
    });

    test('no prefix moves under a pattern: hooks made elsewhere never become .git/hooks', async () => {
      const elsewhere = join(world.base, 'elsewhere/d');
      world.write('work/deep/hooks/pre-commit', 'run me');
      writeFileSync(join(elsewhere, 'hooks/pre-commit'), 'run me');
      symlinkSync(elsewhere, inWork('deep/link'));
      mkdirSync(inWork('deep/empty'));
      world.write('work/deep/plain/file', 'x');
      world.own();
      const s = guarded();
      const git = inWork('deep/.git');
      await refused(s, 'a directory with hooks', 'renameat2', ...at(inWork('deep')), ...at(inWork('.git')), 0);
      await refused(s, 'from a tree where names are not seen', 'renameat2', ...at(elsewhere), ...at(git), 0);
      await refused(s, 'a symlink', 'symlinkat', text(elsewhere), ...at(git));
      await refused(s, 'a symlink moved there', 'renameat2', ...at(inWork('deep/link')), ...at(git), 0);
      assert.equal((await s.open(git, O.O_CREAT | O.O_WRONLY, 0o644)).error, 'EACCES', 'a gitfile');
      await refused(s, 'a gitfile by rename', 'renameat2', ...at(inWork('deep/plain/file')), ...at(git), 0);
      await refused(s, 'a gitfile by link', 'linkat', ...at(inWork('deep/plain/file')), ...at(git), 0);
      assert.equal(existsSync(git), false);
      // A directory in which nothing would match may go there; then what is made in it is seen.
      assert.equal((await s.sys('renameat2', ...at(inWork('deep/empty')), ...at(git), 0)).error, '');
      assert.equal((await s.sys('mkdirat', ...at(join(git, 'hooks')), 0o755)).error, '');
      assert.equal((await s.open(join(git, 'hooks/pre-commit'), O.O_CREAT | O.O_WRONLY, 0o755)).error, 'EACCES');
      await refused(s, 'hooks moved into it', 'renameat2', ...at(inWork('deep/hooks')), ...at(join(git, 'hooks')), 0);
      await refused(
        s,
        'a hook moved into it',
        'renameat2',
        ...at(inWork('deep/plain/file')),
        ...at(join(git, 'hooks/x')),
        0,
      );
      assert.equal((await s.open(join(git, 'config'), O.O_CREAT | O.O_WRONLY, 0o644)).error, '');
      await s.finish();
      assert.equal(existsSync(join(git, 'hooks/pre-commit')), false);
      assert.equal(existsSync(join(git, 'hooks/x')), false);
      rmSync(git, { recursive: true });
    });

    test('a directory too large to look through is not moved under a pattern', async () => {
      const big = inWork('big');
      mkdirSync(big);
      for (let i = 0; i < 20_001; i++) writeFileSync(join(big, String(i)), '');
      mkdirSync(inWork('closed/in'), { recursive: true });
      world.own();
      chmodSync(inWork('closed/in'), 0);
      const s = guarded();
      await refused(s, 'too large', 'renameat2', ...at(big), ...at(inWork('.git')), 0);
      assert.equal((await s.sys('renameat2', ...at(big), ...at(inWork('big2')), 0)).error, '', 'but anywhere else');
      if (user.uid !== 0)
        await refused(s, 'not listable', 'renameat2', ...at(inWork('closed')), ...at(inWork('.git')), 0);
      await s.finish();
      assert.equal(existsSync(inWork('.git')), false);
      chmodSync(inWork('closed/in'), 0o755);
      rmSync(inWork('big2'), { recursive: true });
    });

    test('a large directory is looked through while others are served, and again when something was made in it', async () => {
      const large = inWork('large');
      mkdirSync(large);
      for (let i = 0; i < 19_000; i++) mkdirSync(join(large, String(i)));
      world.own();
      const s = guarded();
      const { supervisorPid, childPid } = await s.event('ready');
      const look = async (): Promise<number> => {
        // Who looks inherits it: on a busy machine it is found at its work, not behind it.
        const nice = (by: number): void => {
          if (rootSkip === undefined) setPriority(supervisorPid, by);
        };
        nice(19);
        assert.equal((await s.ask('async', 'renameat2', ...at(large), ...at(inWork('.git')), 0)).error, '');
        const found = await worker(supervisorPid, childPid, large);
        process.kill(found, 'SIGSTOP');
        nice(0);
        return found;
      };
      let looks = await look();
      assert.equal((await s.sys('mkdirat', ...at(join(large, 'hooks')), 0o755)).error, '');
      assert.equal((await s.open(join(large, 'hooks/x'), O.O_CREAT | O.O_WRONLY, 0o644)).error, '');
      process.kill(looks, 'SIGCONT');
      assert.equal((await s.asyncAnswer()).error, 'EACCES');
      assert.equal((await s.sys('unlinkat', ...at(join(large, 'hooks/x')), 0)).error, '');
      looks = await look();
      assert.equal((await s.open(inWork('new'), O.O_CREAT | O.O_WRONLY, 0o644)).error, '');
      process.kill(looks, 'SIGCONT');
      assert.equal((await s.asyncAnswer()).error, '');
      await s.finish();
      assert.equal(existsSync(inWork('.git/18999')), true);
      rmSync(inWork('.git'), { recursive: true });
    });

    test('a grant given during the session does not lift a pattern', async () => {
      const s = guarded();
      await s.event('ready');
      for (const [id, path, kind] of [
        [900, secret, 'exact'],
        [901, inWork('app'), 'tree'],
        [902, '/', 'tree'],
      ] as const)
        s.send({ type: 'add-rule', id, verdict: 'allow', kind, access: 'all', path });
      assert.equal(await s.read(secret), 'EACCES');
      assert.equal((await s.open(inWork('free/.env'), O.O_CREAT | O.O_WRONLY, 0o600)).error, 'EACCES');
      // Only an override of that very path does.
      s.send({ type: 'add-rule', id: 903, verdict: 'override', kind: 'exact', access: 'readwrite', path: secret });
      let answer = '';
      for (let i = 0; i < 100 && answer !== 'TOPSECRET'; i++) answer = await s.read(secret);
      assert.equal(answer, 'TOPSECRET');
      await s.finish();
    });
  });
}
