/** Where these attempts are made, and how a person drives a shell there. */
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inList, openShell } from '../../../e2e/shell/shell-helpers.ts';
import { nono as product } from '../../../helpers/run.ts';
import { pause, type TestTerminal } from '../../../helpers/terminal.ts';
import type { TestUser } from '../../../helpers/users.ts';
import type { Column } from '../../model.ts';
import { temporary, World } from '../../world.ts';

export interface Place {
  readonly world: World;
  readonly home: string;
}

export function place(user: TestUser): Place {
  const base = temporary('nono-escape-');
  const hidden = temporary('nono-escape-host-');
  const home = join(base, 'home');
  mkdirSync(home);
  if (user.uid !== process.getuid?.()) chownSync(home, user.uid, user.uid);
  const world = new World(user, join(base, '0'), hidden, home);
  return { world, home };
}

export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** A shell that may ask, in the granted directory. */
export async function asking(
  column: Column,
  act: (terminal: TestTerminal, p: Place) => Promise<void>,
): Promise<undefined> {
  const p = place(column.user);
  const terminal = await openShell({
    user: column.user,
    home: p.home,
    cwd: p.world.work,
    flags: ['--allow', '.', ...column.flags],
  });
  try {
    await act(terminal, p);
  } finally {
    terminal.close();
  }
  return undefined;
}

/** A key counts only when its row has been on the screen for a while: on a busy machine the first one may come too early, as it may for a person. */
export async function approveUntil(terminal: TestTerminal, done: string): Promise<void> {
  for (let left = 5; ; left--) {
    await inList(terminal, 'a');
    await pause(400);
    terminal.write('\x1b');
    try {
      await terminal.until(done, 6_000);
      return;
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

export const run = (column: Column, p: Place, args: readonly string[], input = '', env: Record<string, string> = {}) =>
  product(column.user, ['run', ...column.flags, ...args], { cwd: p.world.work, home: p.home, input, env });
