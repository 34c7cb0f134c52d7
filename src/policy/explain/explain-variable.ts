/** Why a variable of the user's environment reaches the command. */

import type { ResolvedPolicy } from '../model.ts';
import { chooseEnvironment, type Withholding } from '../resolve/environment.ts';
import type { Explanation } from './explanation.ts';

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
    edit: listed ? { list: ['environment', 'allow_vars'], entries: [name] } : undefined,
  };
}
