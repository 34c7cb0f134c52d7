/** What happened in a session, one JSON object a line, for `nono logs`. Written late and in one piece, so that a flood of denials costs no more than a few;
 * bounded on disk, where the older half goes first. */
import { appendFileSync, renameSync, statSync } from 'node:fs';
import type { AccessRecord, NetRecord, SupervisorEvent } from '../sandbox/linux/wire.ts';
import type { SessionFiles } from './session-store.ts';

const FLUSH_MS = 200;
const MOST_LINES = 500;
export const MOST_BYTES = 512 * 1024;
const FILE_MODE = 0o600;
const MOST_HOLDS = 10_000;

export interface LoggedEvent {
  readonly time: string;
  readonly type:
    | 'started'
    | 'denied'
    | 'held'
    | 'approved'
    | 'refused'
    | 'withdrawn'
    | 'dropped'
    | 'notice'
    | 'attached'
    | 'detached'
    | 'exited';
  readonly verb?: string;
  readonly access?: string;
  readonly path?: string;
  readonly pid?: number;
  readonly comm?: string;
  readonly reason?: string;
  readonly text?: string;
  readonly count?: number;
  readonly exit_code?: number;
}

type What = Omit<LoggedEvent, 'time'>;
type Subject = Pick<LoggedEvent, 'verb' | 'access' | 'path' | 'pid' | 'comm' | 'reason'>;

function ofPath(record: AccessRecord): Subject {
  const { verb, access, path, pid, comm, reason } = record;
  return { verb, access, path, pid, comm, reason };
}

function ofNet(net: NetRecord): Subject {
  const host = net.family === 6 ? `[${net.address}]` : net.address;
  return {
    verb: net.verb,
    path: `${net.protocol}://${host}:${net.port}`,
    pid: net.pid,
    comm: net.comm,
    reason: net.reason,
  };
}

export class EventLog {
  readonly #files: SessionFiles;
  readonly #now: () => Date;
  readonly #holds = new Map<bigint, Subject>();
  #lines: string[] = [];
  #lost = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(files: SessionFiles, now: () => Date = () => new Date()) {
    this.#files = files;
    this.#now = now;
  }

  event(event: SupervisorEvent): void {
    if (event.type === 'denied') this.add({ type: 'denied', ...ofPath(event.record) });
    else if (event.type === 'net-denied') this.add({ type: 'denied', ...ofNet(event.net) });
    else if (event.type === 'held') this.#held(event.holdId, ofPath(event.record));
    else if (event.type === 'net-held') this.#held(event.holdId, ofNet(event.net));
    else if (event.type === 'released') {
      const subject = this.#holds.get(event.holdId);
      this.#holds.delete(event.holdId);
      const type =
        event.outcome === 'allowed'
          ? 'approved'
          : event.outcome === 'denied' || event.outcome === 'changed'
            ? 'refused'
            : 'withdrawn';
      this.add({ type, ...subject });
    } else if (event.type === 'dropped') this.#lose(event.count);
    else if (event.type === 'notice') this.add({ type: 'notice', text: event.text });
  }

  add(what: What): void {
    if (this.#lines.length >= MOST_LINES) {
      this.#lose(1);
      return;
    }
    this.#lines.push(JSON.stringify({ time: this.#now().toISOString(), ...what }));
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS).unref();
  }

  /** Writes what is waiting. An error loses it: a full disk must not end a session. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lost > 0)
      this.#lines.push(JSON.stringify({ time: this.#now().toISOString(), type: 'dropped', count: this.#lost }));
    this.#lost = 0;
    const text = this.#lines.map((line) => `${line}\n`).join('');
    this.#lines = [];
    if (text === '') return;
    const { events, olderEvents } = this.#files;
    try {
      const size = statSync(events, { throwIfNoEntry: false })?.size ?? 0;
      if (size > MOST_BYTES) renameSync(events, olderEvents);
      appendFileSync(events, text, { mode: FILE_MODE });
    } catch {
      // Nobody to tell but the user, who sees the same on the screen.
    }
  }

  #held(holdId: bigint, subject: Subject): void {
    if (this.#holds.size < MOST_HOLDS) this.#holds.set(holdId, subject);
    this.add({ type: 'held', ...subject });
  }

  #lose(count: number): void {
    this.#lost += count;
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS).unref();
  }
}
