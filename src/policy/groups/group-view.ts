/** Policy groups as `policy groups` shows them, in the shape of the original's JSON. Pure. */
import type { GroupRule, Platform, PolicyGroup, PolicyGroups } from './groups.ts';
import { appliesTo } from './groups.ts';

const allowKeys = ['read', 'write', 'readwrite', 'list', 'connect'] as const;
type AllowKey = (typeof allowKeys)[number];

export interface GroupSummary {
  readonly name: string;
  readonly description: string;
  readonly platform: string;
  readonly required: boolean;
  readonly allow: Readonly<Partial<Record<AllowKey, number>>>;
  readonly deny: Readonly<{ access?: number; write?: number; commands?: number; unlink?: boolean }>;
}

const platformName = (group: PolicyGroup): string => group.platform ?? 'cross-platform';

function entries(group: PolicyGroup, key: AllowKey | 'deny' | 'protect' | 'commands' | 'bulk'): string[] {
  return [...new Set(group.rules.flatMap((rule: GroupRule) => rule[key] ?? []))];
}

/** Of an object, what is neither empty nor zero nor false. */
function filled<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : Boolean(value))),
  ) as Partial<T>;
}

/** The groups of this platform by name, or of all. */
export function listGroups(
  groups: PolicyGroups,
  platform: Platform | undefined,
): readonly (readonly [string, PolicyGroup])[] {
  return Object.entries(groups)
    .filter(([, group]) => platform === undefined || appliesTo(group, platform))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

export function summariseGroup(name: string, group: PolicyGroup): GroupSummary {
  const counts = Object.fromEntries(allowKeys.map((key) => [key, entries(group, key).length])) as Record<
    AllowKey,
    number
  >;
  const allows = allowKeys.some((key) => counts[key] > 0);
  const { list, connect, ...original } = counts;
  const { access, write, ...deny } = {
    access: entries(group, 'deny').length,
    write: entries(group, 'protect').length,
    commands: entries(group, 'commands').length,
    unlink: group.rules.some((rule) => rule.unlink === true),
  };
  return {
    name,
    description: group.description,
    platform: platformName(group),
    required: group.required,
    allow: allows ? { ...original, ...filled({ list, connect }) } : {},
    deny: access + write + deny.commands > 0 || deny.unlink ? { access, ...filled({ write }), ...deny } : {},
  };
}

export interface ShownPath {
  readonly raw: string;
  /** Null where it rests on a variable that is not set. */
  readonly expanded: string | null;
}

export interface GroupDetail {
  readonly name: string;
  readonly description: string;
  readonly platform: string;
  readonly required: boolean;
  readonly allow?: Readonly<Partial<Record<AllowKey, readonly ShownPath[]>>>;
  readonly deny?: Readonly<{
    access?: readonly ShownPath[];
    write?: readonly ShownPath[];
    commands?: readonly string[];
    unlink?: boolean;
    unlink_override_for_user_writable?: boolean;
  }>;
  /** Directories that guards do not look into. */
  readonly bulk?: readonly string[];
  readonly symlink_pairs?: Readonly<Record<string, string>>;
  readonly rules: readonly { readonly why: string; readonly paths: readonly string[] }[];
}

/** Everything that a group names: paths, patterns and commands, as they are written. */
export function groupEntries(group: PolicyGroup): readonly string[] {
  return [...allowKeys, 'deny', 'protect', 'commands', 'bulk'].flatMap((key) => entries(group, key as AllowKey));
}

/** `shown`: which entries; all of them unless said. */
export function detailGroup(
  name: string,
  group: PolicyGroup,
  expand: (raw: string) => string | null,
  shown: (entry: string) => boolean = () => true,
): GroupDetail {
  const paths = (key: AllowKey | 'deny' | 'protect'): ShownPath[] =>
    entries(group, key)
      .map((raw) => ({ raw, expanded: expand(raw) }))
      .filter(({ raw, expanded }) => shown(raw) || (expanded !== null && shown(expanded)));
  const allow = filled(Object.fromEntries(allowKeys.map((key) => [key, paths(key)])) as Record<AllowKey, ShownPath[]>);
  const deny = filled({
    access: paths('deny'),
    write: paths('protect'),
    commands: entries(group, 'commands').filter(shown),
    unlink: group.rules.some((rule) => rule.unlink === true),
    unlink_override_for_user_writable: group.rules.some((rule) => rule.unlinkOverrideForUserWritable === true),
  });
  const bulk = entries(group, 'bulk').filter(shown);
  const keys = [...allowKeys, 'deny', 'protect', 'commands', 'bulk'] as const;
  return {
    name,
    description: group.description,
    platform: platformName(group),
    required: group.required,
    ...(Object.keys(allow).length > 0 ? { allow } : {}),
    ...(Object.keys(deny).length > 0 ? { deny } : {}),
    ...(bulk.length > 0 ? { bulk } : {}),
    ...(group.symlinkPairs === undefined ? {} : { symlink_pairs: group.symlinkPairs }),
    rules: group.rules.map((rule) => ({ why: rule.why, paths: keys.flatMap((key) => rule[key] ?? []) })),
  };
}
