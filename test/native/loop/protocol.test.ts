import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import * as ts from '../../../src/sandbox/linux/constants.ts';
import { formatAddress, parseAddress } from '../../../src/sandbox/linux/net-address.ts';
import type { NetRule } from '../../../src/sandbox/linux/net-rule.ts';
import { EventDecoder, encodeCommand, type SupervisorCommand } from '../../../src/sandbox/linux/wire.ts';
import { ask, driver } from '../driver.ts';

const program = driver('drivers/wire.c', ['wire', 'net_rules', 'pathmap']);

/** Names of wire.h, plan.h and rules.h → what TypeScript calls the same number. */
const pairs: Record<string, number> = {
  PLAN_SUPERVISE: ts.optionFlag.supervise,
  PLAN_NEW_SESSION: ts.optionFlag.newSession,
  PLAN_BLOCK_NET: ts.optionFlag.blockNet,
  PLAN_SCOPE_SIGNAL: ts.optionFlag.scopeSignal,
  PLAN_SCOPE_ABSTRACT: ts.optionFlag.scopeAbstractUnix,
  PLAN_ALLOW_DEGRADED: ts.optionFlag.allowDegraded,
  PLAN_ALLOW_SYSV_IPC: ts.optionFlag.allowSysvIpc,
  PLAN_ALLOW_MQ: ts.optionFlag.allowMessageQueues,
  PLAN_ALLOW_KEYRING: ts.optionFlag.allowKeyring,
  PLAN_NET_RULES: ts.optionFlag.netRules,
  PLAN_UNIX_RULES: ts.optionFlag.unixRules,
  NET_CONNECT: ts.netOperation.connect,
  NET_BIND: ts.netOperation.bind,
  NET_TCP: ts.netProtocol.tcp,
  NET_UDP: ts.netProtocol.udp,
  EVENT_NET_DENIED: ts.event.netDenied,
  EVENT_NET_HELD: ts.event.netHeld,
  EVENT_NAME_ANSWER: ts.event.nameAnswer,
  COMMAND_ADD_NET_RULE: ts.command.addNetRule,
  COMMAND_REMOVE_NET_RULE: ts.command.removeNetRule,
  PLAN_FAST_PATH: ts.optionFlag.fastPath,
  MODE_DENY: ts.approvalMode.deny,
  MODE_OBSERVE: ts.approvalMode.observe,
  MODE_ASK: ts.approvalMode.ask,
  FLOOR_READ_FILE: ts.floorRight.readFile,
  FLOOR_READ_DIR: ts.floorRight.readDir,
  FLOOR_EXECUTE: ts.floorRight.execute,
  FLOOR_WRITE_FILE: ts.floorRight.writeFile,
  FLOOR_MAKE: ts.floorRight.make,
  FLOOR_REMOVE: ts.floorRight.remove,
  FLOOR_REFER: ts.floorRight.refer,
  FLOOR_IOCTL_DEV: ts.floorRight.ioctlDev,
  VERDICT_DENY: ts.ruleVerdict.deny,
  VERDICT_ALLOW: ts.ruleVerdict.allow,
  VERDICT_OVERRIDE: ts.ruleVerdict.override,
  KIND_TREE: ts.ruleKind.tree,
  KIND_EXACT: ts.ruleKind.exact,
  ACCESS_READ: ts.access.read,
  ACCESS_WRITE: ts.access.write,
  NO_RULE: ts.NO_RULE,
  EVENT_READY: ts.event.ready,
  EVENT_SETUP_ERROR: ts.event.setupError,
  EVENT_DENIED: ts.event.denied,
  EVENT_HELD: ts.event.held,
  EVENT_RELEASED: ts.event.released,
  EVENT_DROPPED: ts.event.dropped,
  EVENT_EXIT: ts.event.exit,
  EVENT_NOTICE: ts.event.notice,
  COMMAND_VERDICT: ts.command.verdict,
  COMMAND_ADD_RULE: ts.command.addRule,
  COMMAND_REMOVE_RULE: ts.command.removeRule,
  COMMAND_SET_MODE: ts.command.setMode,
  COMMAND_TERMINATE: ts.command.terminate,
  COMMAND_SIGNAL: ts.command.signal,
  RELEASED_DENIED: ts.releaseOutcomes.indexOf('denied'),
  RELEASED_ALLOWED: ts.releaseOutcomes.indexOf('allowed'),
  RELEASED_GONE: ts.releaseOutcomes.indexOf('caller-gone'),
  RELEASED_SUSPENDED: ts.releaseOutcomes.indexOf('suspended'),
  RELEASED_CHANGED: ts.releaseOutcomes.indexOf('changed'),
  REASON_RULE: ts.reasons.indexOf('denied-by-rule'),
  REASON_NOT_GRANTED: ts.reasons.indexOf('not-granted'),
  REASON_INSUFFICIENT: ts.reasons.indexOf('insufficient-access'),
  REASON_UNREADABLE: ts.reasons.indexOf('caller-unreadable'),
  REASON_NOT_BROKERED: ts.reasons.indexOf('not-brokered'),
  REASON_TOO_MANY: ts.reasons.indexOf('too-many-held'),
  REASON_USER: ts.reasons.indexOf('denied-by-user'),
  REASON_CHANGED: ts.reasons.indexOf('object-changed'),
  REASON_CANNOT: ts.reasons.indexOf('cannot-perform'),
  REASON_COMMAND: ts.reasons.indexOf('refused-command'),
};

