/** What a row of the tables of commands and flags holds. */
import type { CommandName } from './commands.ts';

/** The headings of `nono --help`, in their order. */
export const commandGroups = [
  'CORE USAGE',
  'EXPLORATION & DEBUGGING',
  'SESSION MANAGEMENT',
  'POLICY & PROFILES',
] as const;

/** The headings of `nono <command> --help`, in their order. */
export const flagGroups = [
  'QUERY',
  'FILESYSTEM',
  'NETWORK',
  'UNIX SOCKETS',
  'ENVIRONMENT',
  'PROCESSES',
  'RESOURCES',
  'COMMANDS',
  'OPTIONS',
] as const;

export interface Command {
  readonly name: string;
  readonly group: (typeof commandGroups)[number];
  readonly summary: string;
  readonly usage: string;
  readonly details: readonly string[];
  readonly examples: readonly { readonly line: string; readonly what: string }[];
  /** The words after it that are its own, in order. Without: the words are the command to run, and flags end at the first. */
  readonly words?: readonly Word[];
  /** More words than those may follow; with a flag's key, after that flag. */
  readonly moreWords?: true | string;
  /** The flag that a word too many was rather meant for. */
  readonly strayWord?: string;
}

export interface Word {
  readonly name: string;
  readonly optional?: true;
  readonly completes?: Completion;
}

/** Of the sessions, those for which a command can do something. */
export type SessionKind = 'session' | 'running-session' | 'detached-session' | 'attached-session';

/** What can stand at a place of the command line, as far as completions know it. */
export type Completion =
  | 'profile'
  | 'profile-file'
  | 'group'
  | 'network'
  | 'file'
  | 'directory'
  | 'command'
  | 'variable'
  | SessionKind
  | 'draft'
  | readonly string[];

/** switch: given or not · count: how often · text: one value · list: a value each time it is given. */
export type FlagKind = 'switch' | 'count' | 'text' | 'list';

export interface Flag {
  /** Property of Options. */
  readonly key: string;
  readonly long: string;
  readonly short?: string;
  readonly kind: FlagKind;
  /** What the value is, in capitals: `--read DIR`. */
  readonly value?: string;
  /** Spellings that mean the same. */
  readonly aliases?: readonly string[];
  /** Spellings that still work, with a warning. */
  readonly deprecated?: readonly string[];
  /** Environment variable with the same effect; the flag wins. */
  readonly env?: string;
  /** Key of the flag that says the opposite: both together are refused, and a flag wins over the other's variable. */
  readonly contradicts?: string;
  readonly group: (typeof flagGroups)[number];
  readonly help: string;
  /** Commands that take it; `global` flags may also stand before the command. */
  readonly commands: readonly CommandName[] | 'global';
  /** Works, and is not listed in help. */
  readonly hidden?: true;
  readonly completes?: Completion;
}
