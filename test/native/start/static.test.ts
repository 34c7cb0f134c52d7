import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { optionFlag } from '../../../src/sandbox/linux/constants.ts';
import { rootSkip, users } from '../../helpers/users.ts';
import { AT_FDCWD, actor, alive, fixture, makeWorld, plan, Session, TEST_CAPABILITIES, text } from '../session.ts';

const EVERY_CAPABILITY = (1n << 41n) - 1n;
const [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_RXRPC, AF_ALG, AF_VSOCK] = [1, 2, 10, 16, 17, 33, 38, 40];
const [SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_PACKET] = [1, 2, 3, 10];
/** Node.js has no name for it. */
const ESOCKTNOSUPPORT = '94';

/** Refused for everybody, whatever the arguments. Kept true for a root that keeps every capability: the filter itself refuses. */
const refused: readonly (readonly [string, readonly (string | number)[], string])[] = [
  ['io_uring_setup', [1, 'buf'], 'ENOSYS'],
  ['io_uring_enter', [0, 0, 0, 0], 'ENOSYS'],
  ['io_uring_register', [0, 0], 'ENOSYS'],
  ['open_tree', [AT_FDCWD, 's:/', 1], 'EPERM'],
  ['open_tree_attr', [AT_FDCWD, 's:/', 1], 'ENOSYS'],
  ['move_mount', [0, 's:', 0, 's:', 0], 'EPERM'],
  ['fsopen', ['s:tmpfs', 0], 'EPERM'],
  ['fsconfig', [0, 0, 0, 0, 0], 'EPERM'],
  ['fsmount', [0, 0, 0], 'EPERM'],
  ['fspick', [AT_FDCWD, 's:/', 0], 'EPERM'],
  ['mount_setattr', [AT_FDCWD, 's:/', 0, 0, 0], 'EPERM'],
  ['mount', ['s:none', 's:/tmp', 's:tmpfs', 0, 0], 'EPERM'],
  ['umount2', ['s:/proc', 0], 'EPERM'],
  ['pivot_root', ['s:/', 's:/'], 'EPERM'],
  ['chroot', ['s:/'], 'EPERM'],
  ['open_by_handle_at', [0, 'buf', 0], 'EPERM'],
  ['keyctl', [0], 'EPERM'],
  ['add_key', [0], 'EPERM'],
  ['request_key', [0], 'EPERM'],
  ['bpf', [0], 'EPERM'],
  ['userfaultfd', [1], 'EPERM'],
  ['acct', [0], 'EPERM'],
  ['reboot', [0], 'EPERM'],
  ['init_module', [0], 'EPERM'],
  ['swapon', ['s:/x'], 'EPERM'],
  ['quotactl', [0], 'EPERM'],
  ['setxattrat', [0], 'ENOSYS'],
  ['file_setattr', [0], 'ENOSYS'],
  ['future', [0], 'ENOSYS'],
  ['x32', [0], 'ENOSYS'],
  ['socket', [AF_VSOCK, SOCK_STREAM, 0], 'EPERM'],
  ['socket', [AF_PACKET, SOCK_RAW, 0], 'EPERM'],
  ['socket', [AF_ALG, 5, 0], 'EPERM'],
  ['socket', [AF_RXRPC, SOCK_DGRAM, 2], 'EPERM'],
  // AF_LLC, AF_CAN, AF_TIPC, AF_BLUETOOTH, AF_XDP, and what comes after the last one known.
  ...[26, 29, 30, 31, 44, 63].map((family) => ['socket', [family, SOCK_RAW, 0], 'EAFNOSUPPORT'] as const),
  ['socket', [AF_INET, SOCK_RAW, 1], 'EPERM'],
  ['socket', [AF_INET, SOCK_RAW | 0o2000000, 1], 'EPERM'],
  ['socket', [AF_INET6, SOCK_RAW, 58], 'EPERM'],
  ['socket', [AF_INET, SOCK_PACKET, 768], 'EPERM'],
  // UDP-Lite, SCTP, DCCP, L2TP, SMC; and by a number and a type that the kernel would call invalid: it is not asked.
  ...[AF_INET, AF_INET6].flatMap((family) => [
    ['socket', [family, SOCK_DGRAM, 136], 'EPROTONOSUPPORT'] as const,
    ['socket', [family, SOCK_DGRAM | 0o2004000, 115], 'EPROTONOSUPPORT'] as const,
    ...[132, 256, 300].map((protocol) => ['socket', [family, SOCK_STREAM, protocol], 'EPROTONOSUPPORT'] as const),
    ...[132, 300].map((protocol) => ['socket', [family, 5, protocol], ESOCKTNOSUPPORT] as const),
    ['socket', [family, 6, 0], ESOCKTNOSUPPORT] as const,
    ['socket', [family, 11, 0], ESOCKTNOSUPPORT] as const,
  ]),
  ['ioctl', [0, 0x5412, 'buf'], 'EPERM'],
  ['ioctl', [0, '0x100005412', 'buf'], 'EPERM'],
  ['ioctl', [0, 0x541c, 'buf'], 'EPERM'],
  ['ioctl', [0, 0x5423, 'buf'], 'EPERM'],
  ['ioctl', [0, 0x540c, 0], 'EPERM'],
  ['ioctl', [0, 0x540a, 0], 'EPERM'],
  ['ioctl', [0, 0x540a, 1], 'ENOTTY'],
  ['ioctl', [0, 0xaa00, 0], 'EPERM'],
  // A virtual console is asked, and not changed: keyboard, keys, screen, letters, switching.
  ...[0x3a, 0x45, 0x47, 0x49, 0x4b, 0x4d, 0x4e, 0x61, 0x63, 0x67, 0x71, 0x72, 0xfb].map(
    (command) => ['ioctl', [0, 0x4b00 | command, 'buf'], 'EPERM'] as const,
  ),
  ...[0x02, 0x05, 0x06, 0x08, 0x0a, 0x0f].map((command) => ['ioctl', [0, 0x5600 | command, 'buf'], 'EPERM'] as const),
  ['ioctl', [0, 0x4b44, 'buf'], 'ENOTTY'],
  ['ioctl', [0, 0x5603, 'buf'], 'ENOTTY'],
  ['ioctl', [0, 0x4aff, 'buf'], 'ENOTTY'],
  ['ioctl', [0, 0x4c00, 'buf'], 'ENOTTY'],
  ['ioctl', [0, 0x55ff, 'buf'], 'ENOTTY'],
  ['ioctl', [0, 0x5700, 'buf'], 'ENOTTY'],
  // Leases, on files and (Linux 6.19) on directories.
  ['fcntl', [0, 1024, 0], 'EINVAL'],
  ['fcntl', [0, 1024, 1], 'EINVAL'],
  ['fcntl', [0, '0x100000400', 0], 'EINVAL'],
  ['fcntl', [0, 1040, 'buf'], 'EINVAL'],
  ['ioctl', [0, 0xc0406618, 'buf'], 'ENOTSUP'],
  ['ioctl', [0, 0xc0406619, 'buf'], 'ENOTSUP'],
  ['ioctl', [0, 0xc0c89425, 'buf'], 'EPERM'],
  // Files and trees copied by their paths: ocfs2, and every size of what bcachefs is told.
  ['ioctl', [0, 0x40186f04, 'buf'], 'EPERM'],
  ...[0x4020bc10, 0x4020bc11, 0x4030bc1d, 0x4030bc1e, 0x8008bc40].map(
    (command) => ['ioctl', [0, command, 'buf'], 'EPERM'] as const,
  ),
  ['ioctl', [0, 0x4020bb10, 'buf'], 'ENOTTY'],
  ['ioctl', [0, 0x4020bd10, 'buf'], 'ENOTTY'],
  // What Lustre is told to make, remove, exchange and lease, and Ceph where to keep things; what they are asked goes on.
  ...[0x4008669a, 0x401066db, 0xc00866f2, 0x801066f2, 0xc02066f0, 0xc00866f3, 0x804066f5, 0x800466f7].map(
    (command) => ['ioctl', [0, command, 'buf'], 'EPERM'] as const,
  ),
  ['ioctl', [0, 0x40289702, 'buf'], 'EPERM'],
  ['ioctl', [0, 0x40289705, 'buf'], 'EPERM'],
  ...[0x4008669b, 0xc02066f1, 0x000066f4, 0xc0046686, 0x80289701].map(
    (command) => ['ioctl', [0, command, 'buf'], 'ENOTTY'] as const,
  ),
  // No other mount namespace is found, and none is entered: by its type, or where any type is meant.
  ['ioctl', [-1, 0x8010b70b, 'buf'], 'EPERM'],
  ['ioctl', [-1, 0x8010b70c, 'buf'], 'EPERM'],
  ['setns', [-1, 0], 'EPERM'],
  ['setns', [-1, 0x20000], 'EPERM'],
  ['setns', [-1, 0x24020000], 'EPERM'],
  ['setns', [-1, '0x100000000'], 'EPERM'],
  ['setns', [-1, 0x4000000], 'EBADF'],
];

