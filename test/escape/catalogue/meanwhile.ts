/** What another program of the user does while an attempt waits for it: the attempt makes `ready`, this acts and makes `go`. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../world.ts';

export function afterwards(act: (world: World) => void | Promise<void>): (world: World) => Promise<void> {
  return async (world) => {
    const deadline = Date.now() + 30_000;
    while (!existsSync(join(world.work, 'ready'))) {
      if (Date.now() > deadline) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await act(world);
    writeFileSync(join(world.work, 'go'), '');
  };
}
