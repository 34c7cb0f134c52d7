/** What keeps the output of `run --detached` (native/terminal/keep.c), by itself. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from '../../helpers/users.ts';

const directory = mkdtempSync(join(tmpdir(), 'nono-keep-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const file = join(directory, 'output');

/** Starts a command whose output is kept, where so many files may be open at a time; waits until nobody keeps anything any more. */
function keep(files: number, ...command: readonly string[]) {
  writeFileSync(file, '');
  // Descriptor 3 is the host's: it ends when everything is written, which is what cat waits for.
  const script = `{ { ulimit -n ${files}; exec "$@" 3>&1 >/dev/null; } | cat; } 2>&1`;
  return spawnSync(
    'sh',
    ['-c', script, '-', join(root, 'native/build/nono-keep'), file, '1000', '3', '--', ...command],
    { encoding: 'utf8', timeout: 60_000 },
  );
}

test('keeps the output, also where few files may be open', () => {
  for (const files of [1000, 24]) {
    keep(files, '/bin/sh', '-c', 'echo hello; echo again >&2');
    assert.match(readFileSync(file, 'utf8'), /^nono output from byte 0{20}\nhello\nagain\n$/, `${files} files`);
  }
});

test('starts nothing whose output could not be read', () => {
  const trace = join(directory, 'trace');
  keep(9, '/usr/bin/touch', trace);
  assert.throws(() => readFileSync(trace), /ENOENT/);
});
