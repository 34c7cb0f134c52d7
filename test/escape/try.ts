/** Makes attempts: sets the world up, runs the scripts in a sandbox, looks at the host's side. */
import { spawn } from 'node:child_process';
import { chownSync, closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { environment, type TestUser } from '../helpers/users.ts';
import type { Attempt, Column, Policy, Topic, Verdict } from './model.ts';
import { none, type Sandbox } from './sandboxes.ts';
import { lacks, temporary, World } from './world.ts';

/** Quoted for sh. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

interface Ran {
  readonly output: string;
  /** Its code or signal, and how long it took: what is said of a session in which an attempt did not run. */
  readonly end: string;
}

function run(
  argv: readonly string[],
  cwd: string,
  env: Record<string, string>,
  seconds: number,
  inherited: readonly string[],
): Promise<Ran> {
  const open = inherited.map((path) => openSync(path, 'r'));
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe', ...open], detached: true });
  for (const fd of open) closeSync(fd);
  const begun = Date.now();
  let output = '';
  const take = (chunk: Buffer): void => {
    if (output.length < 1 << 24) output += chunk.toString('latin1');
  };
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('no pipes');
  stdout.on('data', take);
  stderr.on('data', take);
  const timer = globalThis.setTimeout(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {}
  }, seconds * 1000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    // 'exit', not 'close': what lingers may keep the pipe open.
    child.on('exit', async (code, signal) => {
      clearTimeout(timer);
      await quiet(() => output.length);
      stdout.destroy();
      stderr.destroy();
      resolve({ output, end: `${signal ?? `exit code ${code}`} after ${((Date.now() - begun) / 1000).toFixed(1)} s` });
    });
  });
}

/**
 * Until nothing more comes. A clock alone would not do: when other attempts kept this thread from its event loop, the clock
 * has run out before the pipes were read at all.
 */
async function quiet(length: () => number): Promise<void> {
  for (let before = -1; before !== length(); ) {
    before = length();
    await setTimeout(30);
    // Pipes are read between a timer and this.
    await setImmediate();
  }
}

function merge(parts: readonly Policy[]): Policy {
  const list = (key: 'allow' | 'read' | 'allowFile' | 'deny' | 'denyPattern' | 'flags'): string[] => [
    ...new Set(parts.flatMap((p) => p[key] ?? [])),
  ];
  const profile: Record<string, unknown> = {};
  for (const part of parts) Object.assign(profile, part.profile);
  return {
    allow: list('allow'),
    read: list('read'),
    allowFile: list('allowFile'),
    deny: list('deny'),
    denyPattern: list('denyPattern'),
    flags: list('flags'),
    blockNet: parts.some((p) => p.blockNet),
    profile,
    env: Object.assign({}, ...parts.map((p) => p.env ?? {})),
  };
}

function secondsOf(attempt: Attempt, race: number): number {
  return (attempt.seconds ?? 10) + (attempt.race ? race : 0);
}

/** One script after the other, each with its own world; a line before and after each shows that it ran. */
function script(tries: readonly Try[], race: number, outside: boolean): string {
  const lines = tries.map(({ attempt, world }) => {
    const variables = Object.entries({
      ...world.variables,
      SECONDS_MS: String(Math.round(race * 1000)),
      OUTSIDE: outside ? '1' : '',
    }).map(([k, v]) => `${k}=${quoted(v)}`);
    const inner = `cd "$W" || exit 99; ${attempt.script}`;
    return `printf '\\n@@ begin ${attempt.id}\\n'; env ${variables.join(' ')} timeout -k 1 ${secondsOf(attempt, race)} sh -c ${quoted(inner)} </dev/null 2>&1; printf '\\n@@ end ${attempt.id} %d\\n' $?`;
  });
  return lines.join('\n');
}

interface Try {
  readonly attempt: Attempt;
  readonly world: World;
}

/** What of the session's output belongs to the attempt. */
function part(output: string, id: string): string | undefined {
  const from = output.indexOf(`@@ begin ${id}\n`);
  const to = output.indexOf(`@@ end ${id} `);
  return from < 0 || to < 0 ? undefined : output.slice(from, to);
}

