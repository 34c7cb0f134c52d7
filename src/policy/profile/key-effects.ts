/**
 * Keys of profiles for which there is no mechanism here, or not yet, and a few that are in force and only kept: how each is inherited, and what a run
 * under it does. One table; everything that is not in it is in force. docs/policy.md is told by it too.
 */
import type { ProfileSections } from './schema.ts';

/**
 * `refused`: running without it would be less safe than the profile asks, so nothing runs · `blocks-network`: the network can only be restricted as a
 * whole, so it is blocked · `not-in-force`: said at every start · `idle`: nothing to say at a start: it only ever narrows, describes, or belongs to
 * another command or platform · `in-force`: does what it says, by whoever reads it here.
 */
export type KeyEffect = 'in-force' | 'refused' | 'blocks-network' | 'not-in-force' | 'idle';

/** How a child's value meets its base's: lists and maps add up, `child` replaces, `or` stays set, `own` is not inherited. */
export type KeyMerge = 'list' | 'map' | 'child' | 'or' | 'own';

interface KeyRow {
  readonly merge: KeyMerge;
  readonly effect: KeyEffect;
  readonly why: string;
  /** Whether a value asks for anything. Any that is not empty or false, if not given. */
  readonly asks?: (value: unknown) => boolean;
}

const byName = 'hosts are let through by name only by a proxy';
const inject = 'credentials are not injected';
const notSet = 'these variables are not set';
const rows = {
  meta: { merge: 'own', effect: 'idle', why: 'describes the profile' },
  'security.process_info_mode': {
    merge: 'child',
    effect: 'not-in-force',
    why: 'a command sees its own processes only',
    asks: (value) => value === 'allow_all',
  },
  'security.capability_elevation': {
    merge: 'child',
    effect: 'idle',
    why: '`nono shell` always asks; `run` never does',
  },
  'security.wsl2_proxy_policy': { merge: 'child', effect: 'idle', why: 'there is no proxy to relax' },
  'security.approval_backends': { merge: 'map', effect: 'idle', why: 'asking goes to the terminal' },
  'security.approval_defaults': { merge: 'child', effect: 'idle', why: 'asking goes to the terminal' },
  'filesystem.suppress_save_prompt': {
    merge: 'list',
    effect: 'in-force',
    why: 'paths that are not offered for saving',
  },
  'network.network_profile': { merge: 'child', effect: 'blocks-network', why: byName },
  'network.allow_domain': { merge: 'list', effect: 'blocks-network', why: byName },
  'network.deny_domain': { merge: 'list', effect: 'blocks-network', why: byName },
  'network.credentials': { merge: 'list', effect: 'blocks-network', why: inject },
  'network.upstream_proxy': { merge: 'child', effect: 'blocks-network', why: 'nothing is sent through another proxy' },
  'network.upstream_bypass': { merge: 'list', effect: 'idle', why: 'means something with upstream_proxy only' },
  'network.no_proxy': { merge: 'list', effect: 'idle', why: 'there is no proxy to go around' },
  'network.custom_credentials': { merge: 'map', effect: 'idle', why: 'definitions; network.credentials uses them' },
  'network.allow_http2': { merge: 'or', effect: 'idle', why: 'there is no proxy' },
  'network.tls_intercept': { merge: 'child', effect: 'idle', why: 'there is no proxy' },
  'network.approval_backends': { merge: 'map', effect: 'idle', why: 'asking goes to the terminal' },
  'network.approval_defaults': { merge: 'child', effect: 'idle', why: 'asking goes to the terminal' },
  env_credentials: { merge: 'map', effect: 'not-in-force', why: notSet },
  credential_capture: { merge: 'map', effect: 'idle', why: 'definitions; network.credentials uses them' },
  credential_providers: { merge: 'map', effect: 'idle', why: 'definitions; credential_routes uses them' },
  credential_routes: { merge: 'list', effect: 'blocks-network', why: inject },
  'linux.sandbox_policy': {
    merge: 'child',
    effect: 'not-in-force',
    why: 'the sandbox is always complete',
    asks: (value) => value === 'external',
  },
  'linux.isolate': {
    merge: 'child',
    effect: 'blocks-network',
    why: 'there are no namespaces; the network is blocked as a whole, and IPC is closed unless allowed',
    asks: (value) => (value as { network?: boolean } | null)?.network === true,
  },
  hooks: { merge: 'map', effect: 'not-in-force', why: "no hook is written into an agent's settings" },
  session_hooks: { merge: 'child', effect: 'not-in-force', why: 'no script runs before or after' },
  'rollback.exclude_patterns': { merge: 'list', effect: 'idle', why: 'no snapshots are taken' },
  'rollback.exclude_globs': { merge: 'list', effect: 'idle', why: 'no snapshots are taken' },
  open_urls: { merge: 'child', effect: 'idle', why: 'nothing inside can open a browser outside' },
  allow_launch_services: { merge: 'child', effect: 'idle', why: 'macOS only' },
  allow_gpu: { merge: 'child', effect: 'in-force', why: 'grants the devices of graphics processors that are there' },
  allow_parent_of_protected: { merge: 'child', effect: 'idle', why: "nono's own files stay denied below any grant" },
  interactive: { merge: 'or', effect: 'idle', why: 'without meaning in the original too' },
  skipdirs: { merge: 'list', effect: 'idle', why: 'no scan of the working directory is made' },
  packs: { merge: 'list', effect: 'refused', why: 'what a pack would deny is not known' },
  command_args: { merge: 'list', effect: 'not-in-force', why: 'the command line is run as it is given' },
  binary: { merge: 'child', effect: 'not-in-force', why: 'the command is named on the command line' },
  command_policies: { merge: 'child', effect: 'refused', why: 'single tools are not given sandboxes of their own' },
  'diagnostics.suppress_system_services': { merge: 'list', effect: 'idle', why: 'macOS only' },
  'diagnostics.redaction': { merge: 'child', effect: 'idle', why: 'values of variables are never shown or kept' },
  'diagnostics.network_denial_audit': {
    merge: 'child',
    effect: 'idle',
    why: 'repeated denials are counted in one row',
  },
  unsafe_macos_seatbelt_rules: { merge: 'list', effect: 'idle', why: 'macOS only' },
} as const satisfies Record<string, KeyRow>;

