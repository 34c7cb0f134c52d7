/** From a row and a wish to the exact rule and the exact commands. Pure: nothing is sent or saved here. */
import { dirname } from 'node:path/posix';
import { decide } from '../../policy/decide/decide.ts';
import { endpointWithin, type NetEndpoint } from '../../policy/decide/net-endpoint.ts';
import { access as accessBits, netOperation, netProtocol } from '../../sandbox/linux/constants.ts';
import type { SupervisorCommand } from '../../sandbox/linux/wire.ts';
import { isPlainlyVisible } from '../../terminal/visible-text.ts';
import { accessWords } from '../rows/access-words.ts';
import { type DenialRow, underDenyRule } from '../rows/denial-row.ts';
import { isNetPath, type NetScope, scopedEndpoint, scopeText } from '../rows/net-target.ts';
import type { ApprovedNet, ApprovedPath, GrantRule } from './profile-saver.ts';

/** What an approval covers: the object itself, or the directory it is in (with everything below); of an address, see NetScope. */
export type Target = 'file' | 'directory' | NetScope;

/** Why an approval cannot be given; one line for the user, with `{action}` for its key (key-words.ts). */
export interface Refusal {
  readonly refused: string;
}

/** The targets that a row offers, the narrowest first: a fold has no single file or port. */
export function targetsOf(row: DenialRow): readonly [Target, ...Target[]] {
  if (isNetPath(row.path)) return row.kind === 'fold' ? ['host'] : ['endpoint', 'host', 'port'];
  return row.kind === 'fold' ? ['directory'] : ['file', 'directory'];
}

export function defaultTarget(row: DenialRow): Target {
  return targetsOf(row)[0];
}

/** The next wider target, round and round. */
export function nextTarget(row: DenialRow, target: Target): Target {
  const all = targetsOf(row);
  return all[(all.indexOf(target) + 1) % all.length] ?? all[0];
}

function netRule(row: DenialRow, target: Target): GrantRule | Refusal {
  if (underDenyRule(row))
    return { refused: 'a deny rule forbids this: {override} lifts it for exactly this address and port' };
  const scope = target === 'host' || target === 'port' ? target : row.kind === 'fold' ? 'host' : 'endpoint';
  const endpoint = row.net === undefined ? undefined : scopedEndpoint(row.net, scope);
  if (row.net === undefined || endpoint === undefined)
    return { refused: 'many hosts: unfold ({unfold}) and choose one' };
  return { verdict: 'allow', operation: row.net.operation, endpoint };
}

/** The row is about a directory, there already or about to be made. */
export function isDirectory(row: DenialRow): boolean {
  return row.object === 'directory' || row.verb === 'mkdir';
}

/** The rule that an approval of this row would add. */
export function grantRule(row: DenialRow, target: Target): GrantRule | Refusal {
  if (row.kind === 'startup') return { refused: 'unfold start-up denials ({unfold}) and choose one' };
  if (isNetPath(row.path)) return netRule(row, target);
  // The wire carries UTF-8: a name that is none would become a rule for another path.
  if (row.path.includes('\ufffd'))
    return { refused: 'this name is not UTF-8: only a single call can be allowed ({allow-once})' };
  if (underDenyRule(row)) return { refused: 'a deny rule forbids this: {override} lifts it for exactly this path' };
  const directory = row.kind === 'fold' || isDirectory(row) ? row.path : dirname(row.path);
  if (target === 'directory' || row.kind === 'fold') {
    if (directory === '/') return { refused: 'a rule for the whole file system is never made here' };
    return { verdict: 'allow', kind: 'tree', access: row.access, path: directory };
  }
  // A directory moves with all that is in it.
  const kind = row.verb === 'rename' && row.object === 'directory' ? 'tree' : 'exact';
  return { verdict: 'allow', kind, access: row.access, path: row.path };
}

/** Everything that an approval of this row would add: a rename or link has two sides. */
export function grantRules(row: DenialRow, target: Target): readonly GrantRule[] | Refusal {
  const rule = grantRule(row, target);
  if ('refused' in rule) return rule;
  const other = otherRule(row, target);
  if (other === undefined) return [rule];
  return 'refused' in other ? other : [rule, other];
}

/** The rule for the other side of a rename or link, where that is missing too; of the same width. */
function otherRule(row: DenialRow, target: Target): ApprovedPath | Refusal | undefined {
  if (row.other === undefined || row.other.allowed) return undefined;
  if (row.other.path.includes('\ufffd'))
    return { refused: 'this name is not UTF-8: only a single call can be allowed ({allow-once})' };
  if (target !== 'directory') return { verdict: 'allow', kind: 'exact', access: row.access, path: row.other.path };
  const directory = dirname(row.other.path);
  if (directory === '/') return { refused: 'a rule for the whole file system is never made here' };
  return { verdict: 'allow', kind: 'tree', access: row.access, path: directory };
}