/** Runs the attempts in one session of the sandbox; the breaches of each, or why it did not run. */
export async function session(
  sandbox: Sandbox,
  user: TestUser,
  topicPolicy: Policy | undefined,
  attempts: readonly Attempt[],
  options: { readonly flags: readonly string[]; readonly raceSeconds: number },
): Promise<Map<string, { breaches: string[]; ran: boolean; output: string }>> {
  const base = temporary('nono-escape-');
  const hidden = temporary('nono-escape-host-');
  const home = join(base, 'home');
  mkdirSync(home, { mode: 0o755 });
  if (user.uid !== process.getuid?.()) chownSync(home, user.uid, user.uid);
  const tries: Try[] = [];
  const result = new Map<string, { breaches: string[]; ran: boolean; output: string }>();
  try {
    for (const [i, attempt] of attempts.entries()) {
      const world = new World(user, join(base, String(i)), join(hidden, String(i)), home);
      tries.push({ attempt, world });
      await world.prepare(attempt);
    }
    const policy = merge(
      tries.flatMap(({ attempt, world }) => [world.policy({ ...topicPolicy }), world.policy({ ...attempt.policy })]),
    );
    const file = join(hidden, 'attempts.sh');
    writeFileSync(file, script(tries, options.raceSeconds, sandbox === none), { mode: 0o644 });
    const words = sandbox.command(user, policy, hidden, options.flags);
    const seconds = tries.reduce((sum, { attempt }) => sum + secondsOf(attempt, options.raceSeconds), 10);
    const env = {
      ...environment(home, {
        PATH:
          sandbox.name === 'nono' || sandbox === none
            ? '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin'
            : (process.env['PATH'] ?? ''),
      }),
      ...policy.env,
      ...Object.assign({}, ...tries.map(({ attempt, world }) => attempt.environment?.(world) ?? {})),
    };
    const text = script(tries, options.raceSeconds, sandbox === none);
    const running = run(
      [...words, '/bin/sh', ...(sandbox.shortArguments ? [file] : ['-c', text])],
      tries[0]?.world.work ?? base,
      env,
      seconds,
      tries.flatMap(({ attempt, world }) => attempt.inherited?.(world) ?? []),
    );
    const beside = Promise.allSettled(tries.map(({ attempt, world }) => attempt.meanwhile?.(world)));
    const { output, end } = await running;
    await beside;
    for (const { attempt, world } of tries) {
      const own = part(output, attempt.id);
      const breaches = await world.breaches(own ?? output);
      const kept = attempt.named?.test(output) ? breaches.filter((b) => !b.startsWith('leak')) : breaches;
      result.set(attempt.id, {
        breaches: kept,
        ran: own !== undefined || (attempt.dies === true && output.includes(`@@ begin ${attempt.id}`)),
        output: own ?? `${output}\n${end}`,
      });
    }
  } finally {
    for (const { world } of tries) world.end();
  }
  return result;
}

/** Calls that the driver made outside a sandbox and that never succeeded there. */
export function neverDone(attempt: Attempt, user: TestUser, output: string): readonly string[] {
  const { every } = attempt;
  if (every === undefined) return [];
  const said = [...output.matchAll(/@ (.+): (.+)$/gm)].map(([, call = '', how = '']) => ({ call, how }));
  const done = new Set(said.filter(({ how }) => how === 'done').map(({ call }) => call));
  return [...new Set(said.map(({ call }) => call))].filter(
    (call) => !done.has(call) && (every === true || user.name === 'root' || !every.test(call)),
  );
}

/** Where nothing confines it, a race is won in a moment; what is not won in these seconds gets all the time there is. */
const WON_BY = 0.25;

const controls = new Map<string, Promise<Map<string, Verdict>>>();

