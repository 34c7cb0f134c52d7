/** docs/keys.md, made from the key table; a test fails when the file is stale. */

import type { KeyContext } from './binding.ts';
import { keyLabel } from './keymap.ts';
import { bindings } from './table.ts';

const TITLES: Record<KeyContext, string> = {
  shell: 'While the shell has the keyboard',
  prefix: 'After the prefix',
  list: 'In the list of denials',
  filter: 'While typing a filter',
  details: 'Details of a row',
  save: 'Before a rule is saved',
  override: 'Typing the path to lift a deny rule',
  'override-confirm': 'After the path was typed',
  grant: 'Before a path is allowed by the command line',
  edit: 'Editing what an approval would cover',
  command: 'On the command line',
  home: 'In the home (`nono` without arguments)',
  'home-page': 'A page of the home',
  scroll: 'Looking back (scrolled)',
  'scroll-search': 'Typing what to search',
  clipboard: 'Before a program may set the clipboard',
  help: 'Help',
  quit: 'Ending the session',
};

function table(context: KeyContext): string {
  const rows = bindings
    .filter((b) => b.in === context)
    .map((b) => `| ${b.keys.map((k) => `\`${keyLabel(k)}\``).join(' ')} | ${b.help} |`);
  return `## ${TITLES[context]}\n\n| key | what it does |\n|---|---|\n${rows.join('\n')}\n`;
}

/** The whole page. */
export function renderKeysDoc(): string {
  const contexts = Object.keys(TITLES) as KeyContext[];
  return `# Keys of \`nono shell\`

Made from src/session/keys/table.ts by \`renderKeysDoc()\`; do not edit by hand.

Another prefix and other keys are set in \`config.toml\` ([terminal.md](terminal.md), "Settings").

Every key goes to the shell, untouched, except the prefix \`Ctrl-\\\`. Enter approves nothing anywhere. Keys that allow or deny count only from 300 ms
after the row (or the question) has been shown in its present state; what was typed before that, and everything pasted, is dropped.

${contexts.map(table).join('\n')}`;
}
