/** Lets a session save approvals: the door of src/session on this side, src/policy on the other. */
import type { ResolvedPolicy } from '../policy/model.ts';
import { previewRule, type RuleToSave, type SavedRule as SavedEdits, saveRule, undoRule } from '../policy/save-rule.ts';
import type { GrantRule, ProfileSaver, SavedRule } from '../session/profile-saver.ts';

function ruleToSave({ path, access, kind, verdict }: GrantRule): RuleToSave {
  return { path, access, kind: kind === 'tree' ? 'tree' : 'file', override: verdict === 'override' };
}

export function createProfileSaver(policy: ResolvedPolicy, env: NodeJS.ProcessEnv): ProfileSaver {
  const edits = new WeakMap<SavedRule, SavedEdits>();
  return {
    preview(rule) {
      const { file, diff } = previewRule(policy, ruleToSave(rule), env);
      return [file, ...diff];
    },
    save: async (rule) => {
      const made = saveRule(policy, ruleToSave(rule), env);
      const saved = { file: made.file, profile: made.profile, rule };
      edits.set(saved, made);
      return saved;
    },
    undo: async (saved) => {
      const made = edits.get(saved);
      if (made !== undefined) undoRule(made);
    },
  };
}
