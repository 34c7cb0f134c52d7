/** A denied range, and the one rule that lifts it: in the plan and over the wire, against the real kernel. A loopback range stands in for a metadata service. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { NetRule } from '../../../src/sandbox/linux/net-rule.ts';
import { users } from '../../helpers/users.ts';
import { fixture, type PlanText, plan, Session } from '../session.ts';
import { answers, bytes, calls, type Listener, NET_FLAGS, rule, streamListener } from '../sockets/sockets.ts';

const text: PlanText = { flags: NET_FLAGS, mode: 'deny' };
const denied: NetRule = rule({ id: 1, verdict: 'deny', family: 4, prefix: 8, address: bytes(127) });
const everything = rule({ id: 2 });
const one = (verdict: 'allow' | 'override', port: number, id: number): NetRule =>
  rule({
    id,
    verdict,
    family: 4,
    prefix: 32,
    address: bytes(127, 0, 0, 1),
    firstPort: port,
    lastPort: port,
    protocols: 1,
  });

for (const user of users) {
  describe(`a denied range, as ${user.name}`, { timeout: 60_000 }, () => {
    const open: Listener[] = [];
    after(() => {
      for (const listener of open) listener.close();
    });
    const tcp = async (): Promise<Listener> => {
      const listener = await streamListener({ host: '127.0.0.1' });
      open.push(listener);
      return listener;
    };

    test('in the plan: no allow opens it, an override as narrow as the range or narrower does, where it covers', async () => {
      const [yes, no] = [await tcp(), await tcp()];
      const to = (l: Listener): string => `connect 4 s 127.0.0.1 ${l.port}`;
      const ask = (...rules: NetRule[]) => answers(calls(user, text, [denied, everything, ...rules], to(yes), to(no)));
      assert.deepEqual(await ask(), ['EACCES', 'EACCES']);
      assert.deepEqual(await ask(one('allow', yes.port, 3)), ['EACCES', 'EACCES']);
      assert.deepEqual(await ask(rule({ id: 3, verdict: 'override', prefix: 0 })), ['EACCES', 'EACCES']);
      assert.deepEqual(await ask(one('override', yes.port, 3)), ['ok', 'EACCES']);
      await yes.settle();
      await no.settle();
      assert.deepEqual([yes.connections, no.connections], [1, 0]);
    });

    test('over the wire: lifted, and denied again when it is taken back', async () => {
      const l = await tcp();
      const s = new Session(user, { ...plan(text), net: [denied] }, [fixture('actor')]);
      await s.event('ready');
      const port = [l.port >> 8, l.port & 255].map((b) => `%${b.toString(16).padStart(2, '0')}`).join('');
      const connect = async (): Promise<string> => {
        const fd = (await s.sys('socket', 2, 1, 0)).ret;
        const address = `s:%02%00${port}%7f%00%00%01%01%01%01%01%01%01%01%01`;
        const done = await s.sys('connect', fd, address, 16);
        return done.ret === 0 ? 'ok' : done.error;
      };
      assert.equal(await connect(), 'EACCES');
      s.send({ type: 'add-net-rule', rule: one('allow', l.port, 9) });
      await s.open('/nonexistent/one', 0);
      assert.equal(await connect(), 'EACCES', 'an allow does not lift it');
      s.send({ type: 'add-net-rule', rule: one('override', l.port, 10) });
      await s.open('/nonexistent/two', 0);
      assert.equal(await connect(), 'ok');
      s.send({ type: 'remove-net-rule', id: 10 });
      await s.open('/nonexistent/three', 0);
      assert.equal(await connect(), 'EACCES');
      // The host cannot take a denial back.
      s.send({ type: 'remove-net-rule', id: 1 });
      await s.open('/nonexistent/four', 0);
      assert.equal(await connect(), 'EACCES');
      await s.finish();
      await l.settle();
      assert.equal(l.connections, 1);
    });
  });
}
