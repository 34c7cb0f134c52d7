/** Plans for measuring the launcher without the command line in front of it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fastPathLibrary } from '../../src/platform/installation.ts';
import { compilePlan } from '../../src/policy/plan/compile.ts';
import { policyContext } from '../../src/policy/resolve/load.ts';
import type { FlagGrant } from '../../src/policy/resolve/policy-request.ts';
import { resolvePolicy } from '../../src/policy/resolve/resolve.ts';

export interface PlanPair {
  /** File of a plan with every open trapped and approvals on. */
  readonly supervised: string;
  /** The same with the fast path, as `nono run` has it. */
  readonly fast: string;
  /** The same as `nono wrap` would write it. */
  readonly floor: string;
}

export interface PlanWishes {
  readonly read: readonly string[];
  readonly allow: readonly string[];
  readonly denies?: readonly string[];
  /** A file. Undefined: the default profile. */
  readonly profile?: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A profile and these grants: what `nono run --profile … --read … --allow … --deny …` means. */
export function plansFor(wishes: PlanWishes, directory: string, name: string): PlanPair {
  const grants: FlagGrant[] = [
    ...wishes.read.map((path): FlagGrant => ({ flag: '--read', path, access: 'read', expect: 'directory' })),
    ...wishes.allow.map((path): FlagGrant => ({ flag: '--allow', path, access: 'readwrite', expect: 'directory' })),
  ];
  const policy = resolvePolicy(
    { profile: wishes.profile, grants, denies: wishes.denies ?? [], workdir: wishes.cwd },
    policyContext(wishes.env),
  );
  const { fs } = policyContext(wishes.env);
  const compile = (kind: 'trapped' | 'fast' | 'floor'): string => {
    const file = join(directory, `${name}-${kind}.plan`);
    const { plan } = compilePlan(
      policy,
      {
        supervise: kind !== 'floor',
        mode: 'ask',
        env: wishes.env,
        cwd: wishes.cwd,
        allowDegraded: true,
        fastPath: kind === 'fast' ? fastPathLibrary() : undefined,
      },
      fs,
    );
    writeFileSync(file, plan);
    return file;
  };
  return { supervised: compile('trapped'), fast: compile('fast'), floor: compile('floor') };
}
