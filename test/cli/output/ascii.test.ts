import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wantsAscii } from '../../../src/cli/pane/ascii.ts';

test('ASCII: where it is wished, without UTF-8, and on the console unless that is set otherwise', () => {
  const utf8 = { LANG: 'C.UTF-8', TERM: 'xterm-256color' };
  for (const [flag, setting, env, wanted] of [
    [false, undefined, utf8, false],
    [true, undefined, utf8, true],
    [false, true, utf8, true],
    [true, false, utf8, true],
    [false, undefined, { LANG: 'C', TERM: 'xterm' }, true],
    [false, false, { LC_ALL: 'C', LANG: 'C.UTF-8' }, true],
    [false, undefined, { ...utf8, TERM: 'linux' }, true],
    [false, false, { ...utf8, TERM: 'linux' }, false],
  ] as const)
    assert.equal(wantsAscii(flag, setting, env), wanted, JSON.stringify([flag, setting, env]));
});
