/** One profile, as a file says it, in the one internal model: old and new spellings are the same from here on. */
import * as v from 'valibot';
import { type JsoncDocument, type JsonPath, parseJsonc } from '../config/jsonc-document.ts';
import { NonoError } from '../platform/errors.ts';
import type { AccessName } from '../sandbox/linux/constants.ts';
import { checkKeys } from './check-keys.ts';
import type { WrittenLimits } from './limits.ts';
import { readEnvironment, type WrittenEnvironment } from './profile-environment.ts';
import { type NetWord, readNetWords, readSocketGrants, type SocketGrant } from './profile-network.ts';
import { type ProfileFile, profileSchema } from './schema.ts';

/** A word of a profile with the place it was written, for errors that only show later. */
export interface Written {
  readonly text: string;
  /** `file:line:column`. */
  readonly at: string;
}

export interface ProfileGrant extends Written {
  readonly access: AccessName;
  /** What the key promises to find there. */
  readonly expect: 'directory' | 'file' | 'any';
}

export type WorkdirAccess = 'none' | AccessName;

export interface Profile {
  readonly name: string;
  readonly description: string | undefined;
  readonly extends: readonly Written[];
  readonly groups: readonly Written[];
  readonly excludedGroups: readonly Written[];
  readonly grants: readonly ProfileGrant[];
  readonly denies: readonly Written[];
  readonly overrides: readonly Written[];
  readonly allowedCommands: readonly string[];
  readonly deniedCommands: readonly string[];
  readonly blockNetwork: boolean;
  readonly network: readonly NetWord[];
  readonly sockets: readonly SocketGrant[];
  readonly unixMediation: 'off' | 'pathname' | undefined;
  readonly workdirAccess: WorkdirAccess | undefined;
  readonly signalMode: 'isolated' | 'allow_same_sandbox' | 'allow_all' | undefined;
  readonly ipcMode: 'shared_memory_only' | 'full' | undefined;
  readonly environment: WrittenEnvironment;
  readonly limits: WrittenLimits;
  readonly privateTmp: boolean;
  /** Keys that promise something this version cannot hold. Running under such a profile is refused; reading it is not. */
  readonly unsupported: readonly Written[];
}

function issueText(issue: v.BaseIssue<unknown>): string {
  const keys = issue.path?.map((item) => String(item.key)) ?? [];
  const where = keys.length > 0 ? `'${keys.join('.')}'` : 'the profile';
  if (issue.kind === 'validation') return `${where}: ${issue.message}`;
  const expected = (issue.expected ?? 'another value')
    .replaceAll('"', "'")
    .replace('Array', 'list')
    .replace('Object', 'object');
  return `${where} must be ${expected}, not ${issue.received === 'Array' ? 'a list' : issue.received.replaceAll('"', "'")}`;
}

function validate(document: JsoncDocument): ProfileFile {
  const result = v.safeParse(profileSchema, document.value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  throw new NonoError('profile-invalid', `${document.locate(path)}: ${issueText(issue)}`, {
    hint: 'docs/policy.md lists the keys of a profile',
  });
}

const grantKeys = [
  [['filesystem', 'allow'], 'readwrite', 'directory'],
  [['filesystem', 'read'], 'read', 'directory'],
  [['filesystem', 'write'], 'write', 'directory'],
  [['filesystem', 'allow_file'], 'readwrite', 'file'],
  [['filesystem', 'read_file'], 'read', 'file'],
  [['filesystem', 'write_file'], 'write', 'file'],
  [['policy', 'add_allow_readwrite'], 'readwrite', 'any'],
  [['policy', 'add_allow_read'], 'read', 'any'],
  [['policy', 'add_allow_write'], 'write', 'any'],
] as const satisfies readonly (readonly [JsonPath, AccessName, ProfileGrant['expect']])[];

const networkKeys = [
  'network_profile',
  'allow_domain',
  'proxy_allow',
  'allow_proxy',
  'credentials',
  'proxy_credentials',
  'custom_credentials',
  'upstream_proxy',
  'upstream_bypass',
] as const;

function isAsked(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (typeof value === 'object') return Object.keys(value).length > 0;
  return true;
}

function writtenLimits(section: ProfileFile['resources']): WrittenLimits {
  const keys = {
    memory: 'memory',
    processes: 'max_processes',
    cpuSeconds: 'cpu_time',
    fileSize: 'max_file_size',
  } as const;
  const limits: WrittenLimits = {};
  for (const [name, key] of Object.entries(keys) as [keyof WrittenLimits, keyof NonNullable<typeof section>][]) {
    const value = section?.[key];
    if (value !== undefined) limits[name] = value;
  }
  return limits;
}

/** Reads a profile from its text. Throws NonoError with file, line and column for anything that is not understood. */
export function parseProfile(text: string, file: string, name: string): Profile {
  const document = parseJsonc(text, file);
  if (document.root.type !== 'object') {
    throw new NonoError('profile-invalid', `${document.at(document.root.offset)}: a profile must be one JSON object`, {
      hint: 'begin the file with {',
    });
  }
  checkKeys(document);
  const data = validate(document);

  const words = (...paths: JsonPath[]): Written[] =>
    paths.flatMap((path) => {
      const [section, key] = path as [keyof ProfileFile, string];
      const list = (data[section] as Record<string, string[] | undefined> | undefined)?.[key] ?? [];
      return list.map((word, i) => ({ text: word, at: document.locate([...path, i]) }));
    });
  const bases = data.extends === undefined ? [] : [data.extends].flat();
  const unsupported: Written[] = [];
  for (const key of networkKeys) {
    if (isAsked(data.network?.[key]))
      unsupported.push({ text: `network.${key}`, at: document.locate(['network', key]) });
  }
  for (const key of ['env_credentials', 'secrets'] as const) {
    if (isAsked(data[key])) unsupported.push({ text: key, at: document.locate([key]) });
  }
  return {
    name,
    description: data.meta?.description,
    extends: bases.map((text, i) => ({
      text,
      at: document.locate(Array.isArray(data.extends) ? ['extends', i] : ['extends']),
    })),
    groups: words(['security', 'groups'], ['groups', 'include']),
    excludedGroups: words(['policy', 'exclude_groups'], ['groups', 'exclude']),
    grants: grantKeys.flatMap(([path, access, expect]) => words(path).map((word) => ({ ...word, access, expect }))),
    denies: words(['policy', 'add_deny_access'], ['filesystem', 'deny']),
    overrides: words(['policy', 'override_deny'], ['filesystem', 'bypass_protection']),
    allowedCommands: [...(data.security?.allowed_commands ?? []), ...(data.commands?.allow ?? [])],
    deniedCommands: [...(data.policy?.add_deny_commands ?? []), ...(data.commands?.deny ?? [])],
    blockNetwork: data.network?.block ?? false,
    network: readNetWords(document, data.network),
    sockets: readSocketGrants(document, data.filesystem),
    unixMediation: data.linux?.af_unix_mediation,
    workdirAccess: data.workdir?.access,
    signalMode: data.security?.signal_mode,
    ipcMode: data.security?.ipc_mode,
    environment: readEnvironment(document, data.environment),
    limits: writtenLimits(data.resources),
    privateTmp: data.private_tmp ?? false,
    unsupported,
  };
}
