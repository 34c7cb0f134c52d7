import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { describe, test } from 'node:test';
import { decideNetwork, netAccess } from '../../../src/policy/decide/decide-network.ts';
import {
  EndpointProblem,
  endpointText,
  endpointWithin,
  masked,
  parseEndpoints,
} from '../../../src/policy/decide/net-endpoint.ts';
import { netOperation, netProtocol } from '../../../src/sandbox/linux/constants.ts';
import { formatAddress, parseAddress } from '../../../src/sandbox/linux/net-address.ts';
import { type NetRule, netRuleFault } from '../../../src/sandbox/linux/net-rule.ts';
import { random } from '../support.ts';

test('10,000 words are addresses exactly where node:net says so', () => {
  const next = random(4711);
  const pick = <T>(from: readonly T[]): T => from[next(from.length)] as T;
  const pieces = [
    '0',
    '1',
    '9',
    '255',
    '256',
    '01',
    'f',
    'FFFF',
    '10000',
    'g',
    '',
    ' ',
    '%',
    '1.2.3.4',
    '1.2.3',
    '-1',
    '1e1',
  ];
  let [v4, v6] = [0, 0];
  for (let i = 0; i < 10_000; i++) {
    const separator = pick(['.', ':', ':', ':']);
    const length = pick([1, 2, 4, 4, 6, 7, 8, 8, 8, 9]);
    const common = pick([pieces, pieces.slice(0, 4), ['0', '1', 'f', 'FFFF'], ['0', '1', 'f', '1.2.3.4']]);
    let text = Array.from({ length }, () => pick(common)).join(separator);
    if (separator === ':' && next(2) === 0) text = text.replace(/:[^:]*(:|$)/, '::');
    if (next(20) === 0) text += pick(['\n', '::', ':', '.', '/8', '%eth0']);
    const expected = isIPv4(text) ? 4 : isIPv6(text) && !text.includes('%') ? 6 : undefined;
    const found = parseAddress(text);
    assert.equal(found !== undefined, expected !== undefined, JSON.stringify(text));
    if (found !== undefined) {
      // The system's own reading of the same text, as a URL shows it.
      const shown = new URL(expected === 6 ? `http://[${text}]/` : `http://${text}/`).hostname;
      const own = found.family === 6 ? `[${formatAddress(found)}]` : formatAddress(found);
      if (found.family === expected) assert.equal(own, shown, text);
      if (expected === 4) v4++;
      else v6++;
    }
  }
  assert.ok(v4 > 100 && v6 > 100, `${v4} and ${v6} were addresses`);
});

