/** The entry of this process's own session. Written once its command runs, so that no start waits for it; a registry that cannot be written costs the
 * entry and nothing else, except where the session would run out of sight (claim). */
import { bootId, pidNamespace, startTimeOf } from '../platform/process-identity.ts';
import type { SupervisorEvent } from '../sandbox/linux/wire.ts';
import { EventLog } from './event-log.ts';
import { type Attachment, type SessionRecord, sessionId } from './session-record.ts';
import {
  openRegistry,
  removeOldSessions,
  removeSessionQuietly,
  type SessionFiles,
  sessionFiles,
  writeRecord,
} from './session-store.ts';

export interface SessionFacts {
  /** nono's state directory. */
  readonly state: string;
  readonly name: string | undefined;
  readonly command: readonly string[];
  readonly profile: string;
  readonly workdir: string;
  readonly network: 'open' | 'blocked';
}

/** This many stay for `ps --all`; older ones go when they have ended, some at a time. */
export const KEPT_SESSIONS = 100;
const AT_A_TIME = 20;

/** What tells this process from all that ever have its number. */
function identity(): Pick<SessionRecord, 'host_start' | 'boot_id' | 'pid_namespace'> {
  return { host_start: startTimeOf('self') ?? '', boot_id: bootId(), pid_namespace: pidNamespace() };
}

export class Registration {
  readonly id: string;
  readonly files: SessionFiles;
  readonly log: EventLog;
  readonly #state: string;
  #record: SessionRecord;
  #written = false;
  #begun: (written: boolean) => void = () => {};
  /** Resolves once the command runs, with whether there is an entry. */
  readonly begun = new Promise<boolean>((resolve) => {
    this.#begun = resolve;
  });

  constructor(facts: SessionFacts, attachable: boolean, attachment: Attachment = 'attached') {
    const now = new Date();
    this.id = sessionId(now, process.pid);
    this.#state = facts.state;
    this.files = sessionFiles(facts.state, this.id);
    this.log = new EventLog(this.files);
    this.#record = {
      session_id: this.id,
      name: facts.name ?? null,
      host_pid: process.pid,
      host_start: '',
      boot_id: '',
      supervisor_pid: null,
      child_pid: null,
      started: now.toISOString(),
      ended: null,
      status: 'running',
      attachment,
      exit_code: null,
      command: facts.command,
      profile: facts.profile,
      workdir: facts.workdir,
      network: facts.network,
      rollback_session: null,
      attachable,
    };
  }

  /** Everything the supervisor says passes here. */
  event(event: SupervisorEvent): void {
    if (event.type === 'ready') this.#begin(event.supervisorPid, event.childPid);
    else if (this.#written) this.log.event(event);
  }

  /** `nono attach` can reach it from now on. */
  canAttach(): void {
    if (this.#written) this.#change({ attachable: true });
  }

  attached(attachment: Attachment): void {
    if (!this.#written || this.#record.attachment === attachment) return;
    this.log.add({ type: attachment });
    this.#change({ attachment });
  }

  /** The first word counts. Where nothing was started, a claimed entry goes. */
  ended(code: number): void {
    if (!this.#written || this.#record.ended !== null) return;
    if (this.#record.child_pid === null) {
      this.#written = false;
      removeSessionQuietly(this.#state, this.id);
      return;
    }
    this.log.add({ type: 'exited', exit_code: code });
    this.log.flush();
    this.#change({ status: 'exited', attachment: 'detached', exit_code: code, ended: new Date().toISOString() });
    removeOldSessions(this.#state, KEPT_SESSIONS, AT_A_TIME);
  }

  /** Writes the entry before there is a command: nobody finds a session without a terminal by anything else. Throws where that is not possible. */
  claim(): void {
    openRegistry(this.#state);
    this.#record = { ...this.#record, ...identity() };
    writeRecord(this.#state, this.#record);
    this.#written = true;
  }

  #begin(supervisorPid: number, childPid: number): void {
    try {
      openRegistry(this.#state);
    } catch {
      this.#begun(this.#written);
      return;
    }
    this.#change({
      ...identity(),
      supervisor_pid: supervisorPid,
      child_pid: childPid,
    });
    if (this.#written) this.log.add({ type: 'started' });
    this.#begun(this.#written);
  }

  #change(what: Partial<SessionRecord>): void {
    this.#record = { ...this.#record, ...what };
    try {
      writeRecord(this.#state, this.#record);
      this.#written = true;
    } catch {
      // The entry before stays whole; the next change writes everything, when there is room again.
    }
  }
}
