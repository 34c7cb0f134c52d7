/** What an attempt to get out is, and what can come of it. */
import type { TestUser } from '../helpers/users.ts';
import type { World } from './world.ts';

/** What shows that an attempt got out. Looked for on the host's side; what the attempt itself says counts for nothing. */
export type Breach =
  /** The secret of a denied file appeared in the output, or in a file that the session could write. */
  | 'leak'
  /** Content, names, metadata or inode of something protected is not what it was. */
  | 'changed'
  /** A process outside was ended, signalled, or its limits and priorities changed. */
  | 'victim'
  /** Something outside got a packet, a connection or a message. */
  | 'received';

export interface Attempt {
  /** Topic and number; stays what it is when others come or go. */
  readonly id: string;
  readonly title: string;
  /** Run by sh, in the granted directory, with the variables of `World`. */
  readonly script: string;
  /** What the same script does outside a sandbox; checked, so that an attempt that does not work cannot pass. */
  readonly breach: Breach;
  /**
   * Every call that the driver says (`said`) must have succeeded once outside a sandbox, or one that is made wrongly would pass beside one that is not. Those that match
   * only root can make.
   */
  readonly every?: true | RegExp;
  /** Host side, before the start: what lies there, what listens there. Adds variables for the script. */
  readonly setup?: (world: World) => void | Promise<void> | Record<string, string> | Promise<Record<string, string>>;
  /** Host side, while it runs: what another program of the user does at the same time. */
  readonly meanwhile?: (world: World) => Promise<void>;
  /** More for the profile of its session; paths may hold $W, $F, $A and the like. */
  readonly policy?: Policy;
  /** Whom it can work for at all; everybody when absent. */
  readonly users?: readonly TestUser['name'][];
  /** What the machine must have; named when it does not. */
  readonly needs?: readonly Need[];
  /** It wrecks its session: it gets one of its own. */
  readonly alone?: boolean;
  /** It reaches beyond its own world when nothing stops it: nothing else runs meanwhile. */
  readonly exclusive?: boolean;
  /** What it sets up is met by every other session of the machine: not in npm test, where those are of other tests. */
  readonly disturbs?: boolean;
  /** It races for as long as the suite says ($SECONDS_MS). */
  readonly race?: boolean;
  /** Most seconds it may take, races aside. */
  readonly seconds?: number;
  /** What may stand in the output of nono to make a leak a named one. */
  readonly named?: RegExp;
  /** Files that the caller of the sandbox has open as descriptors 3 and up. */
  readonly inherited?: (world: World) => readonly string[];
  /** Variables in the environment of the caller of the sandbox. */
  readonly environment?: (world: World) => Record<string, string>;
  /** Its session may end before it does. */
  readonly dies?: boolean;
  /** Not asked of other sandboxes: it concerns what only this one has. */
  readonly own?: boolean;
}

export type Need =
  | 'userns'
  | 'compiler'
  | 'python3'
  | 'static'
  | 'ipv6'
  | 'vsock'
  | 'busybox'
  | 'cores'
  | 'cgroup'
  | 'mounts'
  | 'btrfs'
  | 'root outside';

/** What a session may do, as far as all sandboxes can be told. */
export interface Policy {
  readonly allow?: readonly string[];
  readonly read?: readonly string[];
  readonly allowFile?: readonly string[];
  readonly deny?: readonly string[];
  /** Denied wherever it matches; only some sandboxes know patterns. */
  readonly denyPattern?: readonly string[];
  readonly blockNet?: boolean;
  /** Further keys of a nono profile. */
  readonly profile?: Record<string, unknown>;
  readonly flags?: readonly string[];
  /** Environment of the nono process itself. */
  readonly env?: Record<string, string>;
}

export interface Topic {
  readonly id: string;
  readonly title: string;
  readonly policy?: Policy;
  readonly attempts: readonly Attempt[];
}

/** What needs its own way of starting or looking: a terminal, a supervisor that is killed, an approval. It proves by itself that it could have failed. */
export interface Special {
  readonly id: string;
  readonly title: string;
  readonly users?: readonly TestUser['name'][];
  readonly needs?: readonly Need[];
  /** Throws with what got out. Returns a reason when it cannot be tried here. */
  readonly run: (column: Column) => Promise<string | undefined>;
}

export interface Column {
  readonly user: TestUser;
  readonly fastPath: boolean;
  /** Flags of nono that make it so. */
  readonly flags: readonly string[];
  readonly raceSeconds: number;
}

export type Verdict =
  | { readonly kind: 'blocked' }
  | { readonly kind: 'escaped'; readonly how: string }
  /** The attempt did not run, or does nothing outside a sandbox either: shows nothing. */
  | { readonly kind: 'broken'; readonly how: string }
  | { readonly kind: 'skipped'; readonly why: string };
