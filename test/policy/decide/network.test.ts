/** Ports, endpoints and sockets of flags and profiles, from the word to the plan. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { NonoError } from '../../../src/platform/errors.ts';
import { decide } from '../../../src/policy/decide/decide.ts';
import { decideNetwork, netAccess } from '../../../src/policy/decide/decide-network.ts';
import { deniedRanges } from '../../../src/policy/decide/net-denied.ts';
import type { ResolvedPolicy } from '../../../src/policy/model.ts';
import { compilePlan, floorOnlyProblems } from '../../../src/policy/plan/compile.ts';
import { networkMode } from '../../../src/policy/plan/compile-network.ts';
import type { FlagNet } from '../../../src/policy/resolve/policy-request.ts';
import { optionFlag } from '../../../src/sandbox/linux/constants.ts';
import { decodePlan } from '../../helpers/decode-plan.ts';
import { resolveIn, temporary } from '../support.ts';

const flag = (form: FlagNet['form'], text: string): FlagNet => ({ flag: `--${form}`, form, text });

function blocked(t: TestContext, ...network: FlagNet[]): ResolvedPolicy {
  return resolveIn(temporary(t), { blockNetwork: true, network });
}

/** `connect tcp 127.0.0.1 80` → allow or the reason. */
function ask(policy: ResolvedPolicy, question: string): string {
  const [operation, protocol, address = '', port] = question.split(' ');
  const asked = netAccess(operation as 'connect', protocol as 'tcp', address, Number(port));
  assert.ok(asked, question);
  const decision = decideNetwork(policy.netRules ?? [], asked);
  return decision.verdict === 'allow' ? 'allow' : decision.reason;
}

function expect(policy: ResolvedPolicy, answers: Readonly<Record<string, string>>): void {
  for (const [question, answer] of Object.entries(answers)) assert.equal(ask(policy, question), answer, question);
}

describe('flags', () => {
  test('--open-port: both ways, on loopback only, TCP only, that port only', (t) => {
    expect(blocked(t, flag('open', '3000')), {
      'connect tcp 127.0.0.1 3000': 'allow',
      'connect tcp 127.9.9.9 3000': 'allow',
      'connect tcp ::1 3000': 'allow',
      'connect tcp 0.0.0.0 3000': 'allow',
      'bind tcp 127.0.0.1 3000': 'allow',
      'bind tcp 0.0.0.0 3000': 'not-granted',
      'bind tcp :: 3000': 'not-granted',
      'connect udp 127.0.0.1 3000': 'not-granted',
      'connect tcp 127.0.0.1 3001': 'not-granted',
      'connect tcp 192.168.1.5 3000': 'not-granted',
      'connect tcp ::ffff:10.0.0.1 3000': 'not-granted',
    });
  });

  test('--listen-port: at any address, and nothing to connect to', (t) => {
    expect(blocked(t, flag('listen', '8080'), flag('listen', '0')), {
      'bind tcp 0.0.0.0 8080': 'allow',
      'bind tcp :: 8080': 'allow',
      'bind tcp 10.0.0.1 8080': 'allow',
      'bind tcp 0.0.0.0 0': 'allow',
      'bind tcp 0.0.0.0 8081': 'not-granted',
      'bind udp 0.0.0.0 8080': 'not-granted',
      'connect tcp 127.0.0.1 8080': 'not-granted',
    });
  });

  test('--allow-connect-port: any host but the metadata services, nothing to listen on', (t) => {
    const policy = blocked(t, flag('connect-port', '80-81'));
    expect(policy, {
      'connect tcp 93.184.216.34 80': 'allow',
      'connect tcp 2606:2800::1 81': 'allow',
      'connect tcp 93.184.216.34 443': 'not-granted',
      'bind tcp 127.0.0.1 80': 'not-granted',
      'connect tcp fe80::1 80': 'denied-by-rule',
    });
    for (const { range } of deniedRanges) {
      const address = range.replace(/^\[|\]$|\/.*$/g, '').replace(/\/\d+\]?$/, '');
      assert.equal(ask(policy, `connect tcp ${address} 80`), 'denied-by-rule', range);
      assert.equal(ask(policy, `connect udp ${address} 80`), 'denied-by-rule', range);
    }
  });

  test('naming a metadata service opens exactly that, with a warning', (t) => {
    const policy = blocked(t, flag('connect', '169.254.169.254:80'), flag('connect-port', '80'));
    expect(policy, {
      'connect tcp 169.254.169.254 80': 'allow',
      'connect tcp 169.254.169.254 81': 'denied-by-rule',
      'connect tcp 169.254.170.2 80': 'denied-by-rule',
      'connect udp 169.254.169.254 80': 'denied-by-rule',
    });
    assert.ok(policy.warnings.some((warning) => /169\.254\.169\.254:80 opens .*credentials/.test(warning)));
    const wide = blocked(t, flag('connect', '0.0.0.0/0:80'), flag('connect', '*:81'));
    expect(wide, {
      'connect tcp 169.254.169.254 80': 'denied-by-rule',
      'connect tcp 169.254.169.254 81': 'denied-by-rule',
    });
    assert.deepEqual(
      wide.warnings.filter((warning) => /opens/.test(warning)),
      [],
    );
  });

  test('what is no port or address is an error that names the flag', (t) => {
    for (const wrong of [
      flag('open', '0'),
      flag('open', '70000'),
      flag('listen', 'http'),
      flag('connect', '1.2.3:80'),
    ]) {
      assert.throws(
        () => blocked(t, wrong),
        (error) => error instanceof NonoError && error.message.startsWith(`${wrong.flag}: '`),
      );
    }
  });

  test('on an open network a grant adds nothing and says so; both wishes at once are refused', (t) => {
    const home = temporary(t);
    const open = resolveIn(home, { network: [flag('open', '1')] });
    assert.deepEqual(open.netRules, []);
    assert.ok(open.warnings.some((warning) => warning.startsWith('--open adds nothing')));
    assert.throws(() => resolveIn(home, { blockNetwork: true, allowNetwork: true }), /contradict/);
  });
});

