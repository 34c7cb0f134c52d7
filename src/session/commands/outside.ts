/** nono's own commands that only read: run in a process of its own, as the user would in another terminal. Those that edit are left to that terminal. */
import { NonoError } from '../../platform/errors.ts';
import { type CommandDoors, plain, type SessionCommand } from './command.ts';

export interface OutsideCommand {
  readonly name: string;
  readonly usage: string;
  readonly help: string;
  /** Flags with a value: the word after one of them is no name. */
  readonly valued?: readonly string[];
  /** Words to add when none were given. */
  readonly default?: (doors: CommandDoors) => readonly string[];
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
      const named = words.some((word, i) => !word.startsWith('-') && one.valued?.includes(words[i - 1] ?? '') !== true);
      const rest = named ? words : [...(one.default?.(doors) ?? []), ...words];
      const text = await doors.outside([...own, ...rest]);
      return text.replace(/\n+$/, '').split('\n').map(plain);
    },
  };
}
