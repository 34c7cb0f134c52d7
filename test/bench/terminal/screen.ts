/** A terminal that is only looked at: starts a program in a real pty and keeps what a person would see, with the arrival time of every byte. */
import { createRequire } from 'node:module';
import xterm from '@xterm/headless';
import type { Size } from '../../../src/terminal/geometry.ts';

/** The part of node-pty used here; its own types are declared for another package name. */
interface Pty {
  readonly pid: number;
  onData(listener: (data: Buffer) => void): void;
  onExit(listener: () => void): void;
  write(data: string): void;
  kill(signal?: string): void;
}
interface PtyOptions {
  readonly name: string;
  readonly cols: number;
  readonly rows: number;
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** Null: bytes. */
  readonly encoding: null;
}
const pty = createRequire(import.meta.url)('node-pty') as {
  spawn(file: string, args: string[], options: PtyOptions): Pty;
};

export interface Cursor {
  readonly x: number;
  readonly y: number;
}

export class Screen {
  readonly #terminal: InstanceType<typeof xterm.Terminal>;
  readonly #child: Pty;
  readonly spawnedAt: number;
  #alive = true;
  #watch: ((at: number) => void) | undefined;
  #scan: { readonly needle: Buffer; tail: Buffer; readonly found: (at: number) => void } | undefined;

  constructor(argv: readonly string[], cwd: string, env: Readonly<Record<string, string>>, { cols, rows }: Size) {
    this.#terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 0 });
    const [file = '', ...args] = argv;
    this.spawnedAt = performance.now();
    this.#child = pty.spawn(file, args, {
      name: 'xterm-256color',
      cols,
      rows,
      cwd,
      env: { ...env },
      encoding: null,
    });
    this.#child.onData((data) => this.#arrived(data));
    this.#child.onExit(() => {
      this.#alive = false;
    });
    // Programs ask the terminal what it is, and wait for the answer.
    this.#terminal.onData((reply) => this.write(reply));
  }

  get pid(): number {
    return this.#child.pid;
  }

  #arrived(data: Buffer): void {
    const at = performance.now();
    const scan = this.#scan;
    if (scan === undefined) {
      this.#terminal.write(data, () => this.#watch?.(at));
      return;
    }
    // A flood is not drawn here: our own emulator would be what is measured.
    const seen = Buffer.concat([scan.tail, data]);
    if (seen.includes(scan.needle)) scan.found(at);
    scan.tail = seen.subarray(-scan.needle.length + 1);
  }

  write(text: string): void {
    if (this.#alive) this.#child.write(text);
  }

  cursor(): Cursor {
    const { cursorX, cursorY } = this.#terminal.buffer.active;
    return { x: cursorX, y: cursorY };
  }

  row(y: number): string {
    return this.#terminal.buffer.active.getLine(y)?.translateToString() ?? '';
  }

  cell({ x, y }: Cursor): string {
    return this.#terminal.buffer.active.getLine(y)?.getCell(x)?.getChars() ?? '';
  }

  text(): string {
    return Array.from({ length: this.#terminal.rows }, (_, y) => this.row(y).trimEnd()).join('\n');
  }

  /** When the bytes arrived that made the screen satisfy the test. */
  until(test: () => boolean, what: string, timeout = 10_000): Promise<number> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        this.#watch = undefined;
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`the screen never showed ${what}`));
      }, timeout);
      this.#watch = (at) => {
        if (!test()) return;
        stop();
        resolve(at);
      };
    });
  }

  /** When these bytes arrived. Until then nothing is drawn here. */
  async untilBytes(needle: string, timeout = 60_000): Promise<number> {
    try {
      return await new Promise<number>((found, reject) => {
        const timer = setTimeout(() => reject(new Error('the end of the output never came')), timeout);
        const done = (at: number): void => {
          clearTimeout(timer);
          found(at);
        };
        this.#scan = { needle: Buffer.from(needle), tail: Buffer.alloc(0), found: done };
      });
    } finally {
      this.#scan = undefined;
    }
  }

  /** Ends the program; resolves when it is gone. */
  async close(): Promise<void> {
    if (this.#alive) this.#child.kill('SIGHUP');
    for (let waited = 0; this.#alive && waited < 3000; waited += 20) await pause(20);
    if (this.#alive) this.#child.kill('SIGKILL');
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
