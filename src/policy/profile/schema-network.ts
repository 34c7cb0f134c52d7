/** The `network` section, and everything about credentials that a proxy would inject. */
import * as v from 'valibot';
import {
  choice,
  count,
  countOrNone,
  flag,
  origins,
  section,
  sectionOrNull,
  text,
  textMap,
  textOrNull,
  texts,
  when,
  word,
  words,
} from './schema-words.ts';

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

const endpoint = v.object({ method: v.string(), path: v.string() });
const endpoints = v.optional(v.array(endpoint));
const identifier = v.pipe(v.string(), v.regex(/^[A-Za-z0-9._+-]+$/, 'a name of letters, digits and . _ + -'));
const httpsOrigin = v.pipe(v.string(), v.regex(/^https:\/\/[^/?#]+$/, 'an origin is https:// and a host'));
const lifetime = v.optional(
  v.pipe(v.string(), v.regex(/^[1-9][0-9]*(s|m|h|d)?$/, 'a time is a number and s, m, h or d')),
);

/** Who is asked, and how long. */
export const approvals = {
  approval_backends: v.optional(
    v.record(
      v.string(),
      v.object({
        type: v.picklist(['terminal', 'webhook', 'chain']),
        url: text,
        auth: choice(['platform']),
        timeout_secs: count,
        mode: choice(['all', 'any']),
        backends: texts,
      }),
    ),
  ),
  approval_defaults: sectionOrNull({ backend: text, timeout_secs: count }),
};

const ruled = v.object({ method: v.string(), path: v.string(), backend: text, reason: text, timeout_secs: count });
export const decision = v.optional(
  v.union([
    v.picklist(['deny', 'approve', 'allow']),
    v.object({ decision: v.picklist(['deny', 'approve', 'allow']), backend: text, timeout_secs: count }),
  ]),
);
export const endpointPolicy = sectionOrNull({
  default: decision,
  deny: v.optional(v.array(ruled)),
  approve: v.optional(v.array(ruled)),
  allow: v.optional(v.array(ruled)),
});

const injection = {
  inject_mode: choice(['header', 'url_path', 'query_param', 'basic_auth']),
  inject_header: textOrNull,
  credential_format: textOrNull,
  path_pattern: textOrNull,
  path_replacement: textOrNull,
  query_param_name: textOrNull,
};
export const awsAuth = sectionOrNull({ profile: textOrNull, region: textOrNull, service: textOrNull });
export const tlsFiles = { tls_ca: textOrNull, tls_client_cert: textOrNull, tls_client_key: textOrNull };

const customCredential = v.pipe(
  v.object({
    upstream: v.string(),
    credential_key: textOrNull,
    ...injection,
    ...tlsFiles,
    env_var: textOrNull,
    endpoint_rules: endpoints,
    endpoint_policy: endpointPolicy,
    proxy: sectionOrNull(injection),
    auth: sectionOrNull({
      token_url: v.string(),
      client_id: text,
      client_secret: text,
      scope: text,
      client_assertion: sectionOrNull({
        type: v.picklist(['spiffe_jwt']),
        workload_api_socket: v.string(),
        audience: v.array(v.string()),
        svid_hint: textOrNull,
      }),
      extra_params: textMap,
    }),
    aws_auth: awsAuth,
    spiffe: sectionOrNull({
      type: v.picklist(['jwt']),
      workload_api_socket: v.string(),
      audience: v.array(v.string()),
      inject_header: text,
      credential_format: textOrNull,
      svid_hint: textOrNull,
    }),
    redeem_phantoms: texts,
    rate_limit: sectionOrNull({
      requests_per_minute: v.pipe(v.number(), v.integer(), v.minValue(0)),
      burst: countOrNone,
      max_delay_secs: countOrNone,
    }),
  }),
  v.check(
    (one) => [one.credential_key, one.auth, one.aws_auth, one.spiffe].filter((way) => way != null).length === 1,
    "exactly one of 'credential_key', 'auth', 'aws_auth' and 'spiffe' must be given",
  ),
);

const domains = v.optional(v.array(v.union([word, v.object({ domain: word, endpoints: v.array(endpoint) })])));

export const network = {
  block: flag,
  network_profile: textOrNull,
  allow_domain: domains,
  proxy_allow: domains,
  allow_proxy: domains,
  deny_domain: words,
  no_proxy: words,
  credentials: words,
  proxy_credentials: words,
  custom_credentials: v.optional(v.record(v.string(), customCredential)),
  open_port: ports,
  open_port_range: portRanges,
  listen_port: listenPorts,
  listen_port_range: portRanges,
  connect_port: ports,
  allow_connect: words,
  allow_listen: words,
  upstream_proxy: textOrNull,
  upstream_bypass: words,
  allow_http2: flag,
  tls_intercept: section({
    ca_lifecycle: choice(['session', 'trusted']),
    ca_validity: lifetime,
    leaf_validity: lifetime,
    ca_env_vars: words,
  }),
  ...approvals,
};

export const openUrls = sectionOrNull({ allow_origins: origins, allow_localhost: flag });

const capture = v.pipe(
  v.object({
    command: v.optional(v.pipe(v.array(v.string()), v.minLength(1))),
    provider: section({
      command: v.pipe(v.array(v.string()), v.minLength(1)),
      config: v.optional(v.record(v.string(), v.unknown())),
    }),
    timeout_secs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(300))),
    ttl_secs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3600))),
    cache_ttl_secs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3600))),
    cache_path_regex: text,
    stdin: choice(['null', 'request_json']),
    output: v.optional(
      v.union([v.picklist(['text']), v.object({ format: v.picklist(['json']), allow_headers: words })]),
    ),
    interaction: section({ stdio: flag, stdin: flag, open_urls: openUrls, allow_launch_services: flag }),
  }),
  v.check(
    (one) => (one.command === undefined) !== (one.provider == null),
    "exactly one of 'command' and 'provider' must be given",
  ),
);

const provider = v.object({
  type: v.picklist(['oauth_capture']),
  token_endpoints: v.pipe(
    v.array(
      v.object({
        host: httpsOrigin,
        path: v.string(),
        response_fields: v.array(v.object({ path: v.string(), kind: choice(['opaque', 'jwt']), format: text })),
        request_body: choice(['auto', 'json', 'form']),
        request_nonce_fields: words,
      }),
    ),
    v.minLength(1),
  ),
  api_hosts: v.pipe(v.array(httpsOrigin), v.minLength(1)),
  inject_header: textOrNull,
  credential_format: textOrNull,
  credential_store: sectionOrNull({
    type: v.picklist(['keychain_json', 'file_json', 'command_status']),
    service: text,
    path: text,
    account_candidates: words,
    phantom_fields: words,
    command: words,
  }),
  helpers: sectionOrNull({ status: words, login: words, logout: words }),
});

/** Keys of the root that concern credentials. */
export const credentials = {
  env_credentials: v.optional(v.record(v.string(), v.union([v.string(), v.object({ env_var: v.string(), when })]))),
  secrets: v.optional(v.record(v.string(), v.union([v.string(), v.object({ env_var: v.string(), when })]))),
  credential_capture: v.optional(v.record(v.string(), capture)),
  credential_providers: v.optional(v.record(v.string(), provider)),
  credential_routes: v.optional(
    v.array(
      v.object({
        name: identifier,
        provider: identifier,
        env_var: textOrNull,
        base_url_env_var: textOrNull,
        endpoint_policy: endpointPolicy,
        upgrades: v.optional(v.array(v.object({ origin: httpsOrigin, path: v.string() }))),
      }),
    ),
  ),
};