describe('endpoints as text', () => {
  const same = [
    ['127.0.0.1:80', '127.0.0.1:80'],
    ['tcp://127.0.0.1:80', '127.0.0.1:80'],
    ['udp://8.8.8.8:53', 'udp://8.8.8.8:53'],
    ['[::1]:443', '[::1]:443'],
    ['[0:0:0:0:0:0:0:1]:443', '[::1]:443'],
    ['10.0.0.0/8:*', '10.0.0.0/8:*'],
    ['[fd00::/8]:8000-8010', '[fd00::/8]:8000-8010'],
    ['*:443', '*:443'],
    ['[::ffff:10.0.0.1]:80', '10.0.0.1:80'],
    ['[::ffff:10.0.0.0/104]:80', '10.0.0.0/8:80'],
    ['0.0.0.0/0:80', '0.0.0.0/0:80'],
  ] as const;
  for (const [written, canonical] of same) {
    test(`${written} is ${canonical}, and that reads back`, () => {
      const [endpoint, ...more] = parseEndpoints(written);
      assert.ok(endpoint);
      assert.equal(more.length, 0);
      assert.equal(endpointText(endpoint), canonical);
      assert.deepEqual(parseEndpoints(canonical), [endpoint]);
    });
  }

  test('localhost is both loopbacks', () => {
    assert.deepEqual(parseEndpoints('localhost:5432').map(endpointText), ['127.0.0.0/8:5432', '[::1]:5432']);
  });

  // What inet_aton, getaddrinfo or a URL parser would take for another address than it looks.
  const refused = [
    '0177.0.0.1:80',
    '0x7f.0.0.1:80',
    '127.1:80',
    '2130706433:80',
    '127.0.0.01:80',
    '127.0.0.1.:80',
    ' 127.0.0.1:80',
    '127.0.0.1 :80',
    '127.0.0.1',
    '127.0.0.1:',
    ':80',
    '127.0.0.1:080',
    '127.0.0.1:0x50',
    '127.0.0.1:8e1',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    '127.0.0.1:-1',
    '127.0.0.1:90-80',
    '127.0.0.1:80-90-100',
    '::1:80',
    '[::1%lo]:80',
    '[fe80::1%25eth0]:80',
    '[127.0.0.1]:80',
    '[::1:80',
    '::1]:80',
    '10.1.2.3/8:80',
    '10.0.0.0/33:80',
    '10.0.0.0/08:80',
    '10.0.0.0/8/8:80',
    '[::ffff:10.0.0.0/8]:80',
    'example.com:443',
    'user@127.0.0.1:80',
    'http://127.0.0.1:80',
    'udp://udp://127.0.0.1:80',
    '１２７.0.0.1:80',
    '127.0.0.1:80\n',
    '127.0.0.1\0:80',
    '',
  ];
  for (const text of refused) {
    test(`refused: ${JSON.stringify(text)}`, () => assert.throws(() => parseEndpoints(text), EndpointProblem));
  }

  test('any text either is refused or reads back as itself and makes a valid rule', () => {
    const r = random(Number(process.env['NONO_TEST_SEED'] ?? 11));
    const pieces = ['127', '0', '.', ':', '/', '8', '[', ']', 'fd00', '::', '80', '-', '*', 'udp://', '%', 'localhost'];
    const seeds = ['127.0.0.1:80', '[fd00::1]:443', '10.0.0.0/8:*', 'udp://[fd00::/8]:1-9', '*:53', 'localhost:80'];
    let taken = 0;
    for (let i = 0; i < 40_000; i++) {
      let text = seeds[r(seeds.length)] as string;
      for (let n = r(4); n > 0; n--) {
        const at = r(text.length + 1);
        text = text.slice(0, at) + pieces[r(pieces.length)] + text.slice(at + r(3));
      }
      let endpoints: ReturnType<typeof parseEndpoints>;
      try {
        endpoints = parseEndpoints(text);
      } catch (error) {
        assert.ok(error instanceof EndpointProblem, text);
        continue;
      }
      taken += 1;
      for (const endpoint of endpoints) {
        assert.deepEqual(parseEndpoints(endpointText(endpoint)), [endpoint], text);
        assert.equal(netRuleFault({ id: 0, verdict: 'allow', operations: 1, protocols: 1, ...endpoint }), undefined);
        assert.ok(endpointWithin(endpoint, endpoint));
      }
    }
    assert.ok(taken > 10_000 && taken < 39_000, String(taken));
  });
});

function allow(text: string, operation: 'connect' | 'bind' = 'connect', id = 0): NetRule[] {
  return parseEndpoints(text).map((e, i) => ({
    id: id + i,
    verdict: 'allow' as const,
    operations: netOperation[operation],
    protocols: netProtocol[e.protocol],
    ...e,
  }));
}

function verdict(rules: readonly NetRule[], address: string, port: number, operation: 'connect' | 'bind' = 'connect') {
  const asked = netAccess(operation, 'tcp', address, port);
  return asked === undefined ? 'no address' : decideNetwork(rules, asked).verdict;
}

