/** Ink is loaded once, after the first prompt; where it cannot be, the shell goes on and nothing waits for a list that nobody sees. */
import type { ChromeModule } from './chrome-model.ts';

export interface LateChromeOptions {
  readonly load: () => Promise<ChromeModule>;
  /** The prompt is on the screen: what was put off for it may happen. */
  readonly before: () => void;
  readonly mount: (module: ChromeModule, failed: (error: Error) => void) => void;
  readonly failed: (error: Error) => void;
}

export class LateChrome {
  readonly #options: LateChromeOptions;
  #asked = false;

  constructor(options: LateChromeOptions) {
    this.#options = options;
  }

  /** Whether it is there or on its way. */
  get asked(): boolean {
    return this.#asked;
  }

  async load(): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    const { load, before, mount, failed } = this.#options;
    before();
    try {
      mount(await load(), failed);
    } catch (error) {
      failed(error as Error);
    }
  }
}
