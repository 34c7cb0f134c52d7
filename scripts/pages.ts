/** The pages of docs/ that are made from tables in the source. test/cli/line/pages.test.ts fails when one is stale. */
import { exitCodesPage } from '../src/cli/line/exit-codes-doc.ts';
import { cliPage } from '../src/cli/line/help.ts';
import { findGroup } from '../src/policy/groups/groups.ts';
import { runLaterPage } from '../src/policy/groups/run-later-doc.ts';
import { manifestSchemaText, profileSchemaText } from '../src/policy/profile/json-schema.ts';
import { profileKeysPage } from '../src/policy/profile/profile-keys-doc.ts';
import { builtinData } from '../src/policy/resolve/load.ts';
import { renderCommandsDoc } from '../src/session/commands/commands-doc.ts';
import { renderKeysDoc } from '../src/session/keys/keys-doc.ts';
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
