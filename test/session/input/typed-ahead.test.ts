/** Whatever is typed or pasted without looking, in whatever order, widens nothing: random keys at every place, before anything has been on the screen for 300 ms. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SupervisorCommand } from '../../../src/sandbox/linux/wire.ts';
import type { CommandDoors } from '../../../src/session/commands/command.ts';
import { bindings } from '../../../src/session/keys/table.ts';
import { random } from '../../terminal/fakes.ts';
import { record } from '../../terminal/helpers.ts';
import { Bench, quietDoors, rules } from '../support.ts';

const doors: CommandDoors = {
  ...quietDoors,
  policy: { ...quietDoors.policy, rules },
  history: { load: () => ['allow /etc/hosts', 'allow ~/.ssh/id'], add: () => {} },
};
const names = [...new Set(bindings.flatMap((one) => one.keys))];
const lines = [
  'allow ~/notes.txt',
  'allow write /var/tmp',
  'allow ~/.ssh/id',
  '/home/u/.ssh/id',
  '/home/u/*',
  'revoke all',
];

const widens = (command: SupervisorCommand): boolean =>
  command.type === 'add-rule' || command.type === 'add-net-rule' || (command.type === 'verdict' && command.allow);

function play(seed: number, looks: boolean): Bench {
  const next = random(seed);
  const bench = new Bench({ cols: 60 + next(80), rows: 12 + next(30) }, doors);
  const { session } = bench;
  session.startAsking();
  let hold = 1n;
  for (let step = 0; step < 120; step += 1) {
    const what = next(12);
    if (what === 0 && session.shellHasKeys) {
      session.prefix();
      if (next(2) === 0) session.key(next(2) === 0 ? 'd' : ':');
    } else if (what === 1) session.pasted(`${lines[next(lines.length)]}\rsp`);
    else if (what === 2) {
      const rule = next(3) === 0 ? ({ path: '/home/u/.ssh/id', reason: 'denied-by-rule', ruleId: 0 } as const) : {};
      session.event({ type: 'denied', record: record({ path: `/home/u/f${next(4)}`, ...rule }) });
    } else if (what === 3) {
      session.event({ type: 'held', holdId: hold, record: record({ path: `/home/u/f${next(4)}` }) });
      hold += 1n;
    } else if (what === 4) {
      for (const c of lines[next(lines.length)] ?? '') session.key(c === ' ' ? 'space' : c);
      session.key('enter');
    } else session.key(names[next(names.length)] ?? '');
    bench.shown();
    // 120 steps of at most 2 ms: nothing has been on the screen for 300 ms, however often it was drawn.
    bench.clock.advance(looks ? 400 : next(3));
  }
  return bench;
}

describe('random keys', () => {
  test('without looking they grant nothing, save nothing and end nothing', async () => {
    for (let seed = 1; seed <= 250; seed += 1) {
      const bench = play(seed, false);
      await bench.settle();
      assert.deepEqual(bench.sent.filter(widens), [], `seed ${seed}`);
      assert.deepEqual([bench.saver.saved, bench.quit], [[], 0], `seed ${seed}`);
    }
  });

  test('with looking some do: the test above can fail', async () => {
    let granted = 0;
    for (let seed = 1; seed <= 120; seed += 1) {
      const bench = play(seed, true);
      await bench.settle();
      granted += bench.sent.filter(widens).length;
    }
    assert.ok(granted > 20, `${granted}`);
  });
});
