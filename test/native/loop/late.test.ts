/**
 * A server that answers every look, and then neither the change that is asked of it nor the open of a program's first line: who asked gets EIO, all others go on, and what
 * is done late widens nothing.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { optionFlag } from '../../../src/sandbox/linux/constants.ts';
import { type TestUser, users } from '../../helpers/users.ts';
import { AT_FDCWD, actor, makeWorld, O, type Session, text, type World } from '../session.ts';
import { late, urgently } from '../stuck.ts';

const isRoot = process.getuid?.() === 0;
const skip = (!isRoot || !existsSync('/dev/fuse')) && 'needs root and FUSE';

interface Scene {
  readonly s: Session;
  readonly server: NonNullable<Awaited<ReturnType<typeof late>>>;
  readonly w: World;
  readonly there: (name: string) => string;
  readonly here: (name: string) => string;
}

const at = (path: string) => [AT_FDCWD, text(path)] as const;
const mkdir = (s: Session, path: string) => s.sys('mkdirat', ...at(path), 0o755);
const rename = (s: Session, from: string, to: string) => s.sys('renameat2', ...at(from), ...at(to), 0);
const create = (s: Session, path: string) => s.open(path, O.O_CREAT | O.O_WRONLY, 0o644);

async function bind(s: Session, path: string): Promise<string> {
  const sock = (await s.sys('socket', 1, 1, 0)).ret;
  const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(path), Buffer.from([0])]);
  const { error } = await s.sys('bind', sock, text(address), address.length);
  await s.sys('close', sock);
  return error;
}

/** A mount in a granted directory, all off the floor; a pattern that denies `.git/hooks` everywhere. */
async function scene(
  user: TestUser,
  t: TestContext,
  run: (scene: Scene) => Promise<void>,
  onFloor = false,
): Promise<void> {
  const w = makeWorld(user);
  const here = (name: string) => join(w.work, name);
  const there = (name: string) => join(w.work, 'mnt', name);
  w.write('work/file', 'granted');
  w.write('outside/file', 'DENIED!');
  for (const name of ['mnt', 'dir']) mkdirSync(here(name));
  w.own();
  const server = await late(here('mnt'));
  if (server === undefined) {
    t.skip('FUSE cannot be mounted here');
    return;
  }
  try {
    const s = actor(
      { ...user, prefix: [...urgently, ...user.prefix] },
      {
        floor: onFloor ? [w.work] : [],
        flags: optionFlag.supervise | optionFlag.unixRules | (onFloor ? optionFlag.reportExec : 0),
        rules: [
          { verdict: 'allow', path: w.work },
          { verdict: 'deny', kind: 'pattern', access: 'all', path: `${w.base}/**/.git/hooks` },
        ],
      },
    );
    await s.event('ready');
    await run({ s, server, w, here, there });
    s.guardian.kill('SIGTERM');
    await s.ended;
  } finally {
    await server.unmount();
  }
}

/** The rest of the session is as it was. */
async function othersGoOn({ s, here, w }: Scene, name: string): Promise<void> {
  assert.equal(await s.read(here('file')), 'granted');
  assert.equal(await s.read(join(w.outside, 'file')), 'EACCES');
  assert.equal((await mkdir(s, here(name))).error, '');
  assert.equal((await create(s, here(`${name}/new`))).error, '');
  assert.equal((await rename(s, here(`${name}/new`), here(`${name}/moved`))).error, '');
  assert.equal((await s.sys('unlinkat', ...at(here(`${name}/moved`)), 0)).error, '');
}

/** Answered without being asked: whoever waits for the server waits a second, each time; one that a busy machine keeps waiting does not. */
async function atOnce(call: () => Promise<string>): Promise<void> {
  const took: number[] = [];
  while (took.length < 10 && !took.some((ms) => ms < 900)) {
    const began = performance.now();
    assert.equal(await call(), 'EIO');
    took.push(performance.now() - began);
  }
  assert.ok(
    took.some((ms) => ms < 900),
    `each of ten took ${took.map(Math.round).join(', ')} ms`,
  );
}

/** Until the process that was late is gone. */
async function until(what: string, look: () => Promise<string>): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(20)) {
    const error = await look();
    if (error === '') return;
    assert.equal(error, 'EIO', what);
  }
  assert.fail(`${what} stays EIO`);
}

