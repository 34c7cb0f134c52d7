/** Rarer calls, each a way that another sandbox or an older kernel left open. */
import { spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Topic } from '../model.ts';
import { boundBefore } from '../mounted.ts';
import { accomplice } from '../outside.ts';
import type { World } from '../world.ts';

/** Opens the file again and again without waiting: EAGAIN is what a program that waits would wait for. */
async function opensBeside(world: World): Promise<void> {
  const { O_RDWR, O_NONBLOCK } = constants;
  let waits = '';
  world.services.push({ kind: 'received', said: '', heard: () => waits, end: () => {} });
  // The attempt makes this once it has what it can get.
  for (let left = 400; left > 0 && !existsSync(join(world.work, 'leased')); left--) await setTimeout(20);
  try {
    closeSync(openSync(join(world.ro, 'file'), O_RDWR | O_NONBLOCK));
  } catch (error) {
    waits = `an open outside has to wait (${(error as NodeJS.ErrnoException).code})`;
  }
}

/** A file with the secret that an attempt shows once it got through where there is nothing to read. */
function withToken(world: World): void {
  world.ignored.add(world.write('floor/token', world.secret));
}

/** The first page of the victim's program. */
function withPage(world: World): Record<string, string> {
  withToken(world);
  const maps = readFileSync(`/proc/${world.variables['VICTIM']}/maps`, 'latin1');
  return { PAGE: /^[0-9a-f]+/.exec(maps)?.[0] ?? '' };
}

/** The victim in a cgroup that the user was given, as systemd gives it. */
function delegated(world: World): Record<string, string> {
  const top = join(groups, `nono-escape-${basename(world.base)}-${process.pid}`);
  const group = join(top, 'victim');
  mkdirSync(group, { recursive: true });
  writeFileSync(join(group, 'cgroup.procs'), world.variables['VICTIM'] ?? '');
  for (const path of [top, group, ...['freeze', 'kill', 'procs'].map((name) => join(group, `cgroup.${name}`))])
    chownSync(path, world.user.uid, world.user.uid);
  const ended = (): void => {
    try {
      rmdirSync(group);
      rmdirSync(top);
    } catch {
      // Whoever was in it is still ending.
    }
  };
  process.on('exit', ended);
  world.services.push({ kind: 'victim', said: '', heard: () => '', end: ended });
  return { G: group };
}

/** Where version 2 is mounted. */
const groups = spawnSync('findmnt', ['-n', '-o', 'TARGET', '-t', 'cgroup2'], { encoding: 'utf8' }).stdout.trim();

export const further: readonly Topic[] = [
  {
    id: 'further',
    title: 'Rarer calls',
    attempts: [
      {
        id: 'further-pidfd',
        every: /setns|entered/,
        title:
          'descriptors of processes outside: by number, of the peer of a socket, of who sent over it, of the supervisor and the host',
        breach: 'victim',
        alone: true,
        setup: async (world) => {
          const socket = join(world.floor, 'peer');
          await accomplice(world, ['serve', 'unix', socket], {}, (line) => line.startsWith('signal'));
          return { S: socket };
        },
        policy: { flags: ['--allow-unix-socket', '$S'] },
        script: '"$T" pidfds "$VICTIM" "$S"',
      },
      {
        id: 'further-observed',
        every: true,
        title: 'counters of a process outside and comparisons with it, events in a denied directory',
        breach: 'leak',
        setup: withToken,
        script: '"$T" observe "$VICTIM" "$D" "$F/token"; "$T" observe "$VICTIM" "$A" "$F/token"',
      },
      ...['migrate_pages', 'move_pages', 'process_madvise'].map((call) => ({
        id: `further-${call.replaceAll('_', '-')}`,
        title: `pages of a process outside, by ${call}`,
        breach: 'leak' as const,
        // The kernel asks CAP_SYS_NICE for it.
        ...(call === 'process_madvise' ? { users: ['root' as const] } : {}),
        setup: withPage,
        script: `"$T" pages ${call} "$VICTIM" "$PAGE" "$F/token"`,
      })),
      {
        id: 'further-stall',
        every: /^.dev.userfaultfd$/,
        title: 'memory that only its owner can fill, for the supervisor to wait for',
        breach: 'leak',
        setup: withToken,
        script: '"$T" stall "$F/token"',
      },
      {
        id: 'further-cgroup',
        title: 'a cgroup of the user’s frozen, killed, and processes moved',
        breach: 'victim',
        needs: ['cgroup'],
        setup: delegated,
        // Thawed at last: outside a sandbox the attempt moves itself there, and would stand still until its time is over.
        script:
          'echo 1 >"$G/cgroup.freeze"; mkdir "$G/../other"; echo $VICTIM >"$G/../other/cgroup.procs"; echo 1 >"$G/cgroup.kill"; echo 1 >"$G/../other/cgroup.kill"; sleep 0.1; rmdir "$G/../other"; chmod 777 "$G"; echo 0 >"$G/cgroup.freeze"; for p in $PPID $$; do echo $p >"$G/cgroup.procs"; done',
      },
      {
        id: 'further-network',
        every: true,
        title: 'the network of a container of the user, whose namespace lies in a granted directory',
        breach: 'victim',
        needs: ['userns', 'mounts'],
        setup: async (w) => {
          const container = await accomplice(w, ['container-network'], {}, () => true);
          boundBefore(w, 'floor/network', `/proc/${container.said}/ns/net`);
        },
        script: '"$T" enter-network "$F/network"; sleep 0.1',
      },
      {
        id: 'further-lease',
        title: 'a lease on what may be read, which every other program has to wait for',
        breach: 'received',
        meanwhile: opensBeside,
        script: '"$T" lease "$R/file"',
      },
      {
        id: 'further-interpreter',
        title: 'a program where nothing is granted, as an interpreter of the kernel’s (binfmt_misc)',
        breach: 'leak',
        needs: ['userns'],
        setup: (w) => {
          w.program('away/reader');
          w.ignored.add(w.write('work/token', w.secret));
        },
        script: '"$T" interpreters "$A/reader" "$W/token"',
      },
      {
        id: 'further-filters',
        every: true,
        title: 'filters suspended by a tracer, answered by it, and more filters and listeners, with every flag',
        breach: 'leak',
        script: '"$T" suspended "$D/key"; "$T" suspended "$A/key"',
      },
      {
        id: 'further-traced',
        title:
          'a harmless call of a child that its tracer makes another one: as it enters, with the fast path’s mark, where a filter of one’s own asks, by its name, as one to be made again',
        breach: 'leak',
        script: '"$T" turned "$D/key"; "$T" turned "$A/key"',
      },
      {
        id: 'further-handles',
        every: /setns|entered/,
        title: 'handles of files, namespaces and processes',
        breach: 'leak',
        script: '"$T" handles "$D/key"; "$T" handles "$A/key"',
      },
      {
        id: 'further-newest',
        title: 'calls of the last years on mounts and attributes',
        breach: 'changed',
        script: '"$T" newest "$D/key"; "$T" newest "$A/key"; "$T" newest "$R/file"',
      },
      {
        id: 'further-hidden',
        title: 'names in secret memory, another program’s name and file, and the flags of Landlock',
        breach: 'leak',
        script: '"$T" hide-name "$D/key"; "$T" hide-name "$A/key"',
      },
      {
        id: 'further-clocks',
        title: 'clocks set, and a time namespace years ahead',
        breach: 'leak',
        script: '"$T" moments "$D/key"; "$T" moments "$A/key"',
      },
    ],
  },
];