test('the root half', { skip: rootSkip }, () => {});

for (const user of users) {
  describe(user.name, () => {
    const world = makeWorld(user);

    test('refused whatever the capabilities are', async () => {
      const s = actor(user, { capabilities: EVERY_CAPABILITY });
      for (const [name, args, expected] of refused) {
        assert.equal((await s.sys(name, ...args)).error, expected, `${name} ${args.join(' ')}`);
        assert.equal((await s.ask('fork', name, ...args)).error, expected, `${name} in a child`);
      }
      assert.equal((await s.sys('socket', AF_INET, SOCK_STREAM, 0)).error, '');
      assert.equal((await s.sys('socket', AF_NETLINK, SOCK_RAW, 0)).error, '');
      for (const [type, protocol] of [
        [SOCK_STREAM, 6],
        [SOCK_STREAM | 0o2004000, 262],
        [SOCK_DGRAM, 0],
        [SOCK_DGRAM, 17],
      ])
        for (const family of [AF_INET, AF_INET6])
          assert.equal((await s.sys('socket', family, type ?? 0, protocol ?? 0)).error, '', `${type} ${protocol}`);
      await s.finish();
    });

    test('i386 calls do not exist', { skip: process.arch !== 'x64' && 'x86-64 only' }, async () => {
      const s = new Session(user, plan({}), [fixture('int80')]);
      assert.equal((await s.ended).stdout, 'open -38\nsocketcall -38\n');
    });

    test('without network there are only local sockets', async () => {
      const flags = optionFlag.supervise | optionFlag.blockNet;
      const s = actor(user, { flags, capabilities: EVERY_CAPABILITY });
      for (const family of [AF_INET, AF_INET6, AF_PACKET, AF_VSOCK, 38, 43, 44, 30, 45]) {
        for (const type of [SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM | 0o2000000]) {
          assert.equal((await s.sys('socket', family, type, 0)).error, 'EPERM', `${family} ${type}`);
        }
        assert.equal((await s.sys('socketpair', family, SOCK_STREAM, 0, 'buf')).error, 'EPERM');
      }
      assert.equal((await s.sys('socket', AF_UNIX, SOCK_STREAM, 0)).error, '');
      await s.finish();
    });

    test('signals stay inside', async () => {
      const other = spawn('sleep', ['60'], { stdio: 'ignore' });
      const pid = other.pid ?? 0;
      const s = actor(user, {});
      const { supervisorPid, guardianPid } = await s.event('ready');
      for (const victim of [pid, supervisorPid, guardianPid, process.pid]) {
        assert.equal((await s.sys('kill', victim, 0)).error, 'EPERM');
        assert.equal((await s.sys('tgkill', victim, victim, 9)).error, 'EPERM');
        const pidfd = (await s.sys('pidfd_open', victim, 0)).ret;
        assert.equal((await s.sys('pidfd_send_signal', pidfd, 9, 0, 0)).error, 'EPERM');
        assert.equal((await s.sys('setns', pidfd, 0x20000)).error, 'EPERM');
        assert.equal((await s.sys('ptrace', 16, victim, 0, 0)).error, 'EPERM');
      }
      assert.ok(alive(pid) && alive(supervisorPid) && alive(guardianPid));
      other.kill();
      assert.equal((await s.finish()).code, 0);
    });

    test('abstract sockets outside are out of reach', async () => {
      const name = `nono-test-${process.pid}-${user.uid}`;
      const server = createServer().listen(`\0${name}`);
      const address = Buffer.concat([Buffer.from([AF_UNIX, 0, 0]), Buffer.from(name)]);
      for (const [flags, expected] of [
        [optionFlag.supervise | optionFlag.scopeAbstractUnix, 'EPERM'],
        [optionFlag.supervise, ''],
      ] as const) {
        const s = actor(user, { flags });
        const fd = (await s.sys('socket', AF_UNIX, SOCK_STREAM, 0)).ret;
        assert.equal((await s.sys('connect', fd, text(address), address.length)).error, expected);
        await s.finish();
      }
      server.close();
    });

    test('a detached mount or a user namespace gives no new names', async () => {
      const secret = world.write('outside/key', 'TOPSECRET');
      const s = actor(user, { rules: [{ verdict: 'allow', path: world.work }], capabilities: EVERY_CAPABILITY });
      await s.sys('unshare', 0x10000000 | 0x20000);
      assert.equal((await s.sys('open_tree', AT_FDCWD, text(world.outside), 1)).error, 'EPERM');
      assert.equal((await s.sys('mount', text(world.outside), text(world.work), 0, 4096, 0)).error, 'EPERM');
      assert.equal((await s.sys('chroot', text(world.work))).error, 'EPERM');
      assert.equal(await s.read(secret), 'EACCES');
      await s.finish();
    });

    test('inherited descriptors do not reach the command', async () => {
      const s = new Session(user, plan({}), [
        '/bin/sh',
        '-c',
        'for n in 3 4 5 6 7 8 9 10 63 100; do (: >&$n) 2>/dev/null && echo open $n; done; echo done',
      ]);
      assert.equal((await s.ended).stdout, 'done\n');
    });

    test('the environment is exactly the plan’s', async () => {
      const env = ['ONE=1', 'EMPTY=', 'WITH=a=b\nc'];
      const s = new Session(user, plan({ env, rules: [] }), ['/usr/bin/env', '-0']);
      assert.equal((await s.ended).stdout, `${env.join('\0')}\0\n`);
    });
  });
}

