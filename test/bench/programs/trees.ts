/** Trees of small files, made and removed: git clone, untar, rm -r. */
import { join } from 'node:path';
import { budgets, exchange } from '../budgets.ts';
import { must, type ProgramFile, skipped } from './model.ts';

const FILES = 2000;

const titles = { clone: `git clone, ${FILES} files`, untar: `untar, ${FILES} files`, remove: `rm -r, ${FILES} files` };

const make: ProgramFile['make'] = (bench, material) => {
  const { machine, workspace } = bench;
  const unavailable = machine.find('git').skip ?? machine.find('tar').skip;
  if (unavailable !== undefined) return Object.values(titles).map((title) => skipped(title, unavailable));
  const repository = workspace.repository(FILES);
  const archive = join(material, 'files.tar');
  const named = ['--transform', 's,^[^/]*,repository,', '-C', join(repository, '..'), `repository-${FILES}`];
  must(['tar', 'cf', archive, '--exclude=.git', ...named], material, workspace.env);
  const budget = budgets.wholeProgram;
  const common = { rounds: 9, beside: true };
  return [
    {
      ...common,
      title: titles.clone,
      argv: ['git', 'clone', '-q', `file://${repository}`, 'clone'],
      denied: budget.clone,
      budget: budget.clone,
    },
    { ...common, title: titles.untar, argv: ['tar', 'xf', archive], denied: budget.untar, budget: budget.untar },
    {
      ...common,
      title: titles.remove,
      before: ['tar', 'xf', archive],
      argv: ['rm', '-r', 'repository'],
      denied: budget.removeDenied,
      budget: budget.remove,
      exchange: { mode: 'remove', row: exchange.removals },
    },
  ];
};

export const trees: ProgramFile = { titles: Object.values(titles), make };
