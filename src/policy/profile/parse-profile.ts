/** Reads a profile from its text. Loaded only where there is a text to read: built-in profiles were read by the build. */
import type { Complain } from '../../config/complain.ts';
import { type JsoncDocument, type JsonPath, parseJsonc } from '../../config/jsonc-document.ts';
import { NonoError } from '../../platform/errors.ts';
import type { AccessName } from '../../sandbox/linux/constants.ts';
import { checkDocument } from './check-document.ts';
import { thisHost } from './host.ts';
import { type Setting, type SettingKey, type Settings, settingKeys } from './key-effects.ts';
import { limitExample, type WrittenLimits } from './limits.ts';
import { mergeProfiles } from './merge-profiles.ts';
import { findOldSpellings, oldKeys } from './old-keys.ts';
import type { Profile, ProfileGrant, Written } from './profile.ts';
import { readEnvironment } from './profile-environment.ts';
import { readNetWords, readSocketGrants } from './profile-network.ts';
import { type ProfileFile, type ProfileSections, profileSchema } from './schema.ts';
import { whenHolds, whenProblem } from './when.ts';

// One chunk for both formats: whoever reads the one has what reads the other.
export { parseManifest } from '../manifest/parse-manifest.ts';

const format = {
  name: 'a profile',
  schema: profileSchema,
  hint: '`nono profile guide` shows how a profile is written',
};

const grantKeys = [
  ['filesystem', 'allow', 'readwrite', 'directory'],
  ['filesystem', 'read', 'read', 'directory'],
  ['filesystem', 'write', 'write', 'directory'],
  ['filesystem', 'allow_file', 'readwrite', 'file'],
  ['filesystem', 'read_file', 'read', 'file'],
  ['filesystem', 'write_file', 'write', 'file'],
  ['policy', 'add_allow_readwrite', 'readwrite', 'any'],
  ['policy', 'add_allow_read', 'read', 'any'],
  ['policy', 'add_allow_write', 'write', 'any'],
] as const satisfies readonly (readonly [string, string, AccessName, ProfileGrant['expect']])[];

function writtenLimits(document: JsoncDocument, section: ProfileFile['resources'], prefix: JsonPath): WrittenLimits {
  const keys = {
    memory: 'memory',
    processes: 'max_processes',
    cpuSeconds: 'cpu_time',
    fileSize: 'max_file_size',
  } as const;
  const limits: WrittenLimits = {};
  for (const [name, key] of Object.entries(keys) as [keyof WrittenLimits, keyof NonNullable<typeof section>][]) {
    const value = section?.[key];
    if (value === undefined) continue;
    const example = limitExample(name, value);
    if (example === undefined) limits[name] = value;
    else
      document.complain(
        new NonoError(
          'profile-invalid',
          `${document.locate([...prefix, 'resources', key])}: 'resources.${key}': '${value}' is no limit`,
          { hint: `for example ${example}` },
        ),
      );
  }
  return limits;
}

/** One line for the whole file: every key of it would be said to be unknown. */
function refuseManifest(document: JsoncDocument, file: string): void {
  const { filesystem } = Object(document.value) as { filesystem?: unknown };
  if (!Array.isArray((Object(filesystem) as { grants?: unknown }).grants)) return;
  throw new NonoError(
    'profile-invalid',
    `${document.locate(['filesystem', 'grants'])}: a capability manifest, not a profile`,
    {
      hint: `it is given by -c ${file}`,
    },
  );
}

/**
 * Reads a profile from its text. Throws NonoError with file, line and column for anything that is not understood; with `complain`, says all that is wrong and reads
 * the rest, and throws only where nothing can be read.
 */
export function parseProfile(text: string, file: string, name: string, complain?: Complain): Profile {
  const document = parseJsonc(text, file, complain);
  refuseManifest(document, file);
  const data = checkDocument(document, format);
  const bases = data.extends == null ? [] : [data.extends].flat();
  const whole: Profile = {
    ...readSections(document, data, [], name),
    extends: bases.map((text, i) => ({
      text,
      at: document.locate(Array.isArray(data.extends) ? ['extends', i] : ['extends']),
    })),
  };
  let read = whole;
  for (const platform of ['linux', 'macos', 'windows'] as const) {
    const own = data.platform_overrides?.[platform];
    if (own == null) continue;
    // Read for every platform, so that a mistake shows on each.
    const child = readSections(document, own, ['platform_overrides', platform], name);
    if (platform === thisHost().platform)
      read = {
        ...mergeProfiles(whole, child),
        extends: whole.extends,
        description: child.description ?? whole.description,
      };
  }
  return read;
}

/** One entry of a list that may carry a condition. */
type Entry = string | { readonly when?: string | readonly string[] | undefined; readonly [key: string]: unknown };

/** Whether an entry is meant for this machine. Complains of a condition that cannot be read, also where it would not matter. */
function appliesHere(document: JsoncDocument, entry: unknown, path: JsonPath): boolean {
  if (typeof entry !== 'object' || entry === null) return true;
  const { when } = entry as { when?: string | readonly string[] };
  if (when === undefined) return true;
  const conditions = [when].flat();
  for (const condition of conditions) {
    const problem = whenProblem(condition);
    if (problem !== undefined)
      document.complain(
        new NonoError('profile-invalid', `${document.locate([...path, 'when'])}: ${problem}`, {
          hint: 'for example linux, !linux:nixos, linux:fedora-like, macos:>=15',
        }),
      );
  }
  return conditions.some((condition) => whenHolds(condition, thisHost()));
}

