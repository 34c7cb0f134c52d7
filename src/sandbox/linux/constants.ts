/** Numbers shared with native/; the table is native/PROTOCOL.md and test/native/loop/protocol.test.ts holds both sides to it. */

export const PLAN_MAGIC = 'NONOPLAN';
export const PLAN_VERSION = 1;
export const NO_RULE = 0xffff_ffff;

export const planRecord = {
  options: 1,
  floor: 2,
  rule: 3,
  env: 4,
  cwd: 5,
  net: 7,
  birth: 8,
  limit: 9,
  preload: 10,
  tmpdir: 11,
  command: 12,
  owned: 13,
  self: 14,
  bulk: 15,
  end: 0xffff,
} as const;

/** Kinds of a LIMIT record. openFiles is a soft limit handed back, not a restriction. */
export const limitKind = { memory: 1, processes: 2, cpuSeconds: 3, fileSize: 4, openFiles: 5 } as const;
export type LimitName = keyof typeof limitKind;

export const optionFlag = {
  supervise: 1,
  newSession: 2,
  blockNet: 4,
  scopeSignal: 8,
  scopeAbstractUnix: 16,
  allowDegraded: 32,
  allowSysvIpc: 512,
  allowMessageQueues: 1024,
  allowKeyring: 2048,
  netRules: 64,
  unixRules: 128,
  fastPath: 256,
  reportExec: 4096,
} as const;

export const approvalMode = { deny: 0, observe: 1, ask: 2 } as const;
export type ApprovalMode = keyof typeof approvalMode;

export const floorRight = {
  readFile: 1,
  readDir: 2,
  execute: 4,
  writeFile: 8,
  make: 16,
  remove: 32,
  refer: 64,
  ioctlDev: 128,
} as const;
export const FLOOR_READ_TREE = 7;
export const FLOOR_WRITE_TREE = 120;

export const birthKind = { pool: 0, annex: 1, bulk: 2 } as const;
export type BirthKind = keyof typeof birthKind;

export const ruleVerdict = { deny: 0, allow: 1, override: 2 } as const;
export type RuleVerdict = keyof typeof ruleVerdict;
export const ruleKind = { tree: 0, exact: 1, pattern: 2 } as const;
export type RuleKind = keyof typeof ruleKind;

/**
 * Access bits of a rule or a request. READ covers read, list and execute; WRITE covers write, create, truncate, remove and rename; CONNECT
 * covers connecting to a pathname unix socket, which no grant of reading or writing carries.
 */
export const access = {
  read: 1,
  write: 2,
  readwrite: 3,
  connect: 4,
  readconnect: 5,
  writeconnect: 6,
  all: 7,
} as const;
/** Beside a deny's access bits in the plan: no override lifts it. */
export const RULE_FIXED = 8;
/** Beside a deny pattern's access bits in the plan: a guard's, whose leading `**` does not stand for bulk directories. */
export const RULE_GUARD = 16;
/** The same of a guard's that looks into bulk directories, but for the closed ones. */
export const RULE_DEEP = 32;
/** What a rule grants or denies. */
export type RuleAccess = keyof typeof access;
/** What a path grant of the user, and an access to a file, can be. */
export type AccessName = 'read' | 'write' | 'readwrite';

/** Bits of a net rule. */
export const netOperation = { connect: 1, bind: 2, all: 3 } as const;
export const netProtocol = { tcp: 1, udp: 2, all: 3 } as const;

export const event = {
  ready: 1,
  setupError: 2,
  denied: 3,
  held: 4,
  released: 5,
  dropped: 6,
  exit: 7,
  notice: 8,
  exec: 9,
  netDenied: 10,
  netHeld: 11,
  nameAnswer: 12,
} as const;
export const command = {
  verdict: 101,
  addRule: 102,
  removeRule: 103,
  setMode: 104,
  terminate: 105,
  signal: 106,
  addNetRule: 107,
  removeNetRule: 108,
} as const;

export const verbs = [
  'none',
  'open',
  'openat',
  'openat2',
  'creat',
  'execve',
  'execveat',
  'mkdir',
  'rmdir',
  'unlink',
  'rename',
  'link',
  'symlink',
  'mknod',
  'truncate',
  'chmod',
  'chown',
  'utime',
  'setxattr',
  'connect',
  'bind',
  'removexattr',
  'sendto',
  'ioctl',
  'listen',
  'socket',
  'inotify',
] as const;
export type Verb = (typeof verbs)[number];

export const reasons = [
  'denied-by-rule',
  'not-granted',
  'insufficient-access',
  'caller-unreadable',
  'not-brokered',
  'too-many-held',
  'denied-by-user',
  'object-changed',
  'cannot-perform',
  'refused-command',
] as const;
export type Reason = (typeof reasons)[number];

export const releaseOutcomes = ['denied', 'allowed', 'caller-gone', 'suspended', 'changed'] as const;
export type ReleaseOutcome = (typeof releaseOutcomes)[number];
export const objectKinds = ['missing', 'file', 'directory', 'other'] as const;
export type ObjectKind = (typeof objectKinds)[number];
