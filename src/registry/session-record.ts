/** What is known of one session, as a file in the registry and as `nono inspect --json` shows it. Pure. */

export type Attachment = 'attached' | 'detached';
export type SessionStatus = 'running' | 'paused' | 'exited';

export interface SessionRecord {
  readonly session_id: string;
  readonly name: string | null;
  /** The process that answers for the session; with the two below it is told from later ones that get its number. */
  readonly host_pid: number;
  readonly host_start: string;
  readonly boot_id: string;
  /** Where these numbers are the processes'. */
  readonly pid_namespace?: string;
  readonly supervisor_pid: number | null;
  readonly child_pid: number | null;
  readonly started: string;
  readonly ended: string | null;
  readonly status: SessionStatus;
  readonly attachment: Attachment;
  readonly exit_code: number | null;
  readonly command: readonly string[];
  readonly profile: string;
  readonly workdir: string;
  readonly network: 'open' | 'blocked';
  readonly rollback_session: string | null;
  /** Whether `nono attach` can take it. */
  readonly attachable: boolean;
}

const ID = /^\d{8}-\d{6}-\d{1,10}$/;

/** The only form that ever becomes part of a path. */
export function isSessionId(text: string): boolean {
  return ID.test(text);
}

/** Names are printed and completed, so they hold nothing that a shell or a terminal understands; none can be taken for an id. */
export function isSessionName(text: string): boolean {
  // Written here: where it stands with the others, each start reads the tables of Unicode.
  return /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(text) && !text.includes('..') && !ID.test(text);
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}

/** `YYYYMMDD-HHMMSS-<pid>`, local time. */
export function sessionId(at: Date, pid: number): string {
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  return `${day}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}-${pid}`;
}

type Check = (value: unknown) => boolean;
const text: Check = (v) => typeof v === 'string';
const number: Check = (v) => Number.isSafeInteger(v) && (v as number) > 0;
const orNull =
  (check: Check): Check =>
  (v) =>
    v === null || check(v);
const oneOf =
  (...words: readonly string[]): Check =>
  (v) =>
    typeof v === 'string' && words.includes(v);

const checks: Readonly<Record<keyof SessionRecord, Check>> = {
  session_id: (v) => typeof v === 'string' && isSessionId(v),
  name: orNull((v) => typeof v === 'string' && isSessionName(v)),
  host_pid: number,
  host_start: text,
  boot_id: text,
  pid_namespace: (v) => v === undefined || text(v),
  supervisor_pid: orNull(number),
  child_pid: orNull(number),
  started: text,
  ended: orNull(text),
  status: oneOf('running', 'paused', 'exited'),
  attachment: oneOf('attached', 'detached'),
  exit_code: orNull((v) => Number.isSafeInteger(v)),
  command: (v) => Array.isArray(v) && v.every(text),
  profile: text,
  workdir: text,
  network: oneOf('open', 'blocked'),
  rollback_session: orNull(text),
  attachable: (v) => typeof v === 'boolean',
};

/** Undefined for what is no record: a file of the registry that cannot be understood is no session, and nothing is signalled for it. */
export function parseRecord(json: string): SessionRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const record = value as Record<string, unknown>;
  return Object.entries(checks).every(([key, check]) => check(record[key])) ? (value as SessionRecord) : undefined;
}
