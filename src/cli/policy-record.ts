/** A policy that comes back from the plan's SELF record. */
import type { ResolvedPolicy } from '../policy/model.ts';

export function policyFromJson(text: string): ResolvedPolicy {
  const policy = JSON.parse(text) as ResolvedPolicy;
  if (policy.netRules === undefined) return policy;
  // JSON knows no bytes: an address comes back as an object of its positions.
  const netRules = policy.netRules.map((rule) => ({
    ...rule,
    address: Uint8Array.from(Object.values(rule.address as unknown as Record<string, number>)),
  }));
  return { ...policy, netRules };
}
