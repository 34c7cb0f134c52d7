/** What the user could believe to be enforced and is not, by this version on this kernel. Shown at every start: nono never claims more than it holds. */

/** Landlock ABI by the first mainline kernel that has it; a distribution may have it earlier, never later. */
const abiOfKernel = [
  [7, 6, 15],
  [6, 6, 12],
  [5, 6, 10],
  [4, 6, 7],
  [3, 6, 2],
  [2, 5, 19],
  [1, 5, 13],
] as const;

/** Not imported above: a silent start shows no summary and does not load it. */
function runningKernel(): string {
  return process.getBuiltinModule('node:os').release();
}

/** The ABI that a kernel of this release has at least, without asking it: asking takes a process, the launcher refuses what is missing anyway. */
export function landlockAbiAtLeast(kernel: string = runningKernel()): number {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10));
  const found = abiOfKernel.find(([, maj, min]) => major > maj || (major === maj && minor >= min));
  return found?.[0] ?? 0;
}

export interface ProtectionRequest {
  readonly blockNetwork: boolean;
  /** False for `wrap`. */
  readonly supervised?: boolean;
  /** By name, wherever a supervisor sees what is executed. */
  readonly refusedCommands?: readonly string[];
  /** False when the profile leaves pathname unix sockets alone. */
  readonly unixRules?: boolean;
  /** Keys of the profile that do not do here what they say. */
  readonly keysNotInForce?: readonly string[];
}

const SCOPE_ABI = 6;
const TRUNCATE_ABI = 3;

/** Short phrases, the most important first. docs/THREAT-MODEL.md explains each. */
export function notInForce(abi: number, policy: ProtectionRequest): string[] {
  const list: string[] = [...(policy.keysNotInForce ?? [])];
  // Landlock does not decide them; the supervisor does.
  if (policy.supervised === false) list.push('metadata writes (chmod, chown, utime, xattr)');
  // Landlock ABI 9 could hold this without a supervisor, but the launcher does not handle that right.
  const localSockets = policy.supervised !== false && policy.unixRules !== false;
  if (!localSockets) list.push('connecting to local sockets');
  // Landlock knows /dev/pts, and not whose a terminal in it is.
  if (policy.supervised === false) list.push('your other terminals');
  if (abi < SCOPE_ABI) list.push('signals and abstract sockets to other processes');
  if (abi < TRUNCATE_ABI) list.push('truncating files');
  // The supervisor decides these; the kernel alone does not.
  if (policy.supervised === false) list.push('scheduling of other processes', 'names seen by inotify');
  if (policy.supervised === false && (policy.refusedCommands ?? []).length > 0)
    list.push('refused commands after the first');
  // The socket itself is refused, but a local service may do the talking.
  if (policy.blockNetwork && !localSockets) list.push('network by way of local services');
  return list;
}
