/** Rows and approvals of internet addresses and unix sockets, without a terminal. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encode } from 'dns-packet';
import { columnsFor, oneLine, twoLines } from '../../../components/row-columns.ts';
import { glyphs } from '../../../components/theme.ts';
import { NO_RULE, netOperation, netProtocol } from '../../../src/sandbox/linux/constants.ts';
import { formatAddress } from '../../../src/sandbox/linux/net-address.ts';
import type { NetRecord, SupervisorCommand } from '../../../src/sandbox/linux/wire.ts';
import { addressNote } from '../../../src/session/rows/net-target.ts';
import { record } from '../../terminal/helpers.ts';
import { Bench, netRules } from '../support.ts';

function net(change: Partial<NetRecord> = {}): NetRecord {
  return {
    pid: 42,
    tid: 42,
    parentPid: 7,
    verb: 'connect',
    reason: 'not-granted',
    ruleId: NO_RULE,
    protocol: 'tcp',
    family: 4,
    address: '192.0.2.1',
    port: 443,
    comm: 'curl',
    parentComm: 'bash',
    ...change,
  };
}

function asking(...events: readonly ((bench: Bench) => void)[]): Bench {
  const bench = new Bench();
  bench.session.startAsking();
  for (const step of events) step(bench);
  bench.sent.length = 0;
  return bench;
}
const hold =
  (holdId: bigint, change: Partial<NetRecord> = {}) =>
  (bench: Bench) =>
    bench.session.event({ type: 'net-held', holdId, net: net(change) });
const deny =
  (change: Partial<NetRecord> = {}) =>
  (bench: Bench) =>
    bench.session.event({ type: 'net-denied', net: net(change) });
const focus = (bench: Bench) => bench.focusList();

/** `allow op1 pr1 192.0.2.1/32 443-443`. */
function said(command: SupervisorCommand | undefined): string {
  if (command?.type !== 'add-net-rule') return command?.type ?? 'nothing';
  const { verdict, operations, protocols, family, prefix, address, firstPort, lastPort } = command.rule;
  const where = family === 0 ? 'any' : formatAddress({ family, bytes: address });
  return `${verdict} op${operations} pr${protocols} ${where}/${prefix} ${firstPort}-${lastPort}`;
}

const answer =
  (server: string, name: string, ...data: readonly string[]) =>
  (bench: Bench) => {
    const alias = `alias.${name}`;
    const message = encode({
      type: 'response',
      questions: [{ type: 'A', name }],
      answers: [
        { type: 'CNAME', name, data: alias },
        ...data.map((address) =>
          address.includes(':')
            ? ({ type: 'AAAA', name: alias, data: address } as const)
            : ({ type: 'A', name: alias, data: address } as const),
        ),
        { type: 'A', name: 'another.example', data: '192.0.2.9' },
      ],
    });
    bench.session.event({ type: 'name-answer', server, message });
  };
const texts = (bench: Bench) =>
  bench.shown().model.list.rows.map((row) => (row.name === '' ? row.path : `${row.path} ${row.name}`));

