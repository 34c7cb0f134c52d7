/** One command under the supervisor with nono's own streams, nothing asked: `run`, and `shell` without a terminal. */
import { getSystemErrorName } from 'node:util';
import { NonoError } from '../platform/errors.ts';
import { nativeProgram } from '../platform/installation.ts';
import { compilePlan } from '../policy/compile.ts';
import { launchSandbox, type SandboxEnd } from '../sandbox/linux/launch.ts';
import type { SupervisorEvent } from '../sandbox/linux/wire.ts';
import { visibleText } from '../terminal/visible-text.ts';
import { createDenialList } from './denials.ts';
import { childEnvironment } from './environment.ts';
import type { Options } from './flags.ts';
import { say } from './output.ts';
import type { Prepared } from './prepare.ts';
import { forwardSignals } from './signals.ts';

const SIGNAL_BASE = 128;

function setupFailure(end: Extract<SandboxEnd, { kind: 'setup-failed' }>): NonoError {
  const cause = end.errno === 0 ? '' : `: ${getSystemErrorName(-end.errno)}`;
  const code = end.exitCode === 127 ? 'command-not-found' : 'sandbox-setup';
  return new NonoError(code, `${end.step}: ${end.object}${cause}`);
}

function exitCode(end: SandboxEnd): number {
  switch (end.kind) {
    case 'exited':
      return end.code;
    case 'signalled':
      return SIGNAL_BASE + end.signal;
    case 'setup-failed':
      throw setupFailure(end);
    case 'lost':
      throw new NonoError('supervisor-lost', `the supervisor ended before the command did: ${end.detail}`, {
        hint: 'everything inside was ended',
      });
    default:
      return end satisfies never;
  }
}

/** Resolves with the exit code of the command: its own, or 128+n when signal n ended it. */
export async function runSupervised(prepared: Prepared, argv: readonly string[], options: Options): Promise<number> {
  const { policy, fs, directory } = prepared;
  const compiled = compilePlan(
    policy,
    {
      supervise: true,
      mode: 'deny',
      allowDegraded: options.allowDegraded,
      env: childEnvironment(process.env),
      cwd: directory,
    },
    fs,
  );
  const denials = createDenialList();
  const onEvent = (event: SupervisorEvent): void => {
    if (event.type === 'denied') denials.add(event.record);
    else if (event.type === 'dropped') denials.drop(event.count);
    else if (event.type === 'notice' && (options.verbose > 0 || options.allowDegraded))
      say(`  [nono] ${visibleText(event.text)}\n`);
  };
  if (options.verbose > 0) for (const warning of compiled.warnings) say(`  [nono] ${visibleText(warning)}\n`);
  const sandbox = launchSandbox({
    launcher: nativeProgram('nono-launch'),
    plan: compiled.plan,
    argv,
    stdio: ['inherit', 'inherit', 'inherit'],
    onEvent,
  });
  const stop = forwardSignals((signal) => sandbox.send({ type: 'terminate', signal }));
  const code = exitCode(await sandbox.end);
  stop();
  if (code !== 0 && !options.silent && !options.noDiagnostics) say(denials.footer(policy));
  return code;
}
