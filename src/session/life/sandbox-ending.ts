/** How a session ends: by itself, or by a hangup, after which it gets a moment. */
import type { RunningSandbox, SandboxEnd } from '../../sandbox/linux/launch.ts';
import type { Clock } from '../../terminal/flush-scheduler.ts';

const HANGUP_MS = 1500;
const SIGHUP = 1;

export class SandboxEnding {
  readonly #sandbox: RunningSandbox;
  readonly #clock: Clock;
  readonly #hungUp: Promise<undefined>;
  #hangup: () => void = () => {};

  constructor(sandbox: RunningSandbox, clock: Clock) {
    this.#sandbox = sandbox;
    this.#clock = clock;
    this.#hungUp = new Promise((resolve) => {
      this.#hangup = () => resolve(undefined);
    });
  }

  /** SIGHUP for everything inside, then the rest. */
  hangup(): void {
    this.#sandbox.send({ type: 'terminate', signal: SIGHUP });
    this.#hangup();
  }

  /** The end of the sandbox; what does not end after a hangup is ended by closing its socket. */
  async end(): Promise<SandboxEnd> {
    const { end } = this.#sandbox;
    const first = await Promise.race([end, this.#hungUp]);
    if (first !== undefined) return first;
    let cancel = (): void => {};
    const late = new Promise<undefined>((resolve) => {
      cancel = this.#clock.timeout(() => resolve(undefined), HANGUP_MS);
    });
    const second = await Promise.race([end, late]);
    cancel();
    if (second !== undefined) return second;
    this.#sandbox.close();
    return end;
  }
}
