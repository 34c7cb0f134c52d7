/** The network and unix sockets in `nono shell`: a call is held, approved with keys, and succeeds; a denied one sends nothing. The servers are outside and count. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, chownSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createLocalServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, type TestContext, test } from 'node:test';
import { closeTerminals, pause, type TestTerminal } from '../../helpers/terminal.ts';
import { makeHome, users } from '../../helpers/users.ts';
import { enter, inList, interrupt, leaveList, openShell, runLine } from './shell-helpers.ts';

afterEach(closeTerminals);

interface Outside {
  readonly port: number;
  /** Connections, then requests: a refused connect shows in neither. */
  readonly seen: { connections: number; requests: string[] };
}

async function webServer(t: TestContext): Promise<Outside> {
  const seen = { connections: 0, requests: [] as string[] };
  const server = createServer((request, response) => {
    seen.requests.push(request.url ?? '');
    response.end('an answer from outside\n');
  });
  server.on('connection', () => {
    seen.connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, seen };
}

async function udpServer(t: TestContext): Promise<{ port: number; packets: string[] }> {
  const packets: string[] = [];
  const socket = createSocket('udp4', (packet) => packets.push(packet.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return { port: socket.address().port, packets };
}

const ANSWER = 'an answer from outside';
const get = (port: number, path: string) => `curl -sS http://127.0.0.1:${port}/${path}`;
const BLOCKED = ['--allow', '.', '--block-net'];

/** Presses a key in the list until the screen shows what comes of it: on a busy machine a key can come before the row was armed, and does nothing then. */
async function press(t: TestTerminal, name: string, shows: string | RegExp): Promise<void> {
  await inList(t, name);
  for (let i = 0; i < 8; i += 1) {
    const text = await t.text();
    if (typeof shows === 'string' ? text.includes(shows) : shows.test(text)) return;
    await pause(700);
    if ((await t.text()).includes('too early')) t.write(name);
  }
  await t.until(shows);
}

for (const user of users) {
  describe(`nono shell --block-net as ${user.name}`, { timeout: 240_000 }, () => {
    test('a held connect is approved once, and the server has seen the request; the next one is held again, and denied', async (t) => {
      const home = makeHome(user);
      const { port, seen } = await webServer(t);
      const shell = await openShell({ user, home, flags: BLOCKED });
      enter(shell, get(port, 'one'));
      await shell.until(new RegExp(`HELD[\\s\\S]*tcp 127\\.0\\.0\\.1:${port}`));
      await pause(300);
      assert.deepEqual(seen, { connections: 0, requests: [] }, 'nothing is sent while it waits');
      await press(shell, 'a', ANSWER);
      assert.deepEqual(seen.requests, ['/one']);
      await leaveList(shell);
      enter(shell, `clear; ${get(port, 'two')}`);
      await shell.until('1 held');
      await press(shell, 'x', /curl: \(\d+\)/);
      await leaveList(shell);
      assert.deepEqual(seen, { connections: 1, requests: ['/one'] }, 'a denied call sends nothing');
      enter(shell, 'exit 0');
      await shell.untilEnd();
    });

    test('saved to the profile, it succeeds at once in the next session, and nothing beside it', async (t) => {
      const home = makeHome(user);
      const { port, seen } = await webServer(t);
      const other = await webServer(t);
      const first = await openShell({ user, home, flags: BLOCKED });
      enter(first, get(port, 'one'));
      await first.until('1 held');
      await press(first, 'p', 'Save to the profile?');
      for (let i = 0; i < 8 && !(await first.text()).includes(ANSWER); i += 1) {
        await pause(700);
        first.write('y');
      }
      await first.until(ANSWER);
      await leaveList(first);
      enter(first, 'exit 0');
      await first.untilEnd();
      const saved = readFileSync(join(home, '.config/nono/profiles/default-local.jsonc'), 'utf8');
      assert.match(saved, new RegExp(`"allow_connect": \\[\\s*"127\\.0\\.0\\.1:${port}"`));
      const second = await openShell({ user, home, flags: BLOCKED });
      await runLine(second, get(port, 'two'), 'DONE');
      assert.match(await second.text(), new RegExp(ANSWER));
      assert.deepEqual(seen.requests, ['/one', '/two']);
      enter(second, get(other.port, 'three'));
      await second.until('1 held');
      assert.equal(other.seen.connections, 0);
      await interrupt(second);
      enter(second, 'exit 0');
      await second.untilEnd();
      assert.equal(other.seen.connections, 0);
    });

    test('UDP: a datagram is held, sent when approved, and not sent when denied', async (t) => {
      const home = makeHome(user);
      const { port, packets } = await udpServer(t);
      const shell = await openShell({ user, home, flags: BLOCKED });
      const send = (text: string): string =>
        `python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"${text}", ("127.0.0.1", ${port}))'`;
      enter(shell, `${send('yes')}; echo SE''NT`);
      await shell.until(new RegExp(`HELD[\\s\\S]*udp 127\\.0\\.0\\.1:${port}`));
      assert.deepEqual(packets, []);
      await press(shell, 'a', 'SENT');
      await shell.until(() => packets.length > 0);
      assert.deepEqual(packets, ['yes']);
      await leaveList(shell);
      enter(shell, `clear; ${send('no')}; echo EN''DED`);
      await shell.until('1 held');
      await press(shell, 'x', 'ENDED');
      assert.match(await shell.text(), /Permission denied|PermissionError/);
      await pause(200);
      assert.deepEqual(packets, ['yes']);
      await leaveList(shell);
      enter(shell, 'exit 0');
      await shell.untilEnd();
    });

    test('a server that is started inside listens once that is approved; the routes that getaddrinfo asks for hold nobody up', async () => {
      const home = makeHome(user);
      // Below those that the kernel gives to whoever asks for any.
      const port = 10_000 + (process.pid % 20_000);
      const shell = await openShell({ user, home, flags: BLOCKED });
      enter(shell, `python3 -m http.server ${port} >/dev/null 2>&1 &`);
      await shell.until(new RegExp(`HELD +bind +tcp (?:0\\.0\\.0\\.0|\\[::\\]):${port}`));
      assert.doesNotMatch(await shell.text(), /HELD +connect +udp/);
      await press(shell, 's', /allowed +bind/);
      await leaveList(shell);
      enter(shell, `clear; sleep 1; ${get(port, '')} | head -3`);
      await shell.until('1 held');
      await press(shell, 'a', 'DOCTYPE');
      await leaveList(shell);
      enter(shell, 'kill %1; exit 0');
      await shell.untilEnd();
    });

    test('a metadata service is denied at once, and no key approves it', async () => {
      const home = makeHome(user);
      const shell = await openShell({ user, home, flags: [...BLOCKED, '--allow-connect-port', '80'] });
      await runLine(shell, 'curl -sS -m 5 http://169.254.169.254/latest/meta-data/', 'DONE');
      assert.match(await shell.text(), /curl: \(\d+\)/);
      await shell.until(/DENY[\s\S]*tcp 169\.254\.169\.254:80/);
      await inList(shell, 'a', 's', 'p');
      assert.doesNotMatch(await shell.text(), /Save to the profile/);
      await leaveList(shell);
      enter(shell, 'exit 0');
      await shell.untilEnd();
    });
  });

  describe(`unix sockets in nono shell as ${user.name}`, { timeout: 120_000 }, () => {
    test('a socket outside the grants is held as its path; approved it answers, denied nobody connected', async (t) => {
      const home = makeHome(user);
      const path = join(home, 'agent.sock');
      let connections = 0;
      const server = createLocalServer((socket) => {
        connections += 1;
        socket.end('signed by the agent\n');
      });
      server.listen(path);
      await once(server, 'listening');
      t.after(() => server.close());
      chmodSync(path, 0o777);
      chownSync(path, user.uid, user.uid);
      // Reading and writing are granted where the socket lies: connecting is not.
      const shell = await openShell({ user, home, cwd: home, flags: ['--allow', '.'] });
      const ask = `python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.connect("${path}"); print(s.recv(99).decode())'`;
      enter(shell, ask);
      await shell.until(/HELD[\s\S]*connect[\s\S]*agent\.sock/);
      assert.equal(connections, 0);
      await press(shell, 'a', 'signed by the agent');
      assert.equal(connections, 1);
      await leaveList(shell);
      enter(shell, `clear; ${ask}; echo EN''DED`);
      await shell.until('1 held');
      await press(shell, 'x', 'ENDED');
      assert.equal(connections, 1);
      await leaveList(shell);
      enter(shell, 'exit 0');
      await shell.untilEnd();
    });
  });
}
