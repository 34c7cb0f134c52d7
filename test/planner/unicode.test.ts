/** Names are folded by these, in patterns and where a file system may ignore case: two engines with two tables would be two policies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInEngine } from '../helpers/engine.ts';

/** One number for each block of characters and of random strings; the same text runs in both engines. */
const script = `
const fold = (text) => text.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
const sum = (text) => {
  let s = 0;
  for (let i = 0; i < text.length; i++) s = (Math.imul(s, 31) + text.charCodeAt(i)) | 0;
  return s;
};
const forms = (text) => [fold(text), text.toLowerCase(), text.toUpperCase(), text.normalize('NFC'), text.normalize('NFD')].join('|');
const blocks = [];
// Without ideographs, most of Hangul (made by a rule, of which random strings have some) and planes that are empty or private.
const places = [[0, 0x3400], [0xa000, 0xac80], [0xd780, 0xd800], [0xf900, 0x12000], [0x16a00, 0x17000], [0x1bc00, 0x1fc00], [0x2f800, 0x2fa40], [0xe0000, 0xe0200]];
for (const [first, end] of places) for (let block = first; block < end; block += 64) {
  let all = '';
  for (let code = block; code < block + 64; code++) all += forms(String.fromCodePoint(code)) + ' ';
  blocks.push(block.toString(16) + ' ' + sum(all));
}
let seed = 1;
const random = (below) => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return (seed >>> 8) % below;
};
const ranges = [[0x20, 0x24f], [0x300, 0x36f], [0x370, 0x52f], [0x590, 0x7ff], [0x900, 0x109f], [0x1100, 0x11ff], [0x1e00, 0x1fff],
  [0x2000, 0x2fff], [0x3000, 0x30ff], [0xac00, 0xd7a3], [0xf900, 0xffef], [0x10400, 0x104ff], [0x11000, 0x111ff], [0x1d400, 0x1d7ff], [0x1e900, 0x1e95f]];
for (let i = 0; i < 5000; i++) {
  let text = '';
  for (let left = 1 + random(8); left > 0; left--) {
    const [first, last] = ranges[random(ranges.length)];
    text += String.fromCodePoint(first + random(last - first + 1));
  }
  blocks.push('random ' + i + ' ' + sum(forms(text)));
}
const result = blocks.join('\\n');`;

test('case and normal forms of every character are those of Node', () => {
  const ours = runInEngine(`${script}\nhost.finish(new Uint8Array(host.utf8(result)));`).split('\n');
  const nodes = (new Function(`${script}\nreturn result;`)() as string).split('\n');
  assert.equal(ours.length, nodes.length);
  assert.deepEqual(
    ours.filter((line, i) => line !== nodes[i]),
    [],
  );
  assert.ok(ours.length > 5000);
});
