/** Every command, once. The parser, `--help`, docs/cli.md and completions are made from this table and that in flags.ts. */
import { inspectingCommands } from './inspecting-commands.ts';
import type { Command } from './model.ts';
import { runningCommands } from './running-commands.ts';
import { sessionCommands } from './session-commands.ts';

export const commands = [
  ...runningCommands,
  ...inspectingCommands,
  ...sessionCommands,
] as const satisfies readonly Command[];

export type CommandName = (typeof commands)[number]['name'];

/** The commands one level below: `policy` has `policy groups`, … */
export function subcommandsOf(name: string): readonly Command[] {
  const all: readonly Command[] = commands;
  return all.filter((command) => command.name.startsWith(`${name} `));
}