/** Everything but the profile's place in the file and what it extends. `prefix`: where in the file these sections are. */
function readSections(document: JsoncDocument, data: ProfileSections, prefix: JsonPath, name: string): Profile {
  const words = (...keys: (readonly [section: keyof ProfileSections, key: string])[]): Written[] =>
    keys.flatMap(([section, key]) => {
      const list = (data[section] as Record<string, Entry[] | undefined> | null | undefined)?.[key] ?? [];
      return list.flatMap((entry, i) => {
        const path = [...prefix, section, key, i];
        if (!appliesHere(document, entry, path)) return [];
        if (typeof entry === 'string') return [{ text: entry, at: document.locate(path) }];
        const field = 'path' in entry ? 'path' : 'name';
        return [{ text: String(entry[field]), at: document.locate([...path, field]) }];
      });
    });
  return {
    name,
    description: data.meta?.description ?? undefined,
    extends: [],
    groups: words(['security', 'groups'], ['groups', 'include']),
    excludedGroups: words(['policy', 'exclude_groups'], ['groups', 'exclude']),
    grants: grantKeys.flatMap(([section, key, access, expect]) =>
      words([section, key]).map((word) => ({ ...word, access, expect })),
    ),
    denies: words(['policy', 'add_deny_access'], ['filesystem', 'deny']),
    overrides: words(['policy', 'override_deny'], ['filesystem', 'bypass_protection']),
    bulk: words(['filesystem', 'bulk']),
    allowedCommands: [...(data.security?.allowed_commands ?? []), ...(data.commands?.allow ?? [])],
    deniedCommands: [...(data.policy?.add_deny_commands ?? []), ...(data.commands?.deny ?? [])],
    blockNetwork: data.network?.block ?? false,
    network: readNetWords(document, data.network, prefix),
    sockets: readSocketGrants((key) => words(['filesystem', key])),
    unixMediation: data.linux?.af_unix_mediation ?? undefined,
    workdirAccess: data.workdir?.access ?? undefined,
    signalMode: data.security?.signal_mode ?? undefined,
    ipcMode: data.security?.ipc_mode ?? undefined,
    environment: readEnvironment(document, data.environment, prefix),
    limits: writtenLimits(document, data.resources, prefix),
    privateTmp: data.private_tmp ?? false,
    strict: data.strict_deny ?? false,
    settings: readSettings(document, data, prefix),
    oldSpellings: findOldSpellings(document, prefix.map(String)),
  };
}

/** What of a value applies here, without the conditions. */
function withoutConditions(document: JsoncDocument, key: SettingKey, value: unknown, path: JsonPath): unknown {
  if (key === 'open_urls') {
    const { allow_origins: origins, ...rest } = value as { allow_origins?: Entry[] };
    const here = (origins ?? []).filter((entry, i) => appliesHere(document, entry, [...path, 'allow_origins', i]));
    return { ...rest, allow_origins: here.map((entry) => (typeof entry === 'string' ? entry : entry['origin'])) };
  }
  if (key === 'filesystem.suppress_save_prompt') {
    const here = (value as Entry[]).filter((entry, i) => appliesHere(document, entry, [...path, i]));
    return here.map((entry) => (typeof entry === 'string' ? entry : entry['path']));
  }
  if (key === 'env_credentials') {
    const here = Object.entries(value as Record<string, Entry>).filter(([name, entry]) =>
      appliesHere(document, entry, [...path, name]),
    );
    return Object.fromEntries(
      here.map(([name, entry]) => [name, typeof entry === 'string' ? entry : entry['env_var']]),
    );
  }
  return value;
}

/** The keys of key-effects.ts, old spellings first, so that of a map the new one wins. */
function readSettings(document: JsoncDocument, data: ProfileSections, prefix: JsonPath): Settings {
  const settings: Record<string, Setting<unknown>> = {};
  const spellings = (key: SettingKey): string[] => [
    ...Object.entries(oldKeys).flatMap(([old, now]) =>
      key === now ? [old] : key.startsWith(`${now}.`) ? [`${old}${key.slice(now.length)}`] : [],
    ),
    key,
  ];
  for (const key of settingKeys) {
    for (const spelling of spellings(key)) {
      const path = spelling.split('.');
      const found = path.reduce<unknown>(
        (at, part) => (at as Record<string, unknown> | null | undefined)?.[part],
        data,
      );
      if (found === undefined) continue;
      const place = [...prefix, ...path];
      const value = found === null ? null : withoutConditions(document, key, found, place);
      const before = settings[key];
      settings[key] = { value: before ? both(before.value, value) : value, at: document.locate(place) };
    }
  }
  return settings as Settings;
}

/** Two spellings of one key in one file. */
function both(old: unknown, now: unknown): unknown {
  if (Array.isArray(old) && Array.isArray(now)) return [...new Set([...old, ...now])];
  return typeof old === 'object' && typeof now === 'object' ? { ...old, ...now } : now;
}
