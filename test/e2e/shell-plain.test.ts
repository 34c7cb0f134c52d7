/** --ascii, NO_COLOR and what the chrome shows then: every page of it. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { closeTerminals, key, pause, type TestTerminal } from '../helpers/terminal.ts';
import { makeHome, users } from '../helpers/users.ts';
import { enter, inList, interrupt, leaveList, openShell, pressUntil } from './shell-helpers.ts';

afterEach(closeTerminals);

async function everyPage(t: TestTerminal, look: (screen: string) => void): Promise<void> {
  const prefix = async (k: string, shows: RegExp): Promise<void> => {
    t.write(key.prefix);
    await pause(60);
    t.write(k);
    look(await t.until(shows));
  };
  enter(t, 'cat ~/notes.txt ~/.ssh/id_ed25519');
  look(await t.until(/HELD/));
  t.write(key.prefix);
  look(await t.until(/go to the list of denials/));
  t.write(key.escape);
  await pause(150);
  await inList(t, 'e');
  look(await t.until('What should it cover'));
  t.write(key.escape);
  await pause(150);
  await pressUntil(t, 'p', (screen) => screen.includes('Save to the profile'));
  look(await t.text());
  t.write(key.escape);
  await t.until((screen) => !screen.includes('Save to the profile'));
  await pause(150);
  t.write('\r');
  look(await t.until('Denied access'));
  t.write(key.escape);
  await t.until((screen) => !screen.includes('Denied access'));
  await pause(150);
  await leaveList(t);
  await prefix('?', /Keys/);
  t.write(key.escape);
  await pause(150);
  await prefix(':', /commands of this session/);
  enter(t, 'why ~/.ssh/id_ed25519');
  look(await t.until(/DENIED/));
  t.write('re\t');
  look(await t.until(/> revoke/));
  for (let i = 0; i < 3; i += 1) {
    t.write(key.escape);
    await pause(120);
  }
  await interrupt(t);
  enter(t, 'exit 0');
  await t.untilEnd();
}

const [user] = users;

for (const { cols, rows, flags, LANG } of [
  { cols: 80, rows: 24, flags: ['--ascii'], LANG: 'C.UTF-8' },
  { cols: 120, rows: 36, flags: ['--ascii'], LANG: 'C.UTF-8' },
  { cols: 100, rows: 30, flags: [], LANG: 'C' },
]) {
  test(`${flags[0] ?? `LANG=${LANG}`} and NO_COLOR at ${cols}x${rows}: no character beyond ASCII, no colour, on any page`, {
    timeout: 60_000,
  }, async () => {
    assert.ok(user !== undefined);
    const home = makeHome(user);
    const t = await openShell({
      user,
      home,
      flags: ['--allow', '.', ...flags],
      env: { NO_COLOR: '1', LANG },
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
