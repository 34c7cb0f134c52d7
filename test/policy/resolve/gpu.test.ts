import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FileSystem, nodeFileSystem } from '../../../src/policy/plan/file-system.ts';
import { gpuDevices } from '../../../src/policy/resolve/gpu.ts';
import type { PolicyRequest } from '../../../src/policy/resolve/policy-request.ts';
import { resolvePolicy } from '../../../src/policy/resolve/resolve.ts';
import { contextFor, memoryFileSystem, temporary } from '../support.ts';

const devices = memoryFileSystem({
  '/dev/dri/renderD128': 'char-device',
  '/dev/nvidia-caps': 'directory',
  '/dev/nvidia0': 'char-device',
  '/dev/nvidiactl': 'char-device',
  // A file of the name is no device, and other devices are no graphics processors.
  '/dev/nvidia1': 'file',
  '/dev/kfd': '-> /dev/sda',
  '/dev/sda': 'block-device',
  '/dev/snd': 'directory',
  '/dev/mem': 'char-device',
});
const wanted = ['/dev/dri', '/dev/nvidia-caps', '/dev/nvidia0', '/dev/nvidiactl'];

test('graphics processors that are there, and nothing else', () => {
  assert.deepEqual(gpuDevices(devices).sort(), wanted);
  assert.deepEqual(gpuDevices(memoryFileSystem({ '/dev/null': 'char-device' })), []);
  for (const path of gpuDevices(nodeFileSystem())) assert.match(path, /^\/dev\/(?:dri|nvidia|kfd|dxg|mali)/);
});

/** The machine's files, with other devices. */
function withDevices(): FileSystem {
  const real = nodeFileSystem();
  const there = (path: string): FileSystem => (path === '/dev' || wanted.some((one) => path === one) ? devices : real);
  return { ...real, kind: (path) => there(path).kind(path), list: (path) => there(path).list(path) };
}

test('--allow-gpu and allow_gpu grant them, each under its own name; false and nothing grant none', (t) => {
  const home = temporary(t, {
    '.config/nono/profiles/with.json': '{ "allow_gpu": true }',
    '.config/nono/profiles/without.json': '{ "extends": "with", "allow_gpu": false }',
    '.config/nono/profiles/below.json': '{ "extends": "with" }',
  });
  const granted = (request: Omit<PolicyRequest, 'workdir'>) => {
    const policy = resolvePolicy({ workdir: home, ...request }, { ...contextFor(home), fs: withDevices() });
    assert.deepEqual(
      policy.warnings.filter((line) => line.includes('gpu')),
      [],
    );
    assert.ok(!policy.keysNotInForce?.includes('allow_gpu'));
    const rules = policy.rules.filter((rule) => wanted.includes(rule.path));
    for (const rule of rules) assert.deepEqual([rule.verdict, rule.access], ['allow', 'readwrite']);
    return rules.map((rule) => `${rule.path} ${rule.source}`).sort();
  };
  assert.deepEqual(
    granted({ profile: 'with' }),
    wanted.map((path) => `${path} profile:with`),
  );
  assert.deepEqual(
    granted({ profile: 'below' }),
    wanted.map((path) => `${path} profile:below`),
  );
  assert.deepEqual(
    granted({ allowGpu: true }),
    wanted.map((path) => `${path} cli:--allow-gpu`),
  );
  assert.deepEqual(
    granted({ profile: 'with', allowGpu: true }),
    wanted.map((path) => `${path} cli:--allow-gpu`),
  );
  assert.deepEqual(granted({ profile: 'without' }), []);
  assert.deepEqual(granted({}), []);
});
