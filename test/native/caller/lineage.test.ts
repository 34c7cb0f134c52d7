import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, driver } from '../driver.ts';

type Answer = readonly [inside: number, reads: number];

/** Asked for the same process again, nothing is followed up; a number that changes hands, or an ancestor that ends, is no other process's answer. */
for (const depth of [3, 40, 6000])
  test(`a line of ${depth} processes is followed up once`, () => {
    const program = driver(
      'drivers/lineage.c',
      ['lineage', 'process_table', 'caller_stat', 'caller_workers'],
      ['-Wl,--wrap=open'],
    );
    const said = new Map(
      ask(program, [String(depth)])
        .trim()
        .split('\n')
        .map((text): [string, Answer] => {
          const [what = '', inside, reads] = text.split(' ');
          return [what, [Number(inside), Number(reads)]];
        }),
    );
    assert.deepEqual(said.get('last'), [1, depth]);
    assert.deepEqual(said.get('again'), [1, 1]);
    // Of a longer line than is remembered, the rest the next time.
    assert.equal(said.get('middle')?.[0], 1);
    if (depth < 4096) assert.equal(said.get('middle')?.[1], 1);
    assert.equal(said.get('self')?.[0], 0);
    assert.equal(said.get('outside')?.[0], 0);
    assert.deepEqual(said.get('outside-again'), [0, 1]);
    assert.deepEqual(said.get('none'), [0, 0]);
    // What was asked of the middle of a long line may have taken its place among what is remembered.
    assert.equal(said.get('handed-on')?.[0], 1);
    if (depth < 4096) assert.equal(said.get('handed-on')?.[1], 1);
    assert.equal(said.get('gone')?.[0], 0);
    // Only root may choose a number.
    if (process.getuid?.() === 0) assert.equal(said.get('changed-hands')?.[0], 0);
  });
