/** Why a path may be read or written, or may not, and what would change it. */
import type { RuleAccess } from '../../sandbox/linux/constants.ts';
import { decide } from '../decide/decide.ts';
import { matchingRules } from '../decide/matching-rules.ts';
import type { Decision, PolicyRule, ResolvedPolicy } from '../model.ts';
import { parentOf } from '../paths.ts';
import { bulkDirectoryOf } from '../pattern/bulk.ts';
import type { FileSystem } from '../plan/file-system.ts';
import { Devices } from '../resolve/devices.ts';
import { isGrantedByUser, isLifted } from '../resolve/lifting.ts';
import { isOwnProtection } from '../resolve/protection.ts';
import { createRealPathResolver, type RealPath } from '../resolve/real-path.ts';
import { explainOfCaller, throughCaller } from './explain-process.ts';
import type { Explanation, PathOperation, ProfileEdit } from './explanation.ts';

const ANSWERED = 'a pattern approved in this session: answered by its terminal call by call, not while it is detached';

export function denyReason(rule: PolicyRule): string {
  if (isOwnProtection(rule)) return 'nono_protected';
  return rule.source.startsWith('group:') ? 'sensitive_path' : 'filesystem_deny';
}

export function closestGrant(
  policy: Pick<ResolvedPolicy, 'rules'>,
  path: string,
  access: RuleAccess,
): PolicyRule | undefined {
  const answer = decide({ rules: policy.rules.filter((rule) => rule.verdict === 'allow') }, { path, access });
  return answer.verdict === 'allow' ? answer.rule : answer.reason === 'denied-by-rule' ? undefined : answer.closest;
}

interface Remedy {
  readonly flags: readonly string[] | undefined;
  readonly edit: ProfileEdit | undefined;
}

const noRemedy: Remedy = { flags: undefined, edit: undefined };

/** The flag for one object: the file, the directory, or for what does not exist the directory it would be made in. */
function grantFor(real: RealPath, access: PathOperation, fs: FileSystem): Remedy {
  const word = access === 'readwrite' ? 'allow' : access;
  const exists = real.kind !== undefined;
  const directory = real.kind === 'directory';
  const edit = { path: real.path, access, kind: directory ? 'tree' : 'file' } as const;
  if (exists) return { flags: directory ? [`--${word}`, real.path] : [`--${word}-file`, real.path], edit };
  const parent = parentOf(real.path);
  // A flag on a path that does not exist is skipped with a warning; a profile may name it.
  if (fs.kind(parent) === 'directory')
    return { flags: [`--${word}`, parent], edit: { path: parent, access, kind: 'tree' } };
  return { flags: undefined, edit };
}

function remedy(
  policy: ResolvedPolicy,
  real: RealPath,
  access: PathOperation,
  decision: Decision & { verdict: 'deny' },
  fs: FileSystem,
): Remedy {
  // A loop of links: looked up again by the flag, the path would lead somewhere else.
  if (real.kind === 'symlink' || createRealPathResolver(fs)(real.path).path !== real.path) return noRemedy;
  const { path } = real;
  if (decision.reason === 'denied-by-rule') {
    if (!isLifted(policy, path, access)) return noRemedy;
    const granted = isGrantedByUser(policy, path, access);
    const grant = granted ? undefined : grantFor(real, access, fs);
    if (!granted && grant?.flags === undefined) return noRemedy;
    return {
      flags: [...(grant?.flags ?? []), '--override-deny', path],
      edit: { path, access, kind: real.kind === 'directory' ? 'tree' : 'file', override: true },
    };
  }
  const consent = policy.workdirGrant;
  const shared = consent?.state === 'needs-consent' && consent.access !== 'none' ? consent.access : undefined;
  if (shared !== undefined) {
    const rule = { id: 0, verdict: 'allow', kind: 'tree', raw: '', source: 'workdir', path: policy.workdir } as const;
    if (decide({ rules: [{ ...rule, access: shared }] }, { path, access }).verdict === 'allow')
      return { flags: ['--allow-cwd'], edit: grantFor(real, access, fs).edit };
  }
  return grantFor(real, access, fs);
}

export const freeName = {
  status: 'allowed',
  reason: 'session_makes',
  details: 'the name is free: what the session makes is its own',
} as const;

