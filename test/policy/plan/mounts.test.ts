import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decide } from '../../../src/policy/decide/decide.ts';
import { nodeFileSystem } from '../../../src/policy/plan/file-system.ts';
import { otherNamesIn, parseMounts, slowPlaces } from '../../../src/policy/resolve/mounts.ts';
import { root } from '../../helpers/users.ts';
import { resolveIn, temporary } from '../support.ts';

/** `device root place [type] [on]`, one mount each: on the one whose number is given, or else on the first. */
const table = (...lines: readonly string[]): string =>
  lines
    .map((line, i) => {
      const [device, root, place, type = 'ext4', on = i === 0 ? '-19' : '0'] = line.split(' ');
      return `${i + 20} ${Number(on) + 20} ${device} ${root} ${place} rw,relatime shared:1 - ${type} source rw\n`;
    })
    .join('');

test('places with spaces and backslashes, optional fields or none, and servers', () => {
  const text =
    '36 35 98:0 /a\\040b /x\\134y\\011z rw - ext3 /dev/root rw\n37 35 0:50 / /net rw master:1 propagate_from:2 - fuse.sshfs a rw\n38 35 0:51 / /ctl rw - fusectl b rw\n\n';
  const mounts = parseMounts(text);
  assert.deepEqual(mounts[0], {
    id: '36',
    parent: '35',
    device: '98:0',
    root: '/a b',
    place: '/x\\y\tz',
    type: 'ext3',
  });
  assert.equal(mounts.length, 3);
  assert.deepEqual([...slowPlaces(mounts)], ['/net']);
});

const cases: readonly [what: string, mounts: readonly string[], path: string, names: readonly string[]][] = [
  ['nothing is mounted twice', ['8:1 / /', '8:2 / /home'], '/home/u', []],
  ['a directory at a second place', ['8:1 / /', '8:1 /home/u /srv/u'], '/home/u/.ssh', ['/srv/u/.ssh']],
  ['the directory itself', ['8:1 / /', '8:1 /home/u/.ssh /srv/s'], '/home/u/.ssh', ['/srv/s']],
  ['asked by the second place', ['8:1 / /', '8:1 /home/u/.ssh /srv/s'], '/srv/s/key', ['/home/u/.ssh/key']],
  ['a part of it', ['8:1 / /', '8:1 /home/u/.ssh/keys /srv/k'], '/home/u/.ssh', ['/srv/k (part)']],
  ['what is mounted in it', ['8:1 / /', '8:1 /data/keys /home/u/.ssh/keys'], '/home/u/.ssh', ['/data/keys (part)']],
  ['only a sibling', ['8:1 / /', '8:1 /home/u /srv/u'], '/home/user/.ssh', []],
  ['a file', ['8:1 / /', '8:1 /home/u/.netrc /srv/netrc'], '/home/u/.netrc', ['/srv/netrc']],
  [
    'the whole file system elsewhere (WSL)',
    ['8:1 / /', '8:1 / /mnt/wslg/distro'],
    '/root/.ssh',
    ['/mnt/wslg/distro/root/.ssh'],
  ],
  [
    'a deployment and its root (ostree)',
    ['8:1 /ostree/d/1 /', '8:1 / /sysroot', '8:1 /ostree/d/var /var'],
    '/var/home/u/.ssh',
    ['/sysroot/ostree/d/var/home/u/.ssh'],
  ],
  [
    'subvolumes, and the file system that holds them (btrfs)',
    ['0:30 /@ /', '0:30 /@home /home', '0:30 / /mnt/all'],
    '/home/u/.ssh',
    ['/mnt/all/@home/u/.ssh'],
  ],
  ['another mount lies over the second place', ['8:1 / /', '8:1 /home /srv', '8:2 / /srv ext4 1'], '/home/u', []],
  [
    'what lies over a mount is asked for',
    ['8:1 / /', '8:1 /home /srv', '8:2 / /srv ext4 1', '8:2 /x /y'],
    '/srv/x/k',
    ['/y/k'],
  ],
  ['the second place is hidden below another mount', ['8:1 / /', '8:1 /home /srv/h', '8:2 / /srv'], '/home/u', []],
  ['mounted over itself (a sandbox)', ['8:1 / /', '8:1 /home/u /home/u'], '/home/u/.ssh', []],
];

for (const [what, mounts, path, names] of cases)
  test(`other names: ${what}`, () => {
    const found = otherNamesIn(parseMounts(table(...mounts)))?.(path) ?? [];
    assert.deepEqual(
      found.map((name) => (name.part ? `${name.path} (part)` : name.path)),
      names,
    );
  });

/** A policy in which `second` shows what `first` holds. */
function policyWith(
  t: Parameters<typeof temporary>[0],
  request: (dir: string) => Parameters<typeof resolveIn>[1],
  ...lines: readonly string[]
) {
  const dir = temporary(t, { 'home/.ssh/id': 'K', 'home/.config/nono': null, 'first/a': null, 'second/cg': null });
  const mounts = parseMounts(table('8:1 / /', ...lines.map((line) => line.replaceAll('$D', dir))));
  const policy = resolveIn(join(dir, 'home'), request(dir), { fs: { ...nodeFileSystem(), mounts: () => mounts } });
  const verdict = (name: string, access: 'read' | 'write'): string => {
    const path = name.startsWith('/') ? name : join(dir, name);
    const decision = decide(policy, { path, access });
    return decision.verdict === 'allow' ? 'allow' : decision.reason;
  };
  return { dir, policy, verdict };
}

const allowSecond = (dir: string) => ({
  grants: [{ flag: '--allow', path: join(dir, 'second'), access: 'readwrite', expect: 'directory' } as const],
});