function profiled(t: TestContext, text: string): { home: string; policy: ResolvedPolicy } {
  const home = temporary(t, { '.config/nono/profiles/p.jsonc': text });
  return { home, policy: resolveIn(home, { profile: 'p' }) };
}

describe('profiles', () => {
  test('every key of the network section, inherited and added to', (t) => {
    const home = temporary(t, {
      '.config/nono/profiles/base.jsonc':
        '{ "network": { "block": true, "open_port": [3000], "allow_connect": ["10.0.0.1:22"] } }',
      '.config/nono/profiles/p.jsonc': `{ "extends": "base", "network": {
        "open_port_range": [[4000, 4001]], "listen_port": [0, 80], "listen_port_range": [[90, 91]],
        "connect_port": [443], "allow_connect": ["udp://10.0.0.2:53"], "allow_listen": ["127.0.0.1:99"] } }`,
    });
    const policy = resolveIn(home, { profile: 'p' });
    for (const question of [
      'connect tcp 127.0.0.1 3000',
      'connect tcp ::1 4001',
      'bind tcp :: 80',
      'bind tcp 0.0.0.0 91',
      'connect tcp 1.1.1.1 443',
      'connect tcp 10.0.0.1 22',
      'connect udp 10.0.0.2 53',
      'bind tcp 127.0.0.1 99',
    ])
      assert.equal(ask(policy, question), 'allow', question);
    expect(policy, { 'connect tcp 10.0.0.2 53': 'not-granted', 'bind tcp 0.0.0.0 99': 'not-granted' });
    assert.equal(resolveIn(home, { profile: 'p', allowNetwork: true }).blockNetwork, false);
  });

  for (const [key, value, says] of [
    ['open_port', '[0]', /open_port/],
    ['open_port', '["80"]', /open_port/],
    ['open_port_range', '[[2, 1]]', /low to high/],
    ['connect_port', '[65536]', /connect_port/],
    ['allow_connect', '["example.com:443"]', /host name/],
    ['allow_connect', '["127.1:443"]', /not an internet address/],
    ['allow_listen', '["*"]', /ADDRESS:PORT/],
  ] as const) {
    test(`refused with its place: network.${key} ${value}`, (t) => {
      assert.throws(
        () => profiled(t, `{ "network": { "${key}": ${value} } }`),
        (error) =>
          error instanceof NonoError &&
          error.code === 'profile-invalid' &&
          /p\.jsonc:1:\d+/.test(error.message) &&
          says.test(error.message),
      );
    });
  }
});

