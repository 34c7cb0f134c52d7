/** npm ci of a real project, from a cache that was filled before. */
import { join } from 'node:path';
import { copyWebApp, fillCache, installOffline, packageCount } from '../../helpers/web-app.ts';
import { budgets } from '../budgets.ts';
import { single, skipped } from './model.ts';

export const npm = single(`npm ci, ${packageCount()} packages`, ({ machine, progress }, material, title) => {
  const tool = machine.find('npm');
  if (tool.skip !== undefined) return skipped(title, tool.skip);
  const cache = join(material, 'cache');
  progress(`${title}: filling its cache`);
  const why = fillCache(tool.path, material, cache);
  if (why !== undefined) return skipped(title, why);
  const project = join(material, 'web-app');
  copyWebApp(project);
  return {
    title,
    argv: [tool.path, ...installOffline],
    // A fresh clone: there is no node_modules before npm makes it.
    before: ['sh', '-c', `cp '${project}'/* .`],
    env: { npm_config_cache: cache, npm_config_userconfig: '/dev/null' },
    rounds: 3,
    denied: budgets.wholeProgram.npm,
    budget: budgets.wholeProgram.npm,
    guarded: { bulk: ['node_bulk', 'git_bulk'], budget: budgets.wholeProgram.npmGuarded },
  };
});
