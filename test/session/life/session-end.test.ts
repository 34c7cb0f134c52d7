/** What nono says of a session that did not begin, and its exit code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitCodeOf } from '../../../src/session/life/session-end.ts';

const failed = (errno: number, exitCode: number): (() => number) => {
  return () => exitCodeOf({ kind: 'setup-failed', step: 'find the command', object: 'x', errno, exitCode });
};

test('the cause in words; what the numbers of signals and the command’s own code become', () => {
  assert.throws(failed(2, 127), {
    code: 'command-not-found',
    message: 'find the command: x: no such file or directory',
  });
  assert.throws(failed(13, 126), { code: 'sandbox-setup', message: 'find the command: x: permission denied' });
  assert.throws(failed(0, 126), { message: 'find the command: x' });
  assert.throws(failed(4000, 126), { message: 'find the command: x: error 4000' });
  assert.equal(exitCodeOf({ kind: 'exited', code: 7 }), 7);
  assert.equal(exitCodeOf({ kind: 'signalled', signal: 15 }), 143);
});
