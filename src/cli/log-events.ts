/** What the supervisor says, as lines of nono's own log. */
import type { AccessRecord, NetRecord, SupervisorEvent } from '../sandbox/linux/wire.ts';
import { netPath, netTarget, netText } from '../session/net-target.ts';
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

export function eventLine(event: SupervisorEvent): readonly [Level, string] {
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
      return ['trace', `an answer of the name server ${event.server}`];
  }
}

export function logEvent(event: SupervisorEvent): void {
  const log = currentLog();
  if (log !== undefined) log.add(...eventLine(event));
}