describe('the plan', () => {
  const request = { mode: 'deny', env: {} } as const;
  const flagsOf = (policy: ResolvedPolicy, start: { supervise: boolean; asks?: boolean; allowDegraded?: boolean }) => {
    const { options, net } = decodePlan(compilePlan(policy, { ...request, ...start }).plan);
    return {
      bits: options.flags & (optionFlag.blockNet | optionFlag.netRules | optionFlag.unixRules),
      net: net?.length ?? 0,
    };
  };

  test('open: nothing; blocked: the sockets themselves, unless something is granted or somebody can be asked', (t) => {
    const { unixRules, blockNet, netRules } = optionFlag;
    const open = resolveIn(temporary(t));
    const shut = blocked(t);
    const ported = blocked(t, flag('listen', '80'));
    assert.deepEqual(flagsOf(open, { supervise: true }), { bits: unixRules, net: 0 });
    assert.deepEqual(flagsOf(open, { supervise: false }), { bits: 0, net: 0 });
    assert.deepEqual(flagsOf(shut, { supervise: true }), { bits: unixRules | blockNet, net: 0 });
    assert.deepEqual(flagsOf(shut, { supervise: false }), { bits: blockNet, net: 0 });
    assert.deepEqual(flagsOf(shut, { supervise: true, asks: true }), {
      bits: unixRules | netRules,
      net: deniedRanges.length,
    });
    assert.deepEqual(flagsOf(ported, { supervise: true }), {
      bits: unixRules | netRules,
      net: 1 + deniedRanges.length,
    });
    assert.deepEqual(flagsOf(ported, { supervise: false }), { bits: netRules, net: 1 });
    assert.equal(networkMode(shut, { supervise: false, asks: true }), 'closed', 'wrap asks nobody');
  });

  test('wrap: what Landlock cannot see is refused by name', (t) => {
    assert.deepEqual(floorOnlyProblems(blocked(t, flag('listen', '80'))), []);
    assert.match(floorOnlyProblems(blocked(t, flag('open', '3000')))[0] ?? '', /--open 3000: .*not addresses/);
    assert.match(floorOnlyProblems(blocked(t, flag('connect', 'udp://1.1.1.1:53')))[0] ?? '', /--connect udp/);
    const ports = blocked(t, flag('connect-port', '443'));
    assert.match(floorOnlyProblems(ports)[0] ?? '', /--connect-port 443: .*metadata/);
    assert.deepEqual(floorOnlyProblems(ports, true), []);
  });
});

