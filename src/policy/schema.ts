/** The profile format, as one valibot schema: what keys exist and what type each has. Which of them can be enforced is profile.ts's matter. */
import * as v from 'valibot';

const path = v.string();
const paths = v.optional(v.array(path));
const names = v.optional(v.array(v.pipe(v.string(), v.nonEmpty('a name must not be empty'))));
const port = (lowest: number) => v.pipe(v.number(), v.integer(), v.minValue(lowest), v.maxValue(65535));
const ports = v.optional(v.array(port(1)));
/** Port 0: one that the kernel chooses. */
const listenPorts = v.optional(v.array(port(0)));
const portRanges = v.optional(
  v.array(
    v.pipe(
      v.array(port(1)),
      v.length(2),
      v.check(([a = 0, b = 0]) => a <= b, 'a range goes from low to high'),
    ),
  ),
);
const text = v.optional(v.string());
const flag = v.optional(v.boolean());
const reach = v.optional(v.picklist(['isolated', 'allow_same_sandbox', 'allow_all']));

const security = v.object({
  groups: names,
  allowed_commands: names,
  signal_mode: reach,
  process_info_mode: reach,
  ipc_mode: v.optional(v.picklist(['shared_memory_only', 'full'])),
  capability_elevation: flag,
  wsl2_proxy_policy: v.optional(v.picklist(['error', 'insecure_proxy'])),
});

const filesystem = v.object({
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
  suppress_save_prompt: paths,
  ignore: paths,
});

const policy = v.object({
  exclude_groups: names,
  add_allow_read: paths,
  add_allow_write: paths,
  add_allow_readwrite: paths,
  add_deny_access: paths,
  add_deny_commands: names,
  override_deny: paths,
});

const customCredential = v.object({
  upstream: v.string(),
  credential_key: v.string(),
  inject_mode: v.optional(v.picklist(['header', 'url_path', 'query_param', 'basic_auth'])),
  inject_header: text,
  credential_format: text,
  path_pattern: text,
  path_replacement: text,
  query_param_name: text,
  env_var: text,
  endpoint_rules: v.optional(v.array(v.object({ method: v.string(), path: v.string() }))),
});

const network = v.object({
  block: flag,
  network_profile: v.nullish(v.string()),
  allow_domain: names,
  proxy_allow: names,
  allow_proxy: names,
  credentials: names,
  proxy_credentials: names,
  custom_credentials: v.optional(v.record(v.string(), customCredential)),
  open_port: ports,
  open_port_range: portRanges,
  listen_port: listenPorts,
  listen_port_range: portRanges,
  connect_port: ports,
  allow_connect: names,
  allow_listen: names,
  upstream_proxy: v.nullish(v.string()),
  upstream_bypass: names,
});

const environment = v.object({
  allow_vars: names,
  deny_vars: names,
  case_insensitive_vars: flag,
  set_vars: v.optional(v.record(v.string(), v.string())),
});

const size = v.optional(v.union([v.string(), v.pipe(v.number(), v.integer(), v.minValue(1))]));
const amount = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)));
const resources = v.object({ memory: size, max_processes: amount, cpu_time: amount, max_file_size: size });
const linux = v.object({ af_unix_mediation: v.optional(v.picklist(['off', 'pathname'])) });

const rollback = v.object({ exclude_patterns: names, exclude_globs: names });
const secrets = v.optional(v.record(v.string(), v.string()));

/** Every key of a profile file, the original's and those newer spellings that mean the same. */
export const profileSchema = v.object({
  $schema: text,
  extends: v.optional(v.union([v.string(), v.array(v.string())])),
  meta: v.optional(v.object({ name: text, version: text, description: text, author: text })),
  security: v.optional(security),
  filesystem: v.optional(filesystem),
  policy: v.optional(policy),
  groups: v.optional(v.object({ include: names, exclude: names })),
  commands: v.optional(v.object({ allow: names, deny: names })),
  network: v.optional(network),
  environment: v.optional(environment),
  resources: v.optional(resources),
  private_tmp: flag,
  linux: v.optional(linux),
  env_credentials: secrets,
  secrets,
  workdir: v.optional(v.object({ access: v.optional(v.picklist(['none', 'read', 'write', 'readwrite'])) })),
  hooks: v.optional(v.record(v.string(), v.object({ event: text, matcher: text, script: text }))),
  rollback: v.optional(rollback),
  undo: v.optional(rollback),
  open_urls: v.optional(v.object({ allow_origins: names, allow_localhost: flag })),
  allow_launch_services: flag,
  interactive: flag,
  skipdirs: names,
});

export type ProfileFile = v.InferOutput<typeof profileSchema>;

/** Keys of later versions of the original that ask for something this version has no means to enforce: named, never ignored. */
export const laterKeys: ReadonlySet<string> = new Set([
  'linux.sandbox_policy',
  'linux.isolate',
  'diagnostics',
  'session_hooks',
  'packs',
  'command_args',
  'binary',
  'allow_gpu',
  'credential_capture',
  'command_policies',
  'unsafe_macos_seatbelt_rules',
  'network.allow_http2',
  'network.tls_intercept',
]);

/** A schema as far as checking keys needs to see into it. */
interface SchemaNode {
  readonly type: string;
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  readonly wrapped?: SchemaNode;
  readonly options?: readonly SchemaNode[];
  readonly item?: SchemaNode;
  readonly value?: SchemaNode;
}

/** What a schema says about the object or list at this point: fixed keys, one schema for all values, or nothing. */
export type Shape =
  | { readonly kind: 'object'; readonly entries: Readonly<Record<string, SchemaNode>> }
  | { readonly kind: 'each'; readonly value: SchemaNode }
  | { readonly kind: 'other' };

/** Looks through `optional` and the like to the shape underneath. */
export function shapeOf(schema: SchemaNode): Shape {
  if (schema.wrapped) return shapeOf(schema.wrapped);
  if (schema.type === 'object' && schema.entries) return { kind: 'object', entries: schema.entries };
  if (schema.type === 'record' && schema.value) return { kind: 'each', value: schema.value };
  if (schema.type === 'array' && schema.item) return { kind: 'each', value: schema.item };
  return { kind: 'other' };
}

/** The root of the tables above, for the key check. */
export const profileRoot = profileSchema as unknown as SchemaNode;
