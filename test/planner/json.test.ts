/** JSON as the planner writes it (native/planner/json.c), compared with Node's. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { planner, runInEngine } from '../helpers/engine.ts';

/** Sources of values, which `JSON.stringify` has to write alike in both. */
const plain = [
  '"plain"',
  '""',
  '[]',
  '{}',
  '[1, -7, 2147483647, -2147483647, true, false, null]',
  '{"a": undefined, "b": [undefined, {"c": undefined}], "d": null}',
  '{"10": 1, "z": 2, "2": 3, "": 4, "a\\"b": 5}',
  JSON.stringify(Array.from({ length: 0x300 }, (_, code) => String.fromCharCode(code)).join('')),
  '"\\u2028\\u2029\\ud83d\\ude00\\u00e9\\ufffd\\uffff"',
  JSON.stringify('long "text" '.repeat(20_000)),
  'Array.from({length: 500}, (_, id) => ({id, verdict: "deny", path: "/a/" + id, also: id % 3 ? undefined : [{raw: "~"}]}))',
  '[[[[[[[[[[1]]]]]]]]]]',
];

/** These are left to the engine's own. */
const others = [
  '1.5',
  '[4294967296]',
  '"\\ud800"',
  'new Date(0)',
  '({toJSON: () => 1})',
  'new Map([[1, 2]])',
  'Uint8Array.of(1, 2)',
  '[() => 1]',
  'undefined',
  'Symbol("a")',
  'new Proxy({}, {})',
];

test('plain values are written as Node writes them, and others are not answered', {
  skip: existsSync(planner) ? false : 'the engine was not built',
}, () => {
  const source = `
    const plain = [${plain.map((value) => `(${value})`).join(',')}].map((value) => host.json(value) ?? 'none');
    const others = [${others.map((value) => `(${value})`).join(',')}].map((value) => typeof host.json(value));
    host.finish(new Uint8Array(host.utf8(JSON.stringify({ plain, others }))));`;
  const got = JSON.parse(runInEngine(source)) as { plain: string[]; others: string[] };
  for (const [i, value] of plain.entries())
    assert.equal(got.plain[i], JSON.stringify(runInNewContext(`(${value})`)), value.slice(0, 80));
  for (const [i, value] of others.entries()) assert.equal(got.others[i], 'undefined', value);
});
