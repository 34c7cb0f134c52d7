// One build at a time: two first starts, or a test run beside a start, must not write the same files together.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BuildError } from './error.mjs';

const WAIT_MS = 120_000;
const POLL_MS = 100;

function holderIsGone(file) {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

export async function withBuildLock(root, work) {
  const directory = join(root, 'node_modules');
  const file = join(directory, '.nono-build.lock');
  mkdirSync(directory, { recursive: true });
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST')
        throw new BuildError(
          `cannot write ${file} (${error.code}): run \`npm run build\` as the owner of the checkout`,
        );
      if (holderIsGone(file)) rmSync(file, { force: true });
      else if (Date.now() > deadline) throw new BuildError(`another build holds ${file}`);
      else await sleep(POLL_MS);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