describe('unix sockets', () => {
  const ask = (policy: ResolvedPolicy, path: string, access: 'connect' | 'write' = 'connect') =>
    decide(policy, { path, access }).verdict;

  function tree(t: TestContext) {
    const home = temporary(t, { 'run/deep': null, 'run/file': '' });
    mkdirSync(join(home, 'work'));
    for (const path of ['run/a.sock', 'run/deep/b.sock']) {
      const server = createServer().listen(join(home, path));
      t.after(() => server.close());
    }
    return home;
  }

  test('a grant of reading and writing lets nothing be connected to', async (t) => {
    const home = tree(t);
    await new Promise((resolve) => setImmediate(resolve));
    const policy = resolveIn(home, {
      grants: [{ flag: '--allow', path: home, access: 'readwrite', expect: 'directory' }],
    });
    assert.equal(ask(policy, join(home, 'run/a.sock'), 'write'), 'allow');
    assert.equal(ask(policy, join(home, 'run/a.sock')), 'deny');
  });

  test('one socket, those of a directory, those below it; making them is asked for apart', async (t) => {
    const home = tree(t);
    await new Promise((resolve) => setImmediate(resolve));
    const at = (path: string) => join(home, path);
    const granting = (extent: 'socket' | 'directory' | 'subtree', path: string, bind = false) =>
      resolveIn(home, { sockets: [{ flag: '--f', path: at(path), extent, bind }] });
    const one = granting('socket', 'run/a.sock');
    assert.deepEqual(
      [ask(one, at('run/a.sock')), ask(one, at('run/a.sock'), 'write'), ask(one, at('run/deep/b.sock'))],
      ['allow', 'deny', 'deny'],
    );
    const made = granting('socket', 'work/new.sock', true);
    assert.deepEqual(
      [ask(made, at('work/new.sock')), ask(made, at('work/new.sock'), 'write'), ask(made, at('work/x'), 'write')],
      ['allow', 'allow', 'deny'],
    );
    const direct = granting('directory', 'run');
    assert.deepEqual(
      [ask(direct, at('run/a.sock')), ask(direct, at('run/deep/b.sock')), ask(direct, at('run/x'), 'write')],
      ['allow', 'deny', 'deny'],
    );
    const below = granting('subtree', 'run');
    assert.deepEqual([ask(below, at('run/deep/b.sock')), ask(below, at('work/c.sock'))], ['allow', 'deny']);
    assert.throws(() => granting('socket', 'run'), /got a directory/);
    assert.throws(() => granting('directory', 'run/a.sock'), /got a file/);
  });

  test('a deny beats it; override_deny lifts exactly that', (t) => {
    const home = temporary(t, { '.gnupg': null });
    const socket = join(home, '.gnupg/S.gpg-agent');
    const sockets = [{ flag: '--allow-unix-socket', path: socket, extent: 'socket', bind: false }] as const;
    const denied = resolveIn(home, { sockets });
    assert.equal(ask(denied, socket), 'deny');
    assert.ok(denied.warnings.some((warning) => warning.includes('--override-deny')));
    assert.equal(ask(resolveIn(home, { sockets, overrideDeny: [socket] }), socket), 'allow');
  });

  test('the named groups grant nothing until they are asked for', (t) => {
    const home = temporary(t);
    writeFileSync(join(home, 'agent'), '');
    const env = {
      XDG_RUNTIME_DIR: '/run/user/7',
      SSH_AUTH_SOCK: '/tmp/a/agent',
      DISPLAY: ':1',
      WAYLAND_DISPLAY: 'wayland-3',
    };
    const behind: Readonly<Record<string, string>> = {
      docker_socket: '/run/docker.sock',
      podman_socket: '/run/user/7/podman/podman.sock',
      containerd_socket: '/run/containerd/containerd.sock',
      libvirt_socket: '/run/libvirt',
      dbus_session_socket: '/run/user/7/bus',
      dbus_system_socket: '/run/dbus/system_bus_socket',
      systemd_user_socket: '/run/user/7/systemd/private',
      ssh_agent_socket: '/tmp/a/agent',
      gpg_agent_socket: '/run/user/7/gnupg',
      x11_socket: '/tmp/.X11-unix/X1',
      wayland_socket: '/run/user/7/wayland-3',
      audio_sockets: '/run/user/7/pipewire-0',
      syslog_socket: '/run/systemd/journal/socket',
      user_database_sockets: '/run/systemd/userdb',
    };
    const without = resolveIn(home, {}, { env });
    for (const [group, path] of Object.entries(behind)) {
      assert.equal(ask(without, path), 'deny', path);
      mkdirSync(join(home, '.config/nono/profiles'), { recursive: true });
      writeFileSync(join(home, '.config/nono/profiles/g.jsonc'), JSON.stringify({ groups: { include: [group] } }));
      assert.equal(ask(resolveIn(home, { profile: 'g' }, { env }), path), 'allow', group);
    }
  });

  test('what every program asks and takes orders is refused at once, unless it is named', (t) => {
    const home = temporary(t);
    const manager = '/run/systemd/userdb/io.systemd.DynamicUser';
    const policy = resolveIn(home);
    const decision = decide(policy, { path: manager, access: 'connect' });
    assert.equal(decision.verdict === 'deny' && decision.reason, 'denied-by-rule');
    assert.equal(decide(policy, { path: manager, access: 'read' }).verdict, 'allow', 'only connecting');
    compilePlan(policy, { supervise: true, mode: 'deny', env: {} });
    const named = resolveIn(home, { sockets: [{ flag: '--f', path: manager, extent: 'socket', bind: false }] });
    assert.equal(ask(named, manager), 'allow');
    assert.equal(ask(named, '/run/systemd/userdb/io.systemd.Multiplexer'), 'deny');
    // The group that opens it is named after the default profile's own.
    mkdirSync(join(home, '.config/nono/profiles'), { recursive: true });
    const opens = { extends: 'default', groups: { include: ['user_database_sockets'] } };
    writeFileSync(join(home, '.config/nono/profiles/opens.jsonc'), JSON.stringify(opens));
    assert.equal(ask(resolveIn(home, { profile: 'opens' }), '/run/systemd/userdb'), 'allow');
  });

  test('services that speak to the network for others are out while it is blocked', (t) => {
    const home = temporary(t);
    const resolved = '/run/systemd/resolve/io.systemd.Resolve';
    assert.equal(ask(resolveIn(home), resolved), 'allow');
    assert.equal(ask(resolveIn(home, { blockNetwork: true }), resolved), 'deny');
    const shut = resolveIn(home, { blockNetwork: true });
    const decision = decide(shut, { path: '/run/nscd/socket', access: 'connect' });
    // Denied by a rule, so never held: every program asks it, and does without when it is refused.
    assert.equal(decision.verdict === 'deny' && decision.reason, 'denied-by-rule');
    assert.equal(decide(shut, { path: '/run/nscd/socket', access: 'read' }).verdict, 'allow', 'only connecting');
    const named = resolveIn(home, {
      blockNetwork: true,
      sockets: [{ flag: '--f', path: '/run/nscd/socket', extent: 'socket', bind: false }],
    });
    assert.equal(ask(named, '/run/nscd/socket'), 'allow');
    compilePlan(shut, { supervise: true, mode: 'deny', env: {} });
  });

  test('af_unix_mediation off: sockets are left alone, and wrap never decides them', (t) => {
    assert.equal(profiled(t, '{ "linux": { "af_unix_mediation": "off" } }').policy.unixRules, false);
    assert.equal(profiled(t, '{ "linux": { "af_unix_mediation": "pathname" } }').policy.unixRules, true);
    const external = profiled(t, '{ "linux": { "sandbox_policy": "external" } }').policy;
    assert.match(external.warnings.join(), /linux\.sandbox_policy is not in force/);
  });
});
