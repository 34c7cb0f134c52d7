/** Internet sockets that a command is started on, with the network blocked: none can be made inside, so these are all there are. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { optionFlag } from '../../../src/sandbox/linux/constants.ts';
import type { NetRule } from '../../../src/sandbox/linux/net-rule.ts';
import { encodePlan } from '../../../src/sandbox/linux/plan-format.ts';
import { installed } from '../../helpers/installed.ts';
import { users } from '../../helpers/users.ts';
import { launcher, makeWorld, plan } from '../session.ts';
import { bytes, rule } from '../sockets/sockets.ts';

const { blockNet, supervise, allowDegraded } = optionFlag;
const BOUND = "socket.socket()\ns.bind(('127.0.0.1', 0))";
const CONNECTED = `socket.socket()
l = socket.create_server(('127.0.0.1', 0))
s.connect(l.getsockname())
if os.fork() == 0:
    s.close()
    l.accept()[0].recv(9)
    os._exit(0)`;
const UDP = 'socket.socket(type=socket.SOCK_DGRAM)';

for (const user of users)
  describe(user.name, { skip: !installed('python3') }, () => {
    /** Python with the socket as standard input; `what` is done with it, and prints. */
    const run = (
      flags: number,
      made: string,
      what: string | readonly string[],
      net: readonly NetRule[] = [],
    ): string => {
      const file = join(makeWorld(user).base, 'plan');
      writeFileSync(file, encodePlan({ ...plan({ flags }), net }));
      const tries = [what].flat().map((one) => `try: print(${one})\nexcept OSError as e: print(e.errno)\n`);
      const inside = `import socket\ns = socket.socket(fileno=0)\n${tries.join('')}`;
      const start = `import os, socket, sys\ns = ${made}\nos.dup2(s.fileno(), 0)\nos.execv(sys.argv[1], sys.argv[1:])`;
      const words = [launcher(), '--plan', file, '--', '/usr/bin/python3', '-c', inside];
      const [program = '', ...args] = [...user.prefix, '/usr/bin/python3', '-c', start, ...words];
      const done = spawnSync(program, args, { encoding: 'utf8', env: {}, cwd: '/' });
      return done.stdout + done.stderr;
    };

    test('the supervisor lets none connect, listen or send to an address, whether local sockets are mediated or not', () => {
      const connect = "s.connect(('127.0.0.1', 9))";
      const sends = ["s.sendto(b'x', ('127.0.0.1', 9))", "s.sendmsg([b'x'], [], 0, ('127.0.0.1', 9))"];
      const joins = 's.setsockopt(0, 35, bytes([239, 1, 1, 1, 127, 0, 0, 1]))';
      for (const flags of [supervise | blockNet, supervise | blockNet | optionFlag.unixRules]) {
        assert.equal(run(flags, BOUND, ['s.listen()', connect]), '13\n13\n');
        assert.equal(run(flags, UDP, [connect, ...sends, joins]), '13\n13\n13\n1\n');
      }
      assert.equal(run(supervise | blockNet, CONNECTED, "s.send(b'x')"), '1\n');
    });

    test('a stream that is no TCP is not taken for it', (t) => {
      const net = [rule({ family: 4, prefix: 8, address: bytes(127), protocols: 1 })];
      const connect = (made: string): string =>
        run(supervise | optionFlag.netRules, made, "s.connect(('127.0.0.1', 9))", net);
      assert.equal(connect('socket.socket()'), '111\n');
      const other = connect('socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)');
      // Made outside, before nono starts: what this kernel lacks, not what is refused.
      if (/Protocol not/.test(other)) return t.skip('this kernel has no MPTCP');
      assert.equal(other, '13\n');
    });

    test('what a family alone understands is not said to it by the supervisor: it may name memory, as for RDS', (t) => {
      const made = 'socket.socket(40, socket.SOCK_STREAM)';
      const flags = supervise | optionFlag.unixRules;
      const sent = (level: number): string => run(flags, made, `s.sendmsg([b'x'], [(${level}, 1, bytes(48))])`);
      const plain = run(flags, made, "s.sendmsg([b'x'])");
      // Made outside as well.
      if (/Address family/.test(plain)) return t.skip('this kernel has no vsock');
      assert.equal(plain, '107\n');
      assert.equal(sent(276), '22\n');
    });

    test('without a supervisor it starts on none that could be sent to anybody', () => {
      const refused =
        /^nono: hold network rules without a supervisor: standard input is a socket that can send to any /;
      for (const made of [UDP, BOUND]) assert.match(run(blockNet, made, '"started"'), refused);
      assert.equal(run(blockNet | allowDegraded, UDP, '"started"'), 'started\n');
      assert.equal(run(0, UDP, '"started"'), 'started\n');
      // To its own peer, and to no other by what Landlock is not asked of.
      assert.equal(run(blockNet, CONNECTED, "s.send(b'x')"), '1\n');
      const MSG_FASTOPEN = '0x20000000';
      assert.equal(run(blockNet | allowDegraded, BOUND, `s.sendto(b'x', ${MSG_FASTOPEN}, ('127.0.0.1', 9))`), '95\n');
    });
  });
