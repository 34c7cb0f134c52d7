/** `deny`: takes back what this session granted there, and answers every later question about it with no. What the floor grants it cannot take, and says so. */
import { NonoError } from '../../platform/errors.ts';
import { isWithin } from '../../policy/paths.ts';
import { createRealPathResolver } from '../../policy/resolve/real-path.ts';
import type { Grant } from '../approval/grant-journal.ts';
import type { Span } from '../screen/chrome-model.ts';
import { type CommandContext, plain, quiet, type SessionCommand } from './command.ts';
import { typedPath } from './paths.ts';
import { absolutePath } from './words.ts';

function concerns(grant: Grant, path: string): boolean {
  return grant.rules.some((rule) => 'path' in rule && isWithin(rule.path, path));
}

/** What is refused for this session stays so when the profile cannot be written. */
async function saved(path: string, { session, doors }: CommandContext): Promise<readonly Span[]> {
  try {
    const change = await session.granter.wait.during((wait) => doors.saveDeny(path, wait));
    return change.map((line) => quiet(`  ${line}`));
  } catch (error) {
    if (!(error instanceof NonoError)) throw error;
    return [
      { text: `not saved: ${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`, tone: 'denied' },
    ];
  }
}

export const deny: SessionCommand = {
  name: 'deny',
  usage: 'deny [--save] PATH | deny --off PATH | deny',
  help: 'say no to a path and everything below it, for this session or (--save) in the profile, too',
  completesPaths: true,
  run: async (words, context) => {
    const { session, doors } = context;
    const { refusals } = session;
    if (words.length === 0)
      return refusals.paths.length === 0 ? [quiet('nothing is refused')] : refusals.paths.map(plain);
    const flag = words[0] === '--save' || words[0] === '--off' ? words[0] : undefined;
    const [first, second] = flag === undefined ? words : words.slice(1);
    if (first === undefined) throw new NonoError('usage', `deny ${flag} needs a path`);
    if (second !== undefined) throw new NonoError('usage', 'deny takes one path');
    if (flag === '--off') {
      const given = absolutePath(first, doors.home, doors.cwd());
      const { path } = createRealPathResolver(doors.fileSystem())(given);
      return [plain(session.askAgain(path) ? `asked about again: ${path}` : `was not refused: ${path}`)];
    }
    const { path } = typedPath(first, 'read', context).real;
    const lines = [];
    for (const grant of session.granter.journal.grants.filter((one) => concerns(one, path))) {
      lines.push(plain(await session.granter.takeBack(grant)));
    }
    session.refuse(path);
    lines.push(plain(`refused for this session: ${path} and everything below; deny --off takes that back`));
    for (const access of ['read', 'write'] as const) {
      const { decision } = typedPath(first, access, context);
      if (decision.verdict !== 'allow') continue;
      lines.push(
        plain(`still allowed to ${access}, by ${decision.rule.source}: ${decision.rule.raw}`),
        quiet('  a running session keeps what it was started with; deny --save denies it from the next one on'),
      );
    }
    return flag === '--save' ? [...lines, ...(await saved(path, context))] : lines;
  },
};
