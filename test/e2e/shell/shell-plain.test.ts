/** --ascii, NO_COLOR and what the chrome shows then: every page of it. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { closeTerminals, key, type TestTerminal } from '../../helpers/terminal.ts';
import { makeHome, users } from '../../helpers/users.ts';
import { afterPrefix, closeWith, enter, inList, interrupt, leaveList, openShell, pressUntil } from './shell-helpers.ts';

afterEach(closeTerminals);

async function everyPage(t: TestTerminal, look: (screen: string) => void): Promise<void> {
  enter(t, 'cat ~/notes.txt ~/.ssh/id_ed25519');
  look(await t.until(/HELD/));
  t.write(key.prefix);
  look(await t.until(/detach/));
  await closeWith(t, 'detach');
  await inList(t, 'e');
  look(await t.until('What should it cover'));
  await closeWith(t, 'What should it cover');
  await pressUntil(t, 'p', (screen) => screen.includes('Save to the profile'));
  look(await t.text());
  await closeWith(t, 'Save to the profile');
  t.write(key.enter);
  look(await t.until('Held access'));
  await closeWith(t, 'Held access');
  await leaveList(t);
  await afterPrefix(t, '?');
  look(await t.until(/Keys/));
  await closeWith(t, 'filter:');
  await afterPrefix(t, ':');
  look(await t.until(/commands of this session/));
  enter(t, 'why ~/.ssh/id_ed25519');
  look(await t.until(/DENIED/));
  t.write('re\t');
  look(await t.until(/> revoke/));
  await leaveList(t);
  await interrupt(t);
  enter(t, 'exit 0');
  await t.untilEnd();
}

const [user] = users;

for (const { cols, rows, flags, LANG, TERM } of [
  { cols: 80, rows: 24, flags: ['--ascii'], LANG: 'C.UTF-8' },
  { cols: 80, rows: 25, flags: [], LANG: 'C.UTF-8', TERM: 'linux' },
  { cols: 120, rows: 36, flags: ['--ascii'], LANG: 'C.UTF-8' },
  { cols: 100, rows: 30, flags: [], LANG: 'C' },
]) {
  test(`${flags[0] ?? `LANG=${LANG}`}${TERM === undefined ? '' : ` TERM=${TERM}`} and NO_COLOR at ${cols}x${rows}: no character beyond ASCII, no colour, on any page`, {
    timeout: 60_000,
  }, async () => {
    assert.ok(user !== undefined);
    const home = makeHome(user);
    const t = await openShell({
      user,
      home,
      flags: ['--allow', '.', ...flags],
      env: { NO_COLOR: '1', LANG },
      ...(TERM === undefined ? {} : { term: TERM }),
      cols,
      rows,
    });
    const start = t.raw.length;
    await everyPage(t, (screen) => {
      const odd = screen.match(/[^\x20-\x7e\n]/gu);
      assert.deepEqual(odd, null, `${odd?.join('')}\n${screen}`);
      for (const line of screen.split('\n')) assert.ok(line.length <= cols);
    });
    const during = t.raw.slice(start);
    assert.deepEqual(during.match(/\x1b\[(?:\d+;)*(?:3[0-79]|4[0-79]|9\d|10\d)(?:;\d+)*m/g), null);
    assert.doesNotMatch(during, /\x1b\[3J|\x1b\[2J/);
  });
}
