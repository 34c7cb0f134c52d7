import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportError } from '../../../src/cli/output/report-error.ts';
import { type ErrorCode, errorCodes, NonoError } from '../../../src/platform/errors.ts';

test('one line and the exit code of the table, for every code', () => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    const { text, exitCode } = reportError(new NonoError(code, 'what failed', { hint: 'what to do' }), 0);
    assert.equal(text, 'nono: what failed (what to do)\n');
    assert.equal(exitCode, errorCodes[code].exit);
  }
});

test('an error of another bundle is recognised', () => {
  const foreign = Object.assign(new Error('m'), { name: 'NonoError', code: 'io' });
  assert.deepEqual(reportError(foreign, 0), { text: 'nono: m\n', exitCode: 1 });
});

test('what a name contains cannot break the line', () => {
  assert.equal(reportError(new NonoError('io', 'a\nb\x1b[31m'), 0).text, 'nono: a\\nb\\x1b[31m\n');
});

test('an unexpected error is one line; its stack needs -vv', () => {
  const error = new TypeError('undefined is not a function');
  assert.equal(reportError(error, 0).text, 'nono: unexpected: undefined is not a function\n');
  assert.match(reportError(error, 2).text, /\n {4}at /);
});
