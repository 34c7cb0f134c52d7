/** The screen of a session that has no terminal. */
import { SessionScreen } from '../../src/session/screen/session-screen.ts';
import { FakeTerminal, quietPane } from '../terminal/fakes.ts';
import { type Bench, netRules, rules } from './support.ts';

export function screenOf(bench: Bench): SessionScreen {
  return new SessionScreen({
    terminal: new FakeTerminal({ cols: 120, rows: 36 }),
    clock: bench.clock,
    arming: bench.arming,
    session: bench.session,
    view: {
      profile: 'test',
      shell: '/bin/bash',
      workdir: '/',
      home: '/home/u',
      rules: { paths: rules, net: netRules },
      color: true,
      ascii: false,
    },
    paneEvents: quietPane,
    now: () => bench.clock.now(),
  });
}
