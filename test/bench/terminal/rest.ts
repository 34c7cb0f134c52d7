/** What a session costs while nothing happens: processor time and memory of each of its processes. */
import { readdirSync, readFileSync } from 'node:fs';
import { type Budget, budgets } from '../budgets.ts';
import { type Bench, type Row, row, type Table } from '../topic.ts';
import { pause } from './screen.ts';
import type { Stage } from './shells.ts';

const WATCH_MS = 5000;
const TICKS_PER_SECOND = 100;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly comm: string;
  /** Clock ticks used so far. */
  readonly used: number;
}

function readProcess(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const close = stat.lastIndexOf(')');
    const fields = stat.slice(close + 2).split(' ');
    return {
      pid,
      parent: Number(fields[1]),
      comm: stat.slice(stat.indexOf('(') + 1, close),
      used: Number(fields[11]) + Number(fields[12]),
    };
  } catch {
    return undefined;
  }
}

function descendants(root: number): Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
  const found = all.filter((p) => p.pid === root);
  for (let i = 0; i < found.length; i++) found.push(...all.filter((p) => p.parent === found[i]?.pid));
  return found;
}

type Role = 'relay' | 'host' | 'guardian' | 'supervisor';

/** The processes by what they are for: the relay starts the host, which starts the guardian, which starts the supervisor. */
function rolesOf(root: number): Map<Role, Process> {
  const all = descendants(root);
  const roles = new Map<Role, Process>();
  const relay = all.find((p) => p.comm === 'nono-relay');
  const guardian = all.find((p) => p.comm === 'nono-launch');
  const supervisor = all.find((p) => p.parent === guardian?.pid && p.comm === 'nono-launch');
  const host = all.find((p) => p.pid === guardian?.parent);
  for (const [role, process] of Object.entries({ relay, host, guardian, supervisor }))
    if (process) roles.set(role as Role, process);
  return roles;
}

/** Megabytes resident. */
function resident(pid: number): number {
  const kB = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kB) / 1024;
}

async function watch(stage: Stage, add: (role: Role, cpu: number, memory: number) => void): Promise<void> {
  const screen = await stage.nono.open();
  await pause(1500);
  const roles = rolesOf(screen.pid);
  await pause(WATCH_MS);
  for (const [role, before] of roles) {
    const used = (readProcess(before.pid)?.used ?? Number.NaN) - before.used;
    add(role, (used / TICKS_PER_SECOND / (WATCH_MS / 1000)) * 100, resident(before.pid));
  }
  await stage.nono.close(screen);
}

export async function* rest(bench: Bench, stage: Stage): AsyncGenerator<Table> {
  const idleTitle = `processor time while idle for ${WATCH_MS / 1000} s`;
  const memoryTitle = 'resident memory at a prompt';
  if (!bench.wanted(idleTitle) && !bench.wanted(memoryTitle)) return;
  const cpu = new Map<Role, number[]>();
  const memory = new Map<Role, number[]>();
  let problem = stage.nono.skip;
  const rounds = Math.min(3, bench.rounds(3));
  for (let round = 0; round < rounds && problem === undefined; round++) {
    bench.progress(`idle: round ${round + 1}/${rounds}`);
    try {
      await watch(stage, (role, used, size) => {
        cpu.set(role, [...(cpu.get(role) ?? []), used]);
        memory.set(role, [...(memory.get(role) ?? []), size]);
      });
    } catch (error) {
      problem = `failed: ${(error as Error).message}`;
    }
  }
  const limits: Partial<Record<Role, Budget>> = budgets.memory;
  const rows = (of: Map<Role, number[]>, unit: string, budget: (role: Role) => Budget | undefined): Row[] =>
    problem === undefined
      ? [...of].map(([role, samples]) => row({ name: role, unit, samples, budget: budget(role) }))
      : [row({ name: 'nono shell', unit, samples: [], note: problem })];
  yield {
    title: idleTitle,
    base: '',
    rows: rows(cpu, '%', () => budgets.terminal.idle),
  };
  yield { title: memoryTitle, base: '', rows: rows(memory, 'MB', (role) => limits[role]) };
}
