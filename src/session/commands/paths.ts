/** From a path as typed to what the supervisor would decide on. */

import { NonoError } from '../../platform/errors.ts';
import { decide } from '../../policy/decide.ts';
import type { Decision } from '../../policy/model.ts';
import { createRealPathResolver, type RealPath } from '../../policy/real-path.ts';
import { NO_RULE } from '../../sandbox/linux/constants.ts';
import type { AskedAccess } from '../../sandbox/linux/wire.ts';
import type { DenialRow } from '../denial-row.ts';
import type { CommandContext } from './command.ts';
import { policyNow } from './policy-now.ts';
import { absolutePath } from './words.ts';

export interface TypedPath {
  readonly real: RealPath;
  readonly decision: Decision;
}

/** Resolves and decides, over everything that is in force now. Throws NonoError for what no rule can hold. */
export function typedPath(written: string, access: AskedAccess, { session, doors }: CommandContext): TypedPath {
  const real = createRealPathResolver(doors.fileSystem())(absolutePath(written, doors.home, doors.cwd()));
  if (real.ofCaller)
    throw new NonoError('path-invalid', `${written}: names the process that asks, so no rule can hold it`);
  const policy = policyNow(doors.policy, session.granter.journal.grants);
  return { real, decision: decide(policy, { path: real.path, access }) };
}

/** The row that a denial of this would be, so that it is granted by the same code and under the same conditions. */
export function rowFor({ real, decision }: TypedPath, access: AskedAccess): DenialRow {
  return {
    id: 0,
    kind: 'path',
    path: real.path,
    name: undefined,
    net: undefined,
    other: undefined,
    verb: 'none',
    access,
    object: real.kind === 'directory' ? 'directory' : real.kind === undefined ? 'missing' : 'file',
    comm: '',
    parentComm: '',
    pid: 0,
    parentPid: 0,
    reason: decision.verdict === 'allow' ? 'not-granted' : decision.reason,
    ruleId: decision.verdict === 'deny' && decision.reason === 'denied-by-rule' ? decision.rule.id : NO_RULE,
    count: 0,
    firstAt: 0,
    lastAt: 0,
    holds: new Set(),
    outcome: 'denied',
    grant: undefined,
    muted: false,
    members: [],
    distinct: 0,
    fold: undefined,
  };
}
