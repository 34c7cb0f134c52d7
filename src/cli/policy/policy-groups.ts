/** `nono policy groups`: what the groups are, and what is in one. */
import { NonoError } from '../../platform/errors.ts';
import {
  detailGroup,
  type GroupDetail,
  groupEntries,
  listGroups,
  type ShownPath,
  summariseGroup,
} from '../../policy/groups/group-view.ts';
import { findGroup, type PolicyGroup, type PolicyGroups } from '../../policy/groups/groups.ts';
import { builtinData } from '../../policy/resolve/load.ts';
import { labelled, outputWidth, rowsWithText } from '../output/columns.ts';
import { fold } from '../output/fold-words.ts';
import { holdsText } from '../output/list-filter.ts';
import { answer } from '../output/output.ts';
import { type Paint, paint } from '../output/theme.ts';
import type { Options } from '../tables/flags.ts';
import { pathExpander } from './path-expander.ts';

const LABEL = 13;

export function groups(title: string, name: string | undefined, options: Options): void {
  const look = paint(options);
  if (name === undefined) list(title, options, look);
  else detail(title, name, options, look);
}

function list(title: string, options: Options, look: Paint): void {
  const platform = options.allPlatforms ? undefined : process.platform === 'darwin' ? 'macos' : 'linux';
  const rows = listGroups(builtinData().groups, platform)
    .filter(([name, group]) => holdsText(options.filter, [name, group.description, ...groupEntries(group)]))
    .map(([name, group]) => summariseGroup(name, group));
  if (options.json) {
    answer(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  const lines = rowsWithText(
    rows.map(({ name, description, platform: where, required }) => ({
      name,
      text: description,
      notes: `${where}${required ? '  required' : ''}`,
    })),
    2,
    outputWidth(),
    look,
  );
  answer([look.bold(`${title}: ${rows.length} groups`), '', ...lines, ''].join('\n'));
}

/** The words of the original, which scripts look for; the nearest name beside them. */
function named(all: PolicyGroups, name: string): PolicyGroup {
  try {
    return findGroup(all, { text: name, at: '' });
  } catch (error) {
    if (!(error instanceof NonoError) || error.code !== 'group-not-found') throw error;
    const { hint } = error;
    const text = `group '${name}' not found in policy.json. Use 'nono policy groups' to list available groups`;
    throw new NonoError('group-not-found', text, hint?.startsWith('did you') ? { hint } : {});
  }
}

function detail(title: string, name: string, options: Options, look: Paint): void {
  const group = named(builtinData().groups, name);
  const found = detailGroup(name, group, pathExpander(), (entry) => holdsText(options.filter, [entry]));
  if (options.json) {
    const { rules: _rules, ...json } = found;
    answer(`${JSON.stringify(json, null, 2)}\n`);
    return;
  }
  const width = outputWidth();
  const row = (label: string, value: string): string =>
    labelled(look.label(`${label}:`.padEnd(LABEL)), LABEL, value, width);
  const lines = [
    look.bold(`${title}: group '${name}'`),
    '',
    row('Description', found.description),
    row('Platform', found.platform),
    row('Required', found.required ? 'yes' : 'no'),
    ...sections(found, options.raw, width, look),
  ];
  answer(`${lines.join('\n')}\n`);
}

function sections(found: GroupDetail, raw: boolean, width: number, look: Paint): string[] {
  const lines: string[] = [];
  const section = (label: string, paths: readonly ShownPath[] | undefined): void => {
    if (paths === undefined) return;
    lines.push('', `  ${look.label(`${label}:`)}`);
    // The reason once, above the paths that share it.
    let before: string | undefined;
    for (const path of paths) {
      const why = found.rules.find((rule) => rule.paths.includes(path.raw))?.why;
      if (why !== before && why !== undefined)
        lines.push(...fold(why, width - 6).map((line) => `    ${look.dim(`# ${line}`)}`));
      before = why;
      lines.push(`    ${raw ? path.raw : (path.expanded ?? `${path.raw}  ${look.dim('(not set here)')}`)}`);
    }
  };
  for (const [key, paths] of Object.entries(found.allow ?? {})) section(`allow.${key}`, paths);
  section('deny.access', found.deny?.access);
  section('deny.write', found.deny?.write);
  if (found.deny?.commands)
    lines.push('', `  ${look.label('deny.commands:')}`, ...found.deny.commands.map((one) => `    ${one}`));
  if (found.deny?.unlink) lines.push('', `  ${look.label('deny.unlink:')} yes`);
  if (found.symlink_pairs) {
    const pairs = Object.entries(found.symlink_pairs).map(([from, to]) => `    ${from} -> ${to}`);
    lines.push('', `  ${look.label('symlink_pairs:')}`, ...pairs);
  }
  return lines;
}
