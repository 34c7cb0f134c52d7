/** Every flag, once. The parser, `--help`, docs/cli.md and completions are made from this table and that in commands.ts. */
import type { CommandName } from './commands.ts';
import { filesystemFlags } from './filesystem-flags.ts';
import { generalFlags } from './general-flags.ts';
import { inspectingFlags } from './inspecting-flags.ts';
import type { Flag } from './model.ts';
import { networkFlags } from './network-flags.ts';
import { processFlags } from './process-flags.ts';
import { sessionFlags } from './session-flags.ts';

export const flags = [
  ...filesystemFlags,
  ...networkFlags,
  ...processFlags,
  ...generalFlags,
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
export type Options = { readonly [F in (typeof flags)[number] as F['key']]: ValueOfKind[F['kind']] } & {
  /** Absolute. No flag: `--config` names a capability manifest where the file is one (with-config.ts). */
  readonly manifest?: string | undefined;
  /** What was said about a theme that is none: a screen of ours covers it (with-config.ts). */
  readonly themeNotice?: string | undefined;
};

/** The flags that may follow this command, or stand before any command. */
export function flagsOf(command: CommandName | undefined): readonly Flag[] {
  const known = byCommand.get(command);
  if (known !== undefined) return known;
  const all: readonly Flag[] = flags;
  const found = all.filter((flag) => {
    if (flag.commands === 'global') return true;
    return command !== undefined && flag.commands.includes(command);
  });
  byCommand.set(command, found);
  return found;
}

/** Parsing asks for each word and for each flag that contradicts another. */
const byCommand = new Map<CommandName | undefined, readonly Flag[]>();
