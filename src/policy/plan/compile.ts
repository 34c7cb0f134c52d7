/** From a resolved policy to the plan that nono-launch reads. */
import { NonoError } from '../../platform/errors.ts';
import { type ApprovalMode, optionFlag } from '../../sandbox/linux/constants.ts';
import { encodePlan, type FloorRule, type Plan, PlanError } from '../../sandbox/linux/plan-format.ts';
import type { PolicyRule, ResolvedPolicy } from '../model.ts';
import { linkFindings } from '../pattern/hard-links.ts';
import { planBirths } from './birth.ts';
import { keptCapabilities } from './capabilities.ts';
import { compileNetwork, floorOnlyNetworkProblems } from './compile-network.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { computeFloor, type Floor } from './floor.ts';
import { floorViolation } from './floor-proof.ts';
import { refusedCommands } from './refused-commands.ts';

/** What a start adds to its policy. */
export interface PlanRequest {
  /** False for `wrap`: floor and static filter only, then execve in place. */
  readonly supervise: boolean;
  /** The command becomes session leader with descriptor 0 as its controlling terminal. */
  readonly newSession?: boolean;
  readonly mode: ApprovalMode;
  /** Somebody can be asked while the command runs: then a blocked network is held call by call instead of being closed. */
  readonly asks?: boolean;
  /** Drop what this kernel lacks, each named in a NOTICE, instead of refusing to start. */
  readonly allowDegraded?: boolean;
  readonly minimumAbi?: number;
  /** Removed by the launcher at the end. */
  readonly tmpdir?: string | undefined;
  /** The user's own soft limit on open files, which Node raised for itself. */
  readonly openFiles?: number | undefined;
  /** An event for every program that is executed. */
  readonly reportExec?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the command starts. Undefined: where the launcher is. */
  readonly cwd?: string | undefined;
  /** The library of the fast path. Undefined: every call is trapped, as where each open must be seen. */
  readonly fastPath?: string | undefined;
}

export interface CompiledPlan {
  readonly plan: Buffer;
  readonly floor: readonly FloorRule[];
  /** Directories left off the floor because something below them is denied. */
  readonly carved: readonly string[];
  /** What deny patterns matched, as rules beside those of the policy. */
  readonly matches: readonly PolicyRule[];
  readonly warnings: readonly string[];
  /** What is open although a rule denies it, or closed although one grants it, each to be said unless nono is silent. Looked for when it is asked: up to 4,000 files are. */
  readonly findings: readonly string[];
}

/** Landlock ABI 3 is the first that decides truncation; below it a read-only file could be emptied. */
const MINIMUM_ABI = 3;

/** Compiles a plan for this machine as it is now. Rules keep their ids, so events name them. */
export function compilePlan(
  policy: ResolvedPolicy,
  request: PlanRequest,
  fs: FileSystem = nodeFileSystem(),
): CompiledPlan {
  const floor = computeFloor(policy.rules, fs, policy.strict, request.supervise);
  const fastPath = request.supervise ? request.fastPath : undefined;
  const rules = floor.matches.length === 0 ? policy.rules : [...policy.rules, ...floor.matches];
  const violation = floorViolation(floor.rules, rules);
  if (violation !== undefined) {
    throw new NonoError('policy-invalid', `refusing to start: ${violation}`, {
      hint: 'this is a fault of nono; please report it with the profile',
    });
  }
  const network = compileNetwork(policy, request);
  const scopes = policy.scopes ?? { signal: true, abstractUnix: true };
  const flags =
    (request.supervise ? optionFlag.supervise : 0) |
    (request.newSession ? optionFlag.newSession : 0) |
    network.flags |
    (scopes.signal ? optionFlag.scopeSignal : 0) |
    (scopes.abstractUnix ? optionFlag.scopeAbstractUnix : 0) |
    (policy.ipc?.sharedMemory ? optionFlag.allowSysvIpc : 0) |
    (policy.ipc?.messageQueues ? optionFlag.allowMessageQueues : 0) |
    (policy.ipc?.keyring ? optionFlag.allowKeyring : 0) |
    (request.allowDegraded ? optionFlag.allowDegraded : 0) |
    (fastPath === undefined ? 0 : optionFlag.fastPath) |
    (request.reportExec ? optionFlag.reportExec : 0);
  const env = Object.entries(request.env).flatMap(([name, value]) =>
    name === '' || value === undefined ? [] : [`${name}=${value}`],
  );
  const minimumAbi = request.minimumAbi ?? (request.allowDegraded ? 1 : MINIMUM_ABI);
  const guards = rules.filter((rule) => rule.bulk !== undefined);
  const plan = encode({
    options: { flags, mode: request.mode, minimumAbi, capabilities: keptCapabilities },
    floor: floor.rules,
    rules:
      guards.length === 0
        ? rules
        : rules.map((rule) =>
            rule.bulk === undefined ? rule : { ...rule, guard: rule.deep ? ('deep' as const) : (true as const) },
          ),
    bulk: request.supervise ? [...new Set(guards.flatMap((rule) => rule.bulk ?? []))] : [],
    closed: [...new Set(guards.flatMap((rule) => (rule.deep && rule.bulk) || []))],
    births: request.supervise ? planBirths({ ...policy, rules }, floor.carved, fs) : [],
    net: network.net,
    owned: request.supervise ? policy.ownedDirectories : [],
    commands: request.supervise ? refusedCommands(policy.refusedCommands ?? [], request.env['PATH'], fs) : [],
    env,
    cwd: request.cwd,
    limits: { ...policy.limits, ...(request.openFiles === undefined ? {} : { openFiles: request.openFiles }) },
    tmpdir: request.tmpdir,
    self: request.supervise ? JSON.stringify({ ...policy, rules }) : undefined,
    preload: fastPath,
  });
  let findings: readonly string[] | undefined;
  return {
    plan,
    floor: floor.rules,
    carved: floor.carved,
    matches: floor.matches,
    warnings: [...floor.warnings, ...patternNotes(policy, floor)],
    get findings() {
      findings ??= [...floor.unlisted.map(unlistedFinding), ...linkFindings(rules, fs)];
      return findings;
    },
  };
}

