/** As whom, and with what switched on, every attempt is made. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, users } from '../helpers/users.ts';
import type { Column } from './model.ts';

/** Whether this build has the flag that turns the fast path off. */
const hasFastPath = readFileSync(join(root, 'src/cli/tables/general-flags.ts'), 'utf8').includes('no-fast-path');

export function columns(raceSeconds: number): Column[] {
  return users.flatMap((user) =>
    (hasFastPath ? [true, false] : [false]).map((fastPath) => ({
      user,
      fastPath,
      flags: hasFastPath && !fastPath ? ['--no-fast-path'] : [],
      raceSeconds,
    })),
  );
}

export function label(column: Column): string {
  const path = hasFastPath ? (column.fastPath ? 'fast' : 'trapped') : 'no fast path yet';
  return `${column.user.name === 'root' ? 'root' : 'user'}/${path}`;
}
