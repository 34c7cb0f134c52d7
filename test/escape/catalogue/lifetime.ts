/** Before the start and after the end: what comes in with the session, and what is left of it. */
import { existsSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { installationFor } from '../../helpers/users.ts';
import type { Attempt, Topic } from '../model.ts';
import type { World } from '../world.ts';
import { afterwards } from './meanwhile.ts';

const size = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/**
 * Watches for a process that goes on writing after the session: it has some time to end, and then some to write. Both are
 * long beside its pauses of 50 ms, and by the clock of the machine: a timer set late in a busy turn of the event loop runs
 * out early.
 */
function stillWriting(world: World): void {
  const path = join(world.work, 'alive');
  world.services.push({
    kind: 'received',
    said: '',
    heard: async () => {
      await setTimeout(700);
      const was = size(path);
      for (const until = performance.now() + 1000; performance.now() < until; await setTimeout(50)) {
        if (size(path) > was) return 'a process of the session still writes';
      }
      return size(path) > was ? 'a process of the session still writes' : '';
    },
    // What writes ends when its file is gone.
    end: () => rmSync(path, { force: true }),
  });
}

/** The supervisor of the session that the script runs in: the nearest nono-launch above it. */
export function supervisorOf(world: World): number | undefined {
  const file = join(world.work, 'pid');
  let pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  while (pid > 1) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    if (stat.includes('(nono-launch)')) return pid;
    pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  }
  return undefined;
}

const killed = (id: string, title: string, whom: (supervisor: number) => number, signal: NodeJS.Signals): Attempt => ({
  id,
  title,
  breach: 'received',
  own: true,
  dies: true,
  seconds: 15,
  setup: stillWriting,
  script:
    'echo $$ >pid; "$T" linger "$W/alive"; touch ready; "$T" every-open "$D/key"; sleep 1; "$T" every-open "$A/key"; cat "$D/key"',
  meanwhile: afterwards((w) => {
    const supervisor = supervisorOf(w);
    if (supervisor !== undefined) process.kill(whom(supervisor), signal);
  }),
});

const parentOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
};

const CREDENTIALS = [
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'GITHUB_TOKEN',
  'GH_TOKEN',
  'NPM_TOKEN',
  'OPENAI_API_KEY',
  'ANTHROPIC_API_KEY',
  'DATABASE_URL',
  'SOME_UNKNOWN_SECRET',
  'KUBECONFIG',
  'MY_PASSWORD',
];

export const lifetime: readonly Topic[] = [
  {
    id: 'inherit',
    title: 'Descriptors and variables that come in with the start',
    attempts: [
      {
        id: 'inherit-descriptor',
        title: 'an open descriptor of a denied file',
        breach: 'leak',
        inherited: (w) => [join(w.denied, 'key'), join(w.away, 'key')],
        script: '"$T" descriptors; cat <&3; cat <&4; cat /proc/self/fd/3 /proc/self/fd/4 /proc/$PPID/fd/3',
      },
      {
        id: 'inherit-directory',
        title: 'an open descriptor of a directory',
        breach: 'leak',
        inherited: (w) => [w.denied, '/'],
        script: 'cat /proc/self/fd/3/key "/proc/self/fd/4$A/key" /proc/$PPID/fd/3/key; cd /proc/self/fd/3 && cat key',
      },
      {
        id: 'inherit-environment',
        title: 'credentials in the environment',
        breach: 'leak',
        environment: (w) => Object.fromEntries(CREDENTIALS.map((n) => [n, w.secret])),
        script:
          'env; set; cat /proc/self/environ /proc/$PPID/environ; for p in /proc/[0-9]*; do cat $p/environ 2>/dev/null; done',
      },
      {
        id: 'inherit-loader',
        title: 'variables that make this program itself run code outside the sandbox',
        breach: 'leak',
        environment: (w) => ({
          NODE_OPTIONS: `--require=${join(w.work, 'evil.cjs')}`,
          LD_PRELOAD: join(w.work, 'none.so'),
          BASH_ENV: join(w.work, 'evil.sh'),
          ENV: join(w.work, 'evil.sh'),
          NODE_PATH: w.work,
          NODE_REPL_EXTERNAL_MODULE: join(w.work, 'evil.cjs'),
        }),
        setup: (w) => {
          w.write(
            'work/evil.cjs',
            `try { require('node:fs').copyFileSync(${JSON.stringify(join(w.away, 'key'))}, ${JSON.stringify(join(w.work, 'stolen'))}) } catch {}`,
          );
          w.write('work/evil.sh', `cat ${join(w.away, 'key')} >${join(w.work, 'stolen')}\n`);
          return { NODE: realpathSync(join(installationFor(w.user), 'node_modules/.bin/node')) };
        },
        script: '"$NODE" -e 0; bash -c true; sh -ic true',
      },
    ],
  },
  {
    id: 'end',
    title: 'What outlives the session, and the ends of its keepers',
    attempts: [
      {
        id: 'end-daemon',
        title: 'a daemon by two forks',
        breach: 'received',
        alone: true,
        setup: stillWriting,
        script: '"$T" linger "$W/alive"; setsid -f "$T" linger "$W/alive"; nohup "$T" linger "$W/alive" & sleep 0.1',
      },
      {
        id: 'end-apart',
        title: 'children without an exit signal, of another parent, in namespaces of their own',
        breach: 'received',
        alone: true,
        setup: stillWriting,
        script: '"$T" linger-apart "$W/alive" & sleep 0.1',
      },
      killed('end-supervisor', 'the supervisor is killed', (pid) => pid, 'SIGKILL'),
      {
        id: 'end-stopped',
        title: 'the supervisor is stopped for a while, and goes on',
        breach: 'leak',
        own: true,
        alone: true,
        script:
          'echo $$ >pid; touch ready; while ! [ -e stopped ]; do :; done; "$T" every-open "$D/key"; "$T" every-open "$A/key"; "$T" marked-open "$D/key"; cat "$D/key"',
        meanwhile: afterwards(async (w) => {
          const supervisor = supervisorOf(w);
          if (supervisor !== undefined) process.kill(supervisor, 'SIGSTOP');
          writeFileSync(join(w.work, 'stopped'), '');
          await setTimeout(1500);
          if (supervisor !== undefined) process.kill(supervisor, 'SIGCONT');
        }),
      },
      killed('end-guardian', 'the guardian is killed', parentOf, 'SIGKILL'),
      killed('end-host', 'the host process is killed', (pid) => parentOf(parentOf(pid)), 'SIGKILL'),
      killed('end-terminated', 'the supervisor is told to end', (pid) => pid, 'SIGTERM'),
    ],
  },
];
