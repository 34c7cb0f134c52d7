/** Which sockets may be connected and sent to: those of the session, and those that are granted or allowed when asked; also while names change. */
import assert from 'node:assert/strict';
import { readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { rootSkip, users } from '../../helpers/users.ts';
import { actor, text } from '../session.ts';
import {
  answers,
  calls,
  closedAfterwards,
  datagramListener,
  streamListener,
  unixAddress,
  unixWorld,
} from './sockets.ts';

const RACE_MS = Number(process.env['NONO_RACE_MS'] ?? 1000);
const SIGUSR1 = 10;

test('the root half', { skip: rootSkip }, () => {});

for (const user of users) {
  describe(user.name, () => {
    const keep = closedAfterwards();

    test('a socket that a process outside made is refused in a tree that may be written, unless granted', async () => {
      const { granted, work, world } = unixWorld(user);
      const path = join(work, 'outside.sock');
      const l = keep(await streamListener({ path }));
      const datagram = join(work, 'outside.dgram');
      const d = keep(await datagramListener(datagram));
      symlinkSync(path, join(work, 'link'));
      const commands = [
        `connect u s ${path}`,
        `late u s ${path}`,
        `connect u s ${join(work, 'link')}`,
        `connect u q ${path}`,
        `cd ${work}`,
        'connect u s outside.sock',
        `thread connect u s ${path}`,
        `connect u d ${datagram}`,
        `sendto u d ${datagram}`,
        `sendmsg u d ${datagram}`,
        `sendmmsg u d ${datagram}`,
      ];
      const s = calls(user, granted, undefined, ...commands);
      assert.deepEqual(
        await answers(s),
        commands.map((c) => (c.startsWith('cd') ? 'ok' : 'EACCES')),
      );
      await l.settle();
      assert.equal(l.connections, 0);
      const denied = s.all('denied').map(({ record: r }) => `${r.verb} ${r.access} ${r.reason} ${r.path}`);
      assert.equal(denied[0], `connect connect insufficient-access ${path}`);
      assert.equal(denied[7], `sendto connect insufficient-access ${datagram}`);
      assert.equal(denied.length, commands.length - 1);

      const rules = [
        ...(granted.rules ?? []),
        { verdict: 'allow', access: 'connect', path } as const,
        { verdict: 'allow', access: 'connect', path: datagram } as const,
      ];
      const yes = calls(user, { ...granted, rules }, undefined, ...commands);
      assert.deepEqual(await answers(yes), ['ok', 'ok', 'ok', 'EPROTOTYPE', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok']);
      await l.settle();
      assert.equal(l.connections, 5);
      await d.settle();
      assert.equal(d.got.length, 4);

      const deny = [...rules, { verdict: 'deny', access: 'all', path: world.base } as const];
      assert.deepEqual(await answers(calls(user, { ...granted, rules: deny }, undefined, `connect u s ${path}`)), [
        'EACCES',
      ]);
      await l.settle();
      assert.equal(l.connections, 5);
    });

    test('a socket file moved, replaced or linked does not become one of the session', async () => {
      const { granted, work } = unixWorld(user);
      const l = keep(await streamListener({ path: join(work, 'real') }));
      const s = actor(user, granted);
      const call = async (name: string, path: string): Promise<string> => {
        const fd = (await s.sys('socket', 1, 1, 0)).ret;
        const { error } = await s.sys(name, fd, unixAddress(path), path.length + 3);
        await s.sys('close', fd);
        return error;
      };
      assert.equal(await call('bind', join(work, 'mine')), '');
      assert.equal(await call('connect', join(work, 'mine')), 'ECONNREFUSED');
      await s.sys('linkat', -100, text(join(work, 'real')), -100, text(join(work, 'hard')), 0);
      // protected_hardlinks lets an ordinary user link only what it may write.
      assert.notEqual(await call('connect', join(work, 'hard')), '');
      renameSync(join(work, 'real'), join(work, 'mine'));
      assert.equal(await call('connect', join(work, 'mine')), 'EACCES');
      await s.finish();
      await l.settle(join(work, 'mine'));
      assert.equal(l.connections, 0);
    });

    test('abstract names: the session’s own, and no others', async () => {
      const { granted } = unixWorld(user);
      const name = `nono-test-${process.pid}-${user.uid}`;
      const l = keep(await streamListener({ path: `\0${name}` }));
      const s = actor(user, granted);
      const call = async (what: string, abstract: string, then?: string): Promise<string> => {
        const fd = (await s.sys('socket', 1, 1, 0)).ret;
        const { error } = await s.sys(what, fd, `s:%01%00%00${abstract}`, abstract.length + 3);
        if (then !== undefined) assert.equal((await s.sys(then, fd, 5)).error, '');
        return error;
      };
      assert.equal(await call('connect', name), 'ECONNREFUSED');
      assert.equal(await call('bind', `${name}-own`, 'listen'), '');
      assert.equal(await call('connect', `${name}-own`), '');
      assert.equal(await call('connect', `${name}-nobody`), 'ECONNREFUSED');
      await s.finish();
      await l.settle();
      assert.equal(l.connections, 0);
    });

    test('held, and allowed: the call succeeds; denied: it fails; a datagram too', async () => {
      const { granted, work } = unixWorld(user);
      const path = join(work, 'held.sock');
      const l = keep(await streamListener({ path }));
      const d = keep(await datagramListener(join(work, 'held.dgram')));
      const s = calls(
        user,
        { ...granted, mode: 'ask' },
        undefined,
        `connect u s ${path}`,
        `connect u s ${path}`,
        `sendmsg u d ${work}/held.dgram`,
      );
      for (const [i, allow] of [true, false, true].entries()) {
        const held = await s.event('held', i);
        assert.equal(held.record.access, 'connect');
        await l.settle();
        assert.equal(l.connections, i > 0 ? 1 : 0);
        s.send({ type: 'verdict', holdId: held.holdId, allow });
      }
      assert.deepEqual(await answers(s), ['ok', 'EACCES', 'ok']);
      await d.settle();
      assert.deepEqual(d.got, ['inside']);
      await l.settle();
      assert.equal(l.connections, 1);
    });

    test('another socket under the path that was shown is not connected to', async () => {
      const { granted, work } = unixWorld(user);
      const [shown, other] = [join(work, 'shown'), join(work, 'other')];
      const l = keep(await streamListener({ path: shown }));
      const wrong = keep(await streamListener({ path: other }));
      const s = calls(user, { ...granted, mode: 'ask' }, undefined, `connect u s ${shown}`);
      const held = await s.event('held');
      renameSync(other, shown);
      s.send({ type: 'verdict', holdId: held.holdId, allow: true });
      assert.deepEqual(await answers(s), ['EACCES']);
      assert.equal((await s.event('released')).outcome, 'changed');
      assert.equal(l.connections + wrong.connections, 0);
    });

    test('a connect that waits for room can be interrupted, and delays nobody', async () => {
      const { granted, work } = unixWorld(user);
      const s = actor(user, granted);
      const path = join(work, 'full');
      const server = (await s.sys('socket', 1, 1, 0)).ret;
      await s.sys('bind', server, unixAddress(path), path.length + 3);
      await s.sys('listen', server, 0);
      const connect = async (): Promise<[string, number, string, number]> => [
        'connect',
        (await s.sys('socket', 1, 1, 0)).ret,
        unixAddress(path),
        path.length + 3,
      ];
      assert.equal((await s.sys(...(await connect()))).error, '');
      await s.ask('handler', SIGUSR1, 0);
      const pid = (await s.sys('getpid')).ret;
      await s.ask('async', ...(await connect()));
      assert.equal((await s.open('/etc/passwd', 0)).error, '');
      const threads = await s.open('/proc/self/task', 0);
      assert.equal(threads.error, '');
      // To the process: the main thread takes it, so the waiting one is found by its number, the next after those that were started.
      const waiting = readdirSync(`/proc/${pid}/task`)
        .map(Number)
        .filter((tid) => tid !== pid);
      assert.equal(waiting.length, 1);
      // Again and again: one that comes before the call is only counted.
      let answer: string | undefined;
      s.asyncAnswer().then((a) => {
        answer = a.error;
      });
      while (answer === undefined) {
        await s.sys('tgkill', pid, waiting[0] ?? 0, SIGUSR1);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.equal(answer, 'EINTR');
      await s.finish();
    });

    for (const kind of ['connect', 'sendto', 'header', 'descriptor'] as const)
      test(`${RACE_MS} ms of threads changing the ${kind === 'descriptor' ? 'socket under the number' : `address of ${kind}`}`, async () => {
        const { granted, work } = unixWorld(user);
        const dgram = kind !== 'connect';
        const [yes, no] = [join(work, 'yes'), join(work, 'nop')];
        const bad = dgram ? keep(await datagramListener(no)) : undefined;
        const badStream = dgram ? undefined : keep(await streamListener({ path: no }));
        const s = calls(
          user,
          granted,
          undefined,
          dgram ? `bind u d ${yes}` : `serve ${yes} 4000`,
          `race ${kind} ${RACE_MS} u ${yes} ${no}`,
        );
        const [made, raced = ''] = await answers(s);
        assert.equal(made, 'ok');
        assert.match(raced, /^ok [1-9]\d+$/);
        await bad?.settle();
        assert.deepEqual(bad?.got ?? [], []);
        await badStream?.settle();
        assert.equal(badStream?.connections ?? 0, 0);
      });

    test(`${RACE_MS} ms of a link that changes between a socket of the session and one outside`, async () => {
      const { granted, work, world } = unixWorld(user);
      const no = join(world.outside, 'no');
      const l = keep(await streamListener({ path: no }));
      const s = actor(user, { ...granted, rules: [{ verdict: 'allow', path: world.outside }] });
      const server = (await s.sys('socket', 1, 1, 0)).ret;
      await s.sys('bind', server, unixAddress(join(work, 'yes')), join(work, 'yes').length + 3);
      await s.sys('listen', server, 1000);
      await s.ask('swap', join(work, 'yes'), no, join(work, 'link'), RACE_MS);
      let reached = 0;
      for (const end = Date.now() + RACE_MS; Date.now() < end; ) {
        const fd = (await s.sys('socket', 1, 1 | 0o4000, 0)).ret;
        if ((await s.sys('connect', fd, unixAddress(join(work, 'link')), join(work, 'link').length + 3)).error === '')
          reached++;
        await s.sys('close', fd);
      }
      await s.asyncAnswer();
      await s.finish();
      assert.ok(reached > 0);
      await l.settle();
      assert.equal(l.connections, 0);
    });
  });
}
