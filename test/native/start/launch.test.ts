import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type LaunchRequest, launchSandbox } from '../../../src/sandbox/linux/launch.ts';
import { encodePlan } from '../../../src/sandbox/linux/plan-format.ts';
import type { SupervisorEvent } from '../../../src/sandbox/linux/wire.ts';
import { lacks } from '../../escape/world.ts';
import { users } from '../../helpers/users.ts';
import { launcher, makeWorld, plan, Session } from '../session.ts';

const [user] = users;
if (user === undefined) throw new Error('no user');
const world = makeWorld(user);
const nothing = openSync('/dev/null', 'r+');

function start(argv: readonly string[], more: Partial<LaunchRequest> = {}) {
  const events: SupervisorEvent[] = [];
  const running = launchSandbox({
    launcher: launcher(),
    plan: encodePlan(plan({ mode: 'ask' })),
    argv,
    stdio: [nothing, nothing, nothing],
    onEvent: (e) => events.push(e),
    ...more,
  });
  return { running, events };
}

test('every end has its kind', async () => {
  assert.deepEqual(await start(['/bin/sh', '-c', 'exit 7']).running.end, { kind: 'exited', code: 7 });
  assert.deepEqual(await start(['/bin/sh', '-c', 'kill -9 $$']).running.end, { kind: 'signalled', signal: 9 });
  const missing = await start(['/no/such']).running.end;
  assert.deepEqual([missing.kind, missing.kind === 'setup-failed' && missing.exitCode], ['setup-failed', 127]);
  const malformed = await start(['/bin/true'], { plan: Buffer.from('NONOPLAN') }).running.end;
  assert.deepEqual([malformed.kind, malformed.kind === 'setup-failed' && malformed.exitCode], ['setup-failed', 126]);
  assert.equal((await start(['/bin/true'], { launcher: '/no/such/launcher' }).running.end).kind, 'lost');
});

test('a refused exec is a set-up error, not an exit', async () => {
  const off = world.write('outside/program', '#!/bin/sh\n', 0o755);
  // In ask mode it would wait for somebody.
  const end = await start([off], { plan: encodePlan(plan({ mode: 'deny' })) }).running.end;
  assert.deepEqual(end, { kind: 'setup-failed', step: 'execute the command', object: off, errno: 13, exitCode: 126 });
});

test('a /proc of another pid namespace stops the start', { skip: lacks(['userns']) }, async () => {
  const prefix = [...user.prefix, 'unshare', '-Urpf'];
  const { code, stderr } = await new Session({ ...user, prefix }, plan({}), ['/bin/true']).ended;
  assert.deepEqual([code, stderr], [126, '']);
  const own = await new Session({ ...user, prefix: [...prefix, '--mount-proc'] }, plan({}), ['/bin/true']).ended;
  assert.equal(own.code, 0, own.stderr);
});

test('closing the socket ends the session', async () => {
  const { running, events } = start(['/bin/sh', '-c', `read x < ${join(world.write('outside/x', ''))}`]);
  while (!events.some((e) => e.type === 'held')) await new Promise((resolve) => setTimeout(resolve, 5));
  running.close();
  assert.equal((await running.end).kind, 'lost');
  assert.equal(
    events.some((e) => e.type === 'exit'),
    false,
  );
});
