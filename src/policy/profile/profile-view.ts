/** A profile with everything it extends, as one plain object in the keys of the file format: what `policy show` prints and `policy diff` compares. Pure. */
import type { BuiltinData } from '../groups/builtin.ts';
import { type SettingKey, type Settings, settingKeys } from './key-effects.ts';
import type { Profile, ProfileGrant } from './profile.ts';
import type { LoadedProfile } from './profile-store.ts';

export type ViewItem = string | number | { readonly [key: string]: ViewValue };

export type ViewValue = string | number | boolean | null | readonly ViewItem[] | { readonly [key: string]: ViewValue };

export interface ProfileView {
  readonly name: string;
  readonly description: string | null;
  readonly extends: readonly string[];
  readonly [section: string]: ViewValue;
}

/** How a path of the profile is shown. */
export type ShowPath = (written: string) => string;

const unique = (words: readonly string[]): string[] => [...new Set(words)];

/** The groups in force, those of `default` first: they are merged into every profile. */
function groupsInForce(profile: Profile, builtin: BuiltinData): string[] {
  const excluded = new Set(profile.excludedGroups.map((word) => word.text));
  const all = [...(builtin.profiles['default']?.groups ?? []), ...profile.groups].map((word) => word.text);
  return unique(all).filter((name) => !excluded.has(name));
}

function numberOr(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** Keys without a mechanism here that are shown though nobody set them, as in the original. */
const always: Readonly<Partial<Record<SettingKey, ViewValue>>> = {
  'security.process_info_mode': null,
  'security.capability_elevation': null,
  'network.network_profile': null,
  'network.allow_domain': [],
  'network.credentials': [],
  'network.upstream_proxy': null,
  'network.upstream_bypass': [],
  'rollback.exclude_patterns': [],
  'rollback.exclude_globs': [],
};

type Sections = Readonly<Record<string, ViewValue>>;

/** The keys of key-effects.ts, each in its section. */
function withSettings(view: ProfileView, settings: Settings): ProfileView {
  const whole: Record<string, ViewValue> = { ...view };
  for (const key of settingKeys) {
    const value = (settings[key]?.value as ViewValue | undefined) ?? always[key];
    if (value === undefined || key === 'meta') continue;
    const [section = '', name] = key.split('.');
    whole[section] = name === undefined ? value : { ...(whole[section] as Sections | undefined), [name]: value };
  }
  return whole as ProfileView;
}

export function profileView(loaded: LoadedProfile, builtin: BuiltinData, show: ShowPath): ProfileView {
  return withSettings(modelView(loaded, builtin, show), loaded.profile.settings);
}

function modelView({ profile }: LoadedProfile, builtin: BuiltinData, show: ShowPath): ProfileView {
  const granted = (access: ProfileGrant['access'], expect: ProfileGrant['expect']): string[] =>
    profile.grants.filter((one) => one.access === access && one.expect === expect).map((one) => show(one.text));
  const sockets = (extent: string, bind: boolean): string[] =>
    profile.sockets.filter((one) => one.extent === extent && one.bind === bind).map((one) => show(one.text));
  const net = (form: string): (string | number)[] =>
    profile.network.filter((one) => one.form === form).map((one) => numberOr(one.text));
  const { environment } = profile;
  return {
    name: profile.name,
    description: profile.description ?? null,
    extends: profile.extends.map((word) => word.text),
    security: {
      groups: groupsInForce(profile, builtin),
      allowed_commands: profile.allowedCommands,
      signal_mode: profile.signalMode ?? null,
      ipc_mode: profile.ipcMode ?? null,
    },
    filesystem: {
      allow: granted('readwrite', 'directory'),
      read: granted('read', 'directory'),
      write: granted('write', 'directory'),
      allow_file: granted('readwrite', 'file'),
      read_file: granted('read', 'file'),
      write_file: granted('write', 'file'),
      bulk: profile.bulk.map((word) => word.text),
      unix_socket: sockets('socket', false),
      unix_socket_bind: sockets('socket', true),
      unix_socket_dir: sockets('directory', false),
      unix_socket_dir_bind: sockets('directory', true),
      unix_socket_subtree: sockets('subtree', false),
      unix_socket_subtree_bind: sockets('subtree', true),
    },
    policy: {
      exclude_groups: profile.excludedGroups.map((word) => word.text),
      add_allow_read: granted('read', 'any'),
      add_allow_write: granted('write', 'any'),
      add_allow_readwrite: granted('readwrite', 'any'),
      add_deny_access: profile.denies.map((word) => show(word.text)),
      add_deny_commands: profile.deniedCommands,
      override_deny: profile.overrides.map((word) => show(word.text)),
    },
    network: {
      block: profile.blockNetwork,
      open_port: net('open'),
      listen_port: net('listen'),
      connect_port: net('connect-port'),
      allow_connect: net('connect'),
      allow_listen: net('bind'),
    },
    environment: {
      allow_vars: environment.allow,
      deny_vars: environment.deny,
      case_insensitive_vars: environment.caseInsensitive,
      set_vars: environment.set,
    },
    resources: {
      memory: profile.limits.memory ?? null,
      max_processes: profile.limits.processes ?? null,
      cpu_time: profile.limits.cpuSeconds ?? null,
      max_file_size: profile.limits.fileSize ?? null,
    },
    linux: { af_unix_mediation: profile.unixMediation ?? null },
    private_tmp: profile.privateTmp,
    strict_deny: profile.strict,
    workdir: { access: profile.workdirAccess ?? 'none' },
  };
}

const listOf = (section: ViewValue | undefined, key: string): readonly ViewItem[] =>
  ((section as Sections | undefined)?.[key] as readonly ViewItem[] | undefined) ?? [];

/** What `nono profile show --json` adds, a command that came with the newer spellings: the same words under the keys of later versions, beside the older ones. */
export function withNewerKeys(view: ProfileView): ProfileView {
  const { security, policy, filesystem } = view;
  const together = (key: string, older: string): readonly ViewItem[] => [
    ...listOf(filesystem, key),
    ...listOf(policy, older),
  ];
  return {
    ...view,
    groups: { include: listOf(security, 'groups'), exclude: listOf(policy, 'exclude_groups') },
    commands: { allow: listOf(security, 'allowed_commands'), deny: listOf(policy, 'add_deny_commands') },
    filesystem: {
      ...(filesystem as Sections),
      allow: together('allow', 'add_allow_readwrite'),
      read: together('read', 'add_allow_read'),
      write: together('write', 'add_allow_write'),
      deny: listOf(policy, 'add_deny_access'),
      bypass_protection: listOf(policy, 'override_deny'),
      suppress_save_prompt: listOf(filesystem, 'suppress_save_prompt'),
    },
  };
}
