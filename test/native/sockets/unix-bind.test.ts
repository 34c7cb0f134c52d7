/** Binding socket files: where something may be written, under the name that was meant. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { rootSkip, users } from '../../helpers/users.ts';
import { actor, type PlanText } from '../session.ts';
import { answers, calls, unixAddress, unixWorld } from './sockets.ts';

const RACE_MS = Number(process.env['NONO_RACE_MS'] ?? 1000);

for (const user of users) {
  describe(user.name, () => {
    test('what is made inside works inside, on the floor and off it', async () => {
      const { granted, work, brokered } = unixWorld(user);
      for (const dir of [work, brokered]) {
        const s = calls(
          user,
          granted,
          undefined,
          `serve ${dir}/a 5`,
          `connect u s ${dir}/a`,
          `late u s ${dir}/a`,
          `cd ${dir}`,
          'connect u s a',
          'connect u s ./a',
          `name ${dir}/named`,
          'name relative',
          `serve ${dir}/a 5`,
          `bind u d ${dir}/d`,
          `sendmsg u d ${dir}/d`,
          'umask 077',
          'serve private 5',
          'mode private',
          `connect u s ${dir}/missing`,
          `serve ${dir}/nowhere/x 5`,
          `serve ${dir}/x/ 5`,
          `connect u s ${dir}/x`,
        );
        assert.deepEqual(
          await answers(s),
          [
            'ok',
            'ok',
            'ok',
            'ok',
            'ok',
            'ok',
            `ok ${dir}/named`,
            'ok relative',
            'EADDRINUSE',
            'ok',
            'ok',
            'ok',
            'ok',
            'ok 700',
            'ENOENT',
            'ENOENT',
            dir === work ? 'ENOENT' : 'EADDRINUSE',
            dir === work ? 'ENOENT' : 'ECONNREFUSED',
          ],
          dir,
        );
        assert.ok(lstatSync(join(dir, 'a')).isSocket());
      }
    });

    test('binding where nothing may be written makes nothing', async () => {
      const { granted, world, work } = unixWorld(user);
      symlinkSync(world.outside, join(work, 'out'));
      const s = calls(
        user,
        granted,
        undefined,
        `serve ${world.outside}/no 5`,
        `serve ${work}/out/no 5`,
        `cd ${world.outside}`,
        'bind u d no',
      );
      assert.deepEqual(await answers(s), ['EACCES', 'EACCES', 'ok', 'EACCES']);
      assert.equal(existsSync(join(world.outside, 'no')), false);
      assert.deepEqual(
        s.all('denied').map(({ record: r }) => `${r.verb} ${r.access} ${r.path}`),
        Array(3).fill(`bind write ${world.outside}/no`),
      );
    });

    test('nobody is asked about a bind that a yes could not bring about', { timeout: 20_000 }, async () => {
      const { granted, world } = unixWorld(user);
      const deny = { verdict: 'deny', kind: 'pattern', path: '/**/later/key' } as const;
      const text: PlanText = { ...granted, mode: 'ask', rules: [deny] };
      for (const before of [[], ['narrow']]) {
        const name = join(world.outside, before.length > 0 ? 'free' : 'later');
        const s = calls(user, text, undefined, ...before, `serve ${name} 5`);
        assert.deepEqual(await answers(s), [...before.map(() => 'ok'), 'EACCES']);
        assert.deepEqual(
          s.all('denied').map(({ record: r }) => `${r.verb} ${r.reason} ${r.path}`),
          [`bind cannot-perform ${name}`],
        );
        assert.deepEqual([s.all('held').length, existsSync(name)], [0, false]);
      }
    });

    test('bound by a link where something is denied below, its address is the real path; elsewhere it is what was written', async () => {
      const { granted, work, brokered, world } = unixWorld(user);
      const long = join(brokered, 'l'.repeat(90));
      world.write(`outside/brokered/${'l'.repeat(90)}/x`, '');
      world.own();
      symlinkSync(brokered, join(work, 'link'));
      symlinkSync(long, join(work, 'long'));
      for (const denied of [[], [{ verdict: 'deny', path: join(long, 'denied') } as const]]) {
        const rules = [{ verdict: 'allow', path: brokered } as const, ...denied];
        const there = (name: string): string => `name ${name}`;
        const paths = [`${work}/link/a`, `${brokered}/./b`, `${work}/long/c`, `${work}/link/../brokered/d`];
        const s = calls(user, { ...granted, rules }, undefined, ...paths.map(there));
        const real = [`${brokered}/a`, `${brokered}/./b`, 'c', `${brokered}/d`];
        assert.deepEqual(
          await answers(s),
          (denied.length > 0 ? real : paths).map((path) => `ok ${path}`),
        );
        const made = [...['a', 'b', 'd'].map((name) => join(brokered, name)), join(long, 'c')];
        for (const path of made) {
          assert.ok(lstatSync(path).isSocket(), path);
          rmSync(path);
        }
      }
    });

    test(`${RACE_MS} ms of a link that changes between a directory and a denied one below it: no socket is bound in that`, async () => {
      const { granted, work, brokered, world } = unixWorld(user);
      world.write('outside/brokered/denied/x', '');
      world.own();
      const denied = join(brokered, 'denied');
      const rules = [{ verdict: 'allow', path: brokered } as const, { verdict: 'deny', path: denied } as const];
      const s = calls(
        user,
        { ...granted, rules },
        undefined,
        `bind-link ${brokered} ${denied} ${work}/link ${RACE_MS}`,
      );
      assert.match((await answers(s))[0] ?? '', /^ok [1-9]\d*$/);
      assert.deepEqual(readdirSync(denied), ['x']);
    });
  });
}

test('root that serves somebody else (setfsuid) binds as whom it serves: not where that one may not write, and what it makes is theirs', {
  skip: rootSkip,
}, async () => {
  const SOMEBODY = 54321;
  for (const { mode, error } of [
    { mode: 0o755, error: 'EACCES' },
    { mode: 0o777, error: '' },
  ]) {
    const { granted, brokered } = unixWorld({ name: 'root', uid: 0, prefix: [] });
    chmodSync(brokered, mode);
    const s = actor({ name: 'root', uid: 0, prefix: [] }, granted);
    const own = await s.sys('socket', 1, 1, 0);
    assert.equal((await s.sys('setfsuid', SOMEBODY)).error, '');
    const path = join(brokered, 'theirs');
    assert.equal((await s.sys('bind', own.ret, unixAddress(path), path.length + 3)).error, error);
    await s.finish();
    assert.equal(existsSync(path), error === '');
    if (error === '') assert.equal(lstatSync(path).uid, SOMEBODY);
  }
});
