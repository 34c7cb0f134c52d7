/** Reads a capability manifest from its text: what fits the model of a profile goes there, the rules of paths beside it. */
import { type JsoncDocument, parseJsonc } from '../../config/jsonc-document.ts';
import { NonoError } from '../../platform/errors.ts';
import { checkDocument } from '../profile/check-document.ts';
import type { Setting, Settings } from '../profile/key-effects.ts';
import type { WrittenLimits } from '../profile/limits.ts';
import type { Profile } from '../profile/profile.ts';
import { readEnvironment } from '../profile/profile-environment.ts';
import { type NetForm, type NetWord, netWord } from '../profile/profile-network.ts';
import type { ManifestRules } from './manifest-rules.ts';
import { type ManifestFile, manifestSchema } from './manifest-schema.ts';

export interface ParsedManifest {
  readonly profile: Profile;
  readonly rules: ManifestRules;
}

const format = {
  name: 'a manifest',
  schema: manifestSchema,
  hint: "docs/policy.md tells of manifests; 'nono profile schema --format manifest' prints the schema",
};

/** Of these no name of a variable can be made. */
const needsVariable = /^(?:op|bw|apple-password|file):\/\//;

function refuse(where: string, message: string, hint: string): NonoError {
  return new NonoError('profile-invalid', `${where}: ${message}`, { hint });
}

/** What no schema says: the original refuses these too. */
function checkMeaning(document: JsoncDocument, data: ManifestFile): void {
  const supervised = data.process?.exec_strategy === 'supervised';
  const limits = Object.keys(data.resources ?? {});
  if (limits.length > 0 && !supervised)
    throw refuse(
      document.locate(['resources', limits[0] as string]),
      `'resources' needs process.exec_strategy "supervised"`,
      'add it: a limit is held by whoever supervises',
    );
  if (data.rollback?.enabled)
    throw new NonoError('not-supported', `${document.locate(['rollback', 'enabled'])}: no snapshots are taken here`, {
      hint: 'set rollback.enabled to false, or leave it out',
    });
  if (data.network?.dns === false && (data.network.mode ?? 'unrestricted') === 'unrestricted')
    throw new NonoError(
      'not-supported',
      `${document.locate(['network', 'dns'])}: names cannot be kept from being resolved while the network is open`,
      { hint: 'set network.mode to "blocked", or leave dns out' },
    );
  for (const [i, { name, source, env_var: variable, inject }] of (data.credentials ?? []).entries()) {
    const at = (...keys: string[]): string => document.locate(['credentials', i, ...keys]);
    if (needsVariable.test(source) && variable === undefined)
      throw refuse(at('source'), `credential '${name}' needs 'env_var' with such a source`, 'name the variable');
    if (inject?.mode === 'url_path' && inject.path_pattern === undefined)
      throw refuse(at('inject', 'mode'), `credential '${name}': 'url_path' needs 'path_pattern'`, 'add path_pattern');
    if (inject?.mode === 'query_param' && inject.query_param_name === undefined)
      throw refuse(at('inject', 'mode'), `credential '${name}': 'query_param' needs 'query_param_name'`, 'add it');
  }
}

function netWords(document: JsoncDocument, network: ManifestFile['network']): readonly NetWord[] {
  const { ports, allow_connect: connect, allow_listen: listen } = network ?? {};
  const lists: readonly [readonly string[], readonly (number | string | number[])[] | undefined, NetForm][] = [
    [['ports', 'connect'], ports?.connect, 'connect-port'],
    [['ports', 'bind'], ports?.bind, 'listen'],
    [['ports', 'localhost'], ports?.localhost, 'open'],
    [['ports', 'localhost_range'], ports?.localhost_range, 'open'],
    [['allow_connect'], connect, 'connect'],
    [['allow_listen'], listen, 'bind'],
  ];
  return lists.flatMap(([keys, list, form]) =>
    (list ?? []).flatMap((entry, i) => netWord(document, ['network', ...keys, i], entry, form)),
  );
}

/** Keys that mean the same in a profile, and do here what they do there. */
function settingsOf(document: JsoncDocument, data: ManifestFile): Settings {
  const settings: Record<string, Setting<unknown>> = {};
  const keep = (key: string, value: unknown, ...path: readonly string[]): void => {
    if (value !== undefined && !(Array.isArray(value) && value.length === 0))
      settings[key] = { value, at: document.locate(path) };
  };
  keep('network.allow_domain', data.network?.allow_domains, 'network', 'allow_domains');
  keep(
    'network.credentials',
    data.credentials?.map((one) => one.name),
    'credentials',
  );
  keep('security.process_info_mode', data.process?.process_info_mode, 'process', 'process_info_mode');
  keep('rollback.exclude_patterns', data.rollback?.exclude_patterns, 'rollback', 'exclude_patterns');
  keep('rollback.exclude_globs', data.rollback?.exclude_globs, 'rollback', 'exclude_globs');
  return settings as Settings;
}

function limitsOf({ resources }: ManifestFile): WrittenLimits {
  const written = {
    memory: resources?.memory_bytes,
    processes: resources?.max_processes,
    cpuSeconds: resources?.cpu_seconds,
    fileSize: resources?.max_file_bytes,
  };
  return Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined));
}

function rulesOf(document: JsoncDocument, data: ManifestFile): ManifestRules {
  const placed = <T extends object>(key: 'grants' | 'more_grants' | 'deny', list: readonly T[] | undefined) =>
    (list ?? []).map((entry, i) => ({ ...entry, at: document.locate(['filesystem', key, i, 'path']) }));
  const { grants, more_grants: more, deny, bypass_protection: bypass, bulk } = data.filesystem ?? {};
  return {
    grants: placed('grants', grants),
    moreGrants: placed('more_grants', more),
    denies: placed('deny', deny),
    overrides: (bypass ?? []).map((text, i) => ({
      text,
      at: document.locate(['filesystem', 'bypass_protection', i]),
    })),
    bulk: (bulk ?? []).map((one, i) => ({ ...one, at: document.locate(['filesystem', 'bulk', i]) })),
    blockedCommands: data.process?.blocked_commands ?? [],
    proxied: data.network?.mode === 'proxy' || (data.network?.endpoints ?? []).length > 0,
  };
}

/** Throws NonoError with file, line and column for anything that is not understood. `name`: as rules and the summary name it. */
export function parseManifest(text: string, file: string, name: string): ParsedManifest {
  const document = parseJsonc(text, file);
  const data = checkDocument(document, format);
  checkMeaning(document, data);
  const rules = rulesOf(document, data);
  const profile: Profile = {
    name,
    description: undefined,
    extends: [],
    groups: [],
    excludedGroups: [],
    grants: [],
    denies: [],
    overrides: rules.overrides,
    bulk: [],
    allowedCommands: data.process?.allowed_commands ?? [],
    deniedCommands: data.process?.refused_commands ?? [],
    // Without a proxy that lets hosts through by name, none of the network.
    blockNetwork: data.network?.mode === 'blocked' || rules.proxied,
    network: netWords(document, data.network),
    sockets: [],
    unixMediation: data.linux?.af_unix_mediation ?? undefined,
    workdirAccess: 'none',
    signalMode: data.process?.signal_mode,
    ipcMode: data.process?.ipc_mode,
    environment: readEnvironment(document, data.environment, []),
    limits: limitsOf(data),
    privateTmp: data.private_tmp ?? false,
    strict: data.strict_deny ?? false,
    settings: settingsOf(document, data),
    oldSpellings: [],
  };
  return { profile, rules };
}