describe('names', () => {
  test('a row shows the name that was looked up for its address, through aliases', () => {
    const bench = asking(
      answer('192.0.2.53', 'Example.ORG', '192.0.2.1', '2001:DB8:0::7'),
      hold(1n),
      hold(2n, { family: 6, address: '2001:db8::7' }),
    );
    assert.deepEqual(texts(bench), ['tcp 192.0.2.1:443 example.org', 'tcp [2001:db8::7]:443 example.org']);
  });
  test('the latest name counts, and a row that is there already learns it when it is asked again', () => {
    const bench = asking(
      hold(1n),
      answer('192.0.2.53', 'a.example', '192.0.2.1'),
      answer('192.0.2.53', 'b.example', '192.0.2.1'),
    );
    assert.deepEqual(texts(bench), ['tcp 192.0.2.1:443']);
    hold(2n)(bench);
    assert.deepEqual(texts(bench), ['tcp 192.0.2.1:443 b.example']);
  });
  test('no name comes from another name server, from what was not asked for, or from bytes that are no answer', () => {
    const bench = asking(
      answer('192.0.2.54', 'trusted.example', '192.0.2.1'),
      answer('192.0.2.53', 'x.example', '192.0.2.2'),
      answer('192.0.2.53', 'bad\u202ename.example', '192.0.2.1'),
      answer('192.0.2.53', 'a b.example', '192.0.2.1'),
      (b) => b.session.event({ type: 'name-answer', server: '192.0.2.53', message: Buffer.from([1, 2, 3]) }),
      hold(1n),
      hold(2n, { address: '192.0.2.9' }),
    );
    assert.deepEqual(texts(bench), ['tcp 192.0.2.1:443', 'tcp 192.0.2.9:443']);
  });
  test('the whole address stays in sight, and the name as far as there is room', () => {
    const bench = asking(answer('192.0.2.53', 'packages.example.org', '192.0.2.1'), hold(1n));
    const row = bench.shown().model.list.rows[0];
    assert.ok(row);
    const g = glyphs(false);
    assert.equal(twoLines(row, 60, g).first.trimEnd(), 'tcp 192.0.2.1:443 packages.example.org');
    const narrow = twoLines(row, 41, g);
    assert.equal(narrow.first.trimEnd(), 'tcp 192.0.2.1:443');
    assert.match(narrow.second ?? '', /^ {2}packages\.example\.org +not granted {2}now $/);
    const columns = columnsFor([row], 100, g);
    assert.match(oneLine(row, 100, g, columns).first, /^tcp 192\.0\.2\.1:443 packages\.example\.org /);
    const line = oneLine(row, 62, g, columnsFor([row], 62, g)).first;
    assert.match(line, /^tcp 192\.0\.2\.1:443 /);
  });
  test('any bytes are taken without an exception', () => {
    const bench = new Bench();
    let seed = 1;
    for (let i = 0; i < 3000; i++) {
      const message = Buffer.alloc(i % 80);
      for (let at = 0; at < message.length; at++) {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        message[at] = at < 12 ? ([0, 0, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0][at] ?? 0) : seed >>> 24;
      }
      bench.session.event({ type: 'name-answer', server: '192.0.2.53', message });
    }
  });
});

describe('rows', () => {
  test('a held connect says what, where and who', () => {
    const bench = asking(hold(1n));
    const { model } = bench.shown();
    const row = model.list.rows[0];
    assert.deepEqual(
      [row?.state.text, row?.verb, row?.path, row?.process],
      ['HELD', 'connect', 'tcp 192.0.2.1:443', 'curl(42) ← bash'],
    );
    assert.equal(model.alert, '1 held · Ctrl-\\ d');
  });

  test('binding, listening and sending have their own words; IPv6 is in brackets', () => {
    const bench = asking(
      deny({ verb: 'bind', address: '0.0.0.0', port: 8080 }),
      deny({ verb: 'listen', address: '::', family: 6, port: 0 }),
      deny({ verb: 'sendto', protocol: 'udp', address: '2001:db8::1', family: 6, port: 53 }),
    );
    assert.deepEqual(
      bench.shown().model.list.rows.map((row) => `${row.verb} ${row.path}`),
      ['bind tcp 0.0.0.0:8080', 'listen tcp [::]:any', 'send udp [2001:db8::1]:53'],
    );
  });

  test('the same endpoint again is counted, another port or process is another row', () => {
    const bench = asking(
      deny(),
      deny({ pid: 43 }),
      deny({ port: 80 }),
      deny({ comm: 'wget' }),
      deny({ protocol: 'udp' }),
    );
    const { rows } = bench.shown().model.list;
    assert.deepEqual(
      rows.map((row) => `${row.path} ${row.count}`),
      ['tcp 192.0.2.1:443 2', 'tcp 192.0.2.1:80 1', 'tcp 192.0.2.1:443 1', 'udp 192.0.2.1:443 1'],
    );
  });

  test('a name that hides control characters is shown escaped', () => {
    const bench = asking(hold(1n, { comm: 'x\x1b[2J\u202e' }));
    assert.equal(bench.shown().model.list.rows[0]?.process, 'x\\x1b[2J\\u{202e}(42) ← bash');
  });

  test('the filter finds addresses as they are shown', () => {
    const bench = asking(deny(), deny({ address: '198.51.100.7', port: 22 }), focus);
    bench.press('/', ...'198.51.100.7:22', 'enter');
    assert.deepEqual(
      bench.shown().model.list.rows.map((row) => row.path),
      ['tcp 198.51.100.7:22'],
    );
  });

  test('an address is said to be what it is, without asking anybody', () => {
    for (const [address, what] of [
      ['127.0.0.1', /this host/],
      ['::1', /this host/],
      ['0.0.0.0', /every address/],
      ['10.1.1.1', /private/],
      ['fd12::1', /private/],
      ['169.254.169.254', /credentials/],
      ['fe80::1', /link-local/],
      ['fd00:ec2::254', /AWS/],
      ['224.0.0.251', /multicast/],
      ['93.184.216.34', /public internet/],
    ] as const)
      assert.match(addressNote(address), what, address);
  });
});

