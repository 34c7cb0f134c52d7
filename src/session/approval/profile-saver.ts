/** The door to the profile on disk. The session knows when to save and what to say; src/policy knows how. */
import type { WhileLocked } from '../../config/file-lock.ts';
import type { ApprovedNet, ApprovedPath, ApprovedRule } from '../../policy/profile/profile-saver.ts';

/** A rule as an approval makes it, on a path or on an address. */
export type GrantRule = ApprovedRule;
export type { ApprovedNet, ApprovedPath };

/** What a save did, handed back for undo. */
export interface SavedRule {
  /** Profile file that now holds the rule. */
  readonly file: string;
  /** Name of that profile; not the session's own when that one is built in. */
  readonly profile: string;
  readonly rules: readonly GrantRule[];
}

/** Writes approvals into the user's profile: atomically, keeping comments and order. Every failure rejects with one line for the user. */
export interface ProfileSaver {
  /** The change as lines of a diff, file name first, exactly as `save` would make it. */
  preview(rules: readonly GrantRule[]): readonly string[];
  /** All of them, or none: one of a pair alone would be a grant that nobody asked for. */
  save(rules: readonly GrantRule[], wait: WhileLocked): Promise<SavedRule>;
  undo(saved: SavedRule, wait: WhileLocked): Promise<void>;
}