export type SettingKey = keyof typeof rows;
export const settingKeys = Object.keys(rows) as SettingKey[];
export const keyRows: Readonly<Record<SettingKey, KeyRow>> = rows;

type ValueAt<T, K extends string> = K extends `${infer Section}.${infer Key}`
  ? Section extends keyof T
    ? Key extends keyof NonNullable<T[Section]>
      ? NonNullable<T[Section]>[Key]
      : never
    : never
  : K extends keyof T
    ? T[K]
    : never;

/** One key with its value, in the newest spelling, and where it was written. */
export interface Setting<T> {
  readonly value: T;
  /** `file:line:column`. */
  readonly at: string;
}

/** What a profile says for the keys above. `null` clears what a base said. */
export type Settings = { readonly [K in SettingKey]?: Setting<NonNullable<ValueAt<ProfileSections, K>> | null> };

function isAsked(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** A key that a profile uses and that does something else here than it says. */
export interface KeyNote {
  readonly key: SettingKey;
  readonly at: string;
  readonly effect: Exclude<KeyEffect, 'idle' | 'in-force'>;
  readonly why: string;
}

/** What to say, or refuse, of the keys that a profile uses. */
export function keyNotes(settings: Settings): readonly KeyNote[] {
  // A profile has few of the fifty keys.
  const used = settingKeys.filter((key) => settings[key] !== undefined);
  return used.flatMap((key) => {
    const setting = settings[key];
    const { effect, why, asks = isAsked } = keyRows[key];
    return setting === undefined || effect === 'idle' || effect === 'in-force' || !asks(setting.value)
      ? []
      : [{ key, at: setting.at, effect, why }];
  });
}

function mergeValue(merge: KeyMerge, base: unknown, child: unknown): unknown {
  switch (merge) {
    case 'list': {
      const seen = new Map(
        [...((base ?? []) as []), ...((child ?? []) as [])].map((one) => [JSON.stringify(one), one]),
      );
      return [...seen.values()];
    }
    case 'map':
      return { ...(base as object | null), ...(child as object | null) };
    case 'or':
      return base === true || child === true;
    default:
      return child;
  }
}

/** `base` with `child` over it. */
export function mergeSettings(base: Settings, child: Settings): Settings {
  const merged: Record<string, Setting<unknown>> = {};
  for (const key of settingKeys) {
    const [old, own] = [base[key], child[key]];
    const { merge } = keyRows[key];
    if (own !== undefined)
      merged[key] = { value: old && merge !== 'own' ? mergeValue(merge, old.value, own.value) : own.value, at: own.at };
    else if (old !== undefined && merge !== 'own') merged[key] = old;
  }
  return merged as Settings;
}
