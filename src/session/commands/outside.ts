/** nono's own commands that only read: run in a process of its own, as the user would in another terminal. Those that edit are left to that terminal. */
import { NonoError } from '../../platform/errors.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { plain, type SessionCommand } from './command.ts';

export interface OutsideCommand {
  readonly name: string;
  readonly usage: string;
  readonly help: string;
  /** Words to add when none were given. */
  readonly default?: (profile: string) => readonly string[];
}

/** A new reading command of nono joins the session by a line in table.ts. */
export function outsideCommand(one: OutsideCommand): SessionCommand {
  const own = one.name.split(' ');
  return {
    name: one.name,
    usage: one.usage,
    help: one.help,
    complete: (before, { doors }) => doors.completeOutside([...own, ...before]),
    run: async (words, { doors }) => {
      if (words.some((word) => word === '-f' || word === '--follow'))
        throw new NonoError('usage', 'what goes on without an end is for another terminal', {
          hint: `nono ${[...own, ...words].join(' ')}`,
        });
      const named = words.some((word) => !word.startsWith('-'));
      const rest = named ? words : [...(one.default?.(doors.policy.profile) ?? []), ...words];
      const text = await doors.outside([...own, ...rest]);
      return text
        .replace(/\n+$/, '')
        .split('\n')
        .map((line) => plain(visibleText(line)));
    },
  };
}