test('keys, and the configuration of nono itself, stay denied at their second place', (t) => {
  const { verdict, policy } = policyWith(t, allowSecond, '8:1 $D/home $D/second');
  assert.equal(verdict('second/project/x', 'write'), 'allow');
  assert.equal(verdict('second/.ssh/id', 'read'), 'denied-by-rule');
  assert.equal(verdict('second/.config/nono/profiles/p.jsonc', 'write'), 'denied-by-rule');
  const own = policy.rules.find((rule) => rule.path.endsWith('second/.config/nono') && rule.verdict === 'deny');
  assert.equal(own?.fixed, true, 'no override lifts it');
  assert.match(own?.why ?? '', /is mounted here too/);
});

test('where the kernel cannot be asked what is mounted, nothing is started', (t) => {
  const dir = temporary(t, { home: null });
  const real = nodeFileSystem();
  const kind = (path: string) => (path === '/proc/self/mountinfo' ? undefined : real.kind(path));
  const fs = { ...real, kind, mounts: () => undefined };
  assert.throws(
    () => resolveIn(join(dir, 'home'), {}, { fs }),
    /^NonoError: \/proc\/self\/mountinfo cannot be read, so what is denied could be seen at a second place/,
  );
});

test('inside another sandbox it is closed, and that is said', (t) => {
  const dir = temporary(t, { home: null });
  const { warnings } = resolveIn(join(dir, 'home'), {}, { fs: { ...nodeFileSystem(), mounts: () => undefined } });
  assert.match(warnings.join('\n'), /mountinfo cannot be read, .*the sandbox around this one/);
});

test('and a real start without /proc runs nothing', {
  skip: spawnSync('unshare', ['-m', 'true']).status !== 0 && 'needs mounts',
}, (t) => {
  const dir = temporary(t, { 'home/.config': null });
  const script = 'umount -l /proc && exec "$0" wrap -s --allow-cwd -- touch made';
  const done = spawnSync('unshare', ['-m', 'sh', '-c', script, join(root, 'bin/nono')], {
    cwd: dir,
    env: { ...process.env, HOME: join(dir, 'home') },
    encoding: 'utf8',
  });
  assert.match(done.stderr, /mountinfo cannot be read/);
  assert.equal(done.status, 1);
  assert.equal(existsSync(join(dir, 'made')), false);
});

test('a pattern keeps its start at the second place', (t) => {
  const { verdict } = policyWith(
    t,
    (dir) => ({ ...allowSecond(dir), denies: [join(dir, 'first/**/.env'), join(dir, 'first/*/only')] }),
    '8:1 $D/first $D/second',
  );
  assert.equal(verdict('second/a/b/.env', 'read'), 'denied-by-rule');
  assert.equal(verdict('second/a/only', 'read'), 'denied-by-rule');
  assert.equal(verdict('second/a/b/only', 'read'), 'allow');
});

test('a pattern that begins above a second place means what lies there', (t) => {
  const { verdict } = policyWith(
    t,
    (dir) => ({ ...allowSecond(dir), denies: [join(dir, 'first/**/.env')] }),
    '8:1 $D/first/a $D/second',
  );
  assert.equal(verdict('second/.env', 'read'), 'denied-by-rule');
  assert.equal(verdict('second/plain', 'read'), 'allow');
});

test('an override lifts the one name that it names', (t) => {
  const { verdict } = policyWith(
    t,
    (dir) => ({ ...allowSecond(dir), denies: [join(dir, 'first/a')], overrideDeny: [join(dir, 'second/a')] }),
    '8:1 $D/first $D/second',
  );
  assert.equal(verdict('second/a/x', 'write'), 'allow');
  assert.equal(verdict('first/a/x', 'write'), 'denied-by-rule');
});

test('what controls the kernel, wherever it is mounted below a grant; a grant that names it is meant', (t) => {
  const lines = ['0:5 / $D/second/proc proc', '0:5 /sys $D/second/sysctl proc', '0:6 / $D/second/cg cgroup2'];
  const { verdict } = policyWith(t, allowSecond, ...lines);
  for (const name of [
    'proc/sys/kernel/core_pattern',
    'proc/sysrq-trigger',
    'sysctl/kernel/core_pattern',
    'cg/cgroup.procs',
  ])
    assert.equal(verdict(`second/${name}`, 'write'), 'denied-by-rule', name);
  assert.equal(verdict('second/proc/uptime', 'write'), 'allow');
  assert.equal(verdict('second/cg/cgroup.procs', 'read'), 'allow');
  const named = policyWith(
    t,
    (dir) => ({
      grants: [{ flag: '--allow', path: join(dir, 'second/cg'), access: 'readwrite', expect: 'directory' } as const],
    }),
    ...lines,
  );
  assert.equal(named.verdict('second/cg/cgroup.procs', 'write'), 'allow');
});

test('the limits of a session are not lifted by a grant on cgroups, which without limits is one like any other', (t) => {
  const cgroups = (dir: string) => ({
    grants: [{ flag: '--allow', path: join(dir, 'second/cg'), access: 'readwrite', expect: 'directory' } as const],
  });
  const line = '0:6 / $D/second/cg cgroup2';
  const file = 'second/cg/user.slice/nono-1/memory.max';
  assert.equal(policyWith(t, cgroups, line).verdict(file, 'write'), 'allow');
  for (const limits of [{ memory: '100M' }, { processes: '50' }])
    assert.equal(policyWith(t, (dir) => ({ ...cgroups(dir), limits }), line).verdict(file, 'write'), 'denied-by-rule');
  const size = policyWith(t, (dir) => ({ ...cgroups(dir), limits: { fileSize: '1M' } }), line);
  assert.equal(size.verdict(file, 'write'), 'allow', 'which no cgroup holds');
});
