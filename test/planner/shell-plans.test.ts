/** As same-plan.test.ts, of shells in the pane, which have settings, a shell and colours of their own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CachedInstallation } from '../helpers/plan-cache.ts';
import { type TestUser, users } from '../helpers/users.ts';

test('a shell in the pane: the plan of the planner is the plan of Node', async () => {
  const at = new CachedInstallation(users.at(-1) as TestUser, { planner: true });
  at.write('project/deep/.env', 'denied\n');
  const lines: readonly (readonly [readonly string[], Readonly<Record<string, string>>])[] = [
    [['--allow-cwd'], {}],
    [
      ['--allow-cwd', '--shell', '/bin/sh', '--deny', './**/.env', '--theme', 'latte'],
      { ENV: '/dev/null', PS1: '[nono] ' },
    ],
    [['--allow-cwd'], { COLORFGBG: '0;15' }],
  ];
  for (const [i, [args, env]] of lines.entries()) {
    if (i === 2) at.write('.config/nono/config.toml', '[ui]\ntheme = "mocha"\nscrollback = 500\n');
    const [planner, node] = await at.shellPlannedTwice(args, { env });
    assert.equal(planner, node, args.join(' '));
  }
});
