import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fixture, launcher } from '../session.ts';

/** Comes first in meaning: on a kernel without them every other test here would show nothing. */
test('this kernel has Landlock and seccomp user notification', () => {
  const { stdout, status } = spawnSync(launcher(), ['--probe'], { encoding: 'utf8' });
  const [, abi, notify] = /^abi=(\d+) notify=(\d) nested=\d\n$/.exec(stdout) ?? [];
  assert.ok(Number(abi) >= 1, `Landlock ABI ${abi}`);
  assert.equal(notify, '1', 'a seccomp listener');
  assert.equal(status, 0);
});

test('without Landlock nothing is started', () => {
  const { stdout, status } = spawnSync(fixture('without-calls'), [launcher(), '--probe'], { encoding: 'utf8' });
  assert.equal(stdout, 'abi=0 notify=1 nested=0\n');
  assert.equal(status, 1);
});
