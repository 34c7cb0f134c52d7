/** `nono policy profiles`, `show` and `diff`. */
import { currentDirectory } from '../../platform/current-directory.ts';
import { NonoError } from '../../platform/errors.ts';
import { diffProfiles, diffSections } from '../../policy/profile/profile-diff.ts';
import {
  type ProfileView,
  profileView,
  type ViewItem,
  type ViewValue,
  withNewerKeys,
} from '../../policy/profile/profile-view.ts';
import { builtinData, profileStore } from '../../policy/resolve/load.ts';
import { homeDirectory } from '../../policy/resolve/variables.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { labelled, outputWidth, rowsWithText } from '../output/columns.ts';
import { holdsText } from '../output/list-filter.ts';
import { answer } from '../output/output.ts';
import { type Paint, paint } from '../output/theme.ts';
import type { Options } from '../tables/flags.ts';
import { pathExpander } from './path-expander.ts';

/** Built-in profiles that the original has had since later versions: listed apart, as their groups are kept apart. */
const laterProfiles: readonly string[] = ['bun-dev', 'java-dev', 'linux-host-compat', 'mise-dev'];

const LABEL = 14;

interface Listed {
  readonly name: string;
  readonly source: string;
  readonly description?: string | null;
  readonly extends?: readonly string[];
  readonly error?: string;
}

function listed(): Listed[] {
  const store = profileStore();
  const { profiles } = builtinData();
  const here = currentDirectory();
  return store.names().map(({ name, source }) => {
    const overrides = source === 'user' && Object.hasOwn(profiles, name);
    const shown = overrides ? 'user (overrides built-in)' : source;
    try {
      const { profile } = store.load(name, here);
      const bases = profile.extends.map((word) => word.text);
      return { name, source: shown, description: profile.description ?? null, extends: bases };
    } catch (error) {
      if (!(error instanceof NonoError)) throw error;
      return { name, source: shown, error: error.message };
    }
  });
}

