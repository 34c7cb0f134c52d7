/** How a command ended is heard, although the supervisor is gone when something is still said to it. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { launchSandbox } from '../../src/sandbox/linux/launch.ts';
import { removeAtEnd } from '../helpers/left-behind.ts';

/** In this turn of the event loop: nothing is read meanwhile. */
function waitUntilGone(pid: number): void {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) Atomics.wait(cell, 0, 0, 5);
}

test('what it said last is not lost by a command that it never reads', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'nono-gone-'));
  removeAtEnd(dir);
  const launcher = join(dir, 'launcher');
  // EXIT of native/PROTOCOL.md: two bytes, by itself, with 7.
  writeFileSync(launcher, "#!/bin/sh\nprintf '\\002\\000\\000\\000\\007\\000\\000\\000\\000\\007' >&3\n");
  chmodSync(launcher, 0o755);
  const sandbox = launchSandbox({
    launcher,
    plan: Buffer.alloc(0),
    argv: ['true'],
    stdio: ['inherit', 'inherit', 'inherit'],
    onEvent: () => {},
  });
  assert.ok(sandbox.pid !== undefined);
  waitUntilGone(sandbox.pid);
  sandbox.send({ type: 'set-mode', mode: 'ask' });
  sandbox.send({ type: 'set-mode', mode: 'observe' });
  assert.deepEqual(await sandbox.end, { kind: 'exited', code: 7 });
});