describe('root inside', { skip: rootSkip }, () => {
  const [user] = users;
  if (user === undefined) throw new Error('no user');
  const world = makeWorld(user);

  test('keeps the named capabilities only', async () => {
    const s = actor(user, { floor: [world.base] });
    const status = await s.read('/proc/self/status');
    for (const set of ['CapEff', 'CapPrm', 'CapBnd']) {
      assert.equal(BigInt(`0x${new RegExp(`${set}:\\t(\\w+)`).exec(status)?.[1]}`), TEST_CAPABILITIES, set);
    }
    for (const set of ['CapInh', 'CapAmb']) assert.match(status, new RegExp(`${set}:\\t0+\n`));
    assert.equal((await s.sys('sethostname', 's:x', 1)).error, 'EPERM');
    const node = join(world.base, 'node');
    assert.notEqual((await s.sys('mknodat', AT_FDCWD, text(node), 0o060600, 0xfe00)).error, '');
    assert.notEqual((await s.sys('mknodat', AT_FDCWD, text(node), 0o020600, 0x0101)).error, '');
    await s.finish();
    assert.equal(existsSync(node), false);
  });

  test('makes no device node with every capability, either', async () => {
    const s = actor(user, { floor: [world.base], capabilities: EVERY_CAPABILITY });
    const node = join(world.base, 'node2');
    assert.equal((await s.sys('mknodat', AT_FDCWD, text(node), 0o060600, 0xfe00)).error, 'EACCES');
    await s.finish();
    assert.equal(existsSync(node), false);
  });

  test('who became somebody else inside opens as somebody else', async () => {
    const mine = world.write('work/mine', 'roots own', 0o600);
    const s = actor(user, { rules: [{ verdict: 'allow', path: world.work }] });
    assert.equal(await s.read(mine), 'roots own');
    assert.equal((await s.sys('setresuid', 54321, 54321, 54321)).error, '');
    assert.equal(await s.read(mine), 'EACCES');
    assert.equal((await s.open(join(world.work, 'theirs'), 0o101, 0o600)).error, 'EACCES');
    await s.finish();
    assert.equal(existsSync(join(world.work, 'theirs')), false);
  });
});
