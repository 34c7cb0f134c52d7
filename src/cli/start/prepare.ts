/** What run, wrap and shell have in common before anything starts: flags → policy, the working directory, the refusal of commands by name. */
import { basename, resolve } from 'node:path';
import { currentlyAsked } from '../../platform/asked.ts';
import { currentDirectory, requireUtf8 } from '../../platform/current-directory.ts';
import { Interrupted, NonoError } from '../../platform/errors.ts';
import { decide } from '../../policy/decide/decide.ts';
import type { ResolvedPolicy } from '../../policy/model.ts';
import type { FileSystem } from '../../policy/plan/file-system.ts';
import { type ChosenEnvironment, chooseEnvironment } from '../../policy/resolve/environment.ts';
import { policyContext } from '../../policy/resolve/load.ts';
import type { FlagGrant, FlagNet, FlagSocket, PolicyRequest } from '../../policy/resolve/policy-request.ts';
import { resolvePolicy } from '../../policy/resolve/resolve.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { logLine } from '../log/log.ts';
import { logFilePath, openLogFile } from '../log/log-file.ts';
import { say } from '../output/output.ts';
import { askYesNo, canAsk } from '../output/prompt.ts';
import { quoted } from '../output/quote.ts';
import { TypedAhead } from '../pane/typed-ahead.ts';
import { secondsOf } from '../sessions/session-values.ts';
import type { Options } from '../tables/flags.ts';
import { startupSeconds } from './startup-timeout.ts';

export interface Prepared {
  readonly policy: ResolvedPolicy;
  /** What resolving saw of the file system; compiling asks the same questions again. */
  readonly fs: FileSystem;
  /** What of the user's environment the command gets. */
  readonly environment: ChosenEnvironment;
  /** Where the command starts. */
  readonly directory: string;
  /** What searches before the start took from a raw terminal; compiling can add to it. */
  readonly typed: TypedAhead;
}

const grantFlags = [
  ['allow', '--allow', 'readwrite', 'directory'],
  ['read', '--read', 'read', 'directory'],
  ['write', '--write', 'write', 'directory'],
  ['allowFile', '--allow-file', 'readwrite', 'file'],
  ['readFile', '--read-file', 'read', 'file'],
  ['writeFile', '--write-file', 'write', 'file'],
] as const;

const netFlags = [
  ['openPort', '--open-port', 'open'],
  ['listenPort', '--listen-port', 'listen'],
  ['allowConnectPort', '--allow-connect-port', 'connect-port'],
  ['allowConnect', '--allow-connect', 'connect'],
  ['allowListen', '--allow-listen', 'bind'],
] as const;

const socketFlags = [
  ['unixSocket', '--allow-unix-socket', 'socket', false],
  ['unixSocketBind', '--allow-unix-socket-bind', 'socket', true],
  ['unixSocketDir', '--allow-unix-socket-dir', 'directory', false],
  ['unixSocketDirBind', '--allow-unix-socket-dir-bind', 'directory', true],
  ['unixSocketSubtree', '--allow-unix-socket-subtree', 'subtree', false],
  ['unixSocketSubtreeBind', '--allow-unix-socket-subtree-bind', 'subtree', true],
] as const;

/** Without what was not given. */
function given<T>(values: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, T] => entry[1] !== undefined));
}

/** The soft limit on open files outside: the front tells it, because Node raises its own. */
export function openFilesOutside(env: NodeJS.ProcessEnv): number | undefined {
  const files = Number(env['NONO_SOFT_NOFILE']);
  return Number.isSafeInteger(files) && files > 0 ? files : undefined;
}

/** The flags of a command line, and where it was given, as resolving takes them. */
export function policyRequest(options: Options): PolicyRequest {
  const cwd = currentDirectory();
  for (const [key, flag] of grantFlags)
    for (const path of options[key]) requireUtf8(!path.includes('\uFFFD'), `the path after ${flag}`);
  requireUtf8(!options.workdir?.includes('\uFFFD'), 'the path after --workdir');
  const grants = grantFlags.flatMap(([key, flag, access, expect]) =>
    options[key].map((path): FlagGrant => ({ flag, path, access, expect })),
  );
  const sockets = socketFlags.flatMap(([key, flag, extent, bind]) =>
    options[key].map((path): FlagSocket => {
      requireUtf8(!path.includes('\uFFFD'), `the path after ${flag}`);
      return { flag, path, extent, bind };
    }),
  );
  return {
    profile: options.profile,
    ...(options.manifest === undefined ? {} : { manifest: options.manifest }),
    extraBases: options.extends,
    // What was approved and saved under a built-in profile is part of it from then on.
    preferLocal: true,
    grants,
    allowGpu: options.allowGpu,
    overrideDeny: options.overrideDeny,
    denies: options.deny,
    allowCwd: options.allowCwd,
    allowCommands: options.allowCommand,
    blockCommands: options.blockCommand,
    blockNetwork: options.blockNet,
    limits: given({
      memory: options.memory,
      processes: options.maxProcesses,
      cpuSeconds: options.cpuTime,
      fileSize: options.maxFileSize,
    }),
    privateTmp: options.privateTmp,
    strict: options.strictDeny,
    allowNetwork: options.allowNet,
    network: netFlags.flatMap(([key, flag, form]) => options[key].map((text): FlagNet => ({ flag, form, text }))),
    sockets,
    allowIpc: options.allowIpc,
    allowKeyring: options.allowKeyring,
    environment: options.environment,
    neverOffered: options.suppressSavePrompt,
    workdir: options.workdir === undefined ? cwd : resolve(cwd, options.workdir),
    cwd,
  };
}

