/** Why a command may be started. */
import { explainPath } from './explain-path.ts';
import type { Explanation } from './explanation.ts';
import type { FileSystem } from './file-system.ts';
import type { ResolvedPolicy } from './model.ts';

/** Starting a command by its name. `file`: where PATH finds it. */
export function explainCommand(
  policy: ResolvedPolicy,
  name: string,
  file: string | undefined,
  fs: FileSystem,
): Explanation {
  if (policy.blockedCommands.includes(name)) {
    return {
      status: 'denied',
      reason: 'command_blocked',
      details: policy.refusedCommands?.includes(name)
        ? 'refused by name and by file; a guard against accidents, not a boundary'
        : 'refused by name at the start; a check against accidents, not a boundary',
      flags: ['--allow-command', name],
      edit: { list: ['commands', 'allow'], entries: [name] },
    };
  }
  if (file === undefined) return { status: 'allowed', reason: 'command_allowed', details: 'no such file in PATH' };
  const executed = explainPath(policy, file, 'read', fs);
  if (executed.status === 'denied') return executed;
  return { ...executed, reason: 'command_allowed', details: executed.real.path };
}
