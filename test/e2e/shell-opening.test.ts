/** What the list says before anything was denied, on the screens that people have. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { closeTerminals } from '../helpers/terminal.ts';
import { makeHome, users } from '../helpers/users.ts';
import { enter, openShell } from './shell-helpers.ts';

afterEach(closeTerminals);

const user = users.at(-1) as (typeof users)[number];

for (const [cols, rows] of [
  [80, 24],
  [120, 36],
] as const) {
  describe(`${cols}×${rows}`, () => {
    /** The screen once the list has drawn, its words in a row. */
    const opening = async (...flags: readonly string[]): Promise<string> => {
      const t = await openShell({ user, home: makeHome(user), cols, rows, flags: ['--allow', '.', ...flags] });
      const screen = await t.until('nothing was denied yet');
      enter(t, 'exit');
      await t.untilEnd();
      return screen;
    };

    test('nothing is said of protections when all are in force', async () => {
      assert.doesNotMatch(await opening(), /not in force/);
    });

    test('what is not in force is there in full', async () => {
      const profile = join(makeHome(user), 'open.json');
      writeFileSync(profile, JSON.stringify({ meta: { name: 'open' }, linux: { af_unix_mediation: 'off' } }));
      const screen = await opening('-p', profile, '--block-net');
      assert.match(
        screen.replaceAll(/[\s│|]+/g, ' '),
        /not in force: connecting to local sockets, network by way of local services/,
      );
    });
  });
}
