/** What flags, the profile and the working directory grant of files and sockets. */
import { NonoError } from '../../platform/errors.ts';
import { decideOnce } from '../decide/decide.ts';
import type { WorkdirGrant } from '../model.ts';
import { childOf } from '../paths.ts';
import type { ProfileGrant } from '../profile/profile.ts';
import type { SocketExtent, SocketGrant } from '../profile/profile-network.ts';
import { gpuDevices } from './gpu.ts';
import { QUEUES, queuesMounted } from './message-queues.ts';
import type { FlagGrant, FlagSocket } from './policy-request.ts';
import { flagPath, locate, type Resolving } from './resolving.ts';
import type { RuleOrigin } from './rule-list.ts';
import { expandPath } from './variables.ts';

export function realWorkdir(r: Resolving): string {
  const real = r.rules.real(r.request.workdir);
  if (real.kind === 'directory') return real.path;
  const what = real.kind === undefined ? 'does not exist' : 'is not a directory';
  throw new NonoError('path-invalid', `the working directory ${r.request.workdir} ${what}`, {
    hint: 'change to a directory that exists or give --workdir DIR',
  });
}

export function addFlag(r: Resolving, grant: FlagGrant): void {
  const path = flagPath(r, grant.path, grant.flag);
  const real = r.rules.real(path);
  if (real.ofCaller) {
    r.warnings.push(`${grant.flag} ${grant.path} adds nothing: /proc shows a command its own processes, never others`);
    return;
  }
  if (real.kind === undefined) {
    r.warnings.push(`Skipping non-existent ${grant.expect === 'file' ? 'file' : 'path'}: ${grant.path}`);
    return;
  }
  if (real.kind === 'symlink')
    throw new NonoError('path-invalid', `${grant.flag} ${grant.path}: the link leads to itself`);
  if (grant.expect === 'directory' && real.kind !== 'directory') {
    throw new NonoError('path-invalid', `${grant.flag} ${grant.path}: Expected a directory but got a file`, {
      hint: `use ${grant.flag.startsWith('--') ? grant.flag : '--allow'}-file ${grant.path}`,
    });
  }
  if (grant.expect === 'file' && real.kind === 'directory') {
    throw new NonoError('path-invalid', `${grant.flag} ${grant.path}: Expected a file but got a directory`, {
      hint: `use ${grant.flag.replace(/-file$/, '')} ${grant.path}`,
    });
  }
  r.rules.allow(path, grant.access, { source: `cli:${grant.flag}`, raw: grant.path });
}

/** A directory under a key for files means the directory itself: it may be listed, what is in it stays closed. */
export function addProfileGrant(r: Resolving, grant: ProfileGrant): void {
  const path = locate(r, grant, () => expandPath(grant.text, r.variables));
  if (path === undefined) return;
  const origin = { source: `profile:${r.profile.name}`, raw: grant.text, at: grant.at };
  r.rules.allow(path, grant.access, origin, grant.expect === 'file' ? 'itself' : 'all');
}

/** The flag and the key ask for the same: the command line stands for both where both do. */
export function addGpu(r: Resolving): void {
  const key = r.profile.settings.allow_gpu;
  const origin = r.request.allowGpu
    ? { source: 'cli:--allow-gpu', raw: '--allow-gpu' }
    : key?.value === true && { source: `profile:${r.profile.name}`, raw: 'allow_gpu', at: key.at };
  if (!origin) return;
  for (const device of gpuDevices(r.context.fs)) r.rules.allow(device, 'readwrite', origin);
}

/** Shared memory, semaphores and message queues are asked for together. */
export function addQueues(r: Resolving): void {
  const origin = asksForIpc(r);
  if (!origin) return;
  if (queuesMounted(r.context.fs)) r.rules.allow(QUEUES, 'readwrite', origin);
  else r.warnings.push(`${origin.raw} grants no POSIX message queues: their file system is not mounted at ${QUEUES}`);
}

export function asksForIpc(r: Resolving): RuleOrigin | undefined {
  if (r.request.allowIpc) return { source: 'cli:--allow-ipc', raw: '--allow-ipc' };
  return r.profile.ipcMode === 'full' ? { source: `profile:${r.profile.name}`, raw: 'ipc_mode' } : undefined;
}

export function addFlagSocket(r: Resolving, { flag, path, extent, bind }: FlagSocket): void {
  const absolute = flagPath(r, path, flag);
  const real = r.rules.real(absolute);
  if (extent !== 'socket' && real.kind !== undefined && real.kind !== 'directory')
    throw new NonoError('path-invalid', `${flag} ${path}: Expected a directory but got a file`);
  if (extent === 'socket' && real.kind === 'directory')
    throw new NonoError('path-invalid', `${flag} ${path}: Expected a socket but got a directory`, {
      hint: `use ${flag.replace(/(-bind)?$/, '-dir$1')} ${path}`,
    });
  addSockets(r, absolute, extent, bind, { source: `cli:${flag}`, raw: path });
}

export function addProfileSocket(r: Resolving, grant: SocketGrant): void {
  const path = locate(r, grant, () => expandPath(grant.text, r.variables));
  if (path === undefined) return;
  addSockets(r, path, grant.extent, grant.bind, {
    source: `profile:${r.profile.name}`,
    raw: grant.text,
    at: grant.at,
  });
}

/** Sockets that a directory holds now are granted one by one: a rule on the directory would hold for everything below it. */
function addSockets(r: Resolving, path: string, extent: SocketExtent, bind: boolean, origin: RuleOrigin): void {
  if (extent !== 'directory') {
    r.rules.connect(path, extent === 'socket' ? 'one' : 'tree', bind, origin);
    return;
  }
  const directory = r.rules.real(path).path;
  for (const { name, kind } of r.context.fs.list(directory) ?? [])
    if (kind === 'socket') r.rules.connect(childOf(directory, name), 'one', false, origin);
  // What is bound by the session can be connected to by the session; only making it needs a grant.
  if (bind) r.rules.allow(path, 'write', origin);
}

export function grantWorkdir(r: Resolving, workdir: string): WorkdirGrant {
  const wanted = r.profile.workdirAccess ?? 'none';
  // Without a profile the original shares the working directory for reading; a manifest names all that it grants.
  const unnamed = r.request.profile === undefined && r.request.manifest === undefined;
  const access = wanted === 'none' && unnamed ? 'read' : wanted;
  if (access === 'none') return { access, state: 'none' };
  if (decideOnce(r.rules.list(), { path: workdir, access }).verdict === 'allow') return { access, state: 'covered' };
  if (!r.request.allowCwd) return { access, state: 'needs-consent' };
  r.rules.allow(workdir, access, { source: 'workdir', raw: '$WORKDIR' });
  return { access, state: 'granted' };
}
