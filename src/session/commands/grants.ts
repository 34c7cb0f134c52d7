/** `grants`: what is allowed beyond the groups, by whom, and since when. */

import { describePolicy } from '../../policy/explain/describe.ts';
import { ruleText } from '../approval/approvals.ts';
import { accessWords } from '../rows/access-words.ts';
import { ageText } from '../rows/row-text.ts';
import type { Span } from '../screen/chrome-model.ts';
import { plain, quiet, type SessionCommand, strong } from './command.ts';

function since(ms: number): string {
  const age = ageText(ms);
  return age === 'now' ? 'just now' : `${age} ago`;
}

export const grants: SessionCommand = {
  name: 'grants',
  usage: 'grants [--all]',
  help: 'what was granted in this session, by flags and by the profile',
  complete: () => [{ value: '--all', about: 'the rules of groups and of nono itself, too' }],
  run: (words, { session, doors }) => {
    const now = session.options.now();
    const { journal } = session.granter;
    const lines: Span[] = [strong('in this session')];
    journal.grants.forEach((grant, i) => {
      const where = grant.saved === undefined ? 'until it ends' : `saved to profile ${grant.saved.profile}`;
      const what = grant.rules.map(ruleText).join('; ');
      lines.push(plain(`  ${i + 1}  ${what} · ${where} · ${since(now - grant.at)}`));
    });
    if (journal.grants.length === 0) lines.push(quiet('  nothing yet'));
    const summary = describePolicy(doors.policy);
    lines.push(strong('by flags and the profile'));
    for (const row of summary.rows) {
      const from = row.rule.source === row.source ? row.source : row.rule.source;
      lines.push(plain(`  ${row.badge.padEnd(3)}  ${row.path}${row.kind === 'dir' ? '/' : ''} · ${from}`));
    }
    if (summary.rows.length === 0) lines.push(quiet('  nothing'));
    for (const path of summary.overrides) lines.push(plain(`  a deny rule is lifted at ${path}`));
    if (words.includes('--all')) {
      lines.push(strong('by groups, and nono itself'));
      for (const rule of doors.policy.rules)
        lines.push(plain(`  ${rule.verdict} ${accessWords[rule.access]} ${rule.path} · ${rule.source}`));
    } else {
      lines.push(
        quiet(`${summary.groupPaths} paths by groups, ${summary.denyPaths} denied ones: grants --all lists them`),
      );
    }
    return lines;
  },
};
