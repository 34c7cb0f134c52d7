/** Old spellings of keys, which work, and what each is called now. */
import type { JsoncDocument } from '../../config/jsonc-document.ts';

export const oldKeys = {
  'security.groups': 'groups.include',
  'security.allowed_commands': 'commands.allow',
  'policy.exclude_groups': 'groups.exclude',
  'policy.add_allow_read': 'filesystem.read',
  'policy.add_allow_write': 'filesystem.write',
  'policy.add_allow_readwrite': 'filesystem.allow',
  'policy.add_deny_access': 'filesystem.deny',
  'policy.add_deny_commands': 'commands.deny',
  'policy.override_deny': 'filesystem.bypass_protection',
  'filesystem.ignore': 'filesystem.suppress_save_prompt',
  'network.proxy_allow': 'network.allow_domain',
  'network.allow_proxy': 'network.allow_domain',
  'network.proxy_credentials': 'network.credentials',
  secrets: 'env_credentials',
  undo: 'rollback',
} as const;

export type OldKey = keyof typeof oldKeys;

/** One use of an old spelling. */
export interface OldSpelling {
  readonly key: OldKey;
  readonly now: string;
  /** `file:line:column`. */
  readonly at: string;
}

function has(value: unknown, path: readonly string[]): boolean {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return false;
    at = (at as Record<string, unknown>)[key];
  }
  return true;
}

/** Below `prefix`, where the sections of one platform are. */
export function findOldSpellings(document: JsoncDocument, prefix: readonly string[] = []): readonly OldSpelling[] {
  return (Object.keys(oldKeys) as OldKey[]).flatMap((key) => {
    const path = [...prefix, ...key.split('.')];
    return has(document.value, path) ? [{ key, now: oldKeys[key], at: document.locate(path) }] : [];
  });
}

/** All of a profile and its bases in one line. */
export function oldSpellingWarning(profile: string, uses: readonly OldSpelling[]): string | undefined {
  const [first] = uses;
  if (first === undefined) return undefined;
  const list = [...new Set(uses.map(({ key, now }) => `${key} is now ${now}`))].join(', ');
  return `profile '${profile}' uses old spellings, which still work: ${list} (${first.at})`;
}
