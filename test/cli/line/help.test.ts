/** Help as users read it. The texts are kept beside this file; UPDATE_GOLDEN=1 writes them anew. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { commandHelp, generalHelp } from '../../../src/cli/line/help.ts';
import { commands } from '../../../src/cli/tables/commands.ts';
import { missingCommands } from '../../../src/cli/tables/not-built.ts';

const directory = join(import.meta.dirname, 'golden');

function golden(name: string, text: string): void {
  const file = join(directory, `${name}.txt`);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, text);
  }
  assert.equal(text, readFileSync(file, 'utf8'));
}

describe('help', () => {
  test('nono --help', () => golden('help', generalHelp()));
  for (const { name } of commands)
    test(`nono ${name} --help`, () => golden(`help-${name.replace(' ', '-')}`, commandHelp(name)));

  test('names every command', () => {
    const top = commands.map(({ name }) => name).filter((name) => !name.includes(' '));
    for (const name of top) assert.match(generalHelp(), new RegExp(`^  ${name} `, 'm'));
  });
  test('names no command that is not there', () => {
    for (const name of missingCommands) assert.doesNotMatch(generalHelp(), new RegExp(`^  ${name} `, 'm'));
  });
  for (const width of [80, 60, 40])
    test(`is folded for ${width} columns, but for what is to be copied`, () => {
      for (const name of [undefined, ...commands.map((command) => command.name)]) {
        const text = name === undefined ? generalHelp(width) : commandHelp(name, width);
        const [told = '', examples = ''] = text.split('\nEXAMPLES\n');
        // A name is one piece, however long.
        const flagAlone = /^ +(?:-\w, )?--\S+(?: <\S+>)?$/;
        for (const line of told.split('\n').filter((one) => !flagAlone.test(one)))
          assert.ok(line.length <= width, `${name}: ${line}`);
        for (const line of examples.split('\n').filter((one) => /^ *#/.test(one)))
          assert.ok(line.length <= width, line);
        const whole = name === undefined ? generalHelp() : commandHelp(name);
        const words = (all: string): string => all.split('\nEXAMPLES\n')[0]?.replace(/\s+/g, ' ') ?? '';
        assert.equal(words(text), words(whole), 'no word is lost');
      }
    });
  test('fits a wide terminal', () => {
    for (const line of [generalHelp(), ...commands.map(({ name }) => commandHelp(name))].join('\n').split('\n')) {
      assert.ok(line.length <= 120, line);
    }
  });
});
