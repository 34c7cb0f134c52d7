import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PromptWatch } from '../../../src/session/pane/prompt-watch.ts';
import { record } from '../../terminal/helpers.ts';
import { Bench } from '../support.ts';

describe('whether the shell waits at an empty prompt', () => {
  const prompt = (watch: PromptWatch): void => {
    watch.mark('begin');
    watch.mark('end');
  };

  test('not before the first command, nor once something is typed', () => {
    const watch = new PromptWatch((run) => run());
    assert.equal(watch.ready, false);
    prompt(watch);
    assert.equal(watch.ready, false, 'what comes back would be of another day');
    watch.input();
    assert.equal(watch.ready, false);
    prompt(watch);
    assert.equal(watch.ready, true);
    watch.input();
    assert.equal(watch.ready, false);
  });

  test('what is heard in the turn in which the prompt came was typed before it: Ctrl-C, or Enter for what is over at once', () => {
    const later: (() => void)[] = [];
    const watch = new PromptWatch((run) => later.push(run));
    prompt(watch);
    watch.input();
    assert.equal(watch.ready, false);
    for (const run of later.splice(0)) run();
    assert.equal(watch.ready, true);
    watch.input();
    assert.equal(watch.ready, false);
  });

  test('a prompt that is only drawn again may have text behind it', () => {
    const watch = new PromptWatch((run) => run());
    prompt(watch);
    watch.input();
    prompt(watch);
    watch.input();
    watch.mark('end');
    assert.equal(watch.ready, false);
  });
});

describe('after an approval of what has failed already', () => {
  const denied = (again?: () => string | undefined): Bench => {
    const bench = new Bench(undefined, undefined, again === undefined ? {} : { again });
    bench.session.startAsking();
    bench.session.event({ type: 'denied', record: record() });
    bench.focusList();
    bench.press('s');
    return bench;
  };

  test('r brings the command back and gives the keyboard to the shell', () => {
    let brought = 0;
    const bench = denied(() => {
      brought += 1;
      return undefined;
    });
    assert.match(bench.session.ui.message, /effective now, r brings the command back/);
    assert.ok(bench.shown().model.hints.some((hint) => hint.key === 'r' && hint.text === 'again'));
    bench.press('r');
    assert.equal(brought, 1);
    assert.equal(bench.session.shellHasKeys, true);
    assert.match(bench.session.ui.message, /Enter runs it/);
  });

  test('where that cannot be it says why, and stays', () => {
    const bench = denied(() => 'the shell does not wait at an empty prompt: run it again there');
    bench.press('r');
    assert.match(bench.session.ui.message, /does not wait/);
    assert.equal(bench.session.ui.focus, 'list');
    const without = denied();
    assert.match(without.session.ui.message, /effective now, run it again/);
  });
});

test('a bell for what is news while the list is not looked at', () => {
  let rung = 0;
  const bench = new Bench(undefined, undefined, { bell: () => (rung += 1) });
  bench.session.event({ type: 'denied', record: record() });
  assert.equal(rung, 0, 'start-up is none');
  bench.session.startAsking();
  bench.session.event({ type: 'denied', record: record() });
  bench.session.event({ type: 'held', holdId: 1n, record: record({ path: '/b' }) });
  assert.equal(rung, 2);
  bench.focusList();
  bench.session.event({ type: 'denied', record: record({ path: '/c' }) });
  assert.equal(rung, 2);
});
