/** Who a caller is, is remembered by the supervisor of a root session: never beyond the call by which it becomes somebody else. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { rootSkip, type TestUser } from '../../helpers/users.ts';
import { driver } from '../driver.ts';
import { makeWorld, plan, Session, TEST_CAPABILITIES } from '../session.ts';

const CAP_SETGID = 1n << 6n;
const CAP_SETUID = 1n << 7n;
const NOBODY = 65534;
const GROUP = 4321;

/** Root with one group besides its own, which is not among the supplementary ones. */
const user: TestUser = { name: 'root', uid: 0, prefix: ['setpriv', '--groups', String(GROUP), '--'] };

interface Case {
  readonly names: readonly string[];
  readonly why: string;
  /** Of the file that the caller can open before and not afterwards. */
  readonly owner: number;
  readonly group: number;
  readonly mode: number;
  readonly capabilities: bigint;
}

const ids = CAP_SETUID | CAP_SETGID;
const cases: readonly Case[] = [
  {
    names: ['setuid', 'setreuid', 'setresuid', 'setfsuid', 'thread', 'execute'],
    why: 'as its owner',
    owner: 0,
    group: NOBODY,
    mode: 0o400,
    capabilities: ids,
  },
  {
    names: ['setgid', 'setregid', 'setresgid', 'setfsgid'],
    why: 'by its group',
    owner: NOBODY,
    group: 0,
    mode: 0o040,
    capabilities: ids,
  },
  {
    names: ['setgroups'],
    why: 'by another group',
    owner: NOBODY,
    group: GROUP,
    mode: 0o040,
    capabilities: ids,
  },
  {
    names: ['capset', 'unshare'],
    why: 'by a capability',
    owner: NOBODY,
    group: NOBODY,
    mode: 0o400,
    capabilities: TEST_CAPABILITIES,
  },
];

describe('a caller that becomes somebody else', { skip: rootSkip }, () => {
  const world = makeWorld(user);
  for (const { names, why, owner, group, mode, capabilities } of cases)
    for (const name of names)
      test(`${name}: what was opened ${why} is closed afterwards`, async () => {
        const file = world.write(`work/${name}`, 'x');
        chownSync(file, owner, group);
        chmodSync(file, mode);
        const program = driver('drivers/identity.c', [], ['-pthread']);
        chmodSync(dirname(program), 0o755);
        const session = new Session(
          user,
          plan({
            readFloor: [dirname(program)],
            rules: [{ verdict: 'allow', path: world.work }],
            capabilities,
          }),
          [program, name, join(world.work, name)],
        );
        const ended = await session.ended;
        assert.equal(ended.stdout, '0 EACCES\n', ended.stderr);
        assert.equal(ended.code, 0);
      });
});
