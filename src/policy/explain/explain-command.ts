/** Why a command may be started. */

import type { ResolvedPolicy } from '../model.ts';
import type { FileSystem } from '../plan/file-system.ts';
import { explainPath } from './explain-path.ts';
import type { Explanation } from './explanation.ts';

/** What a command's name leads to: a program, or why there is none. */
export type FoundCommand = { readonly file: string } | { readonly missing: string };

/** Starting a command by its name. */
export function explainCommand(policy: ResolvedPolicy, name: string, found: FoundCommand, fs: FileSystem): Explanation {
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
  if ('missing' in found) return { status: 'not_found', reason: 'command_not_found', details: found.missing };
  const executed = explainPath(policy, found.file, 'read', fs);
  if (executed.status === 'denied') return executed;
  return { ...executed, reason: 'command_allowed', details: executed.real.path };
}
