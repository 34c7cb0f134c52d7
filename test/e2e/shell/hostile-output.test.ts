/** A program that prints what costs an emulator most, in the shell's pane of a real terminal: the session goes on, and nothing but cells and a title comes out. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { closeTerminals } from '../../helpers/terminal.ts';
import { makeHome, rootSkip, users } from '../../helpers/users.ts';
import { enter, openShell, runLine } from './shell-helpers.ts';

test('the root half', { skip: rootSkip }, () => {});
afterEach(closeTerminals);

/** Unbounded, the first line alone stops the session for hours. */
const PROGRAM = `import sys
w = sys.stdout.write
w('\\x1b[2147483647L\\x1b[2147483647M\\x1b[2147483647Sx\\x1b[2147483647b')
w('e' + '\\u0301' * 200000)
w(''.join('\\x1b]8;;http://x/%d\\x1b\\x5ca' % i for i in range(8000)))
w('\\x1b]2;t\\x07' * 10000 + '\\x1b]52;c;YWJj\\x07' * 5000 + '\\x1b]52;c;?\\x07' * 10)
w('\\x1b]0;' + 'x' * 1000000 + '\\x07\\x1bc\\n')
print('DO' + 'NE')
`;

for (const user of users) {
  test(`as ${user.name}`, { timeout: 60_000 }, async () => {
    const home = makeHome(user);
    const t = await openShell({ user, home });
    const before = t.raw.length;
    enter(t, `python3 -c "$(echo ${Buffer.from(PROGRAM).toString('base64')} | base64 -d)"`);
    await t.until('DONE');
    const written = t.raw.slice(before);
    assert.doesNotMatch(written, /\x1b\](?:8|52);/);
    assert.ok(written.length < 1_000_000, `${written.length} characters`);
    await runLine(t, 'echo alive', 'ALIVE');
  });
}
