/** The summary before the command on terminals of several widths: folded between words below its text, and not at all where it is piped. */
import assert from 'node:assert/strict';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fold } from '../../../src/cli/output/fold-words.ts';
import { textWidth } from '../../../src/terminal/visible-text.ts';
import { nono } from '../../helpers/run.ts';
import { closeTerminals, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, type TestUser, users } from '../../helpers/users.ts';

after(closeTerminals);

const user = users[0] as TestUser;
const home = makeHome(user);
const wide = join(home, '作業 场所', '한국어');
mkdirSync(wide, { recursive: true });
if (user.prefix.length > 0) chownSync(wide, user.uid, user.uid);

const secrets = {
  ALPHA_TOKEN: 'a',
  BETA_TOKEN: 'b',
  GAMMA_SECRET_ACCESS_KEY: 'c',
  DELTA_PASSWORD: 'd',
  EPSILON_KEY: 'e',
};
const args = ['run', '--allow-cwd', '--read', wide, '--private-tmp', '--', 'true'];
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

async function onTerminal(
  cols: number,
  more: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<string> {
  const t = new TestTerminal({
    argv: [...user.prefix, join(installationFor(user), 'bin/nono'), ...args.slice(0, 1), ...more, ...args.slice(1)],
    cwd: home,
    env: { ...environment(home), ...secrets, ...env },
    cols,
    rows: 50,
  });
  await t.untilEnd();
  const text = t.raw.replaceAll('\r', '').replace(/\x1b\[[0-9;]*m/g, '');
  t.close();
  return text;
}

/** Column of the text: beside a label, or a badge. */
const column = (line: string): number =>
  /^ {4}(?:net|limits|left out|kernel|mode|not in force) /.test(line) ? 17 : Math.max(9, line.indexOf(' ', 4) + 1);

function folded(text: string, cols: number): void {
  let at = 0;
  let some = 0;
  for (const line of text.split('\n').slice(2)) {
    if (!line.startsWith('    ')) continue;
    const indent = line.length - line.trimStart().length;
    if (indent === 4) at = column(line);
    else {
      some += 1;
      assert.equal(indent, at, `below its text: ${JSON.stringify(line)}`);
    }
    const alone = line.slice(indent === 4 ? at : indent).trim();
    // A path is whole, whatever is in it, and so is any word.
    if (alone.includes(' ') && !alone.startsWith('/'))
      assert.ok(textWidth(line) <= cols, `${textWidth(line)} > ${cols}: ${line}`);
  }
  assert.ok(some > 0, 'nothing was folded');
}

describe('folding', () => {
  const piped = nono(user, args, { cwd: home, home, env: secrets });
  test('piped: a row in a line', () => {
    const left = piped.stderr.split('\n').filter((line) => line.includes('left out'));
    assert.equal(left.length, 1);
    for (const name of Object.keys(secrets)) assert.ok(left[0]?.includes(name), left[0]);
  });
  for (const cols of [80, 60, 40])
    for (const more of [[], ['-v']])
      test(`${cols} columns ${more.join('')}`, { timeout: 120_000 }, async () => {
        const text = await onTerminal(cols, more);
        folded(text, cols);
        if (more.length > 0) return;
        // No word is lost, cut or put elsewhere.
        assert.deepEqual(words(text), words(piped.stderr));
        assert.ok(text.includes(wide), text);
      });
  test('where a text has no room beside its head it stands below it', { timeout: 120_000 }, async () => {
    const text = await onTerminal(30);
    assert.match(text, /^ {4}kernel *\n {6}Landlock ABI/m);
    for (const line of text.split('\n').filter((one) => /^ {6}\S+ /.test(one)))
      assert.ok(textWidth(line) <= 30, JSON.stringify(line));
    assert.deepEqual(words(text), words(piped.stderr));
  });
  test('the terminal’s own width, whatever plan was kept for another one', { timeout: 120_000 }, async () => {
    for (const cols of [100, 100, 60, 60, 100, 40]) folded(await onTerminal(cols), cols);
  });
  test('COLUMNS does not make it narrower than the terminal is', { timeout: 120_000 }, async () => {
    const text = await onTerminal(400, [], { COLUMNS: '40' });
    assert.equal(
      text.split('\n').filter((line) => line.startsWith('     ') && !line.startsWith('    +')).length,
      0,
      text,
    );
  });
});

test('wide characters count two columns', () => {
  assert.deepEqual(fold('漢字 漢字 ab', 9), ['漢字 漢字', 'ab']);
  assert.deepEqual(fold('漢字 漢字 ab', 8), ['漢字', '漢字 ab']);
  assert.deepEqual(fold('e\u0301e\u0301 e\u0301', 4), ['e\u0301e\u0301 e\u0301']);
});
