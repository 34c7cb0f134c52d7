import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fittingHints } from '../../../components/fitting-hints.ts';
import type { Approvable } from '../../../src/session/approval/approvable.ts';
import type { KeyContext } from '../../../src/session/keys/binding.ts';
import { defaultKeymap, keyLabel, MAX_HINTS } from '../../../src/session/keys/keymap.ts';
import { renderKeysDoc } from '../../../src/session/keys/keys-doc.ts';
import { bindings } from '../../../src/session/keys/table.ts';
import { textWidth } from '../../../src/terminal/visible-text.ts';

const contexts = Array.from(new Set(bindings.map((b) => b.in)));
const rows: readonly Approvable[] = ['held', 'denied', 'rule', 'granted', 'fold', 'startup', 'none'];

describe('the key table', () => {
  test('docs/keys.md is what the table says', () => {
    const file = join(import.meta.dirname, '..', '..', '..', 'docs', 'keys.md');
    assert.equal(readFileSync(file, 'utf8'), renderKeysDoc(), 'stale: run `npm run generate`');
  });

  test('each key is called what stands on the keyboard', () => {
    for (const key of new Set(bindings.flatMap((b) => b.keys)))
      assert.match(keyLabel(key), /^(?:.|F\d+|(?:Ctrl-|Shift-)?(?:.|[A-Z][A-Za-z]+))$/u, key);
  });

  test('no key has two meanings in one place', () => {
    const seen = new Set<string>();
    for (const b of bindings) {
      for (const key of b.keys) {
        assert.ok(!seen.has(`${b.in} ${key}`), `${b.in} ${key}`);
        seen.add(`${b.in} ${key}`);
      }
    }
  });

  test('Enter and Space approve nothing, and everything that approves is armed', () => {
    const approving = /^(allow|confirm|deny|override)/;
    for (const b of bindings) {
      if (b.keys.includes('enter') || b.keys.includes('space')) assert.doesNotMatch(b.action, approving, b.in);
      if (approving.test(b.action)) assert.equal(b.approves, true, `${b.in} ${b.action}`);
    }
  });

  test('Esc leads out of every place', () => {
    for (const context of contexts.filter((c) => c !== 'shell')) {
      assert.ok(
        bindings.some((b) => b.in === context && b.keys.includes('esc') && b.action === 'back'),
        context,
      );
    }
  });
});

describe('hints', () => {
  test('at most six, with a way out, on one line of any width', () => {
    for (const context of contexts as KeyContext[]) {
      for (const row of rows) {
        const hints = defaultKeymap.hintsFor(context, row);
        assert.ok(hints.length >= 1 && hints.length <= MAX_HINTS, `${context} ${row}`);
        for (const width of [38, 60, 78, 118]) {
          const fitting = fittingHints(hints, width);
          const used = fitting.reduce((n, h) => n + textWidth(h.key) + 1 + textWidth(h.text) + 3, -3);
          assert.ok(used <= width, `${context} ${row} ${width}: ${used}`);
          assert.deepEqual(fitting.at(-1), hints.at(-1));
        }
      }
    }
  });

  test('the list ends with the way back and the help', () => {
    for (const row of rows) {
      assert.deepEqual(
        defaultKeymap
          .hintsFor('list', row)
          .slice(-2)
          .map((h) => h.key),
        ['Esc', '?'],
      );
    }
  });
});
