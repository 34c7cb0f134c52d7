/** The footer after a failed command. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createDenialList, smallestFlag } from '../../../src/cli/start/denials.ts';
import type { ResolvedPolicy } from '../../../src/policy/model.ts';
import { resolveNetwork } from '../../../src/policy/resolve/resolve-network.ts';
import type { AccessRecord, NetRecord } from '../../../src/sandbox/linux/wire.ts';

const policy: ResolvedPolicy = {
  profile: 'default',
  rules: [
    {
      id: 4,
      verdict: 'deny',
      kind: 'tree',
      access: 'readwrite',
      path: '/home/u/.ssh',
      raw: '~/.ssh',
      source: 'group:deny_credentials',
    },
  ],
  blockNetwork: false,
  blockedCommands: [],
  allowedCommands: [],
  workdir: '/',
  warnings: [],
};

const record = (change: Partial<AccessRecord>): AccessRecord => ({
  pid: 1,
  tid: 1,
  parentPid: 1,
  verb: 'openat',
  access: 'read',
  reason: 'not-granted',
  ruleId: 0xffff_ffff,
  object: 'file',
  path: '/x',
  comm: 'c',
  parentComm: 'p',
  ...change,
});

describe('the smallest flag', () => {
  const cases = [
    ['/a/f', 'read', 'file', '--read-file /a/f'],
    ['/a/f', 'readwrite', 'file', '--allow-file /a/f'],
    ['/a', 'read', 'directory', '--read /a'],
    ['/a/new', 'write', 'missing', '--write /a'],
    ['/dev/x', 'write', 'other', '--write-file /dev/x'],
    ['/a b', 'read', 'file', "--read-file '/a b'"],
    ["/it's", 'read', 'file', `--read-file '/it'\\''s'`],
  ] as const;
  for (const [path, access, object, flag] of cases)
    test(flag, () => assert.equal(smallestFlag(path, access, object), flag));
});

test('each path once, with both accesses joined', () => {
  const list = createDenialList();
  list.add(record({}));
  list.add(record({}));
  list.add(record({ access: 'write' }));
  const footer = list.footer(policy);
  assert.equal(footer.match(/\/x/g)?.length, 2, footer);
  assert.match(footer, /readwrite \/x {2}--allow-file \/x/);
});

describe('a deny rule is named', () => {
  const footer = (change: Partial<ResolvedPolicy>): string => {
    const list = createDenialList();
    list.add(record({ path: '/home/u/.ssh/id', reason: 'denied-by-rule', ruleId: 4 }));
    return list.footer({ ...policy, ...change });
  };
  const [rule] = policy.rules;
  assert.ok(rule);
  test('with the grant and the override that lift it together', () => {
    assert.match(
      footer({}),
      /denied by group:deny_credentials; --read-file \/home\/u\/\.ssh\/id --override-deny \/home\/u\/\.ssh\/id lifts it\n$/,
    );
  });
  test('with the override alone where the user grants the path already', () => {
    const home = { ...rule, id: 5, verdict: 'allow', path: '/home/u', raw: '/home/u', source: 'cli:--allow' } as const;
    assert.match(footer({ rules: [rule, home] }), /deny_credentials; --override-deny \/home\/u\/\.ssh\/id lifts it\n$/);
  });
  test('without a flag beside a manifest, and where nothing lifts it', () => {
    assert.match(footer({ manifest: '/m.json' }), /denied by group:deny_credentials\n/);
    assert.match(footer({ rules: [{ ...rule, source: 'nono', fixed: true }] }), /denied by nono\n$/);
  });
});

test('no path can move the cursor or fake a line', () => {
  const list = createDenialList();
  list.add(record({ path: '/a\n[nono] all is well\x1b[2J\u202e' }));
  const footer = list.footer(policy);
  assert.equal(footer.split('\n').length, 3);
  assert.match(footer, /\\n\[nono\] all is well\\x1b\[2J\\u\{202e\}/);
});

test('a flood is cut and counted', () => {
  const list = createDenialList();
  for (let i = 0; i < 5000; i++) list.add(record({ path: `/f${i}` }));
  list.drop(7);
  const lines = list.footer(policy).trimEnd().split('\n');
  assert.ok(lines.length < 20);
  assert.match(lines.at(-1) ?? '', /and 4995 more/);
});

test('nothing denied, nothing said', () => assert.equal(createDenialList().footer(policy), ''));

const netRecord = (change: Partial<NetRecord>): NetRecord => ({
  pid: 1,
  tid: 1,
  parentPid: 1,
  verb: 'connect',
  reason: 'not-granted',
  ruleId: 0xffff_ffff,
  protocol: 'tcp',
  family: 4,
  address: '192.0.2.1',
  port: 443,
  comm: 'c',
  parentComm: 'p',
  ...change,
});

test('each address and port once, with the flag for exactly that', () => {
  const list = createDenialList();
  for (let i = 0; i < 3; i++) list.addNet(netRecord({}));
  list.addNet(netRecord({ verb: 'sendto', protocol: 'udp', family: 6, address: '2001:db8::1', port: 53 }));
  list.addNet(netRecord({ verb: 'bind', address: '0.0.0.0', port: 8080 }));
  list.addNet(netRecord({ verb: 'listen', family: 6, address: '::', port: 0 }));
  list.add(record({ verb: 'connect', access: 'connect', object: 'other', path: '/run/x.sock' }));
  assert.deepEqual(
    list
      .footer(policy)
      .trimEnd()
      .split('\n')
      .map((line) => line.replace('[nono] ', '').trim().replace(/ +/g, ' ')),
    [
      'Denied paths during this session:',
      'connect /run/x.sock --allow-unix-socket /run/x.sock',
      'Denied network access during this session:',
      'connect tcp 192.0.2.1:443 --allow-connect 192.0.2.1:443',
      "sendto udp [2001:db8::1]:53 --allow-connect 'udp://[2001:db8::1]:53'",
      'bind tcp 0.0.0.0:8080 --allow-listen 0.0.0.0/0:8080',
      "listen tcp [::]:any --allow-listen '[::/0]:0'",
    ],
  );
});

test('a metadata service is named as what it is', () => {
  const { rules } = resolveNetwork([]);
  const rule = rules.find((one) => one.raw === '169.254.169.254');
  const list = createDenialList();
  list.addNet(netRecord({ address: '169.254.169.254', port: 80, reason: 'denied-by-rule', ruleId: rule?.id ?? -1 }));
  assert.match(
    list.footer({ ...policy, netRules: rules }),
    /denied: .*credentials.*; --allow-connect 169\.254\.169\.254:80 lifts/,
  );
});

test('a closed network lists nothing, so the footer says that it is', () => {
  assert.equal(createDenialList().footer(policy), '');
  assert.match(
    createDenialList().footer({ ...policy, blockNetwork: true }),
    /^\[nono\] The network is blocked: --allow-connect/,
  );
});

test('a name with blanks is one word: it writes no flag of its own beside it', () => {
  const list = createDenialList();
  list.add(record({ path: '/srv/x  --allow /' }));
  assert.match(list.footer(policy), /read +\/srv\/x\\x20\\x20--allow \/ {2}--read-file '/);
});