function shortened(path: string): string {
  const home = homeDirectory(process.env);
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

export function profiles(title: string, options: Options): void {
  const all = listed().filter(({ name, source, description, extends: bases, error }) =>
    holdsText(options.filter, [name, source, description ?? '', ...(bases ?? []), error ?? '']),
  );
  if (options.json) {
    answer(`${JSON.stringify(all, null, 2)}\n`);
    return;
  }
  const look = paint(options);
  const width = outputWidth();
  const isLater = ({ name, source }: Listed): boolean => source === 'built-in' && laterProfiles.includes(name);
  const later = all.filter(isLater);
  const lines = [look.bold(`${title}: ${all.length - later.length} profiles`)];
  const section = (heading: string, rows: readonly Listed[]): void => {
    if (rows.length === 0) return;
    const shown = rows.map((row) => ({
      name: row.name,
      text: row.error === undefined ? visibleText(row.description ?? '') : look.bad(`error: ${visibleText(row.error)}`),
      notes: [
        ...(row.source.startsWith('user (') ? ['overrides built-in'] : []),
        ...(row.extends?.length ? [`extends ${row.extends.map(visibleText).join(', ')}`] : []),
      ].join('  '),
    }));
    lines.push('', `  ${look.label(heading)}`, ...rowsWithText(shown, 4, width, look));
  };
  section(
    'Built-in:',
    all.filter((row) => row.source === 'built-in' && !isLater(row)),
  );
  section(
    `User (${shortened(profileStore().directory)}/):`,
    all.filter((row) => row.source !== 'built-in'),
  );
  section(`${later.length} more, of later versions:`, later);
  answer(`${lines.join('\n')}\n`);
}

function view(nameOrPath: string, raw: boolean): ProfileView {
  const expand = pathExpander();
  const loaded = profileStore().load(nameOrPath, currentDirectory());
  return profileView(loaded, builtinData(), raw ? String : (written) => expand(written) ?? written);
}

const modes: Readonly<Record<string, string>> = {
  isolated: 'Isolated',
  allow_same_sandbox: 'AllowSameSandbox',
  allow_all: 'AllowAll',
  shared_memory_only: 'SharedMemoryOnly',
  full: 'Full',
  none: 'None',
  read: 'Read',
  write: 'Write',
  readwrite: 'ReadWrite',
};

function isUnset(value: ViewValue): boolean {
  if (value === null || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.values(value).every(isUnset);
}

const titles: Readonly<Record<string, string>> = { allow: 'allow (r+w)', allow_file: 'allow_file (r+w)' };

function entryLines(key: string, value: ViewValue, indent: string, look: Paint): string[] {
  const label = look.label(`${titles[key] ?? key}:`);
  if (Array.isArray(value)) {
    const entries = (value as readonly ViewItem[]).map((entry) =>
      visibleText(typeof entry === 'object' ? JSON.stringify(entry) : String(entry)),
    );
    return [`${indent}${label}`, ...entries.map((entry) => `${indent}  ${entry}`)];
  }
  if (typeof value === 'object' && value !== null) {
    const inner = Object.entries(value).filter(([, one]) => !isUnset(one));
    return [`${indent}${label}`, ...inner.flatMap(([name, one]) => entryLines(name, one, `${indent}  `, look))];
  }
  return [`${indent}${label} ${visibleText(String(value))}`];
}

export function show(title: string, nameOrPath: string, options: Options): void {
  const found = view(nameOrPath, options.raw);
  if (options.json) {
    // As in the original, which lists `[]` and shows `null`.
    const bases = found.extends.length > 0 ? found.extends : null;
    const whole = title === 'nono profile' ? withNewerKeys(found) : found;
    answer(`${JSON.stringify({ ...whole, extends: bases }, null, 2)}\n`);
    return;
  }
  const look = paint(options);
  const width = outputWidth();
  const row = (label: string, value: string): string =>
    labelled(look.label(`${label}:`.padEnd(LABEL)), LABEL, value, width);
  const { name, description, extends: bases, security, workdir, ...sections } = found;
  const { groups, allowed_commands: commands, signal_mode: signals, ...rest } = security as Record<string, ViewValue>;
  const lines = [look.bold(`${title}: profile '${visibleText(name)}'`), ''];
  if (description !== null) lines.push(row('Description', visibleText(description)));
  if (bases.length > 0) lines.push(row('Extends', bases.map(visibleText).join(', ')));
  lines.push('', `  ${look.label('Security groups:')}`);
  for (const group of groups as readonly string[]) lines.push(`    ${look.name(group)}`);
  if (!isUnset(commands as ViewValue)) {
    lines.push('', `  ${look.label('Allowed commands:')}`);
    lines.push(...(commands as readonly string[]).map((command) => `    ${visibleText(command)}`));
  }
  if (typeof signals === 'string') lines.push(row('Signal mode', modes[signals] ?? signals));
  for (const [key, value] of Object.entries(rest)) {
    const label = key === 'ipc_mode' ? 'IPC mode' : key === 'process_info_mode' ? 'Process info' : key;
    if (!isUnset(value)) lines.push(row(label, modes[String(value)] ?? String(value)));
  }
  for (const [key, value] of Object.entries(sections)) {
    if (isUnset(value)) continue;
    const heading = (key.charAt(0).toUpperCase() + key.slice(1)).replaceAll('_', ' ');
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      lines.push('', ...entryLines(heading, value, '  ', look));
      continue;
    }
    lines.push('', `  ${look.label(`${heading}:`)}`);
    for (const [name, one] of Object.entries(value))
      if (!isUnset(one)) lines.push(...entryLines(name, one, '    ', look));
  }
  const { access } = workdir as { access: string };
  if (access !== 'none') lines.push('', row('Workdir access', modes[access] ?? access));
  answer(`${lines.join('\n')}\n`);
}

export function diff(title: string, first: string, second: string, options: Options): void {
  const found = diffProfiles(view(first, true), view(second, true));
  if (options.json) {
    answer(`${JSON.stringify(found, null, 2)}\n`);
    return;
  }
  const look = paint(options);
  const sections = diffSections(found);
  const lines = [look.bold(`${title}: diff '${visibleText(first)}' vs '${visibleText(second)}'`), ''];
  if (sections.length === 0) lines.push('  (no differences)');
  for (const [i, section] of sections.entries()) {
    if (i > 0) lines.push('');
    lines.push(`  ${look.label(`${section.title}:`)}`);
    for (const { sign, text } of section.lines)
      lines.push(`    ${(sign === '+' ? look.good : look.bad)(`${sign} ${visibleText(text)}`)}`);
  }
  answer(`${lines.join('\n')}\n`);
}
