/** `allow`: opens the question about one rule. Nothing is granted here: the answer is a key that counts only when the question has been seen. */
import { NonoError } from '../../platform/errors.ts';
import { grantRule } from '../approvals.ts';
import { plain, type SessionCommand } from './command.ts';
import { rowFor, typedPath } from './paths.ts';

const ACCESS = { read: 'read', write: 'write', readwrite: 'readwrite', connect: 'connect' } as const;

function accessOf(word: string | undefined): keyof typeof ACCESS | undefined {
  const name = word?.replace(/^--/, '') ?? '';
  return name in ACCESS ? (name as keyof typeof ACCESS) : undefined;
}

export const allow: SessionCommand = {
  name: 'allow',
  usage: 'allow [read|write|readwrite|connect] PATH',
  help: 'grant a path (without a word: reading); shows the rule and asks',
  completesPaths: true,
  complete: (before) => (before.length === 0 ? Object.keys(ACCESS).map((value) => ({ value, about: 'access' })) : []),
  run: (words, context) => {
    const { session } = context;
    const named = words.length > 1 ? accessOf(words[0]) : undefined;
    const path = words[named === undefined ? 0 : 1];
    if (path === undefined || words.length > (named === undefined ? 1 : 2))
      throw new NonoError('usage', 'allow takes one path', { hint: 'allow [read|write|readwrite|connect] PATH' });
    const access = ACCESS[named ?? 'read'];
    const typed = typedPath(path, access, context);
    const { decision } = typed;
    if (decision.verdict === 'allow')
      return [plain(`allowed already, by ${decision.rule.source}: ${decision.rule.raw}`)];
    const row = rowFor(typed, access);
    // Under a deny rule the whole path has to be typed, as in the list.
    if (decision.reason === 'denied-by-rule') {
      session.granter.askToOverride(row);
      return [];
    }
    const rule = grantRule(row, row.object === 'directory' ? 'directory' : 'file');
    if ('refused' in rule) throw new NonoError('usage', rule.refused);
    session.granter.askToGrant(rule);
    return [];
  },
};
