/** What programs are answered for the user's terminal, and in which order. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TerminalQuestions } from '../../../src/session/outer/terminal-questions.ts';
import { FakeClock } from '../../terminal/fakes.ts';

function asked() {
  const got: string[] = [];
  const clock = new FakeClock();
  const questions = new TerminalQuestions(
    clock,
    (data) => got.push(data),
    () => {},
  );
  const terminal = (answers: string): void => {
    questions.probe.take(Buffer.from(answers));
  };
  return { got, clock, questions, terminal };
}

describe('a program asks for the kitty keyboard protocol', () => {
  test('and is answered with its own flags, before what it asks next', () => {
    const { got, questions, terminal } = asked();
    questions.kitty(0);
    questions.reply('\x1b[?1;2c');
    assert.deepEqual(got, [], 'the terminal has not answered');
    terminal('\x1b[?0u\x1b[?62;22c');
    assert.deepEqual(got.splice(0), ['\x1b[?0u', '\x1b[?1;2c']);
    questions.kitty(5);
    questions.reply('\x1b[?1;2c');
    assert.deepEqual(got, ['\x1b[?5u', '\x1b[?1;2c']);
  });

  test('and hears nothing where the terminal does not know it', () => {
    const { got, questions, terminal } = asked();
    questions.kitty(1);
    questions.reply('\x1b[?1;2c');
    terminal('\x1b[?62;22c');
    questions.kitty(1);
    assert.deepEqual(got, ['\x1b[?1;2c']);
  });

  test('the next terminal is asked anew; what waited for the one before is answered without it', () => {
    const { got, questions, terminal } = asked();
    terminal('\x1b[?0u\x1b[?62c');
    questions.again();
    questions.kitty(1);
    questions.reply('\x1b[0n');
    questions.again();
    assert.deepEqual(got.splice(0), ['\x1b[0n']);
    questions.kitty(1);
    terminal('\x1b[?1;2c');
    assert.deepEqual(got, []);
  });
});

describe('in order', () => {
  test('a colour comes before what was asked behind it, and what nobody has to be asked for comes at once', () => {
    const { got, questions, terminal } = asked();
    questions.reply('\x1b[0n');
    assert.deepEqual(got.splice(0), ['\x1b[0n']);
    questions.color('background');
    questions.reply('\x1b[1;1R');
    terminal('\x1b]11;rgb:1/2/3\x1b\\\x1b[?62c');
    assert.deepEqual(got, ['\x1b]11;rgb:1/2/3\x1b\\', '\x1b[1;1R']);
  });

  test('a terminal that answers nothing holds nothing up for good, nor does a program that asks without end', () => {
    const { got, clock, questions } = asked();
    questions.color('background');
    for (let n = 0; n < 1000; n += 1) questions.reply(`\x1b[${n};1R`);
    assert.ok(got.length >= 900);
    clock.advance(10_000);
    assert.equal(got.length, 1000);
  });

  test('without a terminal nobody waits', () => {
    const { got, questions } = asked();
    questions.nobody();
    questions.color('background');
    questions.reply('\x1b[1;1R');
    assert.deepEqual(got, ['\x1b[1;1R']);
  });
});
