/** The pages of docs/ that are made from tables in the source. test/cli/pages.test.ts fails when one is stale. */
import { exitCodesPage } from '../src/cli/exit-codes-doc.ts';
import { cliPage } from '../src/cli/help.ts';
import { findGroup } from '../src/policy/groups.ts';
import { manifestSchemaText, profileSchemaText } from '../src/policy/json-schema.ts';
import { builtinData } from '../src/policy/load.ts';
import { profileKeysPage } from '../src/policy/profile-keys-doc.ts';
import { runLaterPage } from '../src/policy/run-later-doc.ts';
import { renderCommandsDoc } from '../src/session/commands/commands-doc.ts';
import { renderKeysDoc } from '../src/session/keys-doc.ts';
import { escapePage } from '../test/escape/catalogue/page.ts';

export const pages: readonly { readonly file: string; readonly render: () => string }[] = [
  { file: 'docs/cli.md', render: cliPage },
  { file: 'docs/exit-codes.md', render: exitCodesPage },
  { file: 'docs/keys.md', render: renderKeysDoc },
  { file: 'docs/session-commands.md', render: renderCommandsDoc },
  { file: 'docs/profile-keys.md', render: profileKeysPage },
  {
    file: 'docs/run-later.md',
    render: () => runLaterPage(findGroup(builtinData().groups, { text: 'persistence_guard', at: '' })),
  },
  { file: 'profiles/profile.schema.json', render: profileSchemaText },
  { file: 'profiles/manifest.schema.json', render: manifestSchemaText },
  { file: 'docs/escape-catalogue.md', render: escapePage },
];