const accessWords = { read: 'read', write: 'write', readwrite: 'read+write' } as const;

/** Whether the working directory may be shared, which the profile wants and nobody has said. */
function consentToWorkdir(policy: ResolvedPolicy, options: Options): boolean {
  const grant = policy.workdirGrant;
  if (grant === undefined || grant.state !== 'needs-consent' || grant.access === 'none') return false;
  if (options.silent) {
    // A grant that was left out may be why, and nothing else says so in silent mode.
    const skipped = policy.warnings.find((warning) => warning.startsWith('Skipping non-existent'));
    throw new NonoError(
      'policy-invalid',
      'CWD access requires --allow-cwd in silent mode',
      skipped === undefined ? {} : { hint: skipped },
    );
  }
  if (!canAsk()) {
    const start = startDirectory(policy) === policy.workdir ? '' : ' The command starts in /.';
    say(`  Skipping CWD prompt (non-interactive). Use --allow-cwd to include the working directory.${start}\n`);
    return false;
  }
  const question = `Share ${visibleText(policy.workdir)} with ${accessWords[grant.access]} access?`;
  const reply = askYesNo(question, process.env['NONO_RELAY_FD'] !== undefined);
  if (reply === 'interrupted') throw new Interrupted();
  return reply === 'yes';
}

/** The original starts in `/` when nothing lets the command see the working directory. */
function startDirectory(policy: ResolvedPolicy): string {
  const seen = decide(policy, { path: policy.workdir, access: 'read' }).verdict === 'allow';
  return seen || decide(policy, { path: policy.workdir, access: 'write' }).verdict === 'allow' ? policy.workdir : '/';
}

/** `external` would start the command under nothing of nono's. */
function refuseOtherEnforcement(policy: string | undefined): void {
  if (policy === undefined || policy === 'auto' || policy === 'landlock') return;
  if (policy !== 'external') throw new NonoError('usage', `--sandbox-policy: '${policy}' is none of auto, landlock`);
  throw new NonoError(
    'not-supported',
    '--sandbox-policy external: nono does not take the word of a sandbox around it',
    {
      hint: 'leave it out: a sandbox inside another one works',
    },
  );
}

/**
 * Throws NonoError for whatever makes no enforceable policy. With `asksLater` the session itself asks for each path, so nothing is asked here and the
 * command starts where the user is.
 */
export function prepare(options: Options, asksLater = false, supervised = true): Prepared {
  refuseOtherEnforcement(options.sandboxPolicy);
  // Said before anything is asked.
  startupSeconds(options.startupTimeout);
  if (options.detachTimeout !== undefined) secondsOf('--detach-timeout', options.detachTimeout);
  const typed = new TypedAhead();
  const context = policyContext(process.env, !options.silent, supervised, (keys) => typed.add(keys));
  const logFile = options.logFile === undefined ? undefined : logFilePath(options.logFile);
  const request = { ...policyRequest(options), supervised, ...(logFile === undefined ? {} : { logFile }) };
  let policy = resolvePolicy(request, context);
  if (!asksLater && consentToWorkdir(policy, options)) policy = resolvePolicy({ ...request, allowCwd: true }, context);
  if (logFile !== undefined) openLogFile(policy, logFile, options);
  for (const warning of policy.warnings) logLine('warn', warning);
  if (!options.silent) for (const warning of policy.warnings) say(`  [nono] ${visibleText(warning)}\n`);
  const asked = currentlyAsked();
  const environment = chooseEnvironment(asked?.environment ?? process.env, policy.environment, asked);
  const directory = asksLater ? policy.workdir : startDirectory(policy);
  return { policy, environment, fs: context.fs, directory, typed };
}

/** By the name it is called, as the original does: a check against accidents, not a boundary. */
export function refuseBlockedCommand(policy: ResolvedPolicy, command: string): void {
  const name = basename(command);
  if (!policy.blockedCommands.includes(name)) return;
  if (policy.manifest !== undefined)
    throw new NonoError('command-blocked', `Command '${name}' is blocked by the manifest ${policy.manifest}`, {
      hint: 'no flag goes beside a manifest: change it',
    });
  // Only of the groups' lists is it true that nobody here asked for it.
  const reason = policy.refusedCommands?.includes(name)
    ? 'The profile, or --block-command, refuses it by name.'
    : 'This command is blocked by default due to destructive potential.';
  throw new NonoError(
    'command-blocked',
    `Command '${name}' is blocked: ${reason} Use --allow-command to override if you understand the risks.`,
    { hint: `--allow-command ${quoted(name)}` },
  );
}
