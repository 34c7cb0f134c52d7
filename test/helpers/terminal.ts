/** A person at a terminal: starts a program in a real pty, types, and looks at the reconstructed screen. */
import { createRequire } from 'node:module';
import xterm from '@xterm/headless';

const { Terminal } = xterm;

/** The part of node-pty that tests use; its own types are declared for another package name. */
interface Pty {
  readonly pid: number;
  onData(listener: (data: string) => void): void;
  onExit(listener: (end: { exitCode: number; signal?: number }) => void): void;
  write(data: string): void;
  resize(cols: number, rows: number): void;
  kill(signal?: string): void;
}
interface PtyModule {
  spawn(
    file: string,
    args: string[],
    options: { name: string; cols: number; rows: number; cwd: string; env: Record<string, string> },
  ): Pty;
}
const pty = createRequire(import.meta.url)('node-pty') as PtyModule;

export interface TerminalOptions {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** What it calls itself (TERM). */
  readonly term?: string;
  readonly cols?: number;
  readonly rows?: number;
  /** `#rrggbb`: what this terminal answers when it is asked for its background (OSC 11). Not given: nothing. */
  readonly background?: string;
  /** Whether this terminal knows the kitty keyboard protocol: it answers what programs ask about that. Not given: nothing. */
  readonly kitty?: boolean;
  /** What this terminal is sent before its answers come, by a round trip of a slow line. Not given: they come at once. */
  readonly answersBehind?: string;
}

export interface Ending {
  readonly code: number;
  readonly signal: number;
}

/** Keys by the names people use. */
export const key = {
  enter: '\r',
  escape: '\x1b',
  prefix: '\x1c',
  ctrlC: '\x03',
  ctrlD: '\x04',
  ctrlZ: '\x1a',
  up: '\x1b[A',
  down: '\x1b[B',
  tab: '\t',
} as const;

const ROUND_TRIP_MS = 100;

const opened = new Set<TestTerminal>();

/** Ends every terminal that a failed test left open; otherwise the test file would wait for it for ever. */
export function closeTerminals(): void {
  for (const terminal of opened) terminal.close();
  opened.clear();
}

export class TestTerminal {
  readonly #screen: InstanceType<typeof Terminal>;
  readonly #child: Pty;
  #ended: Ending | undefined;
  #raw = '';
  /** How often the screen may have changed: it is looked at again only then, since tests that wait share their processors with what they wait for. */
  #changes = 0;

  constructor(options: TerminalOptions) {
    const { cols = 120, rows = 36 } = options;
    const [file = '', ...args] = options.argv;
    this.#screen = new Terminal({ cols, rows, allowProposedApi: true, scrollback: 2000 });
    this.#child = pty.spawn(file, args, {
      name: options.term ?? 'xterm-256color',
      cols,
      rows,
      cwd: options.cwd,
      env: { ...options.env },
    });
    this.#child.onData((data) => {
      this.#raw += data;
      this.#changes += 1;
      this.#screen.write(data);
    });
    this.#child.onExit(({ exitCode, signal }) => {
      this.#ended = { code: exitCode, signal: signal ?? 0 };
    });
    opened.add(this);
    const { answersBehind } = options;
    const arrived = answersBehind === undefined ? undefined : this.#roundTripBehind(answersBehind);
    this.#screen.onData((reply) => {
      if (arrived === undefined) this.write(reply);
      else void arrived.then(() => this.write(reply));
    });
    if (options.kitty === true)
      this.#screen.parser.registerCsiHandler({ prefix: '?', final: 'u' }, () => {
        this.write('\x1b[?0u');
        return true;
      });
    const { background } = options;
    if (background !== undefined) {
      const [r, g, b] = [1, 3, 5].map((at) => background.slice(at, at + 2).repeat(2));
      this.#screen.parser.registerOscHandler(11, (data) => {
        if (data === '?') this.write(`\x1b]11;rgb:${r}/${g}/${b}\x1b\\`);
        return true;
      });
    }
  }

  /** The emulator, for those who need its cells. */
  get screen(): InstanceType<typeof Terminal> {
    return this.#screen;
  }

  get pid(): number {
    return this.#child.pid;
  }
  /** Every byte that reached the terminal, for bans on escape sequences. */
  get raw(): string {
    return this.#raw;
  }
  get ended(): Ending | undefined {
    return this.#ended;
  }
  get inAlternateScreen(): boolean {
    return this.#screen.buffer.active.type === 'alternate';
  }

  write(text: string): void {
    if (this.#ended === undefined) this.#child.write(text);
  }
  resize(cols: number, rows: number): void {
    this.#changes += 1;
    this.#screen.resize(cols, rows);
    this.#child.resize(cols, rows);
  }
  kill(signal: string): void {
    this.#child.kill(signal);
  }

  /** What a person sees now, one string per row. */
  async lines(): Promise<string[]> {
    await new Promise<void>((resolve) => this.#screen.write('', resolve));
    const buffer = this.#screen.buffer.active;
    return Array.from(
      { length: this.#screen.rows },
      (_, y) => buffer.getLine(buffer.viewportY + y)?.translateToString(true) ?? '',
    );
  }
  async text(): Promise<string> {
    return (await this.lines()).join('\n');
  }

  /** Waits until the screen satisfies the test; fails with the screen as it is then. */
  async until(what: string | RegExp | ((screen: string) => boolean), timeout = 10_000): Promise<string> {
    const holds = (screen: string): boolean =>
      typeof what === 'string' ? screen.includes(what) : what instanceof RegExp ? what.test(screen) : what(screen);
    const deadline = Date.now() + timeout;
    let looked = -1;
    let screen = '';
    for (;;) {
      const changed = looked !== this.#changes;
      if (changed) {
        looked = this.#changes;
        screen = await this.text();
      }
      // A function may look at more than the screen.
      if ((changed || typeof what === 'function') && holds(screen)) return screen;
      if (Date.now() > deadline || (this.#ended !== undefined && !changed)) {
        throw new Error(
          `the screen never showed ${String(what)}${this.#ended ? ` (ended ${JSON.stringify(this.#ended)})` : ''}:\n${screen}`,
        );
      }
      await pause(5);
    }
  }
  async untilEnd(timeout = 10_000): Promise<Ending> {
    const deadline = Date.now() + timeout;
    while (this.#ended === undefined) {
      if (Date.now() > deadline) throw new Error(`it did not end:\n${await this.text()}`);
      await pause(10);
    }
    await this.lines();
    return this.#ended;
  }
  async #roundTripBehind(text: string): Promise<void> {
    while (this.#ended === undefined && !this.#raw.includes(text)) await pause(5);
    await pause(ROUND_TRIP_MS);
  }
  close(): void {
    if (this.#ended === undefined) this.#child.kill('SIGKILL');
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
