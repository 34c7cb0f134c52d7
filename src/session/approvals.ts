/** From a row and a wish to the exact rule and the exact commands. Pure: nothing is sent or saved here. */
import { dirname } from 'node:path/posix';
import type { SupervisorCommand } from '../sandbox/linux/wire.ts';
import { isPlainlyVisible } from '../terminal/visible-text.ts';
import { type DenialRow, underDenyRule } from './denial-row.ts';
import type { GrantRule } from './profile-saver.ts';

/** What an approval covers: the object itself, or the directory it is in (with everything below). */
export type Target = 'file' | 'directory';

/** Why an approval cannot be given; one line for the user. */
export interface Refusal {
  readonly refused: string;
}

/** The target that a row starts with: a fold has no single file. */
export function defaultTarget(row: DenialRow): Target {
  return row.kind === 'fold' ? 'directory' : 'file';
}

/** The rule that an approval of this row would add. */
export function grantRule(row: DenialRow, target: Target): GrantRule | Refusal {
  if (row.kind === 'startup') return { refused: 'unfold start-up denials (space) and choose one' };
  // The wire carries UTF-8: a name that is none would become a rule for another path.
  if (row.path.includes('\ufffd')) return { refused: 'this name is not UTF-8: only a single call can be allowed (a)' };
  if (underDenyRule(row)) return { refused: 'a deny rule forbids this: o lifts it for exactly this path' };
  const directory = row.kind === 'fold' || row.object === 'directory' ? row.path : dirname(row.path);
  if (target === 'directory' || row.kind === 'fold') {
    if (directory === '/') return { refused: 'a rule for the whole file system is never made here' };
    return { verdict: 'allow', kind: 'tree', access: row.access, path: directory };
  }
  return { verdict: 'allow', kind: 'exact', access: row.access, path: row.path };
}

/** The rule that lifts a deny rule for exactly one path. */
export function overrideRule(row: DenialRow): GrantRule | Refusal {
  if (row.kind !== 'path') return { refused: 'choose one path' };
  if (!underDenyRule(row)) return { refused: 'no deny rule forbids this: a, s or p allow it' };
  if (!isPlainlyVisible(row.path))
    return { refused: 'this path has characters that cannot be typed safely: lift the rule in a profile file' };
  return { verdict: 'override', kind: 'exact', access: row.access, path: row.path };
}

/** Answers for the calls that wait on a row now. */
export function verdicts(row: DenialRow, allow: boolean): readonly SupervisorCommand[] {
  return Array.from(row.holds, (holdId) => ({ type: 'verdict', holdId, allow }) as const);
}

/** Commands that put a rule in force for this session; ids continue from `nextId`. */
export function ruleCommands(
  rule: GrantRule,
  nextId: number,
): readonly (SupervisorCommand & { readonly type: 'add-rule' })[] {
  const add = (verdict: 'allow' | 'override', id: number) =>
    ({ type: 'add-rule', id, verdict, kind: rule.kind, access: rule.access, path: rule.path }) as const;
  return rule.verdict === 'override' ? [add('override', nextId), add('allow', nextId + 1)] : [add('allow', nextId)];
}

/** Whether a rule covers what a row asked for; such rows are marked as granted. */
export function ruleCovers(rule: GrantRule, row: DenialRow): boolean {
  if (row.kind === 'startup') return false;
  if (underDenyRule(row) && rule.verdict !== 'override') return false;
  const inside = row.path === rule.path || (rule.kind === 'tree' && row.path.startsWith(`${rule.path}/`));
  return inside && (rule.access === 'readwrite' || rule.access === row.access);
}

/** A rule in one line, as the user reads it before saying yes. */
export function ruleText(rule: GrantRule): string {
  const what = rule.kind === 'tree' ? `${rule.path}/ and everything below` : rule.path;
  const verb = rule.access === 'readwrite' ? 'read and write' : rule.access;
  return rule.verdict === 'override' ? `override the deny rule and allow ${verb} ${what}` : `allow ${verb} ${what}`;
}
