/** The socket of a session, where what is refused connects without end. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDoor } from '../../../src/session/life/door.ts';

test('a flood of refused connections costs some questions, not one each', { timeout: 30_000 }, async () => {
  const home = mkdtempSync(join(tmpdir(), 'door-'));
  const asked = join(home, 'asked');
  const checker = join(home, 'checker');
  writeFileSync(asked, '');
  writeFileSync(checker, `#!/bin/sh\necho asked >> '${asked}'\nexit 1\n`, { mode: 0o755 });
  const refused = (): never => assert.fail('somebody was let in');
  const close = openDoor({
    socket: join(home, 's.sock'),
    checker,
    refusal: refused,
    attached: refused,
    resized: refused,
    repaint: refused,
    gone: refused,
    detach: refused,
  });
  try {
    const one = (): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(join(home, 's.sock'));
        socket.on('error', () => {});
        socket.on('close', () => resolve());
        socket.resume();
      });
    await Promise.all(Array.from({ length: 300 }, one));
    const questions = readFileSync(asked, 'utf8').split('\n').length - 1;
    assert.ok(questions >= 1, 'nobody was asked about');
    assert.ok(questions <= 40, `${questions} questions`);
  } finally {
    close();
    rmSync(home, { recursive: true });
  }
});