describe('a server that is late with a change', { skip, concurrency: true }, () => {
  for (const user of users) {
    test(`${user.name}: is asked for all of them, while it answers`, (t) =>
      scene(user, t, async ({ s, there, here }) => {
        assert.equal((await mkdir(s, there('d'))).error, '');
        assert.equal((await mkdir(s, there('d'))).error, 'EEXIST');
        const made = await create(s, there('d/f'));
        assert.equal(made.error, '');
        assert.equal((await s.sys('close', made.ret)).error, '');
        assert.equal((await s.open(there('d/f'), O.O_CREAT | O.O_EXCL | O.O_WRONLY, 0o644)).error, 'EEXIST');
        assert.equal((await rename(s, there('d/f'), there('d/g'))).error, '');
        assert.equal((await rename(s, there('d'), there('e'))).error, '');
        assert.equal((await rename(s, there('e'), here('e'))).error, 'EXDEV');
        assert.equal(await bind(s, there('socket')), '');
        assert.ok(existsSync(there('e/g')) && existsSync(there('socket')));
        for (const [name, flags] of [
          ['socket', 0],
          ['e/g', 0],
          ['e', 0x200],
        ] as const)
          assert.equal((await s.sys('unlinkat', ...at(there(name)), flags)).error, '', name);
        assert.ok(!existsSync(there('e')));
        assert.equal((await mkdir(s, there('.git'))).error, '');
        assert.equal((await mkdir(s, there('.git/hooks'))).error, 'EACCES');
        assert.equal((await rename(s, there('.git'), there('git'))).error, '', 'a look through it, by a process');
      }));

    test(`${user.name}: stops no other name, no directory gets another path, and what it makes at last is seen`, (t) =>
      scene(user, t, async (x) => {
        const { s, server, there, here } = x;
        assert.equal((await mkdir(s, there('d'))).error, '');
        assert.equal((await rename(s, there('d'), there('seen'))).error, '', 'a look that is remembered');
        assert.equal((await rename(s, there('seen'), there('d'))).error, '');
        await server.tell('hold');
        assert.equal((await mkdir(s, there('d/hooks'))).error, 'EIO');
        await othersGoOn(x, 'one');
        // Names there, and directories anywhere: at once.
        const call =
          (...words: (string | number)[]) =>
          async () =>
            (await s.sys(...(words as [string]))).error;
        await atOnce(async () => (await rename(s, there('d'), there('.git'))).error);
        await atOnce(async () => (await mkdir(s, there('other'))).error);
        await atOnce(async () => (await create(s, there('new'))).error);
        await atOnce(call('symlinkat', text('x'), ...at(there('link'))));
        await atOnce(call('unlinkat', ...at(there('d')), 0x200));
        await atOnce(() => bind(s, there('socket')));
        await atOnce(async () => (await rename(s, here('dir'), here('.git'))).error);
        await atOnce(call('renameat2', ...at(here('file')), ...at(here('dir')), 2));
        await othersGoOn(x, 'two');
        assert.ok(!existsSync(there('d/hooks')) && !existsSync(here('.git')) && existsSync(here('dir')));
        await server.tell('answer');
        await until('moving a directory', async () => (await rename(s, here('dir'), here('moved'))).error);
        assert.ok(existsSync(there('d/hooks')), 'it was read, so it is made');
        // What a pattern denies is not made by moving what was made late.
        const { error } = await rename(s, there('d'), there('.git'));
        assert.ok(['EACCES', 'EXDEV'].includes(error), error || 'it was moved');
        assert.ok(!existsSync(there('.git')));
        assert.equal((await mkdir(s, there('other'))).error, '');
      }));

    test(`${user.name}: and has not read it: it is never made, and soon nothing is stopped`, (t) =>
      scene(user, t, async (x) => {
        const { s, server, there, here } = x;
        await server.tell('deaf');
        assert.equal((await mkdir(s, there('made'))).error, 'EIO');
        await until('moving a directory', async () => (await rename(s, here('dir'), here('moved'))).error);
        await othersGoOn(x, 'one');
        await server.tell('answer');
        assert.equal((await mkdir(s, there('other'))).error, '');
        assert.ok(existsSync(there('other')) && !existsSync(there('made')));
      }));

    test(`${user.name}: a new file, and the address of a socket`, (t) =>
      scene(user, t, async (x) => {
        const { s, server, there } = x;
        // In a directory of their own: who looks up a name beside one that is being made waits for it in the kernel.
        assert.equal((await mkdir(s, there('d'))).error, '');
        for (const [name, make] of [
          ['d/new', async () => (await create(s, there('d/new'))).error],
          ['d/socket', () => bind(s, there('d/socket'))],
        ] as const) {
          await server.tell('hold');
          assert.equal(await make(), 'EIO', name);
          await othersGoOn(x, `beside-${basename(name)}`);
          assert.equal((await mkdir(s, there('other'))).error, 'EIO');
          assert.ok(!existsSync(there(name)));
          await server.tell('answer');
          await until('another name', async () => (await mkdir(s, there(`after-${basename(name)}`))).error);
          assert.ok(existsSync(there(name)) && !existsSync(there('other')));
        }
      }));

    test(`${user.name}: the first line of a program`, (t) =>
      scene(
        user,
        t,
        async (x) => {
          const { s, server, there, here } = x;
          const made = await create(s, there('script'));
          assert.equal((await s.sys('close', made.ret)).error, '');
          await server.tell('opens');
          // The process of the look has read it.
          assert.equal((await s.sys('execveat', ...at(there('script')), 0, 0, 0)).error, 'EIO');
          await othersGoOn(x, 'one');
          // It changes nothing, so nothing is stopped.
          assert.equal((await rename(s, here('dir'), here('moved'))).error, '');
          await server.tell('answer');
          await sleep(2500); // it was late, and is not asked for a while
          s.tell('sys', 'execveat', ...at(there('script')), 0, 0, 0);
          assert.equal((await s.ended).code, 0, 'it is /bin/true now');
        },
        true,
      ));
  }

  test(`ends no session later`, (t) =>
    scene(users.at(-1) as TestUser, t, async ({ s, server, there }) => {
      await server.tell('hold');
      assert.equal((await mkdir(s, there('made'))).error, 'EIO');
      s.guardian.kill('SIGTERM');
      await s.ended; // the process sleeps on: nobody has answered
    }));
});
