/** `allow`: opens the question about one rule. Nothing is granted here: the answer is a key that counts only when the question has been seen. */
import { NonoError } from '../../platform/errors.ts';
import { grantRule, type Target } from '../approval/approvals.ts';
import type { SessionController } from '../controller.ts';
import { withKeys } from '../keys/key-words.ts';
import { type DenialRow, underDenyRule } from '../rows/denial-row.ts';
import type { Span } from '../screen/chrome-model.ts';
import { plain, type SessionCommand } from './command.ts';
import { rowFor, rowForEndpoint, typedEndpoint, typedPath } from './paths.ts';

const ACCESS = { read: 'read', write: 'write', readwrite: 'readwrite', connect: 'connect' } as const;

function accessOf(word: string | undefined): keyof typeof ACCESS | undefined {
  const name = word?.replace(/^--/, '') ?? '';
  return name in ACCESS ? (name as keyof typeof ACCESS) : undefined;
}

/** Opens the question about a row; what is said instead of a row needs none. */
function ask(row: DenialRow | string, target: Target, session: SessionController): readonly Span[] {
  if (typeof row === 'string') return [plain(row)];
  // Under a deny rule the whole path or address has to be typed, as in the list.
  if (underDenyRule(row)) {
    session.granter.askToOverride(row);
    return [];
  }
  const rule = grantRule(row, target);
  if ('refused' in rule) throw new NonoError('usage', withKeys(rule.refused, session.keymap));
  session.granter.askToGrant(rule);
  return [];
}

export const allow: SessionCommand = {
  name: 'allow',
  usage: 'allow [read|write|readwrite|connect] PATH | allow connect ADDRESS:PORT',
  help: 'grant a path (without a word: reading) or an address; shows the rule and asks',
  completesPaths: true,
  complete: (before) => (before.length === 0 ? Object.keys(ACCESS).map((value) => ({ value, about: 'access' })) : []),
  run: (words, context) => {
    const { session } = context;
    const named = words.length > 1 ? accessOf(words[0]) : undefined;
    const path = words[named === undefined ? 0 : 1];
    if (path === undefined || words.length > (named === undefined ? 1 : 2))
      throw new NonoError('usage', 'allow takes one path', { hint: 'allow [read|write|readwrite|connect] PATH' });
    const access = ACCESS[named ?? 'read'];
    const endpoint = access === 'connect' ? typedEndpoint(path) : undefined;
    if (endpoint !== undefined) return ask(rowForEndpoint(endpoint, context), 'endpoint', session);
    const typed = typedPath(path, access, context);
    const { decision } = typed;
    if (decision.verdict === 'allow')
      return [plain(`allowed already, by ${decision.rule.source}: ${decision.rule.raw}`)];
    const row = rowFor(typed, access);
    return ask(row, row.object === 'directory' ? 'directory' : 'file', session);
  },
};
