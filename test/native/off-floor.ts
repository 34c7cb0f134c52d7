/** Sessions in a directory that may be read and written and is off the floor, as a carved one is: what is made there is born on the floor, or executed from a copy. */
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { FLOOR_READ_TREE, FLOOR_WRITE_TREE } from '../../src/sandbox/linux/constants.ts';
import type { BirthRule, Plan } from '../../src/sandbox/linux/plan-format.ts';
import { installed } from '../helpers/installed.ts';
import type { TestUser } from '../helpers/users.ts';
import { type Ended, type PlanText, plan, Session, type World } from './session.ts';

/** Why a test that needs a program is skipped. */
export const cannot = (program: string): string | undefined => (installed(program) ? undefined : `no ${program}`);

export const program = (world: World, name: string, from = '/usr/bin/readlink'): string => {
  const path = world.write(name, '');
  copyFileSync(from, path);
  chmodSync(path, 0o755);
  return path;
};

/** `pool`: with inodes and directories made before the start; without them all is executed from copies. */
export function offFloor(user: TestUser) {
  const births = (world: World, pool = true): BirthRule[] => {
    const place = join(world.base, 'state', 'birth');
    const annex: BirthRule = { kind: 'annex', rights: FLOOR_READ_TREE, place, tree: place };
    const rights = FLOOR_READ_TREE | FLOOR_WRITE_TREE;
    return pool ? [{ kind: 'pool', rights, place, tree: world.work }, annex] : [annex];
  };
  /** `work` may be read and written and is off the floor, as a carved directory is. */
  const planned = (world: World, text: PlanText = {}, pool = true): Plan => ({
    ...plan({ ...text, rules: [{ verdict: 'allow', path: world.work }, ...(text.rules ?? [])], cwd: world.work }),
    births: births(world, pool),
  });
  const start = (world: World, script: string, text: PlanText = {}, pool = true): Session =>
    new Session(user, planned(world, text, pool), ['sh', '-c', script]);
  const run = async (
    world: World,
    script: string,
    text: PlanText = {},
    pool = true,
  ): Promise<Ended & { session: Session }> => {
    const session = start(world, script, text, pool);
    return { ...(await session.finish()), session };
  };
  return { births, planned, start, run };
}
