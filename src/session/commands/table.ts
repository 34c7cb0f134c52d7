/** The one table of the session's command line. Help, completion and docs/session-commands.md are made from it. */
import { allow } from './allow.ts';
import type { CommandDoors, SessionCommand } from './command.ts';
import { deny } from './deny.ts';
import { grants } from './grants.ts';
import { limits } from './limits.ts';
import { outsideCommand } from './outside.ts';
import { revoke } from './revoke.ts';
import { why } from './why.ts';

const profile = ({ policy }: CommandDoors): readonly string[] => [policy.profile];
const thisSession = ({ session }: CommandDoors): readonly string[] => [session];

export const sessionCommands: readonly SessionCommand[] = [
  why,
  allow,
  deny,
  grants,
  revoke,
  limits,
  outsideCommand({
    name: 'profile show',
    usage: 'profile show [NAME] [--raw]',
    help: 'a profile with everything it extends; without a name the one in use',
    default: profile,
  }),
  outsideCommand({ name: 'profile list', usage: 'profile list', help: 'all profiles' }),
  outsideCommand({
    name: 'profile diff',
    usage: 'profile diff NAME NAME',
    help: 'what the second adds (+) and leaves out (-)',
  }),
  outsideCommand({
    name: 'profile validate',
    usage: 'profile validate [NAME]',
    help: 'check a profile; without a name the one in use',
    default: profile,
  }),
  outsideCommand({
    name: 'policy groups',
    usage: 'policy groups [NAME]',
    help: 'policy groups, or the rules of one and why they exist',
  }),
  outsideCommand({ name: 'ps', usage: 'ps [--all]', help: 'running sessions, this one among them' }),
  outsideCommand({
    name: 'inspect',
    usage: 'inspect [SESSION]',
    help: 'what is known of a session; without a name of this one',
    default: thisSession,
  }),
  outsideCommand({
    name: 'logs',
    usage: 'logs [SESSION] [--tail N]',
    help: 'what was denied, held and approved in a session; without a name in this one',
    valued: ['--tail'],
    default: thisSession,
  }),
];

export interface FoundCommand {
  readonly command: SessionCommand;
  /** The words after its name. */
  readonly rest: readonly string[];
}

/** The command that a line begins with; the longest name wins. */
export function findCommand(words: readonly string[]): FoundCommand | undefined {
  let found: FoundCommand | undefined;
  for (const command of sessionCommands) {
    const name = command.name.split(' ');
    if (!name.every((word, i) => word === words[i])) continue;
    if (found === undefined || name.length > found.command.name.split(' ').length)
      found = { command, rest: words.slice(name.length) };
  }
  return found;
}
