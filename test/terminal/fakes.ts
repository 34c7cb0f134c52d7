/** Time and a terminal that tests control. */
import xterm from '@xterm/headless';
import type { Clock } from '../../src/terminal/flush-scheduler.ts';
import type { Size } from '../../src/terminal/geometry.ts';
import type { OuterTerminal } from '../../src/terminal/outer-terminal.ts';
import type { PaneEvents } from '../../src/terminal/pane-screen.ts';

/** A pane whose program asks for nothing. */
export const quietPane: PaneEvents = {
  reply: () => {},
  title: () => {},
  bell: () => {},
  promptMark: () => {},
  ask: () => {},
  askKitty: () => {},
  clipboard: () => {},
};

/** A clock that moves only when told to. */
export class FakeClock implements Clock {
  #now = 1000;
  #tasks: { at: number; run: () => void; immediate: boolean }[] = [];

  now(): number {
    return this.#now;
  }
  immediate(run: () => void): () => void {
    return this.#add(this.#now, run, true);
  }
  timeout(run: () => void, ms: number): () => void {
    return this.#add(this.#now + ms, run, false);
  }
  get pending(): number {
    return this.#tasks.length;
  }

  /** Runs what is due until `ms` from now, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#tasks.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#tasks = this.#tasks.filter((t) => t !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }

  /** A turn of an event loop that has stood still: the timers that are due meanwhile, then what waits to be read, then what was put behind it. */
  turn(ms: number, read: () => void): void {
    this.#now += ms;
    this.#runDue(false);
    read();
    this.#runDue(true);
  }

  #runDue(immediate: boolean): void {
    const due = this.#tasks.filter((t) => t.at <= this.#now && t.immediate === immediate);
    for (const task of due.sort((a, b) => a.at - b.at)) {
      if (!this.#tasks.includes(task)) continue;
      this.#tasks = this.#tasks.filter((t) => t !== task);
      task.run();
    }
  }

  #add(at: number, run: () => void, immediate: boolean): () => void {
    const task = { at, run, immediate };
    this.#tasks.push(task);
    return () => {
      this.#tasks = this.#tasks.filter((t) => t !== task);
    };
  }
}

/** The user's terminal as an emulator: what arrives is drawn, and can be looked at. */
export class FakeTerminal implements OuterTerminal {
  readonly screen: InstanceType<typeof xterm.Terminal>;
  raw = '';
  ready = true;
  #size: Size;
  #drained: () => void = () => {};
  input: (bytes: Buffer | undefined) => void = () => {};

  constructor(size: Size) {
    this.#size = size;
    this.screen = new xterm.Terminal({ ...size, allowProposedApi: true, scrollback: 100 });
  }
  size(): Size {
    return this.#size;
  }
  setSize(size: Size): void {
    this.#size = size;
    this.screen.resize(size.cols, size.rows);
  }
  write(data: string, taken: () => void): void {
    this.raw += data;
    this.screen.write(data);
    if (this.ready) taken();
  }
  onDrain(run: () => void): void {
    this.#drained = run;
  }
  drain(): void {
    this.ready = true;
    this.#drained();
  }
  onInput(take: (bytes: Buffer | undefined) => void): void {
    this.input = take;
  }
  pauseInput(): void {}
  giveBack(data: string): void {
    this.writeNow(data);
  }
  writeNow(data: string): void {
    this.write(data, () => {});
  }
  async close(): Promise<void> {}

  settled(): Promise<void> {
    return new Promise((resolve) => this.screen.write('', resolve));
  }
}

/** Numbers that look random and are the same every time. */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
