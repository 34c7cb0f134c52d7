/** Processes of the user outside the session: signalled, read, slowed, starved; and privileges gained by starting a program. */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chmodSync, chownSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Topic } from '../model.ts';
import { mountedBefore } from '../mounted.ts';
import { accomplice, terminal } from '../outside.ts';
import { tools, type World } from '../world.ts';

function ipcWorld(world: World): Promise<Record<string, string>> {
  const key = `0x${randomInt(0x10000000, 0x7fffffff).toString(16)}`;
  const by = (what: string): unknown =>
    spawnSync(world.user.prefix[0] ?? join(tools(), 'attempt'), [
      ...world.user.prefix.slice(1),
      ...(world.user.prefix.length > 0 ? [join(tools(), 'attempt')] : []),
      'ipc',
      what,
      key,
    ]);
  world.services.push({ kind: 'received', said: '', heard: () => '', end: () => void by('drop') });
  return accomplice(world, ['ipc', 'make', key], { SECRET_TOKEN: world.secret }).then(() => ({ KEY: key }));
}

/** A terminal in another window of the user's: what was typed there is the secret, and what is written to it is heard. */
const otherTerminal = async (world: World): Promise<Record<string, string>> => ({
  S: (await terminal(world, world.secret)).said,
});

export const processes: readonly Topic[] = [
  {
    id: 'pty',
    title: 'Other terminals of the user',
    attempts: [
      {
        id: 'pty-read',
        title: 'what is typed there is read',
        breach: 'leak',
        setup: otherTerminal,
        script:
          'for p in "$S" "/proc/self/root$S" "/dev/./pts/$(basename "$S")"; do timeout 2 head -n1 "$p"; timeout 2 head -n1 <"$p"; done; ln -s "$S" l; timeout 2 head -n1 l; cd /dev/pts && timeout 2 head -n1 "$(basename "$S")"; for t in "$T" "$TS"; do timeout 1 "$t" marked-open "$S"; done; timeout 2 setsid -w head -n1 "$S"',
      },
      {
        id: 'pty-watched',
        title: 'that something is typed there is seen, by a descriptor for neither reading nor writing',
        breach: 'leak',
        setup: (w) => {
          w.ignored.add(w.write('floor/token', w.secret));
          return otherTerminal(w);
        },
        script: 'for t in "$T" "$TS"; do timeout 5 "$t" neither "$S" && cat "$F/token"; done',
      },
      {
        id: 'pty-mounted',
        title: 'the same where its directory is mounted a second time below a granted one',
        breach: 'leak',
        needs: ['mounts'],
        setup: async (w) => {
          mountedBefore(w, 'floor/pts', '--bind', '/dev/pts');
          return otherTerminal(w);
        },
        script:
          'p="$F/pts/$(basename "$S")"; timeout 2 head -n1 "$p"; timeout 2 head -n1 <"$p"; timeout 2 setsid -w head -n1 "$p"; for t in "$T" "$TS"; do timeout 1 "$t" marked-open "$p"; done',
      },
      {
        id: 'pty-write',
        title: 'it is written to',
        breach: 'received',
        setup: otherTerminal,
        script:
          'echo x >"$S"; echo x >>"$S"; echo x 1<>"$S" >&1; echo x | dd of="$S" 2>/dev/null; cd /dev/pts; echo x >"$(basename "$S")"; setsid -w sh -c "echo x >$S"',
      },
    ],
  },
  {
    id: 'process',
    title: 'Signals to, and tracing and starving of, processes outside',
    attempts: [
      {
        id: 'process-signal',
        every: true,
        title: 'every call that sends a signal',
        breach: 'victim',
        script: '"$T" signals $VICTIM',
      },
      {
        id: 'process-signal-io',
        every: true,
        title: 'signals by I/O events and leases',
        breach: 'victim',
        script: '"$T" signal-io $VICTIM',
      },
      {
        id: 'process-signal-group',
        title: 'its process group, and every process',
        breach: 'victim',
        alone: true,
        script: 'kill -USR1 -$VICTIM; kill -9 -$VICTIM',
      },
      {
        id: 'process-limits',
        every: true,
        title: 'limits, priorities, processors and scheduling',
        breach: 'victim',
        script: '"$T" limits $VICTIM',
      },
      {
        id: 'process-priority-user',
        every: true,
        title: 'priorities of all processes of the user at once',
        breach: 'victim',
        exclusive: true,
        users: ['ordinary user'],
        script: '"$T" priority-of-user',
      },
      {
        id: 'process-limits-tools',
        title: 'the same by the usual tools',
        breach: 'victim',
        script:
          'renice -n 19 -p $VICTIM; ionice -c 3 -p $VICTIM; taskset -pc 0 $VICTIM; chrt -b -p 0 $VICTIM; prlimit --pid $VICTIM --nofile=3:3; choom -p $VICTIM -n 500; prlimit --pid $VICTIM --cpu=1:1',
      },
      {
        id: 'process-memory',
        every: /^setns$/,
        title: 'memory, descriptors and namespaces of another process',
        breach: 'leak',
        script: '"$T" memory $VICTIM | grep -a SECRET-',
      },
      ...[
        ['vm', 'process_vm_writev'],
        ['mem', '/proc/PID/mem'],
        ['poke', 'a tracer'],
      ].map(([by, what]) => ({
        id: `process-memory-${by}`,
        title: `memory of another process written, by ${what}`,
        breach: 'victim' as const,
        script: `"$T" memory-write $VICTIM ${by}`,
      })),
      {
        id: 'process-core',
        title: 'a core file where nothing may be made',
        breach: 'changed',
        needs: ['cores'],
        script:
          'ulimit -c unlimited; for d in "$D" "$A" "$R"; do (cd "$d" && exec "$T" crash); (cd "$d" && exec "$TS" crash); done',
      },
      {
        id: 'process-debugger',
        title: 'by a debugger',
        breach: 'leak',
        script: 'timeout 2 strace -f -p $VICTIM -o t.txt & sleep 0.3; cat /proc/$VICTIM/environ | tr "\\0" "\\n"; wait',
      },
    ],
  },
  {
    id: 'ipc',
    title: 'System V IPC, message queues and keys of the user',
    attempts: [
      {
        id: 'ipc-shm',
        title: 'read a shared memory segment',
        breach: 'leak',
        setup: ipcWorld,
        script: '"$T" ipc shm $KEY',
      },
      { id: 'ipc-scan', title: 'find it by number', breach: 'leak', setup: ipcWorld, script: '"$T" ipc scan $KEY' },
      {
        id: 'ipc-msg',
        title: 'receive from a message queue',
        breach: 'leak',
        setup: ipcWorld,
        script: '"$T" ipc msg $KEY',
      },
      {
        id: 'ipc-mq',
        title: 'receive from a POSIX message queue',
        breach: 'leak',
        setup: ipcWorld,
        script: '"$T" ipc mq $KEY',
      },
      {
        id: 'ipc-list',
        title: 'list and remove',
        breach: 'received',
        setup: async (w) => {
          const made = await ipcWorld(w);
          w.services.push({
            kind: 'received',
            said: '',
            heard: () =>
              spawnSync('ipcs', ['-m'], { encoding: 'utf8' }).stdout.includes(made['KEY'] ?? '?')
                ? ''
                : 'the segment is gone',
            end: () => {},
          });
          return made;
        },
        script: '"$T" ipc drop $KEY; ipcrm -M $KEY',
        alone: true,
      },
      {
        id: 'ipc-keyring',
        title: 'read a key of the user keyring',
        breach: 'leak',
        setup: async (w) => ({ KEYID: (await accomplice(w, ['keyring', 'make'], { SECRET_TOKEN: w.secret })).said }),
        script: '"$T" keyring take $KEYID',
      },
    ],
  },
  {
    id: 'privilege',
    title: 'setuid programs, file capabilities, privileges of root',
    attempts: [
      {
        id: 'privilege-setuid',
        title: 'a setuid program in a granted directory',
        breach: 'leak',
        users: ['ordinary user'],
        setup: (w) => {
          setuid(w);
        },
        script: '"$W/reader" as-owner "$A/root-key"; "$W/reader" as-owner "$W/root-key"',
      },
      {
        id: 'privilege-capabilities',
        title: 'a program with a capability of its own (in its file) in a granted directory',
        breach: 'leak',
        users: ['ordinary user'],
        setup: (w) => {
          capable(w);
        },
        script: '"$W/capable" every-open "$W/root-key"; cp -a "$W/capable" mine; ./mine every-open "$W/root-key"',
      },
      {
        id: 'privilege-kernel',
        title: 'programs for the kernel to run (BPF), modules, the name of the machine, its counters',
        breach: 'leak',
        users: ['root'],
        setup: (w) => {
          w.ignored.add(w.write('floor/token', w.secret));
        },
        script: '"$T" kernel "$F/token"; "$TS" kernel "$F/token"',
      },
      {
        id: 'privilege-su',
        title: 'su, sudo, mount, newgrp and other setuid programs of the system',
        breach: 'victim',
        own: true,
        users: ['root'],
        script:
          'su root -c "kill -9 $VICTIM"; sudo -n kill -9 $VICTIM; newgrp root -c "kill -9 $VICTIM"; kill -9 $VICTIM',
      },
      {
        id: 'privilege-whiteout',
        every: true,
        title: 'a device node left in the place of what is moved away (RENAME_WHITEOUT)',
        breach: 'changed',
        setup: (w) => {
          for (const top of [w.work, w.floor]) for (const name of ['wa', 'wb']) w.watched.push(join(top, name));
        },
        script:
          'for d in "$W" "$F"; do cd "$d"; touch wa; "$T" whiteout wa wb wc; for n in wa wb wc; do [ -c $n ] || rm -f $n; done; done',
      },
      {
        id: 'privilege-device',
        title: 'a device node made and read',
        breach: 'leak',
        users: ['root'],
        alone: true,
        setup: (w) => {
          w.write('away/marker', w.secret);
          spawnSync('sync');
        },
        script:
          'mknod node b $(stat -c "0x%Hd 0x%Ld" "$A" 2>/dev/null || echo 254 0); mknod "$F/node" b 254 0; mknod c c 1 1; for n in node "$F/node" c; do [ -e "$n" ] && echo made "$n"; done; cat "$A/marker"',
      },
    ],
  },
];

/** A copy of the driver for one who owns neither it nor the file beside it, which only root reads. */
function privileged(world: World, name: string, make: (program: string) => void): void {
  const program = join(world.work, name);
  const secret = world.write('work/root-key', world.secret, 0o600);
  world.ignored.add(secret);
  copyFileSync(join(tools(), 'attempt-static'), program);
  world.afterOwning.push(() => {
    chownSync(program, 0, 0);
    chownSync(secret, 0, 0);
    make(program);
  });
}

const setuid = (world: World): void => privileged(world, 'reader', (program) => chmodSync(program, 0o4755));
const capable = (world: World): void =>
  privileged(world, 'capable', (program) => {
    chmodSync(program, 0o755);
    spawnSync(program, ['capable', program]);
  });
