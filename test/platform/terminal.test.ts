import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { isTerminal } from '../../src/platform/terminal.ts';

test('files, devices and closed descriptors are no terminals', () => {
  for (const path of ['/dev/null', '/dev/zero', '/dev/urandom', import.meta.filename, '/']) {
    const fd = openSync(path, 'r');
    assert.equal(isTerminal(fd), false, path);
    closeSync(fd);
  }
  assert.equal(isTerminal(999), false);
});

test('a pty is one', () => {
  const master = openSync('/dev/ptmx', 'r+');
  assert.equal(isTerminal(master), true);
  closeSync(master);
});
