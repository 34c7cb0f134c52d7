/** A policy that comes back from the plan's SELF record. */
import { closeSync, readFileSync, readSync } from 'node:fs';
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

/** What the registry is told. The whole policy takes a millisecond to read, and most commands end without anything to explain. */
export type PolicyAbout = Pick<ResolvedPolicy, 'profile' | 'workdir' | 'blockNetwork'>;

export function aboutToJson({ profile, workdir, blockNetwork }: PolicyAbout): string {
  return JSON.stringify({ profile, workdir, blockNetwork });
}

/** The file that the launcher of a cached plan hands over (native/front.c). */
export interface PolicyFile {
  about(): PolicyAbout;
  policy(): ResolvedPolicy;
}

const HEAD = 4096;

export function policyFile(fd: number): PolicyFile {
  let policy: ResolvedPolicy | undefined;
  const whole = (): ResolvedPolicy => {
    if (policy === undefined) {
      const bytes = readFileSync(fd);
      policy = policyFromJson(bytes.toString('utf8', bytes.indexOf(0) + 1));
      closeSync(fd);
    }
    return policy;
  };
  return {
    policy: whole,
    about: () => {
      const head = Buffer.allocUnsafe(HEAD);
      const length = readSync(fd, head, 0, HEAD, 0);
      const end = head.subarray(0, length).indexOf(0);
      return end > 0 ? (JSON.parse(head.toString('utf8', 0, end)) as PolicyAbout) : whole();
    },
  };
}