describe('decideNetwork', () => {
  test('without a rule nothing is allowed; another port, protocol, operation or address is not either', () => {
    const rules = allow('127.0.0.1:80');
    assert.equal(verdict([], '127.0.0.1', 80), 'deny');
    assert.equal(verdict(rules, '127.0.0.1', 80), 'allow');
    assert.equal(verdict(rules, '::ffff:127.0.0.1', 80), 'allow');
    assert.equal(verdict(rules, '0.0.0.0', 80), 'allow', 'the kernel connects to this host');
    for (const [address, port] of [
      ['127.0.0.1', 81],
      ['127.0.0.2', 80],
      ['::1', 80],
      ['::7f00:1', 80],
    ] as const)
      assert.equal(verdict(rules, address, port), 'deny', `${address} ${port}`);
    assert.equal(verdict(rules, '127.0.0.1', 80, 'bind'), 'deny');
    assert.equal(verdict(allow('udp://127.0.0.1:80'), '127.0.0.1', 80), 'deny');
  });

  test('binding to every address needs a rule for every address', () => {
    assert.equal(verdict(allow('127.0.0.0/8:80', 'bind'), '0.0.0.0', 80, 'bind'), 'deny');
    assert.equal(verdict(allow('*:80', 'bind'), '::', 80, 'bind'), 'allow');
    assert.equal(verdict(allow('0.0.0.0/0:80', 'bind'), '::', 80, 'bind'), 'deny');
    assert.equal(verdict(allow('0.0.0.0/0:80', 'bind'), '0.0.0.0', 80, 'bind'), 'allow');
  });

  test('what other parsers read as an address is none', () => {
    for (const text of ['0177.0.0.1', '0x7f000001', '127.1', '2130706433', '127.0.0.1.', 'fe80::1%lo', '[::1]', ''])
      assert.equal(verdict(allow('*:80'), text, 80), 'no address', text);
  });

  const deny = (text: string, id: number): NetRule[] =>
    allow(text, 'connect', id).map((r) => ({ ...r, verdict: 'deny' }));
  const lift = (text: string, id: number): NetRule[] =>
    allow(text, 'connect', id).map((r) => ({ ...r, verdict: 'override' }));

  test('a denied range beats every allow, in each of its disguises', () => {
    const rules = [
      ...deny('169.254.0.0/16:*', 0),
      ...allow('*:*', 'connect', 1),
      ...allow('169.254.169.254:80', 'connect', 5),
    ];
    for (const address of [
      '169.254.169.254',
      '::ffff:169.254.169.254',
      '2002:a9fe:a9fe::1',
      '64:ff9b::a9fe:a9fe',
      '::a9fe:a9fe',
    ])
      assert.equal(verdict(rules, address, 80), 'deny', address);
    assert.equal(verdict(rules, '169.253.0.1', 80), 'allow');
  });

  test('only a rule as narrow as the denied range lifts it, and only where it covers', () => {
    const rules = [...deny('169.254.0.0/16:*', 0), ...deny('169.254.169.254:*', 1), ...allow('*:*', 'connect', 2)];
    assert.equal(verdict([...rules, ...lift('0.0.0.0/0:*', 9)], '169.254.1.1', 80), 'deny');
    assert.equal(verdict([...rules, ...lift('169.254.0.0/16:*', 9)], '169.254.1.1', 80), 'allow');
    assert.equal(verdict([...rules, ...lift('169.254.0.0/16:*', 9)], '169.254.169.254', 80), 'deny');
    assert.equal(verdict([...rules, ...lift('169.254.169.254:80', 9)], '169.254.169.254', 80), 'allow');
    assert.equal(verdict([...rules, ...lift('169.254.169.254:80', 9)], '169.254.169.254', 81), 'deny');
    assert.equal(verdict([...rules, ...lift('169.254.169.254:80', 9)], '64:ff9b::a9fe:a9fe', 80), 'deny');
    assert.equal(
      verdict([...deny('10.0.0.1:*', 0), ...lift('10.0.0.1:80', 1)], '10.0.0.1', 80),
      'deny',
      'it grants nothing',
    );
  });

  test('narrowing a prefix never widens an answer: 20,000 random questions', () => {
    const r = random(Number(process.env['NONO_TEST_SEED'] ?? 5));
    let allowed = 0;
    for (let i = 0; i < 20_000; i++) {
      const bytes = Uint8Array.from({ length: 16 }, (_, k) => (k < 4 ? ([10, r(4), r(4), r(4)][k] ?? 0) : 0));
      const prefix = r(33);
      const wide = {
        id: 0,
        verdict: 'allow',
        operations: 1,
        protocols: 1,
        family: 4,
        prefix,
        address: masked(bytes, prefix),
        firstPort: 1,
        lastPort: 9,
      } as const;
      const narrower = prefix + r(33 - prefix);
      const narrow = { ...wide, prefix: narrower, address: masked(bytes, narrower) };
      const address = formatAddress({ family: 4, bytes: Uint8Array.of(10, r(4), r(4), r(4)) });
      const [a, b] = [verdict([wide], address, 5), verdict([narrow], address, 5)];
      if (b === 'allow') {
        allowed += 1;
        assert.equal(a, 'allow', `${address} ${prefix} ${narrower}`);
      }
      assert.ok(parseAddress(address));
    }
    assert.ok(allowed > 1000);
  });
});
