/** Every command and flag, once. The parser, `--help`, docs/cli.md and completions are made from these tables. */
import { inspectingCommands } from './inspecting-commands.ts';
import { inspectingFlags } from './inspecting-flags.ts';
import { sessionCommands } from './session-commands.ts';
import { sessionFlags } from './session-flags.ts';
import { colourChoices, themeNames } from './theme-names.ts';

export interface Command {
  readonly name: string;
  readonly group: string;
  readonly summary: string;
  readonly usage: string;
  readonly details: readonly string[];
  readonly examples: readonly { readonly line: string; readonly what: string }[];
  /** The words after it that are its own, in order. Without: the words are the command to run, and flags end at the first. */
  readonly words?: readonly Word[];
  /** More words than those may follow. */
  readonly moreWords?: true;
}

export interface Word {
  readonly name: string;
  readonly optional?: true;
  readonly completes?: Completion;
}

/** What can stand at a place of the command line, as far as completions know it. */
export type Completion =
  | 'profile'
  | 'profile-file'
  | 'group'
  | 'file'
  | 'directory'
  | 'command'
  | 'session'
  | 'draft'
  | readonly string[];

export const commands = [
  {
    name: 'run',
    group: 'CORE USAGE',
    summary: 'Run a command inside the sandbox',
    usage: 'nono run [flags] [--] <command> [arguments…]',
    details: [
      'The command keeps its standard streams, its exit code and its signals. A supervisor stays beside it; what was denied is listed when it fails.',
    ],
    examples: [
      { line: 'nono run --allow . -- make', what: 'read and write below the current directory' },
      { line: 'nono run -r ~/notes -- grep -r todo ~/notes', what: 'read one more directory' },
      { line: 'nono run -p developer --allow-cwd -- npm test', what: 'use a profile' },
    ],
  },
  {
    name: 'shell',
    group: 'CORE USAGE',
    summary: 'Start an interactive shell inside the sandbox',
    usage: 'nono shell [flags]',
    details: [
      'On a terminal: the shell in one pane, and beside it every denied access as it happens, to be approved on the spot.',
      'Without a terminal the shell reads its commands from standard input, and nothing is ever asked.',
    ],
    examples: [
      { line: 'nono shell --allow .', what: 'work in the current directory' },
      { line: 'nono shell --shell /bin/zsh', what: 'another shell than $SHELL' },
    ],
  },
  {
    name: 'wrap',
    group: 'CORE USAGE',
    summary: 'Apply sandbox and exec into command (nono disappears)',
    usage: 'nono wrap [flags] [--] <command> [arguments…]',
    details: [
      'Only what the kernel holds by itself: nothing of nono remains, so nothing can be approved or listed. A policy that needs the supervisor is refused.',
    ],
    examples: [
      { line: 'nono wrap --read . -- ./server', what: 'a service that must be the process its parent started' },
    ],
  },
  ...inspectingCommands,
  ...sessionCommands,
] as const satisfies readonly Command[];

export type CommandName = (typeof commands)[number]['name'];

/** switch: given or not · count: how often · text: one value · list: a value each time it is given. */
export type FlagKind = 'switch' | 'count' | 'text' | 'list';

export interface Flag {
  /** Property of Options. */
  readonly key: string;
  readonly long: string;
  readonly short?: string;
  readonly kind: FlagKind;
  /** What the value is, in capitals: `--read DIR`. */
  readonly value?: string;
  /** Spellings that mean the same. */
  readonly aliases?: readonly string[];
  /** Spellings that still work, with a warning. */
  readonly deprecated?: readonly string[];
  /** Environment variable with the same effect; the flag wins. */
  readonly env?: string;
  readonly group: string;
  readonly help: string;
  /** Commands that take it; `global` flags may also stand before the command. */
  readonly commands: readonly CommandName[] | 'global';
  /** Works, and is not listed in help. */
  readonly hidden?: true;
  readonly completes?: Completion;
}

const sandboxed = ['run', 'shell', 'wrap'] as const;
/** `why` answers for the same flags. */
const deciding = [...sandboxed, 'why'] as const;

