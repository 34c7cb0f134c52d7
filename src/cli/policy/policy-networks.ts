/** `nono policy networks`: the network profiles, and the hosts that one of them names on this machine. */
import { nearest } from '../../config/nearest.ts';
import { NonoError } from '../../platform/errors.ts';
import { askPackageManagers } from '../../policy/profile/ask-package-managers.ts';
import type { NetworkProfiles } from '../../policy/profile/network-file.ts';
import { builtinData } from '../../policy/resolve/load.ts';
import { outputWidth, rowsWithText } from '../output/columns.ts';
import { fold } from '../output/fold-words.ts';
import { holdsText } from '../output/list-filter.ts';
import { answer } from '../output/output.ts';
import { paint } from '../output/theme.ts';
import type { Options } from '../tables/flags.ts';

interface HostsOfGroup {
  readonly group: string;
  readonly description: string;
  readonly why: string;
  readonly hosts: readonly string[];
  /** Of package registries: which manager said so. */
  readonly managers?: Readonly<Record<string, readonly string[]>>;
}

export function networks(name: string | undefined, options: Options): void {
  if (name === undefined) list(options);
  else detail(name, options);
}

function list(options: Options): void {
  const { profiles } = builtinData().network;
  const rows = Object.entries(profiles)
    .filter(([name, groups]) => holdsText(options.filter, [name, ...groups]))
    .map(([name, groups]) => ({ name, groups }));
  if (options.json) {
    answer(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  const look = paint(options);
  const lines = rowsWithText(
    rows.map(({ name, groups }) => ({ name, text: groups.join(', '), notes: '' })),
    2,
    outputWidth(),
    look,
  );
  answer([look.bold(`nono policy: ${rows.length} network profiles`), '', ...lines, ''].join('\n'));
}

/** Of a profile; a group is one by itself. */
function membersOf(all: NetworkProfiles, name: string): readonly string[] {
  if (Object.hasOwn(all.profiles, name)) return all.profiles[name] as readonly string[];
  if (Object.hasOwn(all.groups, name)) return [name];
  const names = [...Object.keys(all.profiles), ...Object.keys(all.groups)];
  const meant = nearest(name, names);
  throw new NonoError('usage', `there is no network profile or group of hosts '${name}'`, {
    hint: meant === undefined ? `there are ${names.join(', ')}` : `did you mean '${meant}'?`,
  });
}

function hostsOf(all: NetworkProfiles, group: string): HostsOfGroup {
  const one = all.groups[group] as NetworkProfiles['groups'][string];
  const about = { group, description: one.description, why: one.why };
  if (one.from !== 'package-managers') return { ...about, hosts: one.hosts };
  const managers = askPackageManagers(process.env);
  return { ...about, hosts: [...new Set([...managers.values()].flat())], managers: Object.fromEntries(managers) };
}

function detail(name: string, options: Options): void {
  const all = builtinData().network;
  const found = membersOf(all, name)
    .map((group) => hostsOf(all, group))
    .map((one) => ({ ...one, hosts: one.hosts.filter((host) => holdsText(options.filter, [host, one.group])) }));
  if (options.json) {
    answer(`${JSON.stringify({ name, groups: found }, null, 2)}\n`);
    return;
  }
  const look = paint(options);
  const width = outputWidth();
  const lines = [look.bold(`nono policy: hosts of '${name}'`)];
  for (const { group, why, hosts, managers } of found) {
    const by = (host: string): string => {
      const names = Object.entries(managers ?? {}).flatMap(([manager, its]) => (its.includes(host) ? manager : []));
      return names.length === 0 ? '' : `  ${look.dim(`(${names.join(', ')})`)}`;
    };
    lines.push(
      '',
      `  ${look.label(`${group}:`)}`,
      ...fold(why, width - 6).map((line) => `    ${look.dim(`# ${line}`)}`),
    );
    lines.push(...hosts.map((host) => `    ${host}${by(host)}`));
    if (hosts.length === 0)
      lines.push(`    ${look.dim(managers === undefined ? 'none' : 'no package manager names one')}`);
  }
  lines.push(
    '',
    ...fold(
      'Letting hosts through by name is not in this version: a profile that names a network profile blocks the network.',
      width,
    ),
    '',
  );
  answer(lines.join('\n'));
}