/** Outside any sandbox each attempt must do what it is said to do. Asked once per user; those that did not. */
export function control(
  user: TestUser,
  topic: Topic,
  group: readonly Attempt[],
  raceSeconds: number,
): Promise<Map<string, Verdict>> {
  const key = `${user.name} ${group.map((a) => a.id).join(' ')}`;
  const known = controls.get(key);
  if (known) return known;
  const asked = (async (): Promise<Map<string, Verdict>> => {
    const wrong = new Map<string, Verdict>();
    // An attempt on a busy machine may need a second try to do what it can. What a sandbox lets through is never asked twice.
    let left = group;
    const lasting = group.some((a) => a.race) ? [Math.min(raceSeconds, WON_BY), raceSeconds, raceSeconds] : [0, 0];
    for (let tries = 0; tries < lasting.length && left.length > 0; tries++) {
      const done = await session(none, user, topic.policy, left, { flags: [], raceSeconds: lasting[tries] ?? 0 });
      wrong.clear();
      left = left.filter((attempt) => {
        const one = done.get(attempt.id);
        const never = neverDone(attempt, user, one?.output ?? '');
        if (never.length === 0 && one?.breaches.some((b) => b.startsWith(attempt.breach))) return false;
        const how =
          never.length > 0
            ? `outside a sandbox this did not succeed either: ${never.join(', ')}`
            : `outside a sandbox it did not show "${attempt.breach}" (${one?.breaches.join('; ') || 'nothing'}): ${one?.output.slice(-300)}`;
        wrong.set(attempt.id, { kind: 'broken', how });
        return true;
      });
    }
    return wrong;
  })();
  controls.set(key, asked);
  return asked;
}

/** The attempts of a topic in groups that can share a session. */
export function sessions(topic: Topic): Attempt[][] {
  const groups = new Map<string, Attempt[]>();
  for (const attempt of topic.attempts) {
    const key =
      attempt.alone || attempt.race || attempt.exclusive || attempt.dies || attempt.inherited || attempt.environment
        ? attempt.id
        : JSON.stringify(attempt.policy?.env ?? {}) +
          JSON.stringify(attempt.policy?.profile ?? {}) +
          JSON.stringify(attempt.policy?.flags ?? []) +
          String(attempt.policy?.blockNet);
    groups.set(key, [...(groups.get(key) ?? []), attempt]);
  }
  return [...groups.values()];
}

export function cannot(
  attempt: { users?: Attempt['users']; needs?: Attempt['needs'] },
  user: TestUser,
): Verdict | undefined {
  if (attempt.users && !attempt.users.includes(user.name))
    return { kind: 'skipped', why: `only ${attempt.users.join(', ')} could do it outside` };
  const lacking = lacks(attempt.needs);
  return lacking === undefined ? undefined : { kind: 'skipped', why: `this machine has no ${lacking}` };
}

/** Verdicts for a group of attempts in one column. */
export async function judge(
  sandbox: Sandbox,
  topic: Topic,
  group: readonly Attempt[],
  column: Column,
  withControl: boolean,
): Promise<Map<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  const able = group.filter((attempt) => {
    const no = cannot(attempt, column.user);
    if (no) verdicts.set(attempt.id, no);
    return no === undefined;
  });
  if (able.length === 0) return verdicts;
  const wrong = withControl ? await control(column.user, topic, able, Math.min(column.raceSeconds, 3)) : undefined;
  for (const [id, verdict] of wrong ?? []) verdicts.set(id, verdict);
  const fit = able.filter((attempt) => !verdicts.has(attempt.id));
  if (fit.length === 0) return verdicts;
  const results = await session(sandbox, column.user, topic.policy, fit, {
    flags: sandbox.name === 'nono' ? column.flags : [],
    raceSeconds: column.raceSeconds,
  });
  for (const [id, done] of results) {
    if (done.breaches.length > 0) verdicts.set(id, { kind: 'escaped', how: done.breaches.join('; ') });
    else if (!done.ran) verdicts.set(id, { kind: 'broken', how: `it did not run: ${done.output.slice(-400)}` });
    else verdicts.set(id, { kind: 'blocked' });
  }
  return verdicts;
}