/** The rule that lifts a deny rule for exactly one path, or one address and port. */
export function overrideRule(row: DenialRow): GrantRule | Refusal {
  if (row.kind !== 'path') return { refused: 'choose one path' };
  if (!underDenyRule(row))
    return { refused: 'no deny rule forbids this: {allow-once}, {allow-session} or {allow-profile} allow it' };
  if (isNetPath(row.path)) {
    const endpoint = row.net && scopedEndpoint(row.net, 'endpoint');
    if (row.net === undefined || endpoint === undefined) return { refused: 'choose one address' };
    return { verdict: 'override', operation: row.net.operation, endpoint };
  }
  if (!isPlainlyVisible(row.path))
    return { refused: 'this path has characters that cannot be typed safely: lift the rule in a profile file' };
  return { verdict: 'override', kind: 'exact', access: row.access, path: row.path };
}

/** Answers for the calls that wait on a row now. */
export function verdicts(row: DenialRow, allow: boolean): readonly SupervisorCommand[] {
  return Array.from(row.holds.keys(), (holdId) => ({ type: 'verdict', holdId, allow }) as const);
}

/** What has to be typed before a deny rule is lifted. */
export function typedFor(row: DenialRow): string {
  return row.net === undefined ? row.path : row.net.address;
}

export type AddCommand = Extract<SupervisorCommand, { readonly type: 'add-rule' | 'add-net-rule' }>;

function addNet(rule: ApprovedNet, verdict: 'allow' | 'override', id: number): AddCommand {
  const { protocol, ...where } = rule.endpoint;
  const operations = netOperation[rule.operation];
  return { type: 'add-net-rule', rule: { id, verdict, operations, protocols: netProtocol[protocol], ...where } };
}

/** Commands that put a rule in force for this session; ids continue from `nextId`. */
export function ruleCommands(rule: GrantRule, nextId: number): readonly AddCommand[] {
  // A pattern is answered call by call (granter.ts): the supervisor only tells who asks inside (`nono why --self`).
  const add = (verdict: 'allow' | 'override', id: number): AddCommand =>
    'endpoint' in rule
      ? addNet(rule, verdict, id)
      : { type: 'add-rule', id, verdict, kind: rule.kind, access: rule.access, path: rule.path };
  return rule.verdict === 'override' ? [add('override', nextId), add('allow', nextId + 1)] : [add('allow', nextId)];
}

/** The command that takes one of them back. */
export function takeBack(rule: GrantRule, id: number): SupervisorCommand {
  return 'endpoint' in rule ? { type: 'remove-net-rule', id } : { type: 'remove-rule', id };
}

/** Whether a rule covers such an access to a path. */
export function pathCovered(rule: GrantRule, path: string, access: DenialRow['access']): boolean {
  if ('endpoint' in rule) return false;
  if (rule.kind === 'pattern') {
    const asked = { ...rule, id: 0, raw: rule.path, source: 'session' };
    return decide({ rules: [asked] }, { path, access }).verdict === 'allow';
  }
  const inside = path === rule.path || (rule.kind === 'tree' && path.startsWith(`${rule.path}/`));
  return inside && (accessBits[access] & ~accessBits[rule.access]) === 0;
}

/** Whether rules cover what a row asked for, on either side; such rows are marked as granted. */
export function rulesCover(rules: readonly GrantRule[], row: DenialRow): boolean {
  const { other } = row;
  const otherCovered =
    other === undefined || other.allowed || rules.some((rule) => pathCovered(rule, other.path, row.access));
  return otherCovered && rules.some((rule) => ruleCovers(rule, row));
}

/** Whether a rule covers the path or address of a row. */
export function ruleCovers(rule: GrantRule, row: DenialRow): boolean {
  if (row.kind === 'startup') return false;
  if (underDenyRule(row) && rule.verdict !== 'override') return false;
  if ('endpoint' in rule) {
    if (row.net?.operation !== rule.operation) return false;
    const asked: NetEndpoint | undefined = scopedEndpoint(row.net, row.kind === 'fold' ? 'host' : 'endpoint');
    return asked !== undefined && endpointWithin(asked, rule.endpoint);
  }
  if (isNetPath(row.path)) return false;
  return pathCovered(rule, row.path, row.access);
}

/** The rules of a row, where one covers more than the row names; none where they do not, or are refused. */
export function widerRules(row: DenialRow, target: Target): readonly GrantRule[] {
  const rules = grantRules(row, target);
  if ('refused' in rules) return [];
  return row.kind === 'fold' || rules.some((rule) => 'kind' in rule && rule.kind === 'tree') ? rules : [];
}

/** A rule in one line, as the user reads it before saying yes. */
export function ruleText(rule: GrantRule): string {
  if ('endpoint' in rule) {
    const what = scopeText(rule.operation, rule.endpoint);
    return rule.verdict === 'override' ? `override the deny rule and allow to ${what}` : `allow to ${what}`;
  }
  const below = rule.access === 'connect' ? 'every socket in it' : 'everything below';
  const pattern = rule.kind === 'pattern' ? ' (a pattern)' : '';
  const what = rule.kind === 'tree' ? `${rule.path}/ and ${below}` : rule.path;
  const verb = accessWords[rule.access];
  return rule.verdict === 'override'
    ? `override the deny rule and allow ${verb} ${what}`
    : `allow ${verb} ${what}${pattern}`;
}
