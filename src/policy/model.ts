/** The one internal model of a resolved policy: what `decide`, the plan compiler, the UI and `why` all read. */
import type { AccessName, RuleAccess, RuleKind, RuleVerdict } from '../sandbox/linux/constants.ts';
import type { NetRule } from '../sandbox/linux/net-rule.ts';
import type { BulkName } from './pattern/bulk.ts';
import type { Limits } from './profile/limits.ts';
import type { EnvironmentRules } from './resolve/environment.ts';

/** Where a rule came from, as the user would name it. `group:deny_credentials`, `profile:developer`, `cli:--read`, `base`, `workdir`, `nono` (its own state). */
export type RuleSource = string;

/** Who says a rule, in which words, and where. */
export interface RuleStatement {
  readonly source: RuleSource;
  /** The path as the profile or flag wrote it, variables unexpanded. */
  readonly raw: string;
  /** Where a profile says it: `file:line:column`. */
  readonly at?: string;
  /** One sentence from the data file: why this rule exists. */
  readonly why?: string;
}

/** One rule on real, absolute paths. The meaning of verdict, kind and access is native/PROTOCOL.md, "decide". */
export interface PolicyRule extends RuleStatement {
  /** Index in ResolvedPolicy.rules; the id on the wire. Session rules continue after it. */
  readonly id: number;
  readonly verdict: RuleVerdict;
  readonly kind: RuleKind;
  readonly access: RuleAccess;
  /** Real path: symlinks resolved as far as the path exists. */
  readonly path: string;
  /** Who says the very same, too. */
  readonly also?: readonly RuleStatement[];
  /** A deny that no override lifts: nono's own files. */
  readonly fixed?: true;
  /** Of a guard's pattern: the bulk directories that its leading `**` does not stand for. What began outside of them still matches inside. */
  readonly bulk?: readonly string[];
  /** Beside it: the guard looks into bulk directories, and these are the closed ones. */
  readonly deep?: true;
}

/** One rule on internet addresses; its meaning is native/PROTOCOL.md, "net rule". */
export interface PolicyNetRule extends NetRule {
  /** As the profile or flag wrote it. */
  readonly raw: string;
  readonly source: RuleSource;
  readonly at?: string;
  readonly why?: string;
}

/** Everything a sandboxed command runs under, before it is compiled for a kernel. */
export interface ResolvedPolicy {
  /** Name shown to the user: profile name, or 'default'. */
  readonly profile: string;
  /** The user profile file that a saved approval edits, or undefined when the profile is built in (then `<name>-local`). */
  readonly profileFile?: string;
  /** The capability manifest it was made of: nothing is saved there. */
  readonly manifest?: string;
  readonly rules: readonly PolicyRule[];
  readonly blockNetwork: boolean;
  /** What stays open of a blocked network, and what no wide grant opens. Empty while the network is free. */
  readonly netRules?: readonly PolicyNetRule[];
  /** False when the profile leaves pathname unix sockets alone. */
  readonly unixRules?: boolean;
  readonly blockedCommands: readonly string[];
  /** Those of them that the user or the profile named: refused at every execve where there is a supervisor. The rest only as the first command. */
  readonly refusedCommands?: readonly string[];
  readonly allowedCommands: readonly string[];
  readonly workdir: string;
  /** Real path of nono's state directory, where a session prepares what it needs. Undefined: nothing is prepared. */
  readonly state?: string;
  readonly warnings: readonly string[];
  /** What the profile says about the working directory, and whether it holds already. */
  readonly workdirGrant?: WorkdirGrant;
  /** What of the kernel's own IPC is allowed; nothing unless asked for. */
  readonly ipc?: { readonly sharedMemory: boolean; readonly messageQueues: boolean; readonly keyring: boolean };
  readonly limits?: Limits;
  /** Of /tmp, only the session's own directory is granted. */
  readonly privateTmp?: boolean;
  /** With it: the shared directories, of which the session may use what it makes there itself. */
  readonly ownedDirectories?: readonly string[];
  /** Deny patterns hold for what is made outside during the session as well: the trees that they reach are off the floor. */
  readonly strict?: boolean;
  /** Directories that guards do not look into, each with who says so. */
  readonly bulk?: readonly BulkName[];
  /** Which variables the command gets beyond the defaults. */
  readonly environment?: EnvironmentRules;
  /** Real paths that the profile wants never offered for saving, with all below. */
  readonly suppressSavePrompt?: readonly string[];
  /** Keys of the profile that do not do here what they say. */
  readonly keysNotInForce?: readonly string[];
  /** Which Landlock scopes the profile keeps; both unless it asks for less. */
  readonly scopes?: { readonly signal: boolean; readonly abstractUnix: boolean };
}

/** `needs-consent`: the profile wants the working directory shared and nobody said yes yet; resolve again with allowCwd after a yes. */
export interface WorkdirGrant {
  readonly access: AccessName | 'none';
  readonly state: 'none' | 'covered' | 'granted' | 'needs-consent';
}

/** What somebody wants to do to one real path. */
export interface Access {
  readonly path: string;
  readonly access: RuleAccess;
}

export type Decision =
  | { readonly verdict: 'allow'; readonly rule: PolicyRule }
  | { readonly verdict: 'deny'; readonly reason: 'denied-by-rule'; readonly rule: PolicyRule }
  | { readonly verdict: 'deny'; readonly reason: 'not-granted' | 'insufficient-access'; readonly closest?: PolicyRule };
