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
  'events',
  'changes',
  'remote',
  'agent',
  'workspace',
  'console',
  'platform-url',
  'token-file',
  'connect-token-file',
  'run-token-file',
];

/** What does some of it here. `nothing`: what would undo something that is not here either. */
const instead = {
  host: '--block-net with --allow-connect ADDRESS:PORT opens single addresses',
  credential: '--env NAME passes a variable on as it is',
  nothing: 'leave it out: there is nothing here that it would switch off',
} as const;

const insteadOfFlags: readonly (readonly [RegExp, string])[] = [
  [/^(?:network-profile|(?:allow|deny)-domain|allow-proxy|proxy-allow|allow-endpoint)$/, instead.host],
  [/credential/, instead.credential],
  [/^(?:no-|trust-override$)/, instead.nothing],
];

/** For a message that says what is missing: what to do now. */
export function insteadOfFlag(name: string): string {
  return insteadOfFlags.find(([flags]) => flags.test(name))?.[1] ?? 'leave it out, and know that it is not in force';
}

export function insteadOfCommand(name: string): string {
  if (name === 'learn') return 'nono run lists what was denied, and nono shell approves it as it happens';
  if (name === 'setup') return 'nothing has to be set up; nono run --dry-run says what this kernel can enforce';
  return 'nono --help lists the commands';
}

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

export const missingCommands: readonly string[] = [
  'setup',
  'learn',
  'rollback',
  'audit',
  'trust',
  'session',
  'pull',
  'remove',
  'update',
  'outdated',
  'pin',
  'unpin',
  'search',
  'list',
  'proxy',
  'connect',
  'platform',
];
