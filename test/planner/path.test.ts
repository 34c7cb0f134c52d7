/** What stands in the place of node:path and of Buffer where plans are made without Node: compared with Node's own. */
import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { runInEngine } from '../helpers/engine.ts';
import { root } from '../helpers/users.ts';

const parts = [
  '',
  '/',
  '//',
  'a',
  'a/',
  '/a',
  '/a/b',
  '.',
  './',
  '..',
  '../',
  '../a',
  'a/..',
  '/..',
  '/../a',
  'a//b',
  '/a/./b/',
  '///a',
  'a.b',
  '.a',
  'ü/b',
  ' ',
];
const pairs = parts.flatMap((one) => parts.map((other) => [one, other] as const));

async function ofEngine(): Promise<unknown> {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import * as path from './src/planner/node/path.ts';
        import { Buffer, TextDecoder, isUtf8 } from './src/planner/node/buffer.ts';
        const pairs = ${JSON.stringify(pairs)};
        const answers = pairs.map(([a, b]) => [path.join(a, b), path.resolve(a, b), path.normalize(a + b), path.dirname(a + b), path.basename(a + b), path.isAbsolute(a)]);
        const bytes = (b) => [...b];
        const buffers = [
          bytes(Buffer.from('aü€😀')), bytes(Buffer.from('aü', 'latin1')), Buffer.from('aü€😀').toString(), Buffer.from(new Uint8Array([97, 0xfc])).toString('latin1'),
          bytes(Buffer.concat([Buffer.from('a'), Buffer.alloc(2)])), Buffer.byteLength('€'), Buffer.from('ab').equals(Buffer.from('ab')), Buffer.from('ab').equals(Buffer.from('ac')),
          bytes(Buffer.from('abcd').subarray(1, 3)), new TextDecoder('utf-8').decode(Buffer.from('\\ufeffa')), isUtf8(Buffer.from('ü')), isUtf8(new Uint8Array([0xff])), isUtf8(new Uint8Array([0xed, 0xa0, 0x80])),
        ];
        const b = Buffer.alloc(8);
        b.writeUInt32LE(0xdeadbeef, 0); b.writeUInt16BE(0x1234, 4); b.writeUInt16LE(0x1234, 6);
        buffers.push(bytes(b));
        host.finish(new Uint8Array(host.utf8(JSON.stringify({ answers, buffers }))));`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'neutral',
  });
  return JSON.parse(runInEngine((outputFiles[0] as { text: string }).text));
}

test('paths and bytes are what Node makes of them', async () => {
  const { answers, buffers } = (await ofEngine()) as { answers: unknown[]; buffers: unknown[] };
  for (const [i, [a, b]] of pairs.entries()) {
    const nodes = [
      posix.join(a, b),
      posix.resolve(a, b),
      posix.normalize(a + b),
      posix.dirname(a + b),
      posix.basename(a + b),
      posix.isAbsolute(a),
    ];
    assert.deepEqual(answers[i], nodes, `${JSON.stringify(a)} ${JSON.stringify(b)}`);
  }
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32LE(0xdeadbeef, 0);
  numbers.writeUInt16BE(0x1234, 4);
  numbers.writeUInt16LE(0x1234, 6);
  assert.deepEqual(buffers, [
    [...Buffer.from('aü€😀')],
    [...Buffer.from('aü', 'latin1')],
    'aü€😀',
    'aü',
    [97, 0, 0],
    3,
    true,
    false,
    [...Buffer.from('abcd').subarray(1, 3)],
    'a',
    true,
    false,
    false,
    [...numbers],
  ]);
});
