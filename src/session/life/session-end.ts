/** From how a sandbox ended to the exit code of nono. */
import { getSystemErrorMap } from 'node:util';
import { NonoError } from '../../platform/errors.ts';
import type { SandboxEnd } from '../../sandbox/linux/launch.ts';

/** Added to the number of the signal that ended a command, as shells do. */
export const SIGNAL_BASE = 128;

/** The command's own exit code, or 128+n; throws for what nono itself has to report. */
export function exitCodeOf(end: SandboxEnd): number {
  switch (end.kind) {
    case 'exited':
      return end.code;
    case 'signalled':
      return SIGNAL_BASE + end.signal;
    case 'setup-failed': {
      // In words, as the launcher says it where nobody is beside it (`wrap`).
      const words = getSystemErrorMap().get(-end.errno)?.[1] ?? `error ${end.errno}`;
      const parts = [end.step, end.object, end.errno === 0 ? '' : words].filter((part) => part !== '');
      throw new NonoError(end.exitCode === 127 ? 'command-not-found' : 'sandbox-setup', parts.join(': '));
    }
    case 'lost':
      throw new NonoError('supervisor-lost', `the supervisor ended before the command did: ${end.detail}`, {
        hint: 'everything inside was ended',
      });
    default:
      return end satisfies never;
  }
}
