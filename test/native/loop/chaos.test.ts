/**
 * Trapped calls with random arguments, raced and interrupted: the supervisor survives, and the host side is as before. NONO_CHAOS_MS is the length of each run,
 * NONO_CHAOS_SEED repeats one (as far as threads repeat).
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { FLOOR_READ_TREE, floorRight, optionFlag } from '../../../src/sandbox/linux/constants.ts';
import type { BirthRule } from '../../../src/sandbox/linux/plan-format.ts';
import { type TestUser, users } from '../../helpers/users.ts';
import { fixture, makeWorld, type PlanText, plan, Session, type World } from '../session.ts';

const LENGTH_MS = Number(process.env['NONO_CHAOS_MS'] ?? '2000');
const seed = Number(process.env['NONO_CHAOS_SEED'] ?? Date.now() % 1_000_000);

function makeTree(user: TestUser): World {
  const w = makeWorld(user);
  for (const path of ['granted/file', 'granted/a/file', 'granted/a/b/file', 'granted/key']) w.write(path, 'granted');
  for (const path of ['granted/denied/key', 'granted/denied/file', 'granted/a/.env', 'granted/.env'])
    w.write(path, 'DENIED');
  for (const path of ['outside/file', 'outside/key', 'outside/a/file']) w.write(path, 'DENIED');
  copyFileSync('/bin/true', join(w.base, 'granted/program'));
  const links = { link: 'file', loop: 'loop', dangling: 'none', 'to-denied': 'denied/key' };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(w.base, 'granted', name));
  for (const fifo of ['granted/fifo', 'outside/fifo']) spawnSync('mkfifo', [join(w.base, fifo)]);
  mkdirSync(join(w.base, 'granted/a/b/denied'));
  w.own();
  return w;
}

/** What may not change, as the host sees it. Everything but the time of the last read. */
function look(path: string): string[] {
  const st = lstatSync(path, { bigint: true });
  const text = st.isFile() ? readFileSync(path, 'latin1') : st.isDirectory() ? readdirSync(path).toSorted().join() : '';
  const own = `${path} ${st.ino} ${st.mode} ${st.uid} ${st.gid} ${st.nlink} ${st.size} ${st.mtimeNs} ${st.ctimeNs} ${text}`;
  return [own, ...(st.isDirectory() ? readdirSync(path).flatMap((name) => look(join(path, name))) : [])];
}

/** What the patterns deny, wherever it is by now: the directories above it may be renamed. By find: names are any bytes. */
function secrets(w: World): string[] {
  const format = '%i %m %U %G %n %s %T@ %C@\\n';
  const found = spawnSync('find', [w.base, '-name', '.env', '-printf', format], { encoding: 'latin1' });
  assert.equal(found.status, 0, found.stderr);
  return found.stdout.trim().split('\n').toSorted();
}

/** As beside a denied path: what is made in granted/ takes granted inodes. */
function birthsIn(w: World): BirthRule[] {
  const place = join(w.base, 'state');
  // Names are seen there all the same, since a pattern could come to match them (policy/floor.ts).
  const rights = FLOOR_READ_TREE | floorRight.writeFile | floorRight.ioctlDev;
  return [
    { kind: 'pool', rights, place, tree: join(w.base, 'granted') },
    { kind: 'annex', rights: FLOOR_READ_TREE, place, tree: place },
  ];
}

const modes: readonly { readonly name: string; readonly more: PlanText; readonly births?: boolean }[] = [
  { name: 'denied', more: { mode: 'deny' } },
  { name: 'denied, on the fast path, with prepared inodes', more: { mode: 'deny', fastPath: true }, births: true },
  { name: 'asked, with prepared inodes', more: { mode: 'ask' }, births: true },
];

for (const user of users) {
  describe(`random calls, ${user.name}`, () => {
    for (const [i, { name, more, births }] of modes.entries()) {
      test(`${name}: seed ${seed + i}`, { timeout: LENGTH_MS + 60_000 }, async (t) => {
        const w = makeTree(user);
        const denied = ['granted/denied', 'outside', 'granted/.env'].map((p) => join(w.base, p));
        const before = [denied.map(look), secrets(w)];
        const s = new Session(
          user,
          {
            ...plan({
              rules: [
                { verdict: 'allow', path: join(w.base, 'granted') },
                { verdict: 'deny', access: 'all', path: join(w.base, 'granted/denied') },
                { verdict: 'deny', access: 'all', kind: 'pattern', path: '/**/.env' },
              ],
              flags:
                optionFlag.supervise |
                optionFlag.scopeSignal |
                optionFlag.scopeAbstractUnix |
                optionFlag.netRules |
                optionFlag.unixRules,
              ...more,
            }),
            births: births ? birthsIn(w) : [],
          },
          [fixture('chaos'), w.base, String(seed + i), String(LENGTH_MS)],
        );
        let answered = 0;
        const timer = setInterval(() => {
          const held = s.events.filter((e) => 'holdId' in e && (e.type === 'held' || e.type === 'net-held'));
          for (; answered < held.length; answered++) {
            const e = held[answered];
            if (e && 'holdId' in e) s.send({ type: 'verdict', holdId: e.holdId, allow: false });
          }
        }, 5);
        const ended = await s.ended;
        clearInterval(timer);
        assert.match(ended.stdout, /^chaos \d+ calls, 0 faults\n$/, ended.stdout + ended.stderr);
        assert.equal(ended.code, 0, ended.stderr);
        assert.deepEqual([denied.map(look), secrets(w)], before);
        const calls = Number(/chaos (\d+)/.exec(ended.stdout)?.[1]);
        t.diagnostic(`${calls} calls`);
        assert.ok(calls > LENGTH_MS / 10, `${calls} calls`);
      });
    }
  });
}
