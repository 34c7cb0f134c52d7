/** What the supervisor says, for the registry, which writes files: not before the first prompt is on the screen. */
import type { Registration } from '../../registry/registration.ts';
import type { SupervisorEvent } from '../../sandbox/linux/wire.ts';

export class LateRegistration {
  readonly #registration: Registration | undefined;
  readonly #kept: SupervisorEvent[] = [];
  #begun = false;

  constructor(registration: Registration | undefined) {
    this.#registration = registration;
  }

  event(event: SupervisorEvent): void {
    if (this.#begun) this.#registration?.event(event);
    else this.#kept.push(event);
  }

  /** From now on everything is written as it comes. */
  begin(): void {
    this.#begun = true;
    for (const event of this.#kept.splice(0)) this.#registration?.event(event);
  }

  /** The end, with its code; what was lost has none, and is thrown on. */
  exitCode(code: () => number): number {
    this.begin();
    let known = 1;
    try {
      known = code();
      return known;
    } finally {
      this.#registration?.ended(known);
    }
  }
}
