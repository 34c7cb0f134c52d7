import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SupervisorCommand } from '../../../src/sandbox/linux/wire.ts';
import { Asker } from '../../../src/session/linear/asker.ts';
import { PlainOutput } from '../../../src/session/linear/plain-output.ts';
import { cancel, dialogQuestion, menu } from '../../../src/session/linear/questions.ts';
import { taggedLines } from '../../../src/session/linear/tagged-lines.ts';
import { random } from '../../terminal/fakes.ts';
import { record } from '../../terminal/helpers.ts';
import { Bench, netRules, quietDoors, rules } from '../support.ts';

describe('plain output', () => {
  const plain = (text: string): string => new PlainOutput(() => {}).take(Buffer.from(text));

  test('text stays, sequences go, whole', () => {
    assert.equal(plain('a\x1b[31;1mb\x1b[0m\x1b]0;title\x07c\x1b]8;;x\x1b\\d\x1b(Be\r\n\tß€'), 'abcde\r\n\tß€');
    assert.equal(plain('a\x1bPq123\x1b\\b\x1b_x\x1b\\c\u009b2Jd\x9d0;t\x07'), 'abcd');
    assert.equal(plain('a\x1b[2Jb\x1b[1;1Hc\x1bcd\x1b7e\x1b[?1049hf'), 'abcdef');
    assert.equal(plain('a\x1b]52;c;AAAA\x18b\x00\x0e\x0fc'), 'abc');
    // A string that is not ended is ended by the next sequence.
    assert.equal(plain('a\x1b]0;title\x1b[31mb\x1b]0;t\x1b]0;u\x07c'), 'abc');
  });

  test('however it is cut, the same comes out, and never an escape or a control beyond line, tab, backspace and bell', () => {
    const next = random(7);
    for (let round = 0; round < 200; round += 1) {
      const bytes = Buffer.from(Array.from({ length: 300 }, () => (next(10) < 3 ? 0x1b : next(256))));
      const whole = new PlainOutput(() => {}).take(bytes);
      const cut = new PlainOutput(() => {});
      let pieces = '';
      for (let at = 0; at < bytes.length; ) {
        const end = at + 1 + next(7);
        pieces += cut.take(bytes.subarray(at, end));
        at = end;
      }
      assert.equal(pieces, whole);
      assert.doesNotMatch(whole, /[\x00-\x06\x0b\x0c\x0e-\x1f\x7f-\x9f]/);
    }
  });

  test('the shell’s marks are seen and not printed', () => {
    const marks: string[] = [];
    const output = new PlainOutput((part) => marks.push(part));
    assert.equal(output.take(Buffer.from('\x1b]133;A\x07$ \x1b]133;B\x1b\\')), '$ ');
    assert.deepEqual(marks, ['begin', 'end']);
  });
});

function asking(bench: Bench) {
  const out: string[] = [];
  const state = { done: 0 };
  const asker: Asker = new Asker({
    clock: bench.clock,
    write: (text, taken) => {
      out.push(text);
      taken();
    },
    tagged: (line) => `# ${line}`,
    dialog: () => dialogQuestion(bench.session),
    cancel: () => cancel(bench.session),
    giveUp: () => bench.session.granter.wait.giveUp(),
    said: () => bench.session.ui.message || undefined,
    done: () => {
      state.done += 1;
    },
  });
  const type = (...names: readonly string[]): void => {
    for (const name of names) asker.key(name);
  };
  return {
    asker,
    state,
    text: () => out.join(''),
    open: () => asker.ask(menu(bench.session, { paths: rules, net: netRules })),
    /** As somebody who has listened to the question. */
    answer: async (...names: readonly string[]) => {
      bench.clock.advance(400);
      type(...names, 'enter');
      await bench.settle();
    },
    type,
  };
}

function held(): Bench {
  const bench = new Bench();
  bench.session.startAsking();
  bench.session.event({ type: 'held', holdId: 1n, record: record() });
  bench.sent.length = 0;
  return bench;
}

