/** The capability manifest, as one valibot schema: the original's keys (0.1.0), and those added here, which a reader that does not know them can leave out and then grants less. */
import * as v from 'valibot';
import { choice, count, flag, section, sectionOrNull, textMap, words } from '../profile/schema-words.ts';

const MANIFEST_VERSION = '0.1.0';

const path = v.pipe(v.string(), v.nonEmpty('a path must not be empty'));
const port = v.pipe(v.number(), v.integer('ports are whole numbers'), v.minValue(1), v.maxValue(65535));
const ports = v.optional(v.array(port));
const range = v.pipe(
  v.array(port),
  v.length(2, 'a range is two ports'),
  v.check(([first = 0, last = 0]) => first <= last, 'a range goes from low to high'),
);
const required = v.pipe(v.string(), v.nonEmpty('must not be empty'));
const reach = v.optional(v.picklist(['isolated', 'allow_same_sandbox', 'allow_all']));
/** A policy group that the rule came from; without, it is the manifest's own. */
const source = v.optional(v.pipe(v.string(), v.regex(/^group:[a-z0-9_]+$/, 'is group:NAME, or left out')));
const endpointRules = v.optional(v.array(v.object({ method: required, path: required })));

export const manifestSchema = v.object({
  $schema: v.optional(v.string()),
  version: v.picklist([MANIFEST_VERSION]),
  filesystem: section({
    grants: v.optional(
      v.array(
        v.object({
          path,
          access: v.picklist(['read', 'write', 'readwrite']),
          type: v.optional(v.picklist(['file', 'directory'])),
          source,
        }),
      ),
    ),
    deny: v.optional(
      v.array(
        v.object({
          path,
          access: v.optional(v.picklist(['write', 'connect'])),
          type: v.optional(v.picklist(['itself', 'tree'])),
          guard: v.optional(v.picklist(['outside_bulk', 'outside_closed'])),
          source,
        }),
      ),
    ),
    more_grants: v.optional(
      v.array(
        v.object({
          path,
          access: v.picklist(['read', 'write', 'readwrite', 'connect', 'readconnect', 'writeconnect', 'all']),
          type: v.picklist(['itself', 'tree']),
          source,
        }),
      ),
    ),
    bypass_protection: v.optional(v.array(path)),
    bulk: v.optional(v.array(v.object({ name: required, closed: flag }))),
  }),
  network: section({
    mode: v.optional(v.picklist(['blocked', 'proxy', 'unrestricted'])),
    allow_domains: words,
    endpoints: v.optional(v.array(v.object({ host: required, rules: endpointRules }))),
    ports: section({ connect: ports, bind: ports, localhost: ports, localhost_range: v.optional(v.array(range)) }),
    dns: flag,
    allow_connect: words,
    allow_listen: words,
  }),
  credentials: v.optional(
    v.array(
      v.object({
        name: required,
        upstream: required,
        source: required,
        inject: section({
          mode: v.optional(v.picklist(['header', 'url_path', 'query_param', 'basic_auth'])),
          header: v.optional(v.string()),
          format: v.optional(v.string()),
          path_pattern: v.optional(v.string()),
          path_replacement: v.optional(v.string()),
          query_param_name: v.optional(v.string()),
        }),
        env_var: v.optional(required),
        endpoint_rules: endpointRules,
      }),
    ),
  ),
  process: section({
    allowed_commands: words,
    blocked_commands: words,
    refused_commands: words,
    signal_mode: reach,
    process_info_mode: reach,
    ipc_mode: v.optional(v.picklist(['shared_memory_only', 'full'])),
    exec_strategy: v.optional(v.picklist(['direct', 'monitor', 'supervised'])),
  }),
  rollback: section({ enabled: flag, exclude_patterns: words, exclude_globs: words }),
  resources: section({ memory_bytes: count, max_processes: count, cpu_seconds: count, max_file_bytes: count }),
  environment: sectionOrNull({
    allow_vars: words,
    deny_vars: words,
    case_insensitive_vars: flag,
    set_vars: textMap,
  }),
  linux: section({ af_unix_mediation: choice(['off', 'pathname']) }),
  private_tmp: flag,
  strict_deny: flag,
});

export type ManifestFile = v.InferOutput<typeof manifestSchema>;
type Filesystem = NonNullable<ManifestFile['filesystem']>;
export type ManifestGrant = NonNullable<Filesystem['grants']>[number];
export type ManifestMoreGrant = NonNullable<Filesystem['more_grants']>[number];
export type ManifestDeny = NonNullable<Filesystem['deny']>[number];
