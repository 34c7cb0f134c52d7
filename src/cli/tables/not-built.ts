/** What the original nono has and this version does not. */

/** Flags of the original nono that this version does not have: named, so that nobody takes the silence for protection. */
export const missingFlags: readonly string[] = [
  'network-profile',
  'allow-domain',
  'deny-domain',
  'allow-proxy',
  'proxy-allow',
  'upstream-proxy',
  'external-proxy',
  'upstream-bypass',
  'proxy-port',
  'trust-proxy-ca',
  'proxy-ca-validity',
  'allow-http2',
  'credential',
  'proxy-credential',
  'allow-endpoint',
  'env-credential',
  'env-credential-map',
  'rollback',
  'no-rollback',
  'no-rollback-prompt',
  'rollback-exclude',
  'rollback-include',
  'rollback-all',
  'rollback-dest',
  'no-audit',
  'audit-integrity',
  'no-audit-integrity',
  'audit-sign-key',
  'trust-override',
  'isolate',
  'strict-broker-path',
  'network-denial-audit-rate',
  'network-denial-audit-burst',
  'caller',
  'lexical-profile-path',
];

/** Variables of the original with the effect of one of these flags: to run as if they were not set would leave open what they restrict. */
export const missingVariables: Readonly<Record<string, string>> = {
  NONO_NETWORK_PROFILE: 'network-profile',
  NONO_ALLOW_DOMAIN: 'allow-domain',
  NONO_DENY_DOMAIN: 'deny-domain',
  NONO_CREDENTIAL: 'credential',
  NONO_ENV_CREDENTIAL: 'env-credential',
  NONO_UPSTREAM_PROXY: 'upstream-proxy',
  NONO_UPSTREAM_BYPASS: 'upstream-bypass',
};

export const missingCommands: readonly string[] = ['setup', 'learn', 'rollback', 'audit', 'trust'];
