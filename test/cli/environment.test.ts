import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childEnvironment } from '../../src/cli/environment.ts';

test('what makes loaders and interpreters run foreign code is left out', () => {
  const dangerous = [
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'DYLD_INSERT_LIBRARIES',
    'BASH_ENV',
    'ENV',
    'PROMPT_COMMAND',
    'NODE_OPTIONS',
    'PYTHONPATH',
    'PERL5OPT',
    'BASH_FUNC_ls%%',
    'IFS',
    'OP_SESSION_x',
  ];
  const inner = childEnvironment({
    ...Object.fromEntries(dangerous.map((name) => [name, 'x'])),
    PATH: '/bin',
    API_KEY: 'k',
    LDFLAGS: '-s',
  });
  assert.deepEqual(inner, { PATH: '/bin', API_KEY: 'k', LDFLAGS: '-s' });
});

test("what passes between nono's own processes is left out", () => {
  assert.deepEqual(childEnvironment({ NONO_RELAY_FD: '3', NONO_RELAY_TERMIOS: '00', A: 'b' }), { A: 'b' });
});

test('the compile cache that the front kept from the host is given back', () => {
  assert.deepEqual(childEnvironment({ NONO_NODE_COMPILE_CACHE: '/c' }), { NODE_COMPILE_CACHE: '/c' });
});
