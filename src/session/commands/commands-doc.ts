/** docs/session-commands.md, made from the command table; a test fails when the file is stale. */
import { sessionCommands } from './table.ts';

export function renderCommandsDoc(): string {
  const rows = sessionCommands.map((one) => `| \`${one.usage.replaceAll('|', '\\|')}\` | ${one.help} |`);
  return `# The command line of \`nono shell\`

Made from src/session/commands/table.ts by \`renderCommandsDoc()\`; do not edit by hand.

The prefix and \`:\` open it over the pane; so does \`:\` in the list. Tab completes (letters in the right order are enough), Up brings back earlier lines, those of earlier
sessions too; \`/\` on an empty line filters the output, PgUp scrolls it, Esc closes it. Paths may begin with \`~\` and are relative to where the shell is.

| command | what it does |
|---|---|
${rows.join('\n')}
| \`help [COMMAND]\` | this table |

\`why\` answers by the function that decides, over everything in force at that moment. \`allow\` grants nothing by itself: it shows rule, lifetime and the change of the
profile, and a key that counts only 300 ms after that was on the screen decides. Under a deny rule the whole path has to be typed once more, as in the list. Pasted text becomes
part of the line, never an answer. \`revoke\` and \`deny\` act on what this session granted: what it was started with (its floor) stays until it ends, and they say so.
The \`profile\` and \`policy\` commands are nono's own, run in a process apart; those that edit are for another terminal.
`;
}
