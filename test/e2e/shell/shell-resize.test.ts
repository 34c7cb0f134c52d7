/** The window gets narrower and wider while something stands at the cursor: nothing of it is lost, and nothing stands there twice. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { afterEach, describe, test } from 'node:test';
import { closeTerminals, pause, type TestTerminal } from '../../helpers/terminal.ts';
import { makeHome, users } from '../../helpers/users.ts';
import { enter, openShell } from './shell-helpers.ts';

function missing(program: string): string | undefined {
  return spawnSync('which', [program]).status === 0 ? undefined : `${program} is not on this machine`;
}

afterEach(closeTerminals);

const WORDS = Array.from({ length: 9 }, (_, n) => `word-${n + 1}-of-9`).join(' ');

/** What the pane shows, rows that it broke put together again. */
function paneText(screen: string): string {
  return screen
    .split('\n')
    .slice(1, -1)
    .map((row) => row.split('│')[0] ?? '')
    .join('')
    .replace(/\s+/g, '');
}

async function whole(t: TestTerminal, text: string): Promise<void> {
  const packed = text.replace(/\s+/g, '');
  await t.until((s) => paneText(s).includes(packed));
  // What is drawn again must have come, too.
  await pause(400);
  const screen = await t.text();
  assert.equal(paneText(screen).split(packed.slice(0, 20)).length, 2, `there once:\n${screen}`);
}

const user = users[0];
if (user !== undefined)
  describe('nono shell in a window that changes its size', { timeout: 120_000 }, () => {
    for (const [shell, path] of [
      ['bash', '/bin/bash'],
      ['zsh', '/usr/bin/zsh'],
      ['fish', '/usr/bin/fish'],
    ] as const)
      test(`${shell}: a line that wraps at the cursor is there once and whole`, { skip: missing(shell) }, async () => {
        const t = await openShell({ user, home: makeHome(user), cols: 150, env: { SHELL: path } });
        // Not run: it stands at the cursor.
        t.write(`: ${WORDS}`);
        await whole(t, `: ${WORDS}`);
        for (const cols of [104, 130, 101, 150]) {
          t.resize(cols, 36);
          await whole(t, `: ${WORDS}`);
        }
      });

    test('a question that no editor draws again keeps its end, and the answer stands behind it', async () => {
      const t = await openShell({ user, home: makeHome(user), cols: 150 });
      enter(t, `clear; read -r -p '${WORDS}? ' x; echo "<$x>"`);
      await t.until((s) => paneText(s).startsWith('word-1-of-9'));
      await whole(t, `${WORDS}?`);
      for (const cols of [104, 150]) {
        t.resize(cols, 36);
        t.write('a');
        await whole(t, `${WORDS}? ${cols === 104 ? 'a' : 'aa'}`);
      }
      enter(t, '');
      await t.until('<aa>');
    });
  });
