/** Why a socket may be connected to or made. */

import { decide } from '../decide/decide.ts';
import { matchingRules } from '../decide/matching-rules.ts';
import type { Decision, PolicyRule, ResolvedPolicy } from '../model.ts';
import { networkMode } from '../plan/compile-network.ts';
import type { FileSystem } from '../plan/file-system.ts';
import { isLifted } from '../resolve/lifting.ts';
import { createRealPathResolver, type RealPath } from '../resolve/real-path.ts';
import { closestGrant, denyReason, freeName, ownName } from './explain-path.ts';
import { explainScope } from './explain-scope.ts';
import type { Explanation } from './explanation.ts';

/** Under `off` nobody looks at a connect, unless the network is blocked, for which every one is looked at: then a deny holds for sockets too. */
function unmediated(policy: ResolvedPolicy, decision: Decision): Explanation | undefined {
  const looked = networkMode(policy, { supervise: true }) !== 'free';
  if (looked && decision.verdict === 'deny' && decision.reason === 'denied-by-rule') return undefined;
  return { status: 'allowed', reason: 'sockets_not_mediated', details: 'linux.af_unix_mediation is off' };
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
  return {
    ...base,
    flags: [flag, real.path],
    edit: { list: ['filesystem', 'unix_socket_bind'], entries: [real.path] },
  };
}
