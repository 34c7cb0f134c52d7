/** Which processes the supervisor has started, and where the shell is among the directories. */
import { readlinkSync } from 'node:fs';
import type { SupervisorEvent } from '../../sandbox/linux/wire.ts';

export class InsideProcesses {
  #supervisor: number | undefined;
  #shell: number | undefined;

  event(event: SupervisorEvent): void {
    if (event.type !== 'ready') return;
    this.#supervisor = event.supervisorPid;
    this.#shell = event.childPid;
  }

  get supervisor(): number | undefined {
    return this.#supervisor;
  }

  /** Where the shell is now; `started`, where that cannot be seen. */
  shellDirectory(started: string): string {
    try {
      return readlinkSync(`/proc/${this.#shell}/cwd`);
    } catch {
      return started;
    }
  }
}
