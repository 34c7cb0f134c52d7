/** native/rules/net_rules.c and src/policy/decide/decide-network.ts answer alike, from the bytes of a sockaddr as a program writes it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideNetwork } from '../../../src/policy/decide/decide-network.ts';
import { masked } from '../../../src/policy/decide/net-endpoint.ts';
import { NO_RULE, netOperation, netProtocol, reasons } from '../../../src/sandbox/linux/constants.ts';
import { formatAddress, parseAddress } from '../../../src/sandbox/linux/net-address.ts';
import { encodeNetRule, type NetRule, netRuleFault } from '../../../src/sandbox/linux/net-rule.ts';
import { random } from '../../policy/support.ts';
import { ask, driver } from '../driver.ts';

const program = driver('drivers/net.c', ['net_rules']);
const addresses = [
  '0.0.0.0',
  '127.0.0.1',
  '127.9.9.9',
  '10.1.2.3',
  '169.254.169.254',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  'fe80::1',
  'fd00:ec2::254',
  '2002:a9fe:a9fe::1',
  '64:ff9b::a9fe:a9fe',
  '2001:db8::1',
];
const ports = [0, 1, 53, 80, 81, 443, 65535];
const verdicts = ['deny', 'allow', 'allow', 'override'] as const;

function sockaddr(text: string, port: number, mapped: boolean): Buffer {
  const address = parseAddress(text);
  assert.ok(address, text);
  if (address.family === 4 && !mapped) {
    const out = Buffer.alloc(16);
    out.writeUInt16LE(2, 0);
    out.writeUInt16BE(port, 2);
    out.set(address.bytes.subarray(0, 4), 4);
    return out;
  }
  const out = Buffer.alloc(28);
  out.writeUInt16LE(10, 0);
  out.writeUInt16BE(port, 2);
  // Whatever scope and flow a program gives, the address decides.
  out.writeUInt32LE(0x1234, 4);
  out.writeUInt32LE(7, 24);
  if (address.family === 6) out.set(address.bytes, 8);
  else {
    out.set([0xff, 0xff], 18);
    out.set(address.bytes.subarray(0, 4), 20);
  }
  return out;
}

function randomRule(r: (n: number) => number, id: number): NetRule {
  const pick = <T>(from: readonly T[]): T => from[r(from.length)] as T;
  const base = parseAddress(pick(addresses));
  assert.ok(base);
  const any = r(4) === 0;
  const full = base.family === 4 ? 32 : 128;
  const prefix = any ? 0 : r(3) === 0 ? full : r(full + 1);
  const [a, b] = [pick(ports), pick(ports)];
  return {
    id,
    verdict: pick(verdicts),
    operations: 1 + r(3),
    protocols: 1 + r(3),
    family: any ? 0 : base.family,
    prefix,
    address: any ? new Uint8Array(16) : masked(base.bytes, prefix),
    firstPort: Math.min(a, b),
    lastPort: Math.max(a, b),
  };
}

test('C and TypeScript decide alike over 8,000 random questions', () => {
  const seed = Number(process.env['NONO_TEST_SEED'] ?? 4);
  const r = random(seed);
  const input: string[] = [];
  const expected: string[] = [];
  const questions: string[] = [];
  const seen = { allow: 0, 'denied-by-rule': 0, 'not-granted': 0 };
  for (let round = 0; round < 400; round++) {
    const rules = Array.from({ length: 1 + r(10) }, (_, id) => randomRule(r, id)).filter(
      (rule) => netRuleFault(rule) === undefined,
    );
    input.push('reset', ...rules.map((rule) => `rule ${encodeNetRule(rule).toString('hex')}`));
    for (let i = 0; i < 20; i++) {
      const operation = r(2) === 0 ? 'connect' : 'bind';
      const protocol = r(2) === 0 ? 'tcp' : 'udp';
      const text = addresses[r(addresses.length)] as string;
      const port = ports[r(ports.length)] as number;
      const address = parseAddress(text);
      assert.ok(address);
      const d = decideNetwork(rules, { operation, protocol, address, port });
      seen[d.verdict === 'allow' ? 'allow' : d.reason] += 1;
      const reason = d.verdict === 'allow' ? 0 : reasons.indexOf(d.reason);
      const id = d.verdict === 'allow' || d.reason === 'denied-by-rule' ? d.rule.id : NO_RULE;
      const bytes = sockaddr(text, port, r(2) === 0).toString('hex');
      input.push(`ask ${netOperation[operation]} ${netProtocol[protocol]} ${bytes}`);
      expected.push(`${d.verdict === 'allow' ? 1 : 0} ${reason} ${id}`);
      questions.push(
        `seed ${seed}, round ${round}: ${operation} ${protocol} ${text} ${port} under ${rules.map((x) => `${x.id} ${x.verdict} op${x.operations} pr${x.protocols} ${formatAddress({ family: x.family === 6 ? 6 : 4, bytes: x.address })}/${x.prefix} fam${x.family} ${x.firstPort}-${x.lastPort}`).join('; ')}`,
      );
    }
  }
  const answers = ask(program, [], `${input.join('\n')}\n`)
    .trim()
    .split('\n');
  assert.equal(answers.length, 8000);
  for (const [i, answer] of answers.entries()) assert.equal(answer, expected[i], questions[i]);
  // Random rules that always say the same would compare nothing.
  for (const [what, count] of Object.entries(seen)) assert.ok(count > 400, `${what} ${count}`);
});