describe('floods', () => {
  test('a scan of ports folds into one row for the host, which can be allowed or denied as a whole', () => {
    const bench = asking();
    for (let port = 1; port <= 300; port += 1) hold(BigInt(port), { port })(bench);
    const { rows } = bench.shown().model.list;
    assert.ok(rows.length <= 7, String(rows.length));
    assert.match(rows.at(-1)?.path ?? '', /^tcp 192\.0\.2\.1 \(2\d\d ports\)$/);
    bench.focusList();
    bench.sent.length = 0;
    bench.press('G', 'a');
    assert.deepEqual(bench.sent, []);
    bench.press('s');
    assert.deepEqual(bench.sent.map(said), [
      `allow op${netOperation.connect} pr${netProtocol.tcp} 192.0.2.1/32 1-65535`,
    ]);
  });

  test('many hosts fold too, and are never allowed at once', () => {
    const bench = asking();
    for (let i = 0; i < 200; i += 1) hold(BigInt(i + 1), { address: `198.51.${i}.1` })(bench);
    const { rows } = bench.shown().model.list;
    assert.ok(rows.length < 40, String(rows.length));
    assert.match(rows.at(-1)?.path ?? '', /^tcp \(\d+ addresses and ports\)$/);
    bench.focusList();
    bench.sent.length = 0;
    bench.press('G', 's', 'p', 'y');
    assert.equal(bench.sent.length, 0);
    bench.press('x');
    assert.ok(bench.sent.length > 100);
    assert.ok(bench.sent.every((command) => command.type === 'verdict' && !command.allow));
  });
});

describe('approving', () => {
  const one = `op${netOperation.connect} pr${netProtocol.tcp}`;

  test('once answers the call and adds no rule', () => {
    const bench = asking(hold(7n), focus);
    bench.press('a');
    assert.deepEqual(bench.sent, [{ type: 'verdict', holdId: 7n, allow: true }]);
  });

  test('session: this host and port; f widens to the host, then to the port, and round', () => {
    for (const [keys, rule, shown, name] of [
      [[], '192.0.2.1/32 443-443', 'tcp 192.0.2.1:443', 'example.org'],
      [['f'], '192.0.2.1/32 1-65535', 'tcp 192.0.2.1:*', '(any port)'],
      [['f', 'f'], 'any/0 443-443', 'tcp *:443', '(any address)'],
      [['f', 'f', 'f'], '192.0.2.1/32 443-443', 'tcp 192.0.2.1:443', 'example.org'],
    ] as const) {
      const bench = asking(answer('192.0.2.53', 'example.org', '192.0.2.1'), hold(1n), focus);
      bench.press(...keys);
      const row = bench.shown().model.list.rows[0];
      assert.deepEqual([row?.path, row?.name], [shown, name]);
      bench.press('s');
      assert.deepEqual(bench.sent.map(said), [`allow ${one} ${rule}`]);
      assert.equal(bench.shown().model.list.rows[0]?.rule.length !== 0, true);
    }
  });

  test('in a narrow list the words for a star give way, not the address; the box over the shell says all', () => {
    const bench = asking(hold(1n), focus);
    bench.press('f');
    const { rows } = bench.shown().model.list;
    const [row] = rows;
    assert.ok(row);
    const narrow = twoLines(row, 31, glyphs(false));
    assert.match(narrow.first, /^tcp ?….*\.1:\* *$/);
    const small = asking(hold(1n), focus);
    small.size.cols = 80;
    small.session.changeLayout('split-right');
    small.press('f');
    const { dialog } = small.shown().model;
    assert.deepEqual(
      dialog?.lines.map((line) => line.map(({ text }) => text).join('')),
      ['tcp 192.0.2.1:* (any port)'],
    );
  });

  test('binding to every address is approved as that, sending over UDP as UDP', () => {
    const bound = asking(hold(1n, { verb: 'bind', address: '0.0.0.0', port: 8080 }), focus);
    bound.press('s');
    assert.deepEqual(bound.sent.map(said), [`allow op${netOperation.bind} pr${netProtocol.tcp} 0.0.0.0/0 8080-8080`]);
    const sent = asking(hold(1n, { verb: 'sendto', protocol: 'udp', port: 53 }), focus);
    sent.press('s');
    assert.deepEqual(sent.sent.map(said), [`allow op${netOperation.connect} pr${netProtocol.udp} 192.0.2.1/32 53-53`]);
  });

  test('profile: the change and its reach are shown, saved first, then granted; z takes both back', async () => {
    const bench = asking(hold(1n), focus);
    bench.press('p');
    const text =
      bench
        .shown()
        .model.dialog?.lines.map((line) => line.map((s) => s.text).join(''))
        .join('\n') ?? '';
    assert.match(text, /allow to connect to tcp 192\.0\.2\.1:443/);
    assert.match(text, /f: host and port \/ host \/ port/);
    assert.equal(bench.sent.length, 0);
    bench.press('y');
    await bench.settle();
    assert.deepEqual(bench.sent.map(said), [`allow ${one} 192.0.2.1/32 443-443`]);
    const added = bench.sent[0];
    bench.sent.length = 0;
    bench.press('z');
    await bench.settle();
    assert.deepEqual(bench.sent, [
      { type: 'remove-net-rule', id: added?.type === 'add-net-rule' ? added.rule.id : -1 },
    ]);
    assert.equal(bench.saver.undone.length, 1);
  });

  test('the key counts only for what was on the screen: no approval by type-ahead', () => {
    const bench = asking(hold(1n));
    bench.focusList();
    bench.session.key('s');
    assert.deepEqual(bench.sent, []);
  });

  test('a rule marks the rows it covers, and no other', () => {
    const bench = asking(
      deny(),
      deny({ comm: 'wget' }),
      deny({ verb: 'bind' }),
      deny({ protocol: 'udp' }),
      deny({ port: 444 }),
      focus,
    );
    bench.press('g', 's');
    assert.deepEqual(
      bench.shown().model.list.rows.map((row) => row.state.text),
      ['allowed', 'allowed', 'denied', 'denied', 'denied'],
    );
  });

  test('no: the call fails, and the next ones without asking', () => {
    const bench = asking(hold(1n), focus);
    bench.press('x');
    hold(2n)(bench);
    assert.deepEqual(bench.sent, [
      { type: 'verdict', holdId: 1n, allow: false },
      { type: 'verdict', holdId: 2n, allow: false },
    ]);
  });
});

