/** The profile format, as one valibot schema: what keys exist and what type each has. What each does here is key-effects.ts's matter. */
import * as v from 'valibot';
import { commandPolicies } from './schema-commands.ts';
import { approvals, credentials, network, openUrls } from './schema-network.ts';
import {
  bulkNames,
  choice,
  count,
  flag,
  names,
  paths,
  section,
  sectionOrNull,
  text,
  textMap,
  textOrNull,
  texts,
  words,
} from './schema-words.ts';

const reach = choice(['isolated', 'allow_same_sandbox', 'allow_all']);
const size = v.optional(v.union([v.string(), v.pipe(v.number(), v.integer(), v.minValue(1))]));
const hookScript = section({ script: v.string(), timeout_secs: count });
const rollback = section({ exclude_patterns: words, exclude_globs: words });

/** Every section of a profile: what stands in the file itself, and again below `platform_overrides`. */
const sections = {
  meta: section({ name: text, version: text, description: textOrNull, author: textOrNull }),
  security: section({
    groups: names,
    allowed_commands: words,
    signal_mode: reach,
    process_info_mode: reach,
    ipc_mode: choice(['shared_memory_only', 'full']),
    capability_elevation: v.nullish(v.boolean()),
    wsl2_proxy_policy: choice(['error', 'insecure_proxy']),
    ...approvals,
  }),
  filesystem: section({
    allow: paths,
    read: paths,
    write: paths,
    allow_file: paths,
    read_file: paths,
    write_file: paths,
    unix_socket: paths,
    unix_socket_bind: paths,
    unix_socket_dir: paths,
    unix_socket_dir_bind: paths,
    unix_socket_subtree: paths,
    unix_socket_subtree_bind: paths,
    deny: paths,
    bypass_protection: paths,
    bulk: bulkNames,
    suppress_save_prompt: paths,
    ignore: paths,
  }),
  policy: section({
    exclude_groups: names,
    add_allow_read: paths,
    add_allow_write: paths,
    add_allow_readwrite: paths,
    add_deny_access: paths,
    add_deny_commands: words,
    override_deny: paths,
  }),
  groups: section({ include: names, exclude: names }),
  commands: section({ allow: words, deny: words }),
  network: section(network),
  environment: sectionOrNull({
    allow_vars: words,
    deny_vars: words,
    case_insensitive_vars: flag,
    set_vars: textMap,
  }),
  resources: section({ memory: size, max_processes: count, cpu_time: count, max_file_size: size }),
  private_tmp: flag,
  strict_deny: flag,
  linux: section({
    af_unix_mediation: choice(['off', 'pathname']),
    sandbox_policy: choice(['auto', 'landlock', 'external']),
    isolate: section({ network: flag, loopback: flag, ipc: flag, uts: flag }),
  }),
  ...credentials,
  workdir: section({ access: choice(['none', 'read', 'write', 'readwrite']) }),
  hooks: v.nullish(v.record(v.string(), v.object({ event: text, matcher: text, script: text }))),
  session_hooks: section({ before: hookScript, after: hookScript }),
  rollback,
  undo: rollback,
  open_urls: openUrls,
  allow_launch_services: v.nullish(v.boolean()),
  allow_gpu: v.nullish(v.boolean()),
  allow_parent_of_protected: v.nullish(v.boolean()),
  interactive: flag,
  skipdirs: words,
  packs: words,
  command_args: texts,
  binary: textOrNull,
  command_policies: commandPolicies,
  diagnostics: section({
    suppress_system_services: words,
    redaction: section({ extra_env_vars: words }),
    network_denial_audit: section({ rate_per_sec: count, burst: count }),
  }),
  unsafe_macos_seatbelt_rules: texts,
};

const platformSections = sectionOrNull(sections);

/** Every key of a profile file: the original's, old spellings and new. */
export const profileSchema = v.object({
  $schema: text,
  extends: v.nullish(v.union([v.string(), v.array(v.string())])),
  ...sections,
  platform_overrides: sectionOrNull({ linux: platformSections, macos: platformSections, windows: platformSections }),
});

export type ProfileFile = v.InferOutput<typeof profileSchema>;
/** What a file says, or what it says for one platform. */
export type ProfileSections = Omit<ProfileFile, '$schema' | 'extends' | 'platform_overrides'>;

/** A schema as far as checking keys, and writing JSON Schema, needs to see into it. */
export interface SchemaNode {
  readonly type: string;
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  readonly wrapped?: SchemaNode;
  readonly options?: readonly SchemaNode[] | readonly string[];
  readonly item?: SchemaNode;
  readonly value?: SchemaNode;
  readonly pipe?: readonly { readonly kind: string; readonly type: string; readonly requirement?: unknown }[];
}

/** What a schema says about the object or list at this point: fixed keys, one schema for all values, or nothing. */
export type Shape =
  | { readonly kind: 'object'; readonly entries: Readonly<Record<string, SchemaNode>> }
  | { readonly kind: 'each'; readonly value: SchemaNode }
  | { readonly kind: 'other' };

/** Looks through `optional` and the like to the shape underneath. Of alternatives, no two are objects or lists of different shape at once. */
export function shapeOf(schema: SchemaNode): Shape {
  if (schema.wrapped) return shapeOf(schema.wrapped);
  if (schema.type === 'union') {
    const shapes = (schema.options as readonly SchemaNode[]).map(shapeOf);
    return shapes.find((shape) => shape.kind !== 'other') ?? { kind: 'other' };
  }
  if (schema.type === 'object' && schema.entries) return { kind: 'object', entries: schema.entries };
  if (schema.type === 'record' && schema.value) return { kind: 'each', value: schema.value };
  if (schema.type === 'array' && schema.item) return { kind: 'each', value: schema.item };
  return { kind: 'other' };
}

/** The root of the tables above, for the key check. */
export const profileRoot = profileSchema as unknown as SchemaNode;
