/** A caller that dies while its call is being performed: its number may be a process's outside by then. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { rootSkip, type TestUser, users } from '../../helpers/users.ts';
import { fixture, makeWorld, plan, Session } from '../session.ts';
import { NET_FLAGS } from '../sockets/sockets.ts';
import { withServer } from '../stuck.ts';

const ATTEMPTS = 8;
const EACCES = 13;

/** A process that waits for the number to be free, takes it, and says what was done to it. */
async function victim(
  s: Session,
  user: TestUser,
  number: string,
): Promise<{ lines: readonly string[]; closed: Promise<unknown> }> {
  const taker = spawn(fixture('reused'), ['victim', number, String(user.uid)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface({ input: taker.stdout }).on('line', (line) => lines.push(line));
  const closed = once(taker, 'close');
  await s.until('the victim', () => (lines.includes('ready') ? true : undefined));
  return { lines, closed };
}

for (const user of users) {
  describe(`a number that another process gets, ${user.name}`, () => {
    test('what sendmmsg tells its caller is written to nobody else', { skip: rootSkip }, async () => {
      let killed = 0;
      for (let attempt = 0; attempt < ATTEMPTS && killed < 2; attempt++) {
        const w = makeWorld(user);
        const slow = w.write('work/slow', 'x'.repeat(16 << 20));
        const s = new Session(user, plan({ floor: [w.work], flags: NET_FLAGS }), [fixture('reused'), 'inside', slow]);
        const number = await s.until('the caller', () => /^caller (\d+)$/m.exec(s.output)?.[1]);
        const { lines, closed } = await victim(s, user, number);
        s.tell('go');
        const { stdout, code } = await s.ended;
        await closed;
        assert.equal(code, 0, stdout);
        if (stdout.includes('killed') && !lines[1]?.startsWith('none')) killed++;
        assert.notEqual(lines[1], 'changed');
      }
      assert.ok(killed > 0, 'the caller was never killed within its call');
    });

    test('the priority of nobody else is changed', { skip: rootSkip }, async (t) => {
      const w = makeWorld(user);
      const mount = join(w.work, 'mnt');
      await withServer(t, mount, 'later', async () => {
        const s = new Session(user, plan({ floor: [w.work] }), [fixture('reused'), 'limits', join(mount, 'file')]);
        const number = await s.until('the process that is meant', () => /^caller (\d+)$/m.exec(s.output)?.[1]);
        const { lines, closed } = await victim(s, user, number);
        s.tell('go');
        const { stdout } = await s.ended;
        await closed;
        assert.match(stdout, /^setattr -1 3$/m, 'ESRCH');
        assert.deepEqual(lines, ['ready', 'whole']);
      });
    });

    test('its directories are its own, and not those of who had the number', { skip: rootSkip }, async () => {
      const w = makeWorld(user);
      const file = (name: string): string => join(w.work, name, 'x');
      for (const name of ['first', 'second', 'denied']) w.write(`work/${name}/x`, name);
      const rules = [
        { verdict: 'allow', path: w.work },
        { verdict: 'deny', path: join(w.work, 'denied') },
      ] as const;
      const policy = plan({ floor: ['/usr', '/lib', '/lib64', '/proc'], rules });
      const s = new Session(user, policy, [fixture('reused'), 'names', w.work]);
      const removes = async (name: string): Promise<{ pid: number; error: number }> => {
        const before = s.output.length;
        s.tell(name);
        const said = await s.until(name, () => /^\w+: (\d+) (\d+)$/m.exec(s.output.slice(before)) ?? undefined);
        return { pid: Number(said[1]), error: Number(said[2]) };
      };
      const taken = new Set<string>();
      for (let attempt = 0; attempt < 64 && taken.size < 2; attempt++) {
        const name = taken.has('second') ? 'denied' : 'second';
        w.write('work/first/x', 'first');
        w.write(`work/${name}/x`, name);
        w.own();
        const first = await removes('first');
        assert.deepEqual([first.error, existsSync(file('first'))], [0, false]);
        w.write('work/first/x', 'another');
        writeFileSync('/proc/sys/kernel/ns_last_pid', String(first.pid - 1));
        const { pid, error } = await removes(name);
        assert.equal(existsSync(file('first')), true);
        assert.deepEqual([error, existsSync(file(name))], name === 'denied' ? [EACCES, true] : [0, false]);
        if (pid === first.pid) taken.add(name);
      }
      assert.deepEqual([...taken], ['second', 'denied'], 'the number was never got again');
      s.guardian.stdin?.end();
      await s.ended;
    });
  });
}
