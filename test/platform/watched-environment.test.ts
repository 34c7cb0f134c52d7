/** Whatever reads a value is seen, in whichever way it reads; who only asks for names is not. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { watchedEnvironment } from '../../src/platform/watched-environment.ts';

test('every way to a value is noted', () => {
  const seen = new Set<string>();
  const env = watchedEnvironment({ ...process.env, A: 'a', B: 'b' }, (name) => seen.add(name));
  const ways: readonly (readonly [string, () => unknown])[] = [
    ['index', () => env['A']],
    ['a copy', () => ({ ...env })],
    ['entries', () => Object.entries(env)],
    ['assign', () => Object.assign({}, env)],
    ['its descriptor', () => Object.getOwnPropertyDescriptor(env, 'A')],
    ['JSON', () => JSON.stringify(env)],
    ['Reflect', () => Reflect.get(env, 'A')],
    ['a child', () => spawnSync('true', { env })],
  ];
  for (const [what, read] of ways) {
    seen.clear();
    read();
    assert.ok(seen.has('A'), what);
  }
  seen.clear();
  assert.ok('A' in env && Reflect.ownKeys(env).includes('B'));
  assert.deepEqual([...seen], []);
});

test('the object of Node itself can be written through it', () => {
  const env = watchedEnvironment(process.env, () => {});
  env['NONO_WATCHED_TEST'] = '1';
  assert.equal(process.env['NONO_WATCHED_TEST'], '1');
  env['NONO_WATCHED_TEST'] = '2';
  assert.equal(process.env['NONO_WATCHED_TEST'], '2');
  delete env['NONO_WATCHED_TEST'];
  assert.equal(process.env['NONO_WATCHED_TEST'], undefined);
});
