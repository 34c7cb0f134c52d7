/** The log file's bounds: what does not fit, or cannot be written, is counted and said in one line, and what was written before stays. */
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Log, MOST_BYTES } from '../../../src/cli/log/log.ts';

function inFile(act: (fd: number, text: () => string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), 'nono-log-'));
  const file = join(directory, 'log');
  const fd = openSync(file, 'w');
  try {
    act(fd, () => readFileSync(file, 'utf8'));
  } finally {
    closeSync(fd);
    rmSync(directory, { recursive: true, force: true });
  }
}

test('64 MB, and not one line more: whole lines, the rest counted', () => {
  assert.equal(MOST_BYTES, 64 * 2 ** 20);
  inFile((fd, text) => {
    const log = new Log(fd, 'warn');
    const line = 'x'.repeat(2 ** 20);
    for (let i = 0; i < 70; i++) log.add('warn', line);
    const written = text();
    const lines = written.split('\n');
    assert.equal(lines.pop(), '');
    assert.ok(written.length <= MOST_BYTES && written.length > MOST_BYTES - line.length - 64);
    for (const one of lines) assert.ok(one.endsWith(line));
    const lost = 70 - lines.length;
    assert.ok(lost > 0);
    assert.equal(log.lost(), `${lost} lines are not in the log file: one session writes at most ${MOST_BYTES} bytes`);
  });
});

test('a full disk: nothing is thrown, what is lost is counted under the system’s reason', () => {
  const fd = openSync('/dev/full', 'w');
  try {
    const log = new Log(fd, 'info');
    for (let i = 0; i < 3; i++) log.add('info', 'a line');
    assert.equal(log.lost(), '3 lines are not in the log file: ENOSPC');
  } finally {
    closeSync(fd);
  }
});

test('what is below the level is not lost', () => {
  inFile((fd, text) => {
    const log = new Log(fd, 'warn');
    log.add('info', 'no');
    log.add('error', 'yes\nand no second line');
    assert.match(text(), /^\S+ ERROR yes.*and no second line\n$/);
    assert.equal(log.lost(), undefined);
  });
});
