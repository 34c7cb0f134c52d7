/** `command_policies`: single tools in sandboxes of their own, with rules on who may start them and how. */
import * as v from 'valibot';
import { approvals, awsAuth, decision, endpointPolicy, openUrls, tlsFiles } from './schema-network.ts';
import { choice, count, countOrNone, flag, section, text, textMap, texts } from './schema-words.ts';

const environmentMatch = v.optional(v.record(v.string(), v.object({ one_of: texts, equals: text })));
const argv = section({ exact: texts, prefix: texts, contains: texts });
const invocation = v.optional(
  v.array(v.object({ argv, env: environmentMatch, backend: text, reason: text, timeout_secs: count })),
);
const stream = section({
  max_bytes: v.pipe(v.number(), v.integer(), v.minValue(1)),
  on_limit: choice(['truncate', 'terminate', 'deny']),
});
const ports = v.optional(v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535))));

const sandbox = {
  fs_read: texts,
  fs_read_file: texts,
  fs_write: texts,
  fs_write_file: texts,
  unix_socket_bind: texts,
  keychain_access: choice(['read', 'readwrite']),
  use_credentials: texts,
  credentials: v.optional(
    v.array(v.union([v.string(), v.object({ name: v.string(), endpoint_policy: endpointPolicy })])),
  ),
  argv_prepend: texts,
  network: section({ allow_all: flag, allow_domain: texts, tcp_connect_ports: ports, tcp_bind_ports: ports }),
  environment: section({ allow_vars: texts, set_vars: textMap }),
  allow_raw_file_credentials_in_chained_policy: flag,
  resources: section({
    backend: choice(['auto', 'cgroup', 'portable']),
    fallback: choice(['warn_if_weaker', 'fail_if_weaker']),
    memory_bytes: countOrNone,
    cpu_seconds: countOrNone,
    wall_time_seconds: countOrNone,
    max_processes: countOrNone,
    max_file_size_bytes: countOrNone,
    max_output_bytes: countOrNone,
  }),
  stdio: section({ stdout: stream, stderr: stream }),
  open_urls: openUrls,
  allow_launch_services: flag,
  unsafe_macos_seatbelt_rules: texts,
};

/** The sandbox of one caller, alone or with rules on the invocation. */
const edge = v.object({
  ...sandbox,
  sandbox: section(sandbox),
  invocation_policy: section({ default: decision, deny: invocation, approve: invocation, allow: invocation }),
});

const command = v.object({
  executable: text,
  sha256: v.optional(v.pipe(v.string(), v.regex(/^[0-9A-Fa-f]{64}$/, 'a SHA-256 is 64 hexadecimal digits'))),
  allow_writable_executable: flag,
  can_use: texts,
  sandbox: section(sandbox),
  from: v.optional(v.record(v.string(), v.union([v.picklist(['deny']), edge]))),
  intercept: v.optional(
    v.array(
      v.object({
        args: texts,
        match: section({ argv, env: environmentMatch }),
        action: section({
          type: v.picklist(['passthrough', 'respond', 'capture', 'capture_credential', 'approve', 'exec']),
          stdout: text,
          credential: text,
          timeout_secs: count,
          command: texts,
        }),
      }),
    ),
  ),
  allow_direct_exec_bypass: texts,
  allow_direct_exec_bypass_with_credentials: flag,
  daemon_pid_source: section({ argv: v.array(v.string()), env: texts }),
  export_env: texts,
});

export const commandPolicies = section({
  executable_dirs: texts,
  allow_writable_executables: flag,
  entrypoint: text,
  ...approvals,
  credentials: v.optional(
    v.record(
      v.string(),
      v.object({
        type: v.picklist(['local-socket', 'raw-file', 'proxy', 'ambient']),
        path: text,
        mode: choice(['connect']),
        env_var: text,
        upstream: text,
        credential_key: text,
        base_url_env_var: text,
        inject_header: text,
        credential_format: text,
        source: section({
          type: v.picklist(['keystore', 'command']),
          key: text,
          command: text,
          args: texts,
          timeout_secs: count,
        }),
        ...tlsFiles,
        format: text,
        aws_auth: awsAuth,
      }),
    ),
  ),
  commands: v.optional(v.record(v.string(), command)),
  deny_direct_exec_bypass: texts,
  session_export_env: texts,
});
