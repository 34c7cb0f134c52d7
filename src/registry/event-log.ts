/** What happened in a session, one JSON object a line, for `nono logs`. Written late and in one piece, so that a flood of denials costs no more than a few;
 * bounded on disk, where the older half goes first. */
import { appendFileSync, existsSync, renameSync, statSync, truncateSync } from 'node:fs';
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

  /** Writes what is waiting. What cannot be written is counted, and said by the next line that can: a full disk must not end a session. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length === 0 && this.#lost === 0) return;
    const lost =
      this.#lost === 0 ? [] : [JSON.stringify({ time: this.#now().toISOString(), type: 'dropped', count: this.#lost })];
    if (this.#write([...lines, ...lost].map((line) => `${line}\n`).join(''))) this.#lost = 0;
    else this.#lost += lines.length;
  }

  /** All of it or nothing: half a line would take the next one with it. */
  #write(text: string): boolean {
    const { events, olderEvents } = this.#files;
    let size = 0;
    try {
      size = statSync(events, { throwIfNoEntry: false })?.size ?? 0;
      if (size > MOST_BYTES) {
        renameSync(events, olderEvents);
        size = 0;
      }
      appendFileSync(events, text, { mode: FILE_MODE });
      return true;
    } catch {
      try {
        if (existsSync(events)) truncateSync(events, size);
      } catch {
        // Then there is half a line, which readers pass over.
      }
      return false;
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
