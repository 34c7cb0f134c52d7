/** What the second of two profiles has that the first has not, section by section. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { ProfileView, ViewItem, ViewValue } from './profile-view.ts';

export type Difference =
  | { readonly added: readonly ViewItem[]; readonly removed: readonly ViewItem[] }
  | { readonly profile1: ViewValue; readonly profile2: ViewValue; readonly changed: boolean };

export interface SectionDiff {
  readonly [key: string]: Difference | SectionDiff;
}

const isList = (value: ViewValue | undefined): value is readonly ViewItem[] => Array.isArray(value);
const isSection = (value: ViewValue | undefined): value is { readonly [key: string]: ViewValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function compare(a: ViewValue | undefined, b: ViewValue | undefined): Difference | SectionDiff {
  if (isList(a) || isList(b)) {
    const before = isList(a) ? a : [];
    const after = isList(b) ? b : [];
    return {
      added: after.filter((entry) => !before.some((one) => isDeepStrictEqual(one, entry))),
      removed: before.filter((entry) => !after.some((one) => isDeepStrictEqual(one, entry))),
    };
  }
  if (isSection(a) || isSection(b)) {
    const before = isSection(a) ? a : {};
    const after = isSection(b) ? b : {};
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return Object.fromEntries(keys.map((key) => [key, compare(before[key], after[key])]));
  }
  return { profile1: a ?? null, profile2: b ?? null, changed: !isDeepStrictEqual(a ?? null, b ?? null) };
}

/** `workdir` and the like, whose one key is the section itself in the original's output. */
function flattened(diff: SectionDiff, views: readonly [ProfileView, ProfileView]): SectionDiff {
  const access = diff['workdir'];
  const inner = access !== undefined && 'access' in access ? (access['access'] as Difference) : undefined;
  const { security, ...rest } = diff as SectionDiff & { security?: SectionDiff };
  const { groups, ...securityRest } = security ?? {};
  const [a, b] = views.map((view) => view.name);
  return {
    ...({ profile1: a, profile2: b } as unknown as SectionDiff),
    ...(groups === undefined ? {} : { groups }),
    security: securityRest,
    ...rest,
    ...(inner === undefined ? {} : { workdir: inner }),
  };
}

/** As the original's JSON: lists as added and removed, everything else as the two values. */
export function diffProfiles(a: ProfileView, b: ProfileView): SectionDiff {
  const sections = (view: ProfileView): { [key: string]: ViewValue } => {
    const { name: _name, description: _description, extends: _extends, ...rest } = view;
    return rest as { [key: string]: ViewValue };
  };
  return flattened(compare(sections(a), sections(b)) as SectionDiff, [a, b]);
}

export interface DiffSection {
  readonly title: string;
  readonly lines: readonly { readonly sign: '+' | '-'; readonly text: string }[];
}

function shown(value: ViewValue): string {
  if (value === null) return 'unset';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function linesOf(key: string, diff: Difference | SectionDiff): { sign: '+' | '-'; text: string }[] {
  if ('added' in diff && isList(diff.added as ViewValue)) {
    const { added, removed } = diff as Extract<Difference, { readonly added: unknown }>;
    const label = key === '' ? '' : `${key} `;
    return [
      ...removed.map((entry) => ({ sign: '-' as const, text: `${label}${shown(entry)}` })),
      ...added.map((entry) => ({ sign: '+' as const, text: `${label}${shown(entry)}` })),
    ];
  }
  if ('changed' in diff && typeof diff.changed === 'boolean') {
    if (!diff.changed) return [];
    const { profile1, profile2 } = diff as Extract<Difference, { readonly changed: boolean }>;
    const label = key === '' ? '' : `${key}: `;
    const rows = [
      { sign: '-' as const, text: `${label}${shown(profile1)}` },
      { sign: '+' as const, text: `${label}${shown(profile2)}` },
    ];
    return rows.filter((_, i) => (i === 0 ? profile1 : profile2) !== null);
  }
  return Object.entries(diff as SectionDiff).flatMap(([name, inner]) =>
    linesOf(key === '' ? name : `${key}.${name}`, inner),
  );
}

/** For people: only what differs. */
export function diffSections(diff: SectionDiff): DiffSection[] {
  return Object.entries(diff)
    .filter(([, value]) => typeof value === 'object')
    .map(([key, value]) => {
      const title = (key.charAt(0).toUpperCase() + key.slice(1)).replaceAll('_', ' ');
      return { title, lines: linesOf(key === 'workdir' ? 'access' : '', value) };
    })
    .filter((section) => section.lines.length > 0);
}
