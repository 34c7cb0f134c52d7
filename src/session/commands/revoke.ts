/** `revoke`: takes a grant of this session back, and says what stays open all the same. */
import { NonoError } from '../../platform/errors.ts';
import { decide } from '../../policy/decide/decide.ts';
import { ruleText } from '../approval/approvals.ts';
import type { Grant } from '../approval/grant-journal.ts';
import type { Span } from '../screen/chrome-model.ts';
import { type CommandContext, plain, quiet, type SessionCommand } from './command.ts';
import { policyNow } from './policy-now.ts';

function chosen(words: readonly string[], { session }: CommandContext): readonly Grant[] {
  const { grants } = session.granter.journal;
  // The last one first: what it changed in the profile is then the last change, and taken back without a trace.
  if (words[0] === 'all') return [...grants].reverse();
  return words.map((word) => {
    const grant = /^\d+$/.test(word) ? grants[Number(word) - 1] : undefined;
    if (grant === undefined)
      throw new NonoError('usage', `no grant has the number '${word}'`, {
        hint: 'grants lists them with their numbers',
      });
    return grant;
  });
}

/** What the rest of the policy still says about the paths of a grant that is gone. */
function stays(grant: Grant, { session, doors }: CommandContext): readonly Span[] {
  const policy = policyNow(doors, session.granter.journal.grants);
  return grant.rules.flatMap((rule) => {
    if (!('path' in rule)) return [];
    const answer = decide(policy, { path: rule.path, access: rule.access });
    if (answer.verdict === 'deny') return [];
    return [plain(`  still allowed: ${rule.access} ${rule.path}, by ${answer.rule.source}`)];
  });
}

export const revoke: SessionCommand = {
  name: 'revoke',
  usage: 'revoke NUMBER… | revoke all',
  help: 'take back what was granted in this session (numbers: see grants)',
  complete: (_before, { session }) => [
    ...session.granter.journal.grants.map((grant, i) => ({
      value: String(i + 1),
      about: grant.rules.map(ruleText).join('; '),
    })),
    { value: 'all', about: 'every grant of this session' },
  ],
  run: async (words, context) => {
    if (words.length === 0) throw new NonoError('usage', 'revoke needs a number, or all');
    const lines: Span[] = [];
    for (const grant of chosen(words, context)) {
      lines.push(plain(await context.session.granter.takeBack(grant)), ...stays(grant, context));
    }
    if (lines.length === 0) return [quiet('nothing was granted in this session')];
    return [
      ...lines,
      quiet('what a program has open already stays open; what it was started with (its floor) is not touched'),
    ];
  },
};