/** One access to a path; `written` is absolute, links and all. `inside`: asked from within the session. */
export function explainPath(
  policy: ResolvedPolicy,
  written: string,
  access: PathOperation,
  fs: FileSystem,
  inside = false,
): Explanation & { readonly real: RealPath } {
  const real = createRealPathResolver(fs)(written);
  const through = real.ofCaller
    ? throughCaller(real.path, inside ? fs.readLink('/proc/self/cwd') : policy.workdir)
    : undefined;
  if (through !== undefined) return explainPath(policy, through, access, fs, inside);
  if (real.ofCaller) return explainOfCaller(real, access, fs, inside);
  const decision = decide(policy, { path: real.path, access });
  const closed = decision.verdict === 'allow' ? closedDevice(policy, real, access, fs) : undefined;
  if (closed !== undefined) return { real, ...closed };
  if (decision.verdict === 'allow') {
    const byTerminal = decision.rule.source === 'session' && decision.rule.kind === 'pattern';
    const details = byTerminal ? ANSWERED : access === 'read' ? undefined : unguarded(policy, real.path);
    const { rule } = decision;
    const rules = matchingRules(policy, { path: real.path, access }, rule);
    return { real, status: 'allowed', reason: 'granted_path', details, rule, rules };
  }
  const byRule = decision.reason === 'denied-by-rule';
  const name = byRule ? undefined : ownName(policy, real.path);
  if (name !== undefined && fs.kind(name) === undefined) return { real, ...freeName };
  // To write a directory is to make something in it.
  if (access === 'write' && !byRule && policy.ownedDirectories?.includes(real.path))
    return { real, ...freeName, details: 'under names that are free: what the session makes there is its own' };
  const rule = byRule ? decision.rule : undefined;
  const closest = byRule ? closestGrant(policy, real.path, access) : decision.closest;
  const reason = rule ? denyReason(rule) : closest ? 'insufficient_access' : 'path_not_granted';
  const details = name === undefined ? undefined : 'open only to a session that made it itself (private_tmp)';
  const rules = rule && matchingRules(policy, { path: real.path, access }, rule);
  return {
    real,
    status: 'denied',
    reason,
    details,
    rule,
    rules,
    closest,
    ...remedy(policy, real, access, decision, fs),
  };
}

/** A device that the floor leaves out though a grant covers it (devices.ts). */
function closedDevice(
  policy: ResolvedPolicy,
  real: RealPath,
  access: PathOperation,
  fs: FileSystem,
): Explanation | undefined {
  const devices = new Devices(fs);
  if (real.kind === undefined || devices.opens(real.path, real.kind)) return undefined;
  const named = policy.rules.filter((rule) => rule.verdict === 'allow' && devices.names(rule, real.path));
  if (decide({ rules: named }, { path: real.path, access }).verdict === 'allow') return undefined;
  const details = 'a device: opened only by a grant that names it';
  return { status: 'denied', reason: 'path_not_granted', details, ...grantFor(real, access, fs) };
}

/** What is not protected because it lies in a bulk directory, and who says that it does. */
function unguarded(policy: ResolvedPolicy, path: string): string | undefined {
  const bulk = bulkDirectoryOf(policy, path);
  if (bulk === undefined) return undefined;
  const { directory, by } = bulk;
  const rules = policy.rules.map(({ bulk: _bulk, deep: _deep, ...rule }) => rule);
  const missed = decide({ rules }, { path, access: 'write' });
  const who = `${by.source}${by.at === undefined ? '' : `, ${by.at}`}`;
  const not = `${directory} is bulk (${by.name}, ${who}), and guards do not look inside`;
  return missed.verdict === 'deny' && missed.reason === 'denied-by-rule'
    ? `${not}: elsewhere ${missed.rule.source} would deny it`
    : not;
}

/** The name directly in a shared directory of which the session may use what it makes there, at or above this path. */
export function ownName(policy: ResolvedPolicy, path: string): string | undefined {
  for (const dir of policy.ownedDirectories ?? [])
    if (path.startsWith(`${dir}/`)) return `${dir}/${path.slice(dir.length + 1).split('/')[0]}`;
  return undefined;
}
