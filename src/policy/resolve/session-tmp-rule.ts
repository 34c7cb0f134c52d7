/** The grant of the session's own directory for temporary files. */
import type { PolicyRule } from '../model.ts';

const RAW = '$TMPDIR';

export function sessionTmpRule(id: number, path: string): PolicyRule {
  return { id, verdict: 'allow', kind: 'tree', access: 'readwrite', path, raw: RAW, source: 'nono' };
}

/** What a user writes has the source of its profile or flag. */
export function isSessionTmp(rule: PolicyRule): boolean {
  return rule.source === 'nono' && rule.raw === RAW;
}