export const flags = [
  {
    key: 'allow',
    long: 'allow',
    short: 'a',
    kind: 'list',
    value: 'DIR',
    env: 'NONO_ALLOW',
    group: 'FILESYSTEM',
    help: 'Read and write a directory and everything below it (the variable: a list with commas)',
    completes: 'directory',
    commands: deciding,
  },
  {
    key: 'read',
    long: 'read',
    short: 'r',
    kind: 'list',
    value: 'DIR',
    group: 'FILESYSTEM',
    help: 'Read a directory and everything below it',
    completes: 'directory',
    commands: deciding,
  },
  {
    key: 'write',
    long: 'write',
    short: 'w',
    kind: 'list',
    value: 'DIR',
    group: 'FILESYSTEM',
    help: 'Write, create and delete in a directory and everything below it',
    completes: 'directory',
    commands: deciding,
  },
  {
    key: 'allowFile',
    long: 'allow-file',
    kind: 'list',
    value: 'FILE',
    group: 'FILESYSTEM',
    help: 'Read and write one file',
    completes: 'file',
    commands: deciding,
  },
  {
    key: 'readFile',
    long: 'read-file',
    kind: 'list',
    value: 'FILE',
    group: 'FILESYSTEM',
    help: 'Read one file',
    completes: 'file',
    commands: deciding,
  },
  {
    key: 'writeFile',
    long: 'write-file',
    kind: 'list',
    value: 'FILE',
    group: 'FILESYSTEM',
    help: 'Write one file',
    completes: 'file',
    commands: deciding,
  },
  {
    key: 'deny',
    long: 'deny',
    kind: 'list',
    value: 'PATTERN',
    group: 'FILESYSTEM',
    help: "Deny a path, or what a pattern ('**/.env') matches, whatever is granted",
    commands: deciding,
  },
  {
    key: 'overrideDeny',
    long: 'override-deny',
    aliases: ['bypass-protection'],
    kind: 'list',
    value: 'PATH',
    group: 'FILESYSTEM',
    help: 'Lift the deny rule on exactly this path; a grant must cover it too',
    completes: 'file',
    commands: deciding,
  },
  {
    key: 'allowCwd',
    long: 'allow-cwd',
    kind: 'switch',
    group: 'FILESYSTEM',
    help: 'Share the working directory, as the profile says (read without a profile), without asking',
    commands: deciding,
  },
  {
    key: 'workdir',
    long: 'workdir',
    kind: 'text',
    value: 'DIR',
    group: 'FILESYSTEM',
    help: 'Work in this directory instead of the current one',
    completes: 'directory',
    commands: deciding,
  },
  {
    key: 'allowGpu',
    long: 'allow-gpu',
    kind: 'switch',
    group: 'FILESYSTEM',
    help: 'Use the graphics processors: their devices in /dev that are there now',
    commands: deciding,
  },
  {
    key: 'blockNet',
    long: 'block-net',
    deprecated: ['net-block'],
    kind: 'switch',
    env: 'NONO_BLOCK_NET',
    group: 'NETWORK',
    help: 'No network but what is opened below; in the TUI each connection can be approved',
    commands: deciding,
  },
  {
    key: 'allowNet',
    long: 'allow-net',
    kind: 'switch',
    env: 'NONO_ALLOW_NET',
    group: 'NETWORK',
    help: 'Open the network although the profile blocks it',
    commands: deciding,
    hidden: true,
  },
  {
    key: 'openPort',
    long: 'open-port',
    deprecated: ['allow-port'],
    kind: 'list',
    value: 'PORT',
    group: 'NETWORK',
    help: 'Connect to and listen on loopback at this TCP port (or FIRST-LAST)',
    commands: deciding,
  },
  {
    key: 'listenPort',
    long: 'listen-port',
    deprecated: ['allow-bind'],
    kind: 'list',
    value: 'PORT',
    group: 'NETWORK',
    help: 'Listen on this TCP port, at any address (0: ports that the kernel chooses)',
    commands: deciding,
  },
  {
    key: 'allowConnectPort',
    long: 'allow-connect-port',
    kind: 'list',
    value: 'PORT',
    group: 'NETWORK',
    help: 'Connect to this TCP port of any host',
    commands: deciding,
  },
  {
    key: 'allowConnect',
    long: 'allow-connect',
    kind: 'list',
    value: 'ADDRESS:PORT',
    group: 'NETWORK',
    help: 'Connect to one endpoint: 10.0.0.0/8:443, [fd00::1]:22, udp://8.8.8.8:53, localhost:*',
    commands: deciding,
  },
  {
    key: 'allowListen',
    long: 'allow-listen',
    kind: 'list',
    value: 'ADDRESS:PORT',
    group: 'NETWORK',
    help: 'Listen on one address and port, or receive there with udp://',
    commands: deciding,
  },
  {
    key: 'allowIpc',
    long: 'allow-ipc',
    kind: 'switch',
    group: 'PROCESSES',
    help: 'Allow System V IPC (shmget, semget, msgget) and POSIX message queues, which are shared with your other programs',
    commands: deciding,
  },
  {
    key: 'allowKeyring',
    long: 'allow-keyring',
    kind: 'switch',
    group: 'PROCESSES',
    help: 'Allow the kernel keyrings, which may hold credentials of your other programs',
    commands: deciding,
  },
  {
    key: 'memory',
    long: 'memory',
    kind: 'text',
    value: 'SIZE',
    group: 'RESOURCES',
    help: 'Most memory (512M, 2Gi): of the whole session where a cgroup was delegated to you, else of each process; the start says which',
    commands: sandboxed,
  },
  {
    key: 'maxProcesses',
    long: 'max-processes',
    kind: 'text',
    value: 'COUNT',
    group: 'RESOURCES',
    help: 'Most processes and threads at a time, by cgroup or RLIMIT_NPROC',
    commands: sandboxed,
  },
  {
    key: 'cpuTime',
    long: 'cpu-time',
    kind: 'text',
    value: 'SECONDS',
    group: 'RESOURCES',
    help: 'Most processor time of each process, which is then killed',
    commands: sandboxed,
  },
  {
    key: 'maxFileSize',
    long: 'max-file-size',
    kind: 'text',
    value: 'SIZE',
    group: 'RESOURCES',
    help: 'Largest file that can be written',
    commands: sandboxed,
  },
  {
    key: 'privateTmp',
    long: 'private-tmp',
    kind: 'switch',
    group: 'FILESYSTEM',
    help: 'Of /tmp and /var/tmp only $TMPDIR and what the session makes there, unless a flag or profile grants more',
    commands: ['run', 'shell', 'why'],
  },
  {
    key: 'strictDeny',
    long: 'strict-deny',
    kind: 'switch',
    group: 'FILESYSTEM',
    help: 'Deny patterns hold for what is made outside while the session runs, too; slower',
    commands: ['run', 'shell', 'why'],
  },
  {
    key: 'environment',
    long: 'env',
    aliases: ['allow-env'],
    kind: 'list',
    value: 'NAME[=VALUE]',
    group: 'ENVIRONMENT',
    help: 'Pass on a variable of your environment that is left out by default (a token, a key; `*` at the end of a name stands for the rest), or set one',
    commands: deciding,
  },
  {
    key: 'unixSocket',
    long: 'allow-unix-socket',
    kind: 'list',
    value: 'SOCKET',
    group: 'UNIX SOCKETS',
    help: 'Connect to this unix socket',
    completes: 'file',
    commands: deciding,
  },
  {
    key: 'unixSocketBind',
    long: 'allow-unix-socket-bind',
    kind: 'list',
    value: 'SOCKET',
    group: 'UNIX SOCKETS',
    help: 'Make this unix socket, and connect to it',
    completes: 'file',
    commands: deciding,
  },
  {
    key: 'unixSocketDir',
    long: 'allow-unix-socket-dir',
    kind: 'list',
    value: 'DIR',
    group: 'UNIX SOCKETS',
    help: 'Connect to the unix sockets that are directly in a directory now',
    completes: 'directory',
    commands: deciding,
  },
  {
    key: 'unixSocketDirBind',
    long: 'allow-unix-socket-dir-bind',
    kind: 'list',
    value: 'DIR',
    group: 'UNIX SOCKETS',
    help: 'The same, and make sockets in the directory (which needs writing to it)',
    completes: 'directory',
    commands: deciding,
  },
  {
    key: 'unixSocketSubtree',
    long: 'allow-unix-socket-subtree',
    kind: 'list',
    value: 'DIR',
    group: 'UNIX SOCKETS',
    help: 'Connect to every unix socket below a directory',
    completes: 'directory',
    commands: deciding,
  },
  {
    key: 'unixSocketSubtreeBind',
    long: 'allow-unix-socket-subtree-bind',
    kind: 'list',
    value: 'DIR',
    group: 'UNIX SOCKETS',
    help: 'The same, and make sockets below it (which needs writing to it)',
    completes: 'directory',
    commands: deciding,
  },
  {
    key: 'allowCommand',
    long: 'allow-command',
    kind: 'list',
    value: 'CMD',
    group: 'COMMANDS',
    help: 'Allow a command that a policy group blocks',
    completes: 'command',
    commands: deciding,
  },
  {
    key: 'blockCommand',
    long: 'block-command',
    kind: 'list',
    value: 'CMD',
    group: 'COMMANDS',
    help: 'Refuse to execute a command of this name, or its file (wrap: only as the first)',
    completes: 'command',
    commands: deciding,
  },
  {
    key: 'profile',
    long: 'profile',
    short: 'p',
    kind: 'text',
    value: 'NAME_OR_PATH',
    env: 'NONO_PROFILE',
    group: 'OPTIONS',
    help: 'Profile by name, or a profile file',
    completes: 'profile-file',
    commands: deciding,
  },
  {
    key: 'shell',
    long: 'shell',
    kind: 'text',
    value: 'PATH',
    group: 'OPTIONS',
    help: 'Shell to start (default $SHELL, else /bin/sh)',
    completes: 'file',
    commands: ['shell'],
  },
  {
    key: 'screenReader',
    long: 'screen-reader',
    kind: 'switch',
    env: 'NONO_SCREEN_READER',
    group: 'OPTIONS',
    help: 'Lines of text and numbered questions instead of a split screen (also INK_SCREEN_READER)',
    commands: ['shell'],
  },
  {
    key: 'ascii',
    long: 'ascii',
    kind: 'switch',
    group: 'OPTIONS',
    help: 'No box drawing characters (as in a locale without UTF-8)',
    commands: ['shell'],
  },
  {
    key: 'name',
    long: 'name',
    kind: 'text',
    value: 'NAME',
    group: 'OPTIONS',
    help: 'Name of the session, for ps, attach, logs and stop',
    commands: ['run', 'shell'],
  },
  {
    key: 'dryRun',
    long: 'dry-run',
    kind: 'switch',
    group: 'OPTIONS',
    help: 'Show what the sandbox would be, and run nothing',
    commands: sandboxed,
  },
  {
    key: 'allowDegraded',
    long: 'allow-degraded',
    kind: 'switch',
    group: 'OPTIONS',
    help: 'Start even if this kernel lacks a protection, naming what is lost; the default is to refuse',
    commands: sandboxed,
  },
  {
    key: 'noFastPath',
    long: 'no-fast-path',
    kind: 'switch',
    group: 'OPTIONS',
    help: 'Send every call through the supervisor: nothing is preloaded, and opens are slower',
    commands: ['run', 'shell'],
  },
  {
    key: 'noDiagnostics',
    long: 'no-diagnostics',
    kind: 'switch',
    group: 'OPTIONS',
    help: 'Do not list denied paths after a failure',
    commands: sandboxed,
  },
  {
    key: 'suppressSavePrompt',
    long: 'suppress-save-prompt',
    kind: 'switch',
    env: 'NONO_NO_SAVE_PROMPT',
    group: 'OPTIONS',
    help: 'Do not offer to save denied paths to the profile after a failure',
    commands: sandboxed,
  },
  {
    key: 'diagnosticsJson',
    long: 'diagnostics-json',
    kind: 'switch',
    group: 'OPTIONS',
    help: 'At the end, one line of JSON on standard error: exit code and what was denied, instead of the list',
    commands: ['run', 'shell'],
  },
  {
    key: 'startupTimeout',
    long: 'startup-timeout',
    kind: 'text',
    value: 'SECONDS',
    env: 'NONO_STARTUP_TIMEOUT',
    group: 'OPTIONS',
    help: 'Give up when the command has not been started by then',
    commands: ['run', 'shell'],
  },
  {
    key: 'sandboxPolicy',
    long: 'sandbox-policy',
    kind: 'text',
    value: 'POLICY',
    group: 'OPTIONS',
    help: 'What enforces: auto or landlock (the same here); external, which trusts a sandbox around nono, is refused',
    completes: ['auto', 'landlock'],
    commands: sandboxed,
  },
  {
    key: 'config',
    long: 'config',
    short: 'c',
    kind: 'text',
    value: 'FILE',
    group: 'OPTIONS',
    help: 'Read this config.toml instead of your own',
    completes: 'file',
    commands: deciding,
  },
  {
    key: 'skipDir',
    long: 'skip-dir',
    kind: 'list',
    value: 'NAME',
    group: 'OPTIONS',
    help: 'Taken for the sake of scripts: nothing here scans the working directory',
    commands: sandboxed,
    hidden: true,
  },
  {
    key: 'allowLaunchServices',
    long: 'allow-launch-services',
    kind: 'switch',
    group: 'OPTIONS',
    help: 'macOS only; taken elsewhere, without effect',
    commands: sandboxed,
    hidden: true,
  },
  {
    key: 'capabilityElevation',
    long: 'capability-elevation',
    kind: 'switch',
    env: 'NONO_CAPABILITY_ELEVATION',
    group: 'OPTIONS',
    help: 'Taken for the sake of scripts: on a terminal the shell always asks, and run never does',
    commands: ['run', 'shell'],
    hidden: true,
  },
  {
    key: 'verbose',
    long: 'verbose',
    short: 'v',
    kind: 'count',
    group: 'OPTIONS',
    help: 'Say more (-v, -vv, -vvv)',
    commands: sandboxed,
  },
  {
    key: 'silent',
    long: 'silent',
    short: 's',
    kind: 'switch',
    group: 'OPTIONS',
    help: 'Silent mode - suppress all nono output (banner, summary, status)',
    commands: 'global',
  },
  {
    key: 'theme',
    long: 'theme',
    kind: 'text',
    value: 'THEME',
    env: 'NONO_THEME',
    group: 'OPTIONS',
    help: `Color theme for output (${themeNames.join(', ')})`,
    completes: themeNames,
    commands: 'global',
  },
  {
    key: 'color',
    long: 'color',
    kind: 'text',
    value: 'WHEN',
    group: 'OPTIONS',
    help: `Whether to use colour: ${colourChoices.join(', ')} (default auto: on a terminal, and as NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE say)`,
    completes: colourChoices,
    commands: 'global',
  },
  {
    key: 'help',
    long: 'help',
    short: 'h',
    kind: 'switch',
    group: 'OPTIONS',
    help: 'Print help',
    commands: 'global',
  },
  {
    key: 'version',
    long: 'version',
    short: 'V',
    kind: 'switch',
    group: 'OPTIONS',
    help: 'Print version',
    commands: 'global',
  },
  ...inspectingFlags,
  ...sessionFlags,
] as const satisfies readonly Flag[];

interface ValueOfKind {
  switch: boolean;
  count: number;
  text: string | undefined;
  list: readonly string[];
}

/** What a command line and the environment say, one property for each flag of the table. */
export type Options = { readonly [F in (typeof flags)[number] as F['key']]: ValueOfKind[F['kind']] };

/** Flags of the original nono that this version does not have: named, so that nobody takes the silence for protection. */
export const missingFlags: readonly string[] = [
  'network-profile',
  'allow-domain',
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
  'log-file',
];

export const missingCommands: readonly string[] = ['setup', 'learn', 'rollback', 'audit', 'trust'];

/** The commands one level below: `policy` has `policy groups`, … */
export function subcommandsOf(name: string): readonly Command[] {
  const all: readonly Command[] = commands;
  return all.filter((command) => command.name.startsWith(`${name} `));
}

/** The flags that may follow this command, or stand before any command. */
export function flagsOf(command: CommandName | undefined): readonly Flag[] {
  const all: readonly Flag[] = flags;
  return all.filter((flag) => {
    if (flag.commands === 'global') return true;
    return command !== undefined && flag.commands.includes(command);
  });
}
