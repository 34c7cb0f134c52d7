/** What the supervisor says, as lines of nono's own log. */
import type { CompiledPlan } from '../../policy/plan/compile.ts';
import type { AccessRecord, NetRecord, SupervisorEvent } from '../../sandbox/linux/wire.ts';
import { netPath, netTarget, netText } from '../../session/rows/net-target.ts';
import { currentLog, type Level } from './log.ts';

function who({ comm, pid }: AccessRecord | NetRecord): string {
  return `${comm} (${pid})`;
}

function ofPath(word: string, record: AccessRecord): string {
  return `${word} ${record.verb} ${record.access} ${record.path} by ${who(record)}: ${record.reason}`;
}

function ofNet(word: string, net: NetRecord): string {
  return `${word} ${net.verb} ${netText(netPath(netTarget(net)))} by ${who(net)}: ${net.reason}`;
}

function eventLine(event: SupervisorEvent): readonly [Level, string] {
  switch (event.type) {
    case 'denied':
      return ['warn', ofPath('denied', event.record)];
    case 'net-denied':
      return ['warn', ofNet('denied', event.net)];
    case 'dropped':
      return ['warn', `${event.count} denials more, which were too many to be told`];
    case 'held':
      return ['info', `${ofPath('held', event.record)} (hold ${event.holdId})`];
    case 'net-held':
      return ['info', `${ofNet('held', event.net)} (hold ${event.holdId})`];
    case 'released':
      return ['info', `hold ${event.holdId}: ${event.outcome}`];
    case 'notice':
      return ['info', event.text];
    case 'ready':
      return ['info', `started: process ${event.childPid}, supervisor ${event.supervisorPid}`];
    case 'exit':
      return ['info', event.signalled ? `ended by signal ${event.code}` : `ended with ${event.code}`];
    case 'setup-error':
      return ['error', `setting up the sandbox: ${event.step} ${event.object}: errno ${event.errno}`];
    case 'exec':
      return ['trace', `exec ${event.path} by process ${event.pid}, child of ${event.parentPid}`];
    case 'name-answer':
      return ['debug', `an answer of the name server ${event.server}`];
  }
}

export function logEvent(event: SupervisorEvent): void {
  const log = currentLog();
  if (log === undefined) return;
  log.add(...eventLine(event));
  if (event.type === 'ready')
    log.add('debug', `Landlock ABI ${event.abi}, features ${event.features}, guardian ${event.guardianPid}`);
}

/** How the session is enforced, for whoever wants to know why it is slow or refuses something: what the kernel lets through by itself, what is asked about, and what the command finds in its environment. */
export function logPlan(
  { floor, carved }: Pick<CompiledPlan, 'floor' | 'carved'>,
  environment: Readonly<Record<string, string>>,
): void {
  const log = currentLog();
  if (log?.wants('debug') !== true) return;
  for (const { path } of floor) log.add('debug', `on the floor: ${path}`);
  for (const path of carved) log.add('debug', `not on the floor, since something below is denied: ${path}`);
  // Their values may be secrets.
  log.add('debug', `environment: ${Object.keys(environment).sort().join(' ')}`);
}