describe('metadata services', () => {
  const metadata = {
    address: '169.254.169.254',
    port: 80,
    reason: 'denied-by-rule',
    ruleId: netRules.find((rule) => rule.raw === '169.254.169.254')?.id ?? -1,
  } as const;

  test('no single key opens one: the address has to be typed', async () => {
    const bench = asking(deny(metadata), focus);
    bench.press('a', 's', 'p', 'y');
    assert.deepEqual(bench.sent, []);
    bench.press('o');
    const text =
      bench
        .shown()
        .model.dialog?.lines.map((line) => line.map((s) => s.text).join(''))
        .join('\n') ?? '';
    assert.match(text, /credentials/);
    assert.match(text, /Type the whole address/);
    bench.press(...'169.254.169.25', 'enter', 's');
    assert.deepEqual(bench.sent, []);
    bench.press('C-u', ...'169.254.169.254', 'enter', 's');
    await bench.settle();
    assert.deepEqual(bench.sent.map(said), [
      `override op${netOperation.connect} pr${netProtocol.tcp} 169.254.169.254/32 80-80`,
      `allow op${netOperation.connect} pr${netProtocol.tcp} 169.254.169.254/32 80-80`,
    ]);
    assert.equal(bench.shown().model.list.rows[0]?.state.text, 'lifted');
  });
});

describe('unix sockets', () => {
  const socket = { verb: 'connect', access: 'connect', object: 'other', path: '/run/x/bus' } as const;

  test('a row with its path, approved as that socket, or every socket of the directory', () => {
    for (const [keys, kind, path] of [
      [[], 'exact', '/run/x/bus'],
      [['f'], 'tree', '/run/x'],
    ] as const) {
      const bench = asking((b) => b.session.event({ type: 'held', holdId: 1n, record: record(socket) }), focus);
      const row = bench.shown().model.list.rows[0];
      assert.deepEqual([row?.verb, row?.path], ['connect', '/run/x/bus']);
      bench.press(...keys, 's');
      assert.deepEqual(bench.sent, [{ type: 'add-rule', id: 2, verdict: 'allow', kind, access: 'connect', path }]);
    }
  });

  test('reading a socket file granted does not mark its connect as granted', () => {
    const bench = asking(
      (b) => b.session.event({ type: 'denied', record: record(socket) }),
      (b) => b.session.event({ type: 'denied', record: record({ ...socket, verb: 'openat', access: 'read' }) }),
      focus,
    );
    bench.press('G', 's');
    assert.deepEqual(
      bench.shown().model.list.rows.map((row) => row.state.text),
      ['denied', 'allowed'],
    );
  });
});
