/** As same-plan.test.ts, of shells in the pane, which have settings, a shell and colours of their own. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, test } from 'node:test';
import { difference } from '../helpers/difference.ts';
import { CachedInstallation, leave } from '../helpers/plan-cache.ts';
import { closeTerminals } from '../helpers/terminal.ts';
import { type TestUser, users } from '../helpers/users.ts';

after(closeTerminals);

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

for (const [name, env] of [
  ['zsh', {}],
  ['zsh', { ZDOTDIR: '/nowhere' }],
  ['fish', {}],
] as const) {
  const shell = ['/usr/bin', '/bin', '/usr/local/bin'].map((place) => `${place}/${name}`).find(existsSync);
  const skip = shell === undefined ? `${name} is not installed` : false;
  test(`${name} in the pane, with ${JSON.stringify(env)}`, { skip }, async () => {
    const at = new CachedInstallation(users.at(-1) as TestUser, { planner: true });
    const locale = { LC_ALL: 'C', LANG: 'tr_TR.UTF-8', LANGUAGE: 'de' };
    const line = ['--allow-cwd', '--shell', shell as string];
    const [planner, node] = await at.shellPlannedTwice(line, { env: { ...locale, ...env } });
    assert.equal(difference(planner, node), '');
    assert.match(planner, /^NONOPCA3/);
  });
}

test('keys of the user’s own are looked at by Node, whose plan is taken from then on', async () => {
  const at = new CachedInstallation(users.at(-1) as TestUser, { planner: true });
  at.write('.config/nono/config.toml', '[ui]\nprefix = "ctrl-g"\n[ui.keys.list]\ndown = ["j"]\n');
  const first = await at.terminal(['--allow-cwd']);
  assert.equal(at.wasHit(), false);
  await leave(first);
  await leave(await at.terminalHit(['--allow-cwd']));
  at.forget();
  at.write('.config/nono/config.toml', '[ui]\nprefix = "no such key"\n');
  const wrong = at.openTerminal(['--allow-cwd']);
  await wrong.untilEnd();
  assert.match(await wrong.text(), /ui\.prefix/);
  assert.deepEqual(at.entries(), []);
});
