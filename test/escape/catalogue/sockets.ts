/** Local sockets of services outside, and the network. */
import { chmodSync, mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Attempt, Topic } from '../model.ts';
import { accomplice, caller, listener, machineListener, rootsService } from '../outside.ts';
import type { World } from '../world.ts';

const at =
  (kind: string, ...path: string[]) =>
  async (world: World): Promise<Record<string, string>> => {
    const socket = join(world.base, ...path);
    await listener(world, kind, socket);
    return { S: socket };
  };
const abstract =
  (kind: string) =>
  async (world: World): Promise<Record<string, string>> => {
    const name = `escape-${world.secret.slice(7, 19)}`;
    await listener(world, kind, name);
    return { S: `@${name}` };
  };
const port =
  (kind: string, address: string) =>
  async (world: World): Promise<Record<string, string>> => {
    return { PORT: (await listener(world, kind, address)).said };
  };

/** Where systemd looks for who knows the users of the machine: readable by default, since programs ask there for names. */
const userDatabase = async (world: World): Promise<Record<string, string>> => {
  const directory = '/run/systemd/userdb';
  const made = mkdirSync(directory, { recursive: true });
  const socket = join(directory, `io.escape-${world.secret.slice(7, 19)}`);
  const end = (): void => {
    rmSync(socket, { force: true });
    // Only what was made here, and nobody else uses.
    for (let at = directory; made !== undefined && at.startsWith(made); at = join(at, '..'))
      try {
        rmdirSync(at);
      } catch {
        break;
      }
  };
  world.services.push({ kind: 'received', said: '', heard: () => '', end });
  await machineListener(world, 'unix', socket);
  chmodSync(socket, 0o666);
  return { S: socket };
};

const freePort = (world: World): string => String(20000 + (Number.parseInt(world.secret.slice(7, 11), 16) % 20000));

const reach = (
  id: string,
  title: string,
  script: string,
  setup: NonNullable<Attempt['setup']>,
  more: Partial<Attempt> = {},
): Attempt => ({ id, title, breach: 'received', script, setup, ...more });

/** Services that act for whoever reaches their socket, and where that is. */
const services: readonly (readonly [string, string, string])[] = [
  ['docker', 'the container engine', 'away/docker.sock'],
  ['session-bus', 'the session bus', 'away/bus'],
  ['ssh-agent', 'an ssh agent', 'away/agent.sock'],
  ['gpg-agent', 'a gpg agent', 'away/S.gpg-agent'],
  ['wayland', 'a display server', 'away/wayland-0'],
  ['terminal', 'a terminal multiplexer', 'away/tmux-0'],
];