describe('questions in lines', () => {
  test('a number and Enter allow what was read out', async () => {
    const bench = held();
    const q = asking(bench);
    q.open();
    assert.match(q.text(), /# 1\. read \/home\/u\/notes\.txt: waits\. cat, process 4312, started by bash/);
    await q.answer('1');
    assert.match(q.text(), /# 1\. allow the waiting call, once/);
    await q.answer('1');
    assert.deepEqual(bench.sent, [{ type: 'verdict', holdId: 1n, allow: true }]);
    assert.equal(q.state.done, 1);
  });

  test('what was typed before the question was out for 300 ms answers nothing', async () => {
    const bench = held();
    const q = asking(bench);
    q.open();
    q.type('1', 'enter', '1', 'enter', '1', 'enter');
    bench.clock.advance(200);
    q.type('1', 'enter', '1', 'enter');
    await bench.settle();
    assert.deepEqual([bench.sent, q.state.done], [[], 0]);
  });

  test('nor do Enter alone, pasted text, or a number that is none', async () => {
    const bench = held();
    const q = asking(bench);
    q.open();
    await q.answer('1');
    bench.clock.advance(400);
    q.asker.pasted('1\r');
    await q.answer('9', '9');
    assert.match(q.text(), /Pasted text is not taken[\s\S]*99 is none of the choices/);
    await q.answer();
    assert.deepEqual(bench.sent, []);
    assert.equal(q.state.done, 1);
  });

  test('a row that has changed meanwhile is read out again', async () => {
    const bench = held();
    const q = asking(bench);
    q.open();
    await q.answer('1');
    bench.session.event({ type: 'held', holdId: 2n, record: record() });
    await q.answer('1');
    assert.match(q.text(), /changed meanwhile/);
    assert.deepEqual(bench.sent, []);
  });

  test('saving shows the change and asks once more', async () => {
    const bench = held();
    const q = asking(bench);
    q.open();
    await q.answer('1');
    await q.answer('3');
    assert.match(q.text(), /# Save to the profile\?[\s\S]*\+ "\/home\/u\/notes\.txt"[\s\S]*1\. save and allow/);
    assert.deepEqual([bench.sent, bench.saver.saved], [[], []]);
    await q.answer('1');
    assert.equal(bench.saver.saved.length, 1);
    assert.equal(bench.sent.length, 1);
  });

  test('a deny rule gives way only to the whole path, and then for how long is asked', async () => {
    const bench = new Bench();
    bench.session.startAsking();
    const denied = record({ path: '/home/u/.ssh/id', reason: 'denied-by-rule', ruleId: 0 });
    bench.session.event({ type: 'denied', record: denied });
    bench.sent.length = 0;
    const q = asking(bench);
    q.open();
    await q.answer('1');
    assert.match(q.text(), /The rule: private keys/);
    await q.answer('1');
    bench.clock.advance(400);
    q.asker.pasted('/home/u/.ssh/id');
    await q.answer(...'/home/u/.ssh/i');
    assert.match(q.text(), /this is not the path/);
    assert.deepEqual(bench.sent, []);
    await q.answer(...'/home/u/.ssh/id');
    assert.deepEqual(bench.sent, []);
    await q.answer('1');
    assert.deepEqual(
      (bench.sent as readonly SupervisorCommand[]).map((c) => c.type === 'add-rule' && c.verdict),
      ['override', 'allow'],
    );
  });

  test('taking back is offered when there is something to take back', async () => {
    const bench = held();
    const q = asking(bench);
    q.open();
    assert.doesNotMatch(q.text(), /# z\./);
    await q.answer('1');
    await q.answer('2');
    assert.equal(bench.session.granter.journal.grants.length, 1);
    q.open();
    assert.match(q.text(), /# z\. take the last approval back/);
    await q.answer('z');
    assert.equal(bench.session.granter.journal.grants.length, 0);
  });

  test('ending asks first', async () => {
    const bench = held();
    const q = asking(bench);
    q.open();
    await q.answer('q');
    await q.answer();
    assert.equal(bench.quit, 0);
    q.open();
    await q.answer('q');
    await q.answer('1');
    assert.equal(bench.quit, 1);
  });
});

describe('the command line in lines', () => {
  function commandLine() {
    const bench = new Bench(undefined, quietDoors);
    bench.session.startAsking();
    const q = asking(bench);
    q.open();
    return { bench, q };
  }
  const typed = (line: string): string[] => Array.from(line, (c) => (c === ' ' ? 'space' : c));

  test('says that a quotation is open, and takes the next line by itself', async () => {
    const { q } = commandLine();
    await q.answer('c');
    await q.answer(...typed('deny "x'));
    assert.match(q.text(), /# a quotation is not closed/);
    await q.answer(...typed('limits'));
    assert.match(q.text(), /# no limits are set/);
  });

  test('says what was printed also when much was printed before', async () => {
    const { bench, q } = commandLine();
    await q.answer('c');
    bench.session.console?.print(...Array.from({ length: 4000 }, () => ({ text: 'x', tone: 'plain' }) as const));
    await q.answer(...typed('limits'));
    assert.match(q.text(), /# no limits are set/);
  });
});

describe('lines of nono', () => {
  const TAG = '[nono 123]';

  test('hold nothing that a terminal would do', () => {
    const name = 'x\x1b]52;c;QQ==\x07\x1b[2J\u202ey\r\nz';
    assert.doesNotMatch(taggedLines(`read ${name}: waits`, TAG, 200), /\p{C}/u);
    assert.match(taggedLines('Number: ', TAG, 80), /Number: $/);
  });

  test('are broken between words, and each of them begins with the number', () => {
    const text =
      'read ~/customers/northern-lights/contracts/2026/first-draft.txt: waits. cat, process 4312, started by bash. Ctrl-\\ to answer';
    for (const columns of [40, 60, 80, 100]) {
      const lines = taggedLines(text, TAG, columns).split('\r\n');
      for (const line of lines) {
        assert.ok(line.startsWith(`${TAG} `) && line.length < columns, line);
        assert.doesNotMatch(line, / $/);
      }
      const said = lines.map((line) => line.slice(TAG.length + 1));
      assert.equal(said.join(' ').replace(/\/ /g, '/'), text);
    }
  });

  test('what is longer than a line goes on below, nothing is lost', () => {
    const long = 'x'.repeat(300);
    const lines = taggedLines(`read ${long}`, TAG, 50).split('\r\n');
    assert.equal(lines.map((line) => line.slice(TAG.length + 1)).join(''), `read${long}`);
    assert.ok(lines.every((line) => line.length < 50));
  });

  test('a question keeps the blank before what is typed', () => {
    assert.match(taggedLines('Number, then Enter; Enter alone changes nothing: ', TAG, 40), /nothing: $/);
  });
});
