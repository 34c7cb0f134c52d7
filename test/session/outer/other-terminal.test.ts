/** Between one terminal and the next: nothing of the first, nor of the time without one, is left for the second. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startInput } from '../../../src/session/input/pane-input.ts';
import { ShellKeys } from '../../../src/session/input/shell-keys.ts';
import { DetachableTerminal } from '../../../src/session/outer/detachable-terminal.ts';
import { paneEvents } from '../../../src/session/pane/pane-events.ts';
import type { SessionScreen } from '../../../src/session/screen/session-screen.ts';
import type { Compositor } from '../../../src/terminal/compositor.ts';
import { plainModes } from '../../../src/terminal/inner-modes.ts';
import type { Pty } from '../../../src/terminal/pty.ts';
import { FakeTerminal } from '../../terminal/fakes.ts';
import { Bench } from '../support.ts';

const size = { cols: 80, rows: 24 };

function typing(bracketedPaste: boolean) {
  const bench = new Bench(size);
  const got: string[] = [];
  const pty = { write: (bytes: Uint8Array) => got.push(Buffer.from(bytes).toString('latin1')), backlog: 0 };
  const compositor = { pane: { modes: { ...plainModes, bracketedPaste }, alternate: false } };
  const first = new FakeTerminal(size);
  const terminal = new DetachableTerminal(first, size);
  const keys = new ShellKeys(pty, undefined);
  keys.ready();
  startInput({
    terminal,
    clock: bench.clock,
    keys,
    pty: pty as unknown as Pty,
    session: bench.session,
    screen: { compositor, size, keySent: () => {} } as unknown as SessionScreen,
    hangup: () => {},
  });
  const next = (): FakeTerminal => {
    terminal.detach();
    const other = new FakeTerminal(size);
    terminal.attach(other);
    return other;
  };
  return { bench, got, first, next };
}

describe('the keys of the next terminal', () => {
  for (const bracketedPaste of [true, false])
    test(`are keys, though the one before was lost in a paste (${bracketedPaste ? 'with' : 'without'} marks for the program)`, () => {
      const { bench, got, first, next } = typing(bracketedPaste);
      first.input(Buffer.from('\x1b[200~half of it'));
      const other = next();
      other.input(Buffer.from('x'));
      other.input(Buffer.from('\x1c'));
      assert.equal(bench.session.ui.focus, 'prefix');
      assert.equal(got.join(''), bracketedPaste ? '\x1b[200~half of it\x1b[201~x' : 'half of itx');
    });

  test('also where it was pasted beside the shell', () => {
    const { bench, first, next } = typing(false);
    bench.focusList();
    first.input(Buffer.from('\x1b[200~half'));
    next().input(Buffer.from('q'));
    assert.equal(bench.session.ui.focus, 'shell');
    assert.equal(bench.session.ui.message, '');
  });
});

test('half a report of the mouse is not typed into the shell while its rest may still come, half a key is', () => {
  const { bench, got, first } = typing(false);
  first.input(Buffer.from('\x1b[<64;5'));
  bench.clock.advance(300);
  first.input(Buffer.from(';3M'));
  bench.clock.advance(3000);
  assert.deepEqual(got, []);
  first.input(Buffer.from('\x1b[1;'));
  bench.clock.advance(30);
  assert.equal(got.join(''), '\x1b[1;');
  first.input(Buffer.from('\x1b[<0'));
  bench.clock.advance(2000);
  assert.equal(got.join(''), '\x1b[1;\x1b[<0', 'nothing is kept for ever');
});

test('what rings while there is no terminal is not kept for the next one', () => {
  let there = true;
  let now = 0;
  const out: string[] = [];
  const events = paneEvents({
    compositor: () => ({ sideBand: (sequence: string) => out.push(sequence) }) as unknown as Compositor,
    attended: () => there,
    write: () => {},
    promptMark: () => {},
    color: () => {},
    kitty: () => {},
    clipboard: () => {},
    now: () => now,
  });
  const all = (): void => {
    now += 1000;
    events.bell();
  };
  all();
  assert.deepEqual(out.splice(0), ['\x07']);
  there = false;
  for (let i = 0; i < 100; i += 1) all();
  there = true;
  assert.deepEqual(out, []);
  all();
  assert.equal(out.length, 1);
});
