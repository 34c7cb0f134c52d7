/** Saving as a session asks for it: an approval's rule in, lines to show and a way back out. */
import type { WhileLocked } from '../../config/file-lock.ts';
import type { RuleAccess, RuleKind } from '../../sandbox/linux/constants.ts';
import type { NetEndpoint, NetOperation } from '../decide/net-endpoint.ts';
import type { Environment } from '../resolve/variables.ts';
import { previewRules, type RuleToSave, type SavedRule, type SaveTarget, saveRules, undoRule } from './save-rule.ts';

/** A rule on a path as an approval makes it. `override`: lift the deny rule at exactly this path, and grant it. */
export interface ApprovedPath {
  readonly verdict: 'allow' | 'override';
  readonly kind: RuleKind;
  readonly access: RuleAccess;
  readonly path: string;
}

/** A rule on addresses as an approval makes it. An override needs no words of its own in a profile: naming the address lifts what denies it. */
export interface ApprovedNet {
  readonly verdict: 'allow' | 'override';
  readonly operation: NetOperation;
  readonly endpoint: NetEndpoint;
}

export type ApprovedRule = ApprovedPath | ApprovedNet;

export interface SavedApproval {
  readonly file: string;
  readonly profile: string;
  readonly rules: readonly ApprovedRule[];
}

export interface ApprovalSaver {
  /** File name first, then the lines of the diff; the file name alone when the profile grants it already. */
  preview(rules: readonly ApprovedRule[]): readonly string[];
  /** All of them, or none. */
  save(rules: readonly ApprovedRule[], wait: WhileLocked): Promise<SavedApproval>;
  undo(saved: SavedApproval, wait: WhileLocked): Promise<void>;
}

function toSave(rule: ApprovedRule): RuleToSave {
  if ('endpoint' in rule) return { operation: rule.operation, endpoint: rule.endpoint };
  return {
    path: rule.path,
    access: rule.access,
    kind: rule.kind === 'tree' ? 'tree' : 'file',
    override: rule.verdict === 'override',
  };
}

/** The saver for a session under this policy. */
export function createProfileSaver(target: SaveTarget, env: Environment = process.env): ApprovalSaver {
  const done = new WeakMap<SavedApproval, SavedRule>();
  return {
    preview: (rules) => {
      const plan = previewRules(target, rules.map(toSave), env);
      return [plan.file, ...plan.diff];
    },
    save: async (rules, wait) => {
      const saved = await saveRules(target, rules.map(toSave), wait, env);
      const approval = { file: saved.file, profile: saved.profile, rules };
      done.set(approval, saved);
      return approval;
    },
    undo: async (approval, wait) => {
      const saved = done.get(approval);
      if (saved !== undefined) await undoRule(saved, wait);
    },
  };
}