test('both sides mean the same numbers', () => {
  const said = ask(program, [])
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  for (const [name = '', value] of said) {
    const [, kind, word = ''] = /^(VERB|OBJECT)_(.*)$/.exec(name) ?? [];
    const table: readonly string[] = kind === 'VERB' ? ts.verbs : ts.objectKinds;
    const expected = kind === undefined ? pairs[name] : table.indexOf(word.toLowerCase());
    assert.equal(expected, Number(value), name);
  }
  assert.deepEqual(
    Object.keys(pairs).filter((name) => !said.some(([s]) => s === name)),
    [],
  );
});

test('events written by C are read by TypeScript, whatever the chunks', async () => {
  // A socket as the launcher has it: Node's stdio pipes are socket pairs.
  const child = spawn(program, ['events'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (c: Buffer) => chunks.push(c));
  await once(child, 'close');
  const bytes = Buffer.concat(chunks);
  const record = {
    pid: 1,
    tid: 2,
    parentPid: 3,
    verb: 'creat',
    access: 'readwrite',
    reason: 'object-changed',
    ruleId: ts.NO_RULE,
    object: 'directory',
    path: '/a\n\x1b[1m/b',
    comm: 'c o)m',
    parentComm: '',
    other: { path: '/from', first: true, allowed: false },
  };
  const net = {
    pid: 1,
    tid: 2,
    parentPid: 3,
    reason: 'not-granted',
    ruleId: ts.NO_RULE,
    comm: 'c',
    parentComm: 'p',
  };
  const expected = [
    { type: 'ready', abi: 7, guardianPid: 10, supervisorPid: 11, childPid: 12, features: 3 },
    { type: 'setup-error', errno: 13, exitCode: 126, step: 'do a thing', object: '/objéct' },
    { type: 'denied', record },
    { type: 'held', holdId: 0x1122334455667788n, record },
    { type: 'net-denied', net: { ...net, verb: 'sendto', protocol: 'udp', family: 6, address: '2001::1', port: 53 } },
    {
      type: 'net-held',
      holdId: 9n,
      net: { ...net, verb: 'sendto', protocol: 'tcp', family: 4, address: '192.0.2.1', port: 65535 },
    },
    { type: 'name-answer', server: '192.0.2.1', message: Buffer.from('a\0b') },
    { type: 'released', holdId: 5n, outcome: 'changed' },
    { type: 'notice', text: 'a word' },
    { type: 'exit', signalled: true, code: 9 },
    { type: 'dropped', count: 4 },
  ];
  assert.deepEqual(new EventDecoder().push(bytes), expected);
  const slow = new EventDecoder();
  assert.deepEqual(
    [...bytes].flatMap((_, i) => slow.push(bytes.subarray(i, i + 1))),
    expected,
  );
});

const netRule: NetRule = {
  id: 78,
  verdict: 'allow',
  operations: ts.netOperation.all,
  protocols: ts.netProtocol.udp,
  family: 6,
  prefix: 128,
  address: parseAddress('fe80::9')?.bytes ?? new Uint8Array(),
  firstPort: 80,
  lastPort: 443,
};

test('what is no network rule is not sent, and addresses keep their meaning as text', () => {
  const wrong: Partial<NetRule>[] = [
    { verdict: 'deny' },
    { operations: 0 },
    { protocols: 4 },
    { prefix: 64 },
    { family: 4 },
    { firstPort: 444 },
    { id: ts.NO_RULE },
  ];
  for (const part of wrong)
    assert.throws(() => encodeCommand({ type: 'add-net-rule', rule: { ...netRule, ...part } }), JSON.stringify(part));
  const mapped = { ...netRule, address: Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1]) };
  assert.throws(() => encodeCommand({ type: 'add-net-rule', rule: mapped }));
  for (const [text, back] of [
    ['0.0.0.0', '0.0.0.0'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:0:2:0:3:0:4:5', '1:0:2:0:3:0:4:5'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ] as const) {
    const parsed = parseAddress(text);
    assert.ok(parsed, text);
    assert.equal(formatAddress(parsed), back);
  }
  for (const text of ['', '1.2.3', '010.0.0.1', '1.2.3.4/8', 'fe80::1%lo', '[::1]', 'localhost', '1:2', '0x7f000001'])
    assert.equal(parseAddress(text), undefined, text);
});

test('commands written by TypeScript are read by C', () => {
  const commands: SupervisorCommand[] = [
    { type: 'verdict', holdId: 0x1122334455667788n, allow: true },
    { type: 'verdict', holdId: 1n, allow: false },
    { type: 'add-rule', id: 77, verdict: 'override', kind: 'exact', access: 'write', path: '/a b/é' },
    { type: 'add-rule', id: 78, verdict: 'allow', kind: 'pattern', access: 'read', path: '/a/*.txt' },
    { type: 'remove-rule', id: 77 },
    { type: 'add-net-rule', rule: netRule },
    { type: 'remove-net-rule', id: 78 },
    { type: 'set-mode', mode: 'ask' },
    { type: 'terminate', signal: 15 },
    { type: 'signal', signal: 1 },
  ];
  const said = Buffer.from(ask(program, ['commands'], Buffer.concat(commands.map(encodeCommand))), 'latin1').toString();
  assert.equal(
    said,
    [
      `101 ${0x1122334455667788n} 0 0 0 0 1 -`,
      '101 1 0 0 0 0 0 -',
      '102 0 77 2 1 2 0 /a b/é',
      '102 0 78 1 2 1 0 /a/*.txt',
      '103 0 77 0 0 0 0 -',
      '107 78 1 3 2 6 128 254.9 80-443',
      '108 0 78 0 0 0 0 -',
      '104 0 0 0 0 0 2 -',
      '105 0 0 0 0 0 15 -',
      '106 0 0 0 0 0 1 -',
      'end 0 left 0',
      '',
    ].join('\n'),
  );
});