export const sockets: readonly Topic[] = [
  {
    id: 'socket',
    title: 'Local sockets outside the grants, and descriptors passed over them',
    attempts: [
      ...services.map(([id, title, path]) =>
        reach(
          `socket-${id}`,
          title,
          '"$T" reach stream "$S"; cd "$A"; "$T" reach stream "$(basename "$S")"; "$TS" reach stream "$S"',
          at('unix', path),
        ),
      ),
      reach(
        'socket-datagram',
        'a datagram socket, by every call that sends',
        '"$T" reach dgram "$S"; ln -s "$S" s; "$T" reach dgram s',
        at('unix-dgram', 'away/log'),
      ),
      reach(
        'socket-seqpacket',
        'a sequenced-packet socket',
        '"$T" reach seqpacket "$S"',
        at('unix-seqpacket', 'away/seq'),
      ),
      reach(
        'socket-link',
        'through links',
        'ln -s "$S" s; ln -s "$A" d; "$T" reach stream s; "$T" reach stream "d/$(basename "$S")"; "$T" reach stream "/proc/self/root$S"; "$T" link "$S" h; "$T" reach stream h; "$T" rename "$S" moved; "$T" reach stream moved',
        at('unix', 'away/linked'),
      ),
      reach(
        'socket-denied',
        'in a denied directory',
        '"$T" reach stream "$S"; "$T" reach dgram "$S"; cd "$D"; "$T" reach stream ./socket',
        at('unix', 'work/sub/deep/denied/socket'),
      ),
      reach(
        'socket-shared-directory',
        'in a directory that is granted for reading and writing',
        '"$T" reach stream "$S"',
        at('unix', 'floor/service'),
      ),
      reach(
        'socket-user-database',
        'a service of systemd’s user database: it tells hashes of passwords to root, and one obeys root',
        '"$T" reach stream "$S"; cd "$(dirname "$S")"; "$TS" reach stream "$(basename "$S")"',
        userDatabase,
        { needs: ['root outside'], exclusive: true, disturbs: true },
      ),
      reach(
        'socket-abstract',
        'an abstract socket, also with one of another type and the same name inside',
        '"$T" reach stream "$S"; "$T" reach seqpacket "$S"',
        abstract('abstract'),
      ),
      reach(
        'socket-abstract-datagram',
        'an abstract datagram socket',
        '"$T" reach dgram "$S"',
        abstract('abstract-dgram'),
      ),
      {
        id: 'socket-descriptor',
        title: 'a descriptor of a denied file is handed over',
        breach: 'leak',
        setup: async (w) => ({ S: (await accomplice(w, ['give', join(w.denied, 'key'), join(w.away, 'giver')])).said }),
        script: '"$T" receive "$S"',
      },
      {
        id: 'socket-descriptor-abstract',
        title: 'the same over an abstract socket',
        breach: 'leak',
        setup: async (w) => ({
          S: (await accomplice(w, ['give', join(w.away, 'key'), `@give-${w.secret.slice(7, 19)}`])).said,
        }),
        script: '"$T" receive "$S"',
      },
      {
        id: 'socket-peer',
        title: 'a granted service that listens to root alone, called by another user inside root’s session',
        breach: 'received',
        users: ['root'],
        own: true,
        alone: true,
        policy: { flags: ['--allow-unix-socket', '$S'] },
        setup: async (w) => ({ S: (await rootsService(w, join(w.floor, 'roots'))).said }),
        // The control is the other way round: root itself is listened to.
        script:
          'if [ "$OUTSIDE" ]; then "$T" reach stream "$S"; else setpriv --reuid=65534 --regid=65534 --clear-groups "$T" reach stream "$S" && echo reached; fi',
      },
      {
        id: 'socket-bind',
        title: 'a socket made where nothing is granted',
        breach: 'changed',
        script:
          '"$T" bind-unix "$A/made"; "$T" bind-unix "$D/made"; "$T" bind-unix "$L"; "$T" bind-unix "$R/made"; cd "$A"; "$T" bind-unix made; ln -s "$A/made2" l; "$T" bind-unix l',
      },
    ],
  },
  {
    id: 'network',
    title: 'Every kind of packet, with the network blocked',
    policy: { blockNet: true },
    attempts: [
      reach(
        'network-tcp',
        'TCP, also by fast open',
        '"$T" reach tcp 127.0.0.1 $PORT; "$TS" reach tcp 127.0.0.1 $PORT; "$T" reach tcp 0.0.0.0 $PORT',
        port('tcp', '127.0.0.1'),
      ),
      reach('network-udp', 'UDP, by every call that sends', '"$T" reach udp 127.0.0.1 $PORT', port('udp', '127.0.0.1')),
      reach('network-tcp6', 'TCP over IPv6', '"$T" reach tcp6 ::1 $PORT', port('tcp6', '::1'), { needs: ['ipv6'] }),
      reach('network-udp6', 'UDP over IPv6', '"$T" reach udp6 ::1 $PORT', port('udp6', '::1'), { needs: ['ipv6'] }),
      reach(
        'network-mapped',
        'IPv4 addresses written as IPv6',
        '"$T" reach tcp6 ::ffff:127.0.0.1 $PORT; "$T" reach udp6 ::ffff:127.0.0.1 $PORT',
        port('tcp', '127.0.0.1'),
        { needs: ['ipv6'] },
      ),
      reach('network-mptcp', 'multipath TCP', '"$T" reach mptcp 127.0.0.1 $PORT', port('tcp', '127.0.0.1')),
      reach('network-udplite', 'UDP-Lite', '"$T" reach udplite 127.0.0.1 $PORT', port('udplite', '127.0.0.1')),
      reach('network-vsock', 'vsock', '"$T" reach vsock $PORT', port('vsock', '-'), { needs: ['vsock'] }),
      reach('network-raw', 'raw packets', '"$T" raw raw $PORT; "$T" raw raw6 $PORT', port('udp', '127.0.0.1'), {
        users: ['root'],
      }),
      {
        id: 'network-packet',
        title: 'packets of other programs, listened to',
        breach: 'leak',
        users: ['root'],
        setup: async (w) => {
          await accomplice(w, ['chatter'], { SECRET_TOKEN: w.secret });
        },
        script: '"$T" raw sniff 0',
      },
      {
        id: 'network-icmp',
        title: 'ICMP echo',
        breach: 'leak',
        users: ['root'],
        script: '"$T" raw icmp 0 | grep ponged && cat "$F/token"',
        setup: (w) => {
          w.ignored.add(w.write('floor/token', w.secret));
        },
      },
      {
        id: 'network-listen',
        title: 'listening, so that somebody outside calls',
        breach: 'received',
        script: '"$T" answer $PORT out',
        setup: async (w) => {
          const free = freePort(w);
          await caller(w, free);
          return { PORT: free };
        },
      },
      {
        id: 'network-handed-listen',
        title: 'the same on a socket that a granted service hands over',
        breach: 'received',
        own: true,
        alone: true,
        policy: { flags: ['--allow-unix-socket', '$S'] },
        script: '"$T" handed-answer "$S" out',
        setup: async (w) => {
          const free = freePort(w);
          await caller(w, free);
          return { S: (await accomplice(w, ['give', `tcp:${free}`, join(w.away, 'giver')])).said };
        },
      },
      {
        id: 'network-handed-send',
        title: 'packets on a socket that a service hands over, where local sockets are not mediated',
        breach: 'received',
        own: true,
        alone: true,
        policy: { profile: { linux: { af_unix_mediation: 'off' } } },
        script: '"$T" handed-send "$S" $PORT',
        setup: async (w) => ({
          PORT: (await listener(w, 'udp', '127.0.0.1')).said,
          S: (await accomplice(w, ['give', 'udp', join(w.away, 'giver')])).said,
        }),
      },
      {
        id: 'network-tools',
        title: 'the shell’s own sockets, and tools',
        breach: 'received',
        setup: port('tcp', '127.0.0.1'),
        script:
          'bash -c "echo out >/dev/tcp/127.0.0.1/$PORT"; bash -c "echo out >/dev/udp/127.0.0.1/$PORT"; curl -s -m 2 http://127.0.0.1:$PORT/; env -i curl -s -m 2 http://localhost:$PORT/; perl -MIO::Socket::INET -e "IO::Socket::INET->new(q(127.0.0.1:$PORT))->print(q(x))"',
      },
    ],
  },
  {
    id: 'endpoint',
    title: 'Addresses beside the granted one, at the same port',
    policy: { blockNet: true, flags: ['--allow-connect=127.0.0.1:*', '--allow-connect=udp://127.0.0.1:*'] },
    attempts: [
      reach(
        'endpoint-own-tcp',
        'the address that the socket has itself, by none (0.0.0.0)',
        '"$T" reach-any 127.0.0.2 $PORT; "$T" reach tcp 127.0.0.2 $PORT',
        port('tcp', '127.0.0.2'),
      ),
      reach(
        'endpoint-own-udp',
        'the same by datagrams, also from an address that is told with them',
        '"$T" reach-any 127.0.0.2 $PORT; "$T" reach udp 127.0.0.2 $PORT',
        port('udp', '127.0.0.2'),
      ),
    ],
  },
];
