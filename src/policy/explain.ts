/** Why a session would allow or deny something, by the functions that decide there, and what would change it. Pure: policy and file system in, an answer out. */
import { netOperation, netProtocol, type RuleAccess } from '../sandbox/linux/constants.ts';
import { bulkDirectoryOf } from './bulk.ts';
import { networkMode } from './compile-network.ts';
import { decide } from './decide.ts';
import { decideNetwork, type NetAccess } from './decide-network.ts';
import { sourceName } from './describe.ts';
import { chooseEnvironment, type Withholding } from './environment.ts';
import { explainOfCaller, throughCaller } from './explain-process.ts';
import type { FileSystem } from './file-system.ts';
import { matchingRules } from './matching-rules.ts';
import type { Decision, PolicyNetRule, PolicyRule, ResolvedPolicy } from './model.ts';
import { parentOf } from './paths.ts';
import { isOwnProtection } from './protection.ts';
import { createRealPathResolver, type RealPath } from './real-path.ts';
import { netRuleText } from './resolve-network.ts';

/** What would be written into the profile: a rule, an entry of a list, or a key with its value. */
export type ProfileEdit =
  | { readonly path: string; readonly access: RuleAccess; readonly kind: 'file' | 'tree'; readonly override?: boolean }
  | { readonly list: readonly [string, string]; readonly entry: string }
  | { readonly key: string; readonly value: string };

