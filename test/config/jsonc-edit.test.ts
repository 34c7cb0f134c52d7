import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'jsonc-parser';
import { applyListChanges, inverse, type ListChange } from '../../src/config/jsonc-edit.ts';
import { random } from '../policy/support.ts';

const add = (list: string, entry: string): ListChange => ({ op: 'add', list: list.split('.'), entry });
const drop = (list: string, entry: string): ListChange => ({ op: 'remove', list: list.split('.'), entry });

const cases: readonly [string, string, readonly ListChange[], string][] = [
  [
    'a comment stays with the entry it was written for',
    `{
  // what I allow
  "filesystem": {
    "read": [
      "~/a", // first
      "~/b" // last
    ] // end of read
  }
}
`,
    [add('filesystem.read', '~/c')],
    `{
  // what I allow
  "filesystem": {
    "read": [
      "~/a", // first
      "~/b", // last
      "~/c"
    ] // end of read
  }
}
`,
  ],
  [
    'a trailing comma stays the habit of the file',
    '{\n\t"read": [\n\t\t"a",\n\t\t"b", // b\n\t\t// "off"\n\t],\n}\n',
    [add('read', 'c')],
    '{\n\t"read": [\n\t\t"a",\n\t\t"b", // b\n\t\t// "off"\n\t\t"c",\n\t],\n}\n',
  ],
  ['a list on one line stays on it', '{ "read": ["a", "b"] }', [add('read', 'c')], '{ "read": ["a", "b", "c"] }'],
  ['one line with a trailing comma', '{ "read": ["a",] }', [add('read', 'c')], '{ "read": ["a", "c",] }'],
  ['an empty list', '{\n  "read": []\n}', [add('read', 'c')], '{\n  "read": [\n    "c"\n  ]\n}'],
  [
    'an empty list with a comment',
    '{\n  "read": [ /* none */ ]\n}',
    [add('read', 'c')],
    '{\n  "read": [ /* none */\n    "c"\n  ]\n}',
  ],
  [
    'what is missing is made at the end of what is there',
    '{\n  "extends": "default", // base\n  "filesystem": {}\n}\n',
    [add('filesystem.allow', '~/x')],
    '{\n  "extends": "default", // base\n  "filesystem": {\n    "allow": [\n      "~/x"\n    ]\n  }\n}\n',
  ],
  [
    'a whole section',
    '{\n    "extends": "default" // base\n}',
    [add('filesystem.read', '~/x')],
    '{\n    "extends": "default", // base\n    "filesystem": {\n        "read": [\n            "~/x"\n        ]\n    }\n}',
  ],
  [
    'the empty object',
    '{}',
    [add('filesystem.read', 'x')],
    '{\n  "filesystem": {\n    "read": [\n      "x"\n    ]\n  }\n}',
  ],
  ['an entry that is there already', '{ "read": ["a"] }', [add('read', 'a')], '{ "read": ["a"] }'],
  [
    'windows line ends',
    '{\r\n  "read": [\r\n    "a"\r\n  ]\r\n}\r\n',
    [add('read', 'b')],
    '{\r\n  "read": [\r\n    "a",\r\n    "b"\r\n  ]\r\n}\r\n',
  ],
  [
    'removing an entry keeps the others and every comment',
    '{\n  "read": [\n    // about a\n    "a",\n    "b", // about b\n    "c"\n  ]\n}',
    [drop('read', 'b')],
    '{\n  "read": [\n    // about a\n    "a",\n    // about b\n    "c"\n  ]\n}',
  ],
  [
    'removing the last entry',
    '{\n  "read": [\n    "a", // a\n    "b"\n  ]\n}',
    [drop('read', 'b')],
    '{\n  "read": [\n    "a" // a\n  ]\n}',
  ],
  ['removing the first of a line', '{ "read": ["a", "b"] }', [drop('read', 'a')], '{ "read": ["b"] }'],
  ['removing the last of a line', '{ "read": ["a", "b"] }', [drop('read', 'b')], '{ "read": ["a"] }'],
  ['removing the only one', '{ "read": ["a"] }', [drop('read', 'a')], '{ "read": [] }'],
  ['removing what is not there', '{ "read": ["a"] }', [drop('write', 'a'), drop('read', 'z')], '{ "read": ["a"] }'],
  ['quotes and escapes', '{ "read": [] }', [add('read', 'a"\n\\b')], '{ "read": [\n  "a\\"\\n\\\\b"\n] }'],
];

for (const [what, before, changes, after] of cases) {
  test(what, () => assert.equal(applyListChanges(before, changes), after));
}

test('random edits of random layouts mean what they should, keep every comment, and can be taken back', () => {
  const pick = random(5);
  for (let round = 0; round < 1500; round++) {
    const gap = (): string => ['', ' ', '\n', '\n  ', ' /* c */ ', ' // c\n', '\n\n\t'][pick(7)] as string;
    const entries = Array.from({ length: pick(5) }, (_, i) => `e${i}`);
    const list = entries.map((entry) => `${gap()}"${entry}"${gap()}`).join(',');
    const comma = entries.length > 0 && pick(3) === 0 ? ',' : '';
    const text = `{${gap()}"x":${gap()}1,${gap()}"s": {${gap()}"read"${gap()}:${gap()}[${list}${comma}${gap()}]${gap()}}${gap()}}`;
    const change = pick(2) === 0 ? add('s.read', 'new') : drop('s.read', `e${pick(5)}`);
    const edited = applyListChanges(text, [change]);
    const errors: [] = [];
    const value = parse(edited, errors, { allowTrailingComma: true }) as { x: number; s: { read: string[] } };
    const expected = change.op === 'add' ? [...entries, 'new'] : entries.filter((entry) => entry !== change.entry);
    const context = JSON.stringify({ text, edited, change });
    assert.deepEqual(errors, [], context);
    assert.deepEqual(value, { x: 1, s: { read: expected } }, context);
    assert.equal(edited.split(' c').length, text.split(' c').length, context);
    if (change.op === 'add') {
      const back = parse(applyListChanges(edited, [inverse(change)]), errors, { allowTrailingComma: true });
      assert.deepEqual(back, { x: 1, s: { read: entries } }, context);
    }
  }
});
