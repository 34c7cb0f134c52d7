import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeFileSystem } from '../../../src/policy/plan/file-system.ts';
import { createRealPathResolver } from '../../../src/policy/resolve/real-path.ts';
import { memoryFileSystem, random, temporary } from '../support.ts';

const fs = memoryFileSystem({
  '/usr/bin/sh': 'file',
  '/bin': '-> usr/bin',
  '/home/u/.ssh/id': 'file',
  '/home/u/link': '-> .ssh',
  '/home/u/twice': '-> link',
  '/home/u/up': '-> ../../usr',
  '/home/u/dangling': '-> missing/x',
  '/home/u/loop': '-> loop',
  '/proc/self': '-> 4711',
  '/proc/4711/fd/0': '-> /dev/pts/0',
  '/proc/mounts': '-> self/mounts',
  '/proc/cpuinfo': 'file',
  '/dev/stdin': '-> /proc/self/fd/0',
});
const real = createRealPathResolver(fs);

for (const [written, path, kind, links] of [
  ['/', '/', 'directory', []],
  ['/usr/bin/sh', '/usr/bin/sh', 'file', []],
  ['/bin/sh', '/usr/bin/sh', 'file', ['/bin']],
  ['//usr///bin/./sh/', '/usr/bin/sh', 'file', []],
  ['/home/u/link', '/home/u/.ssh', 'directory', ['/home/u/link']],
  ['/home/u/twice/id', '/home/u/.ssh/id', 'file', ['/home/u/twice', '/home/u/link']],
  ['/home/u/up/bin/sh', '/usr/bin/sh', 'file', ['/home/u/up']],
  // `..` leaves where the link led, as the kernel does it.
  ['/home/u/up/../bin/sh', '/usr/bin/sh', 'file', ['/home/u/up', '/bin']],
  ['/home/u/none/below', '/home/u/none/below', undefined, []],
  ['/home/u/dangling', '/home/u/missing/x', undefined, ['/home/u/dangling']],
  ['/usr/bin/sh/below', '/usr/bin/sh/below', undefined, []],
  ['/proc/cpuinfo', '/proc/cpuinfo', 'file', []],
] as const) {
  test(`${written} is ${path}`, () => {
    const found = real(written);
    assert.equal(found.path, path);
    assert.equal(found.kind, kind);
    assert.deepEqual(found.links, links);
    assert.equal(found.ofCaller, false);
  });
}

test('a link that leads to itself is the object itself', () => {
  assert.equal(real('/home/u/loop').kind, 'symlink');
});

for (const written of [
  '/proc/self',
  '/proc/self/fd/0',
  '/proc/thread-self/mem',
  '/proc/1/environ',
  '/proc/mounts',
  '/dev/stdin',
]) {
  test(`${written} names the asking process, whoever asks here`, () => assert.equal(real(written).ofCaller, true));
}

test('agrees with the kernel on random trees of links', (t) => {
  const pick = random(3);
  const names = ['a', 'b', 'c'];
  for (let round = 0; round < 40; round++) {
    const tree: Record<string, string | null> = { a: null, 'a/b': null, 'b/c': null };
    for (let i = 0; i < 4; i++) {
      const target = Array.from({ length: 1 + pick(3) }, () => ['..', ...names][pick(4)]).join('/');
      tree[['l', 'a/l', 'b/m', 'a/b/n'][i] as string] = `-> ${target}`;
    }
    const dir = realpathSync(temporary(t, tree));
    const resolve = createRealPathResolver(nodeFileSystem());
    for (let i = 0; i < 40; i++) {
      const parts = Array.from({ length: 1 + pick(5) }, () => ['..', 'l', 'm', 'n', ...names][pick(7)] as string);
      const path = `${dir}/${parts.join('/')}`;
      let kernel: string;
      try {
        kernel = realpathSync.native(path);
      } catch {
        continue;
      }
      if (kernel.startsWith(join(dir, '/'))) assert.equal(resolve(path).path, kernel, path);
    }
  }
});

test('a link that leads to itself twice over ends as soon as any other loop', () => {
  const resolve = createRealPathResolver(memoryFileSystem({ '/d/loop': '-> loop/x/../loop/y/../loop' }));
  // Counted by depth, this would be asked 3^40 times.
  assert.ok(resolve('/d/loop/z').links.length <= 41);
});
