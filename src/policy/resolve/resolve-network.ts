/** From the words of flags and profile to the rules on internet addresses. Pure. */
import { NonoError } from '../../platform/errors.ts';
import { netOperation, netProtocol } from '../../sandbox/linux/constants.ts';
import { deniedRanges } from '../decide/net-denied.ts';
import {
  EndpointProblem,
  endpointText,
  type NetEndpoint,
  parseEndpoints,
  rangeWithin,
} from '../decide/net-endpoint.ts';
import type { PolicyNetRule, RuleSource } from '../model.ts';
import { type NetForm, netMeaning } from '../profile/profile-network.ts';

export interface NetGrant {
  readonly form: NetForm;
  readonly text: string;
  readonly source: RuleSource;
  /** Where it is written, for errors: `--open-port`, or file, line and column. */
  readonly at: string;
}

export interface ResolvedNetwork {
  readonly rules: readonly PolicyNetRule[];
  readonly warnings: readonly string[];
}

function meaning(grant: NetGrant) {
  try {
    return netMeaning(grant.form, grant.text);
  } catch (error) {
    if (!(error instanceof EndpointProblem)) throw error;
    throw new NonoError(grant.source.startsWith('cli:') ? 'usage' : 'path-invalid', `${grant.at}: ${error.message}`);
  }
}

/**
 * Rules for a blocked network: what is granted, then the ranges that no wide grant opens. A grant that names such a range, or something in it,
 * opens it; naming it is the user's word that it is meant.
 */
export function resolveNetwork(grants: readonly NetGrant[]): ResolvedNetwork {
  const rules: PolicyNetRule[] = [];
  const warnings: string[] = [];
  const add = (rule: Omit<PolicyNetRule, 'id'>): void => void rules.push({ ...rule, id: rules.length });
  const denied = deniedRanges.flatMap(({ range, why }) =>
    parseEndpoints(`${range}:*`).map((endpoint) => ({ endpoint, why, range })),
  );
  for (const grant of grants) {
    const { operations, endpoints } = meaning(grant);
    const bits = operations.reduce((sum, operation) => sum | netOperation[operation], 0);
    for (const endpoint of endpoints) {
      const at = grant.source.startsWith('profile:') ? { at: grant.at } : {};
      const rule = { ...ruleOf(endpoint, bits), raw: grant.text, source: grant.source, ...at } as const;
      add({ ...rule, verdict: 'allow' });
      const lifted = (bits & netOperation.connect) === 0 ? [] : denied.filter((d) => rangeWithin(endpoint, d.endpoint));
      const last = lifted.at(-1);
      if (last === undefined) continue;
      add({ ...rule, operations: netOperation.connect, verdict: 'override' });
      warnings.push(`${grant.source} ${endpointText(endpoint)} opens ${last.range} (${last.why})`);
    }
  }
  for (const { endpoint, why, range } of denied) {
    const origin = { raw: range, source: 'nono', why } as const;
    const everything = { ...ruleOf(endpoint, netOperation.connect), protocols: netProtocol.all, firstPort: 0 };
    add({ ...everything, verdict: 'deny', ...origin });
  }
  return { rules, warnings };
}

function ruleOf(endpoint: NetEndpoint, operations: number) {
  const { protocol, ...where } = endpoint;
  return { ...where, operations, protocols: netProtocol[protocol] };
}

/** A rule in words: `connect 10.0.0.0/8:443`. A source of two rules (`localhost`) is shown by each. */
export function netRuleText(rule: PolicyNetRule): string {
  const what =
    rule.operations === netOperation.all
      ? 'connect+listen'
      : rule.operations === netOperation.bind
        ? 'listen'
        : 'connect';
  return `${what} ${endpointText({ ...rule, protocol: rule.protocols === netProtocol.udp ? 'udp' : 'tcp' })}`;
}