function unlistedFinding(directory: string): string {
  return `${directory} cannot be listed here (a sandbox around this one, or its mode) and something in it is denied, so of the rest only what has a rule of its own is open`;
}

function encode(plan: Plan): Buffer {
  try {
    return encodePlan(plan);
  } catch (cause) {
    if (!(cause instanceof PlanError)) throw cause;
    throw new NonoError('policy-invalid', `the policy cannot be given to the launcher: ${cause.message}`, { cause });
  }
}

/**
 * What the floor and the static filter alone cannot hold, for `nono wrap`, which must refuse then: patterns, whose new matches somebody has to
 * refuse, and rules on internet addresses. A deny of a path is held by granting nothing there, and single-directory grants are only narrower without a supervisor.
 */
export function floorOnlyProblems(policy: ResolvedPolicy, allowDegraded = false): readonly string[] {
  const patterns = policy.rules
    .filter((rule) => rule.kind === 'pattern')
    .map((rule) => `the pattern ${rule.raw} (${rule.source}) needs somebody to refuse new names that match`);
  return [...patterns, ...floorOnlyNetworkProblems(policy, allowDegraded)];
}

/** What holds of the patterns, and what does not: for `-v`. */
function patternNotes(policy: ResolvedPolicy, floor: Floor): readonly string[] {
  const patterns = policy.rules.filter((rule) => rule.kind === 'pattern' && rule.verdict === 'deny');
  if (patterns.length === 0) return [];
  const outside = policy.strict
    ? 'what something outside makes during the session is denied too'
    : 'what something outside makes during the session can be read (--strict-deny refuses it)';
  return [
    `patterns: ${floor.searched} entries searched, ${floor.matches.length} matched and carved out`,
    ...bulkNotes(policy, floor),
    ...patterns.map(
      (rule) => `${rule.raw} (${rule.source}): no name that matches can be made or moved into place inside; ${outside}`,
    ),
  ];
}

/** Where guards do not look: a protection that is not in force there is said. */
function bulkNotes(policy: ResolvedPolicy, floor: Floor): readonly string[] {
  const guards = policy.rules.filter((rule) => rule.bulk !== undefined);
  const names = policy.bulk ?? [];
  if (guards.length === 0 || names.length === 0) return [];
  const sources = [...new Set(guards.map((rule) => rule.source))].join(', ');
  const listed = names.map((one) => `${one.name} (${one.source})`).join(', ');
  const but = policy.rules.some((rule) => rule.deep) ? ', but for git repositories' : '';
  return [
    `bulk directories: ${sources} does not look inside ${listed}${but}; ${floor.bulk} on the floor by rules of their own, new ones are made there`,
  ];
}
