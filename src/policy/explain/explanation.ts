/** What is answered to the question why a session would allow or deny something. The functions that answer are the explain-….ts beside this: pure, and by those that decide there. */
import type { RuleAccess } from '../../sandbox/linux/constants.ts';
import type { PolicyNetRule, PolicyRule } from '../model.ts';

/** What would be written into the profile: a rule, entries of a list, or a key with its value. */
export type ProfileEdit =
  | { readonly path: string; readonly access: RuleAccess; readonly kind: 'file' | 'tree'; readonly override?: boolean }
  | { readonly list: readonly [string, string]; readonly entries: readonly string[] }
  | { readonly key: string; readonly value: string };

export interface Explanation {
  /** `not_found`: there is nothing that could be allowed. */
  readonly status: 'allowed' | 'denied' | 'not_found';
  /** A word for programs; the original's where it has one. */
  readonly reason: string;
  readonly details?: string | undefined;
  /** The rule that decided. */
  readonly rule?: PolicyRule | PolicyNetRule | undefined;
  /** All that say the same as the deciding rule, it first. */
  readonly rules?: readonly PolicyRule[] | undefined;
  /** Of a denied access: the grant that comes nearest. */
  readonly closest?: PolicyRule | undefined;
  readonly override?: boolean;
  /** Words for the command line, unquoted. */
  readonly flags?: readonly string[] | undefined;
  readonly edit?: ProfileEdit | undefined;
}

export type PathOperation = 'read' | 'write' | 'readwrite';