export interface Explanation {
  readonly status: 'allowed' | 'denied';
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

const ANSWERED = 'a pattern approved in this session: answered by its terminal call by call, not while it is detached';

function isUsersGrant(rule: PolicyRule): boolean {
  return rule.verdict === 'allow' && ['user', 'profile'].includes(sourceName(rule));
}

function denyReason(rule: PolicyRule): string {
  if (isOwnProtection(rule)) return 'nono_protected';
  return rule.source.startsWith('group:') ? 'sensitive_path' : 'filesystem_deny';
}

function closestGrant(policy: Pick<ResolvedPolicy, 'rules'>, path: string, access: RuleAccess): PolicyRule | undefined {
  const answer = decide({ rules: policy.rules.filter((rule) => rule.verdict === 'allow') }, { path, access });
  return answer.verdict === 'allow' ? answer.rule : answer.reason === 'denied-by-rule' ? undefined : answer.closest;
}

/** Whether the override would be taken, and would be enough: asked of the deciding function itself. */
function isLifted(policy: Pick<ResolvedPolicy, 'rules'>, path: string, access: RuleAccess): boolean {
  const id = policy.rules.reduce((next, rule) => Math.max(next, rule.id + 1), 0);
  const origin = { kind: 'tree', access: 'all', path, raw: path, source: 'cli:--override-deny' } as const;
  const rules: PolicyRule[] = [
    ...policy.rules,
    { ...origin, id, verdict: 'override' },
    { ...origin, id: id + 1, verdict: 'allow' },
  ];
  return decide({ rules }, { path, access }).verdict === 'allow';
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
    const granted = policy.rules.some(
      (rule) => isUsersGrant(rule) && decide({ rules: [rule] }, { path, access }).verdict === 'allow',
    );
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

const freeName = {
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
function ownName(policy: ResolvedPolicy, path: string): string | undefined {
  for (const dir of policy.ownedDirectories ?? [])
    if (path.startsWith(`${dir}/`)) return `${dir}/${path.slice(dir.length + 1).split('/')[0]}`;
  return undefined;
}

/** Under `off` nobody looks at a connect, unless rules on addresses have every one looked at: then a deny holds for sockets too. */
function unmediated(policy: ResolvedPolicy, decision: Decision): Explanation | undefined {
  const ruled = (supervise: boolean, asks: boolean): boolean => networkMode(policy, { supervise, asks }) === 'ruled';
  const denied = decision.verdict === 'deny' && decision.reason === 'denied-by-rule' ? decision.rule : undefined;
  if (denied !== undefined && ruled(true, false)) return undefined;
  const off = 'linux.af_unix_mediation is off';
  return {
    status: 'allowed',
    reason: 'sockets_not_mediated',
    details:
      denied !== undefined && ruled(true, true)
        ? `${off}; in \`nono shell\`, where each connection is looked at, ${denied.source} denies it`
        : off,
  };
}

/** Connecting to, or making, a pathname socket; `@name` is an abstract one. */
export function explainSocket(
  policy: ResolvedPolicy,
  written: string,
  operation: 'connect' | 'bind',
  fs: FileSystem,
): Explanation & { readonly real?: RealPath } {
  if (written.startsWith('@')) return explainScope(policy, 'abstract-unix-socket');
  const real = createRealPathResolver(fs)(written);
  const access = operation === 'bind' ? 'write' : 'connect';
  const decision = decide(policy, { path: real.path, access });
  if (operation === 'connect' && policy.unixRules === false) {
    const open = unmediated(policy, decision);
    if (open !== undefined) return { real, ...open };
  }
  const matching = (rule: PolicyRule): readonly PolicyRule[] =>
    matchingRules(policy, { path: real.path, access }, rule);
  if (decision.verdict === 'allow') {
    const { rule } = decision;
    return { real, status: 'allowed', reason: 'granted_path', rule, rules: matching(rule) };
  }
  const byRule = decision.reason === 'denied-by-rule';
  const name = byRule ? undefined : ownName(policy, real.path);
  if (name !== undefined && fs.kind(name) === undefined) return { real, ...freeName };
  const rule = byRule ? decision.rule : undefined;
  const closest = byRule ? closestGrant(policy, real.path, access) : decision.closest;
  const reason = rule ? denyReason(rule) : 'socket_not_granted';
  const flag = operation === 'bind' ? '--allow-unix-socket-bind' : '--allow-unix-socket';
  const base = { real, status: 'denied', reason, rule, rules: rule && matching(rule), closest } as const;
  // What is denied only because the network is blocked is lifted by naming it.
  const named = rule?.source.startsWith('group:') && rule.access === 'connect';
  if (byRule && !named) {
    if (rule === undefined || !isLifted(policy, real.path, access)) return base;
    return { ...base, flags: [flag, real.path, '--override-deny', real.path] };
  }
  if (operation === 'connect')
    return { ...base, flags: [flag, real.path], edit: { path: real.path, access: 'connect', kind: 'file' } };
  return { ...base, flags: [flag, real.path], edit: { list: ['filesystem', 'unix_socket_bind'], entry: real.path } };
}

/** What may leave the sandbox by something that is neither a file nor the network. */
export function explainScope(policy: ResolvedPolicy, scope: 'signal' | 'abstract-unix-socket'): Explanation {
  const scopes = policy.scopes ?? { signal: true, abstractUnix: true };
  const closed = scope === 'signal' ? scopes.signal : scopes.abstractUnix;
  if (!closed) return { status: 'allowed', reason: 'scope_open', details: `the profile opens it` };
  const inside =
    scope === 'signal' ? 'signals reach processes of the same sandbox' : 'abstract sockets made inside work';
  return {
    status: 'denied',
    reason: 'scope_isolated',
    details: `${inside}; nothing outside is reached`,
    edit:
      scope === 'signal'
        ? { key: 'security.signal_mode', value: 'allow_all' }
        : { key: 'security.ipc_mode', value: 'full' },
  };
}

const withholdingReasons: Readonly<Record<Withholding, string>> = {
  'not listed': 'variable_not_listed',
  denied: 'variable_denied',
  'carries code': 'variable_carries_code',
  'holds a password': 'variable_holds_password',
  'holds a command': 'variable_holds_command',
};

/** Whether a variable of the user's environment reaches the command. An unset one is judged by its name. */
export function explainVariable(
  policy: ResolvedPolicy,
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): Explanation {
  if (name.startsWith('NONO_'))
    return { status: 'denied', reason: 'variable_of_nono', details: "variables of nono's own are never passed on" };
  const set = policy.environment?.set ?? {};
  if (Object.hasOwn(set, name)) return { status: 'allowed', reason: 'variable_set', details: 'set by profile or flag' };
  const unset = env[name] === undefined ? 'it is not set here; judged by its name' : undefined;
  const chosen = chooseEnvironment({ [name]: env[name] ?? '' }, policy.environment);
  const withheld = chosen.withheld.find((one) => one.name === name);
  if (withheld === undefined && Object.hasOwn(chosen.values, name))
    return { status: 'allowed', reason: 'variable_passed', details: unset };
  const because = withheld?.because ?? 'not listed';
  const listed = because === 'not listed' || because === 'holds a password' || because === 'holds a command';
  return {
    status: 'denied',
    reason: withholdingReasons[because],
    details: [`left out: ${because}`, ...(unset === undefined ? [] : [unset])].join('; '),
    flags: ['--env', name],
    edit: listed ? { list: ['environment', 'allow_vars'], entry: name } : undefined,
  };
}

/** Starting a command by its name. `file`: where PATH finds it. */
export function explainCommand(
  policy: ResolvedPolicy,
  name: string,
  file: string | undefined,
  fs: FileSystem,
): Explanation {
  if (policy.blockedCommands.includes(name)) {
    return {
      status: 'denied',
      reason: 'command_blocked',
      details: policy.refusedCommands?.includes(name)
        ? 'refused by name and by file; a guard against accidents, not a boundary'
        : 'refused by name at the start; a check against accidents, not a boundary',
      flags: ['--allow-command', name],
      edit: { list: ['commands', 'allow'], entry: name },
    };
  }
  if (file === undefined) return { status: 'allowed', reason: 'command_allowed', details: 'no such file in PATH' };
  const executed = explainPath(policy, file, 'read', fs);
  if (executed.status === 'denied') return executed;
  return { ...executed, reason: 'command_allowed', details: executed.real.path };
}

function coversAnyAddress(rule: PolicyNetRule, asked: Omit<NetAccess, 'address'>): boolean {
  return (
    rule.verdict === 'allow' &&
    rule.family === 0 &&
    (rule.operations & netOperation[asked.operation]) !== 0 &&
    (rule.protocols & netProtocol[asked.protocol]) !== 0 &&
    asked.port >= rule.firstPort &&
    asked.port <= rule.lastPort
  );
}

/** One address, or `undefined` for a name that no address is known of: then only a rule on every address can allow it. */
export function explainAddress(
  policy: ResolvedPolicy,
  asked: Omit<NetAccess, 'address'> & { readonly address: NetAccess['address'] | undefined },
  endpoint: string | undefined,
): Explanation {
  const listening = asked.operation === 'bind';
  if (!policy.blockNetwork) return { status: 'allowed', reason: 'network_allowed', details: 'the network is open' };
  const rules = policy.netRules ?? [];
  if (asked.address === undefined) {
    const rule = rules.find((one) => coversAnyAddress(one, asked));
    if (rule !== undefined) return { status: 'allowed', reason: 'network_allowed', rule, details: netRuleText(rule) };
    const opens = rules.some((one) => one.verdict === 'allow');
    const details = opens ? 'the name has no address here' : 'no rule opens it';
    return { status: 'denied', reason: 'network_blocked', details };
  }
  const decision = decideNetwork(rules, { ...asked, address: asked.address });
  if (decision.verdict === 'allow')
    return { status: 'allowed', reason: 'network_allowed', rule: decision.rule, details: netRuleText(decision.rule) };
  const flags = endpoint === undefined ? undefined : [listening ? '--allow-listen' : '--allow-connect', endpoint];
  const list = ['network', listening ? 'allow_listen' : 'allow_connect'] as const;
  const edit = endpoint === undefined ? undefined : ({ list, entry: endpoint } as const);
  if (decision.reason === 'not-granted')
    return { status: 'denied', reason: 'network_blocked', details: 'no rule opens it', flags, edit };
  return { status: 'denied', reason: 'network_denied', rule: decision.rule, flags, edit };
}
