/** The door to the profile on disk. The session knows when to save and what to say; src/policy knows how. */
import type { AccessName, RuleKind } from '../sandbox/linux/constants.ts';

/** A rule as an approval makes it. `override` means: lift the deny rule at exactly this path, and grant it. */
export interface GrantRule {
  readonly verdict: 'allow' | 'override';
  readonly kind: RuleKind;
  readonly access: AccessName;
  readonly path: string;
}

/** What a save did, handed back for undo. */
export interface SavedRule {
  /** Profile file that now holds the rule. */
  readonly file: string;
  /** Name of that profile; not the session's own when that one is built in. */
  readonly profile: string;
  readonly rule: GrantRule;
}

/** Writes approvals into the user's profile: atomically, keeping comments and order. Every failure rejects with one line for the user. */
export interface ProfileSaver {
  /** The change as lines of a diff, file name first, exactly as `save` would make it. */
  preview(rule: GrantRule): readonly string[];
  save(rule: GrantRule): Promise<SavedRule>;
  undo(saved: SavedRule): Promise<void>;
}
