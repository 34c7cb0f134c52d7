import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { rootSkip, users } from '../../helpers/users.ts';
import { AT_FDCWD, actor, children, fixture, makeWorld, O, type PlanText, type Session, text } from '../session.ts';

const { SIGCONT, SIGINT, SIGTSTP, SIGUSR1 } = constants.signals;
const SA_RESTART = 0x10000000;

test('the root half', { skip: rootSkip }, () => {});

/** State letter of a process, as its parent's job control sees it. */
function state(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /s, '')[0] ?? '';
}

for (const user of users) {
  describe(user.name, () => {
    const world = makeWorld(user);
    const file = world.write('outside/wanted', 'wanted');
    const secret = world.write('outside/secret/key', 'TOPSECRET');
    const asking = (more: PlanText = {}): Session =>
      actor(user, {
        mode: 'ask',
        ...more,
        rules: [{ verdict: 'deny', path: join(world.outside, 'secret') }, ...(more.rules ?? [])],
      });
    const tellOpen = (s: Session, path: string, how = 'sys', flags: number = O.O_RDONLY): void =>
      s.tell(how, 'openat', AT_FDCWD, text(path), flags, 0o600);

    test('allowed by a verdict, the call succeeds; denied, it fails', async () => {
      const s = asking();
      tellOpen(s, file);
      const held = await s.event('held');
      assert.deepEqual([held.record.path, held.record.access, held.record.object], [file, 'read', 'file']);
      s.send({ type: 'verdict', holdId: held.holdId, allow: true });
      const opened = await s.answer();
      assert.equal(opened.error, '');
      assert.equal((await s.sys('read', opened.ret, 'buf', 99)).data, 'wanted');
      tellOpen(s, file);
      const again = await s.event('held', 1);
      s.send({ type: 'verdict', holdId: again.holdId, allow: false });
      assert.equal((await s.answer()).error, 'EACCES');
      await s.finish();
      assert.deepEqual(
        s.all('released').map((e) => e.outcome),
        ['allowed', 'denied'],
      );
    });

    test('what the host said before a call was made counts for that call', async () => {
      const s = asking({ mode: 'deny' });
      const { supervisorPid } = await s.event('ready');
      const shell = (await s.sys('getpid')).ret;
      // As a supervisor that gets no processor: it finds both when it goes on.
      process.kill(supervisorPid, 'SIGSTOP');
      try {
        while (state(supervisorPid) !== 'T') await pause(5);
        s.send({ type: 'set-mode', mode: 'ask' });
        tellOpen(s, file);
        while (!readFileSync(`/proc/${shell}/wchan`, 'latin1').startsWith('seccomp')) await pause(5);
      } finally {
        process.kill(supervisorPid, 'SIGCONT');
      }
      const held = await s.event('held');
      s.send({ type: 'verdict', holdId: held.holdId, allow: true });
      assert.equal((await s.answer()).error, '');
      await s.finish();
      assert.deepEqual(s.all('denied'), []);
    });

    test('two calls on names that differ only in where one name ends and the other begins are two rows', async () => {
      const s = asking();
      const { childPid } = await s.event('ready');
      await s.ask('handler', SIGUSR1, 0);
      const [a, b, c] = ['a', 'b', 'c'].map((name) => join(world.base, 'outside', `rows-${name}`)) as [
        string,
        string,
        string,
      ];
      // Written one after the other with a line feed between them, both pairs are the same text.
      const pairs = [
        [`${a}\n${b}`, c],
        [a, `${b}\n${c}`],
      ] as const;
      for (const path of [`${a}\n${b}`, a]) world.write(relative(world.base, path), '');
      world.write(`outside/rows-b\n${c}-beside`, '');
      world.own();
      const ids: bigint[] = [];
      for (const [i, [from, to]] of pairs.entries()) {
        s.tell('sys', 'renameat2', AT_FDCWD, text(from), AT_FDCWD, text(to), 0);
        const held = await s.event('held', i);
        assert.ok([held.record.path, held.record.other].includes(from));
        ids.push(held.holdId);
        process.kill(childPid, SIGUSR1);
        assert.equal((await s.answer()).error, 'EINTR');
      }
      assert.notEqual(ids[0], ids[1]);
      await s.finish();
    });

    test('a creation is held, and made once allowed', async () => {
      const s = asking();
      const fresh = join(world.outside, 'fresh');
      tellOpen(s, fresh, 'sys', O.O_CREAT | O.O_WRONLY);
      const held = await s.event('held');
      assert.deepEqual([held.record.access, held.record.object], ['write', 'missing']);
      s.send({ type: 'verdict', holdId: held.holdId, allow: true });
      assert.equal((await s.answer()).error, '');
      await s.finish();
      assert.equal(readFileSync(fresh, 'utf8'), '');
      rmSync(fresh);
    });

    test('a rule added answers everything that it covers, and goes when removed', async () => {
      const s = asking();
      tellOpen(s, file);
      tellOpen(s, file, 'async');
      await s.event('held');
      s.send({ type: 'add-rule', id: 900, verdict: 'allow', kind: 'tree', access: 'read', path: world.outside });
      assert.equal((await s.answer()).error, '');
      assert.equal((await s.answer()).data, 'started');
      assert.equal((await s.asyncAnswer()).error, '');
      s.send({ type: 'remove-rule', id: 900 });
      s.send({ type: 'set-mode', mode: 'deny' });
      assert.equal(await s.read(file), 'EACCES');
      await s.finish();
    });

    test('a pattern over the wire opens nothing: the host answers for it', async () => {
      const s = asking();
      tellOpen(s, file);
      await s.event('held');
      const path = join(world.outside, '*');
      s.send({ type: 'add-rule', id: 900, verdict: 'allow', kind: 'pattern', access: 'read', path });
      s.send({ type: 'set-mode', mode: 'deny' });
      assert.equal((await s.answer()).error, 'EACCES');
      assert.equal(await s.read(file), 'EACCES');
      await s.finish();
    });

    test('leaving ask mode denies what is held', async () => {
      const s = asking();
      tellOpen(s, file);
      await s.event('held');
      s.send({ type: 'set-mode', mode: 'observe' });
      assert.equal((await s.answer()).error, 'EACCES');
      await s.finish();
    });

    test('no verdict and no allow lifts a deny; an override lifts exactly its path', async () => {
      const other = world.write('outside/secret/other', 'TOPSECRET');
      const s = asking();
      assert.equal(await s.read(secret), 'EACCES');
      assert.equal(s.all('held').length, 0);
      for (let id = 1n; id < 5n; id++) s.send({ type: 'verdict', holdId: id, allow: true });
      s.send({ type: 'add-rule', id: 901, verdict: 'allow', kind: 'exact', access: 'readwrite', path: secret });
      assert.equal(await s.read(secret), 'EACCES');
      s.send({ type: 'add-rule', id: 902, verdict: 'override', kind: 'exact', access: 'read', path: secret });
      assert.equal(await s.read(secret), 'TOPSECRET');
      assert.equal((await s.open(secret, O.O_RDWR)).error, 'EACCES');
      assert.equal(await s.read(other), 'EACCES');
      s.send({ type: 'remove-rule', id: 0 });
      s.send({ type: 'remove-rule', id: 902 });
      assert.equal(await s.read(secret), 'EACCES');
      await s.finish();
    });

    test('an object swapped while it is held is not opened', async () => {
      const swapped = world.write('outside/swapped', 'shown');
      const s = asking();
      tellOpen(s, swapped);
      const held = await s.event('held');
      renameSync(swapped, `${swapped}.old`);
      symlinkSync(secret, swapped);
      s.send({ type: 'verdict', holdId: held.holdId, allow: true });
      assert.equal((await s.answer()).error, 'EACCES');
      assert.equal((await s.event('released')).outcome, 'changed');
      // A name that was free when it was shown, and is a symlink now.
      const fresh = join(world.outside, 'free');
      tellOpen(s, fresh, 'sys', O.O_CREAT | O.O_WRONLY | O.O_TRUNC);
      const second = await s.event('held', 1);
      symlinkSync(secret, fresh);
      s.send({ type: 'verdict', holdId: second.holdId, allow: true });
      assert.equal((await s.answer()).error, 'EACCES');
      await s.finish();
      assert.equal(readFileSync(secret, 'utf8'), 'TOPSECRET');
      rmSync(swapped);
      rmSync(fresh);
    });

    test('SIGINT ends a held caller', async () => {
      const s = asking();
      tellOpen(s, file);
      await s.event('held');
      process.kill((await s.event('ready')).childPid, SIGINT);
      assert.equal((await s.ended).code, 130);
      assert.deepEqual(s.all('exit'), [{ type: 'exit', signalled: true, code: 2 }]);
    });

    test('SIGTSTP stops a held caller; continued, it is held again under the same id', async () => {
      const s = asking();
      const pid = (await s.event('ready')).childPid;
      assert.equal((await s.ask('group')).ret, 0);
      s.tell('handler', SIGUSR1, SA_RESTART);
      assert.equal((await s.answer()).ret, 0);
      tellOpen(s, file);
      const held = await s.event('held');
      process.kill(pid, SIGTSTP);
      await s.event('released');
      assert.equal(s.all('released')[0]?.outcome, 'suspended');
      await s.until('the stop', () => (state(pid) === 'T' ? true : undefined));
      process.kill(pid, SIGCONT);
      const again = await s.event('held', 1);
      assert.equal(again.holdId, held.holdId);
      s.send({ type: 'verdict', holdId: again.holdId, allow: true });
      assert.equal((await s.answer()).error, '');
      await s.finish();
    });

    test('a process with a held thread stops as a whole', async () => {
      const s = asking();
      const pid = (await s.event('ready')).childPid;
      assert.equal((await s.ask('group')).ret, 0);
      tellOpen(s, file, 'async');
      assert.equal((await s.answer()).data, 'started');
      const held = await s.event('held');
      process.kill(pid, SIGTSTP);
      await s.until('the stop', () => (readStates(pid).every((t) => t === 'T') ? true : undefined));
      process.kill(pid, SIGCONT);
      const again = await s.event('held', 1);
      assert.equal(again.holdId, held.holdId);
      s.send({ type: 'verdict', holdId: again.holdId, allow: true });
      assert.equal((await s.asyncAnswer()).error, '');
      await s.finish();
    });

    test('a handler with SA_RESTART restarts the call, one without gives EINTR', async () => {
      const s = asking();
      const pid = (await s.event('ready')).childPid;
      await s.ask('handler', SIGUSR1, SA_RESTART);
      tellOpen(s, file);
      await s.event('held');
      process.kill(pid, SIGUSR1);
      const again = await s.event('held', 1);
      s.send({ type: 'verdict', holdId: again.holdId, allow: true });
      assert.equal((await s.answer()).error, '');
      await s.ask('handler', SIGUSR1, 0);
      tellOpen(s, file);
      await s.event('held', 2);
      process.kill(pid, SIGUSR1);
      assert.equal((await s.answer()).error, 'EINTR');
      assert.equal((await s.ask('signals')).ret, 2);
      await s.finish();
    });

    test('threads never see errno 512', async () => {
      const s = asking();
      const pid = (await s.event('ready')).childPid;
      await s.ask('handler', SIGUSR1, SA_RESTART);
      for (let round = 0; round < 10; round++) {
        tellOpen(s, file, 'async');
        assert.equal((await s.answer()).data, 'started');
        await s.event('held', round);
        process.kill(pid, SIGUSR1);
        await pause(30);
      }
      s.send({ type: 'add-rule', id: 900, verdict: 'allow', kind: 'exact', access: 'read', path: file });
      for (let round = 0; round < 10; round++) assert.ok(['', 'EINTR'].includes((await s.asyncAnswer()).error));
      await s.finish();
    });

    test('a process that has all its threads wait takes the places of no other', async () => {
      const s = asking();
      for (let i = 0; i < 300; i++) {
        tellOpen(s, file, 'async');
        await s.answer();
      }
      // A host that reads too slowly is told of fewer.
      for (let i = 0; i < 44; i++) assert.equal((await s.asyncAnswer(30_000)).error, 'EACCES');
      const first = s.all('held')[0]?.record.pid;
      tellOpen(s, file, 'fork');
      await s.until(
        'another process that waits',
        () => s.all('held').find(({ record }) => record.pid !== first),
        30_000,
      );
      s.abandon();
    });

    test('of 300 calls 256 are held, the rest denied, and the session goes on', async () => {
      const s = asking();
      for (let i = 0; i < 300; i++) {
        tellOpen(s, file, 'async');
        await s.answer();
      }
      await s.event('held', 255);
      await s.event('denied', 43);
      assert.equal(s.all('held').length, 256);
      assert.ok(s.all('denied').every((e) => e.record.reason === 'too-many-held'));
      s.send({ type: 'add-rule', id: 900, verdict: 'allow', kind: 'exact', access: 'read', path: file });
      let opened = 0;
      for (let i = 0; i < 300; i++) if ((await s.asyncAnswer()).error === '') opened++;
      assert.equal(opened, 256);
      assert.equal((await s.finish()).code, 0);
    });

    test('a FIFO without a peer delays nobody', async () => {
      const fifo = join(world.work, 'fifo');
      const s = asking({ floor: [world.base], rules: [] });
      await s.sys('mknodat', AT_FDCWD, text(fifo), 0o010600, 0);
      await s.finish();
      const t = actor(user, { rules: [{ verdict: 'allow', path: world.work }] });
      tellOpen(t, fifo, 'async');
      await t.answer();
      assert.equal(await t.read(world.write('work/beside', 'beside')), 'beside');
      assert.equal((await t.open(fifo, O.O_WRONLY)).error, '');
      assert.equal((await t.asyncAnswer()).error, '');
      await t.finish();
    });

    test('a worker that is killed leaves no caller waiting', async () => {
      const fifo = join(world.work, 'fifo-killed');
      const s = actor(user, { floor: [world.base], rules: [] });
      await s.sys('mknodat', AT_FDCWD, text(fifo), 0o010600, 0);
      await s.finish();
      const t = actor(user, { rules: [{ verdict: 'allow', path: world.work }] });
      const { supervisorPid, childPid } = await t.event('ready');
      tellOpen(t, fifo, 'async');
      await t.answer();
      const worker = await t.until('the worker', () => children(supervisorPid).find((pid) => pid !== childPid));
      process.kill(worker, 'SIGKILL');
      assert.equal((await t.asyncAnswer()).error, 'EIO');
      await t.finish();
    });

    test('a lease that a program outside holds does not stop the supervisor', async () => {
      const leased = world.write('work/leased', 'leased');
      const s = actor(user, { rules: [{ verdict: 'allow', path: world.work }], capabilities: 0xffn });
      const [holder = '', ...words] = [...user.prefix, fixture('lease-holder'), leased];
      const outside = spawn(holder, words, { stdio: ['pipe', 'pipe', 'inherit'] });
      assert.match(String((await once(outside.stdout, 'data'))[0]), /leased/);
      tellOpen(s, leased, 'async', O.O_WRONLY);
      await s.answer();
      await pause(100);
      const before = Date.now();
      assert.equal(await s.read(world.write('work/beside', 'beside')), 'beside');
      // The kernel gives the holder 45 s.
      assert.ok(Date.now() - before < 10_000);
      outside.stdin.end();
      const opened = await s.asyncAnswer();
      assert.equal(opened.error, '');
      await s.finish();
    });
  });
}

function readStates(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map(
    (tid) => readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8').replace(/.*\) /s, '')[0] ?? '',
  );
}
