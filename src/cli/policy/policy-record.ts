/** A policy that comes back from the plan's SELF record. */
import { closeSync, readFileSync, readSync } from 'node:fs';
import { NonoError } from '../../platform/errors.ts';
import type { PolicyRule, ResolvedPolicy } from '../../policy/model.ts';

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

/** What the registry is told. The whole policy takes a millisecond to read, and most commands end without anything to explain. */
export type PolicyAbout = Pick<ResolvedPolicy, 'profile' | 'workdir' | 'blockNetwork'>;

/** `matches`: how many of the rules in the record, its last ones, are what patterns matched. */
export function aboutToJson({ profile, workdir, blockNetwork }: PolicyAbout, matches: number): string {
  return JSON.stringify({ profile, workdir, blockNetwork, matches });
}

/** What a session in the pane is made with (pane-launch.ts): the policy as it was resolved, and what its patterns matched when the plan was made. */
export interface PolicyAndMatches {
  readonly policy: ResolvedPolicy;
  readonly matches: readonly PolicyRule[];
}

/** The record has both in one list. Throws where it cannot: a match that is taken for a rule of the user's would be shown as one. */
export function partMatches(recorded: ResolvedPolicy, about: string): PolicyAndMatches {
  const { matches: count } = JSON.parse(about) as { readonly matches?: unknown };
  const { rules } = recorded;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0 || count > rules.length)
    throw new NonoError('sandbox-setup', 'the record of the plan does not say how many rules are matches');
  const from = rules.length - count;
  return { policy: { ...recorded, rules: rules.slice(0, from) }, matches: rules.slice(from) };
}

/** The file that the launcher of a cached plan hands over (native/start/front.c). */
export interface PolicyFile {
  about(): PolicyAbout;
  policy(): ResolvedPolicy;
  /** In place of the two others. */
  parted(): PolicyAndMatches;
}

const HEAD = 4096;

export function policyFile(fd: number): PolicyFile {
  let policy: ResolvedPolicy | undefined;
  const parts = (): readonly [string, ResolvedPolicy] => {
    const bytes = readFileSync(fd);
    closeSync(fd);
    const end = bytes.indexOf(0);
    return [bytes.toString('utf8', 0, Math.max(end, 0)), policyFromJson(bytes.toString('utf8', end + 1))];
  };
  const whole = (): ResolvedPolicy => {
    policy ??= parts()[1];
    return policy;
  };
  return {
    policy: whole,
    parted: () => {
      const [about, recorded] = parts();
      return partMatches(recorded, about);
    },
    about: () => {
      const head = Buffer.allocUnsafe(HEAD);
      const length = readSync(fd, head, 0, HEAD, 0);
      const end = head.subarray(0, length).indexOf(0);
      return end > 0 ? (JSON.parse(head.toString('utf8', 0, end)) as PolicyAbout) : whole();
    },
  };
}
