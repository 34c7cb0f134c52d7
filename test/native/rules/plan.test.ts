import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodePlan } from '../../../src/sandbox/linux/plan-format.ts';
import { removeAtEnd } from '../../helpers/left-behind.ts';
import { launcher, plan } from '../session.ts';

const dir = mkdtempSync(join(tmpdir(), 'nono-plan-'));
removeAtEnd(dir);

/** What the launcher does with these bytes as a plan; the command would leave a mark by exiting with 9. */
function run(bytes: Buffer): { code: number | null; stderr: string } {
  const file = join(dir, 'plan');
  writeFileSync(file, bytes);
  const done = spawnSync(launcher(), ['--plan', file, '--', '/bin/sh', '-c', 'exit 9'], { encoding: 'utf8', env: {} });
  return { code: done.status, stderr: done.stderr };
}

const small = encodePlan({
  ...plan({}),
  floor: plan({}).floor.slice(0, 6),
  rules: plan({}).rules.slice(0, 2),
  env: ['A=b'],
  cwd: '/',
});

function refuse(bytes: Buffer, what: string): void {
  const { code, stderr } = run(bytes);
  assert.equal(code, 126, what);
  assert.match(stderr, /^nono: read the plan: [^\n]+\n$/, what);
}

function changed(offset: number, bytes: number[]): Buffer {
  const copy = Buffer.from(small);
  Buffer.from(bytes).copy(copy, offset);
  return copy;
}

test('a whole plan runs', () => {
  assert.equal(run(small).code, 9);
});

test('a plan cut at any length is refused with one line', () => {
  for (let n = 0; n < small.length; n++) refuse(small.subarray(0, n), `cut at ${n}`);
});

test('a plan cut at any length, whose header says so, is refused too', () => {
  for (let n = 24; n < small.length; n++) {
    const cut = Buffer.from(small.subarray(0, n));
    cut.writeBigUInt64LE(BigInt(n), 16);
    refuse(cut, `shortened to ${n}`);
  }
});

test('malformed plans are refused', () => {
  const OPTIONS = 32;
  const FIRST_FLOOR = OPTIONS + 20;
  const table: [string, Buffer][] = [
    ['magic', changed(0, [0])],
    ['version', changed(8, [2])],
    ['fewer records than there are', changed(12, [3])],
    ['more records than there are', changed(12, [200])],
    ['four billion records', changed(12, [255, 255, 255, 255])],
    ['bytes after the end', Buffer.concat([small, Buffer.from([0])])],
    ['unknown flags', changed(OPTIONS, [0, 0, 0, 1])],
    ['unknown mode', changed(OPTIONS + 4, [3])],
    ['options not first', changed(28, [2])],
    ['options twice', changed(FIRST_FLOOR + 4, [1])],
    ['unknown record', changed(FIRST_FLOOR + 4, [99])],
    ['padding of a record', changed(FIRST_FLOOR + 6, [1])],
    ['floor rights that do not exist', changed(FIRST_FLOOR + 8, [0, 1])],
    ['a string longer than its record', changed(FIRST_FLOOR + 16, [255, 255, 255, 255])],
    ['a relative path', changed(FIRST_FLOOR + 20, [97])],
    ['a NUL in a path', changed(FIRST_FLOOR + 21, [0])],
    ['an empty component', changed(FIRST_FLOOR + 21, [47])],
    ['a record of four gigabytes', changed(FIRST_FLOOR, [255, 255, 255, 255])],
  ];
  for (const [what, bytes] of table) refuse(bytes, what);
});

test('what this kernel lacks is refused', () => {
  const future = plan({});
  const { code, stderr } = run(encodePlan({ ...future, options: { ...future.options, minimumAbi: 99 } }));
  assert.equal(code, 126);
  assert.match(stderr, /ABI/);
});

test('usage errors start nothing', () => {
  for (const args of [
    [],
    ['--plan', '/x'],
    ['--plan-fd', 'x', '--', 'true'],
    ['--plan-fd', '-1', '--', 'true'],
    ['--plan', '/x', '--plan-fd', '3', '--', 'true'],
    ['--what'],
  ]) {
    assert.equal(spawnSync(launcher(), args).status, 2, args.join(' '));
  }
  assert.equal(spawnSync(launcher(), ['--plan', '/nonexistent/plan', '--', 'true']).status, 126);
});
