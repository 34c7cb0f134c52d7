import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { encodePlan } from '../../../src/sandbox/linux/plan-format.ts';
import { rootSkip, users } from '../../helpers/users.ts';
import { AT_FDCWD, actor, alive, fixture, launcher, makeWorld, O, plan, Session, text } from '../session.ts';

test('the root half', { skip: rootSkip }, () => {});

/** Pids of every process whose command line holds the marker. */
function marked(marker: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(marker);
      } catch {
        return false;
      }
    });
}

for (const user of users) {
  describe(user.name, () => {
    const world = makeWorld(user);
    const file = world.write('outside/wanted', 'wanted');
    let n = 0;
    /** A session with a held call and a daemon that left its session and its parents behind. */
    async function busy() {
      const marker = `86400.${process.pid}${user.uid}${n++}`;
      const s = new Session(user, plan({ mode: 'ask' }), [
        '/bin/sh',
        '-c',
        `(setsid sh -c 'sleep ${marker} & setsid sleep ${marker}' &) ; exec ${fixture('actor')}`,
      ]);
      const ready = await s.event('ready');
      s.tell('sys', 'openat', AT_FDCWD, text(file), O.O_RDONLY, 0);
      await s.until('the held call', () => s.all('held').find((e) => e.record.path === file));
      await s.until('the daemons', () => (marked(marker).length >= 2 ? true : undefined));
      return { s, ready, marker };
    }
    async function nothingLeft(s: Session, marker: string, pids: number[]): Promise<void> {
      const ended = await s.ended;
      for (let i = 0; i < 500 && (marked(marker).length > 0 || pids.some(alive)); i++) await pause(20);
      assert.deepEqual(marked(marker), []);
      assert.deepEqual(pids.filter(alive), []);
      // The held call was not granted: the actor never said that it had a descriptor.
      assert.doesNotMatch(ended.stdout, /^[0-9]/m);
    }

    test('the host hangs up', async () => {
      const { s, ready, marker } = await busy();
      s.hangUp();
      await nothingLeft(s, marker, [ready.childPid, ready.supervisorPid]);
    });
    test('the supervisor is killed', async () => {
      const { s, ready, marker } = await busy();
      process.kill(ready.supervisorPid, 'SIGKILL');
      await nothingLeft(s, marker, [ready.childPid, ready.supervisorPid]);
    });
    test('the guardian is killed', async () => {
      const { s, ready, marker } = await busy();
      process.kill(ready.guardianPid, 'SIGKILL');
      await nothingLeft(s, marker, [ready.childPid, ready.supervisorPid]);
    });
    test('the command ends: its daemons end with it', async () => {
      const { s, ready, marker } = await busy();
      process.kill(ready.childPid, 'SIGTERM');
      await nothingLeft(s, marker, [ready.childPid]);
      assert.equal((await s.ended).code, 143);
    });
    test('the host says TERMINATE', async () => {
      const { s, ready, marker } = await busy();
      s.send({ type: 'terminate', signal: 15 });
      await nothingLeft(s, marker, [ready.childPid]);
    });

    const frame = (length: number, type: number, payload: number[], zero = 0): Buffer => {
      const head = Buffer.alloc(8);
      head.writeUInt32LE(length, 0);
      head.writeUInt16LE(type, 4);
      head.writeUInt16LE(zero, 6);
      return Buffer.concat([head, Buffer.from(payload)]);
    };
    const rule = (verdict: number, kind: number, access: number, path: string): number[] => [
      7,
      0,
      0,
      0,
      verdict,
      kind,
      access,
      0,
      Buffer.byteLength(path),
      0,
      0,
      0,
      ...Buffer.from(path),
    ];
    const nonsense: [string, Buffer][] = [
      ['an unknown type', frame(0, 99, [])],
      ['an event sent back', frame(2, 7, [0, 0])],
      ['a verdict cut short', frame(8, 101, Array<number>(8).fill(0))],
      ['a verdict of 2', frame(9, 101, [...Array<number>(8).fill(0), 2])],
      ['a frame beyond the limit', frame(65537, 101, [])],
      ['a length of four gigabytes', frame(0xffff_ffff, 101, [])],
      ['padding that is not zero', frame(1, 104, [0], 1)],
      ['a deny over the wire', frame(14, 102, rule(0, 0, 3, '/x'))],
      ['a rule with no access', frame(14, 102, rule(1, 0, 0, '/x'))],
      ['a rule with a relative path', frame(13, 102, rule(1, 0, 3, 'x'))],
      ['a rule with a NUL', frame(14, 102, rule(1, 0, 3, '/\0'))],
      ['a mode that does not exist', frame(1, 104, [3])],
      ['a signal of 0', frame(1, 106, [0])],
      ['a signal of 65', frame(1, 105, [65])],
    ];
    test('a malformed command ends everything', async () => {
      await Promise.all(
        nonsense.map(async ([what, bytes]) => {
          const s = actor(user, { mode: 'ask' });
          const { childPid, supervisorPid } = await s.event('ready');
          s.tell('sys', 'openat', AT_FDCWD, text(file), O.O_RDONLY, 0);
          await s.event('held');
          s.sendBytes(bytes);
          const ended = await s.ended;
          assert.equal(ended.code, 137, what);
          assert.deepEqual([childPid, supervisorPid].filter(alive), [], what);
          assert.doesNotMatch(ended.stdout, /^[0-9]/m, what);
        }),
      );
    });

    test('exit codes are the command’s', async () => {
      const table: [string[], number][] = [
        [['/bin/sh', '-c', 'exit 7'], 7],
        [['/bin/sh', '-c', 'exit 0'], 0],
        [['/bin/sh', '-c', 'kill -9 $$'], 137],
        [['/bin/sh', '-c', 'kill -TERM $$'], 143],
        [['/no/such/program'], 127],
        [['no-such-program'], 127],
        [['/usr'], 126],
        [[world.write('outside/script', 'exit 3', 0o755)], 126],
      ];
      for (const [argv, code] of table) {
        const s = new Session(user, plan({}), argv);
        assert.equal((await s.ended).code, code, argv.join(' '));
      }
    });

    test('thousands of children are ended, and nobody else', async () => {
      // More than fit the buffer that /proc/…/children is read into: a pid cut in two would name a process outside.
      const marker = `86401.${process.pid}${user.uid}`;
      const bystanders = Array.from({ length: 3 }, () => alive(process.pid));
      const s = new Session(user, plan({}), [fixture('many'), '3000', marker]);
      await s.until('the children', () => (s.output.includes('ready') ? true : undefined));
      s.guardian.stdin?.end();
      assert.equal((await s.ended).code, 0);
      assert.deepEqual(marked(marker), []);
      assert.ok(bystanders.every(Boolean));
    });
  });
}

test('a launcher started without standard streams keeps its own descriptors apart', () => {
  const file = join(users[0] === undefined ? '/' : makeWorld(users[0]).base, 'plan');
  const encoded = encodePlan(plan({}));
  const script = `cat >${file} && ${launcher()} --plan ${file} -- /bin/sh -c 'test ! -e /proc/self/fd/9; exit 5' <&- >&- 2>&-`;
  assert.equal(spawnSync('/bin/sh', ['-c', script], { input: encoded }).status, 5);
});
