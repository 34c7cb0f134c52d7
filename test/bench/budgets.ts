/** The budgets: the only place where they are written in code. */

export interface Budget {
  /** What is held against the limit: the ratio to the table's base, the median itself, the 99th percentile, the median less that of the row `than`, or the ratio to that row. */
  readonly of: 'ratio' | 'median' | 'p99' | 'more' | 'times';
  readonly limit: number;
  readonly than?: string;
  /** The design's, where this one took its place (docs/decisions/0016, 0022, 0028): either is enough, and each is shown with its own verdict. */
  readonly before?: Budget;
}

const ratio = (limit: number): Budget => ({ of: 'ratio', limit });
const times = (limit: number, than: string, before: Budget): Budget => ({ of: 'times', limit, than, before });
const atMost = (limit: number): Budget => ({ of: 'median', limit });

/** Rows that measure what it costs on this machine to ask another process at all (exchange.c). */
export const exchange = {
  opens: 'bare exchange, every open answered at once',
  open: 'bare exchange',
  injected: 'bare exchange, open performed and injected',
  chmod: 'bare exchange, chmod performed',
  removals: 'bare exchange, every removal performed as it stands',
} as const;

/** What Landlock and seccomp cost on this machine whoever uses them (least-floor.c). */
export const LEAST_FLOOR = 'least floor, Landlock and seccomp';

/** The same command confined by the kernel alone: no supervisor, nothing to approve. */
export const FLOOR_ONLY = 'floor only';

/** The shell alone in the terminal that the benchmark reads. */
export const BARE_SHELL = 'bare bash';

export const budgets = {
  wholeCommand: {
    find: {
      floor: times(1.05, LEAST_FLOOR, ratio(1.1)),
      trapped: times(1.3, exchange.opens, ratio(1.35)),
      fast: times(1.05, FLOOR_ONLY, ratio(1.15)),
    },
    gitStatus: { floor: ratio(1.1), trapped: times(1.3, exchange.opens, ratio(1.6)), fast: ratio(1.2) },
    start: {
      floor: ratio(1.1),
      trapped: times(1.15, exchange.opens, ratio(1.2)),
      fast: times(1.05, FLOOR_ONLY, ratio(1.05)),
    },
  },
  wholeProgram: {
    clone: ratio(1.5),
    untar: ratio(1.6),
    remove: times(1.4, exchange.removals, ratio(2)),
    /** Where a policy brokers writes, and removing is the kernel's. */
    removeDenied: ratio(2),
    npm: ratio(1.5),
    npmGuarded: ratio(1.5),
  },
  /** Microseconds. */
  call: {
    fast: { of: 'more', than: 'on the floor, floor only', limit: 1 } as Budget,
    trapped: times(1.6, exchange.open, atMost(15)),
    brokered: times(1.6, exchange.injected, atMost(35)),
    metadata: times(1.6, exchange.chmod, atMost(25)),
  },
  start: {
    wrap: ratio(1.3),
    /** The bare C floor. */
    wrapCached: { of: 'times', than: 'launcher, floor only', limit: 3 } as Budget,
    run: ratio(1.5),
    show: ratio(1.5),
  },
  terminal: {
    prompt: ratio(2.5),
    chrome: ratio(4.5),
    echo: ratio(1.5),
    echoTicking: ratio(2),
    /** Milliseconds. */
    echoWorst: { of: 'p99', limit: 10 } as Budget,
    /** What a terminal costs whoever reads it, no pane can give back (docs/decisions/0022). */
    flood: times(1.2, BARE_SHELL, ratio(0.7)),
    interrupt: atMost(15),
    /** Per cent of one CPU; a clock tick in five seconds is 0.2. */
    idle: atMost(0.2),
  },
  /** Megabytes resident. */
  memory: { relay: atMost(1), supervisor: atMost(2), host: atMost(120) },
} as const;
