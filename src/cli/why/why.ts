/** `nono why`: one question about a policy, answered by the function that decides in a session. */
import { basename } from 'node:path';
import { NonoError } from '../../platform/errors.ts';
import { withMatches } from '../../policy/decide/with-matches.ts';
import type { ResolvedPolicy } from '../../policy/model.ts';
import type { FileSystem } from '../../policy/plan/file-system.ts';
import { builtinData, policyContext } from '../../policy/resolve/load.ts';
import { resolvePolicy } from '../../policy/resolve/resolve.ts';
import { outputWidth } from '../output/columns.ts';
import { answer } from '../output/output.ts';
import { type Paint, paint, plainPaint } from '../output/theme.ts';
import { policyRequest } from '../start/prepare.ts';
import { flagsOf, type Options } from '../tables/flags.ts';
import { answerJson, text } from './why-answer.ts';
import { type Answered, type Question, question } from './why-question.ts';

const DENIED = 3;

const commandGroups = (name: string): string[] =>
  Object.entries(builtinData().groups)
    .filter(([, group]) => group.rules.some((rule) => rule.commands?.includes(name)))
    .map(([group]) => group);

/** What opens every address of a name: a flag for each, and an entry for each in the list of the profile. */
function liftingAll(denied: readonly Answered[]): Pick<Answered, 'flags' | 'edit'> {
  if (denied.length < 2) return {};
  const lists = denied.flatMap(({ edit }) => (edit !== undefined && 'list' in edit ? [edit] : []));
  const [first] = lists;
  return {
    flags: denied.flatMap(({ flags }) => flags ?? []),
    ...(first && { edit: { list: first.list, entries: lists.flatMap(({ entries }) => entries) } }),
  };
}

/** Several addresses of one name: denied as soon as one of them is, since a program may take any. */
function worst(found: readonly Answered[]): Answered {
  const denied = found.find((one) => one.status === 'denied');
  if (denied === undefined) return found[0] as Answered;
  const all = { ...denied, ...liftingAll(found.filter((one) => one.status === 'denied')) };
  const open = found.flatMap((one) => (one.status === 'allowed' && one.object !== undefined ? [one.object] : []));
  if (open.length === 0) return all;
  return {
    ...all,
    details: [denied.details, `${open.join(', ')} of the same name can be reached`].filter(Boolean).join('; '),
  };
}

async function ask(
  asked: Question,
  options: Options,
  policy: ResolvedPolicy,
  fs: FileSystem,
  inside = false,
): Promise<Answered> {
  const found = worst(await asked.ask(policy, fs, inside));
  if (found.reason !== 'command_blocked' || options.queryCommand === undefined) return found;
  const groups = commandGroups(basename(options.queryCommand)).join(', ') || 'named by profile or flag';
  return { ...found, details: `${groups}: ${found.details}` };
}

/** The answer about a policy that is at hand: that of a running session. Without colour. */
export async function whyText(options: Options, policy: ResolvedPolicy, fs: FileSystem): Promise<string> {
  const asked = question(options);
  return text(asked, await ask(asked, options, policy, fs), policy, plainPaint);
}

function statusText(
  self: { readonly kind: 'not_sandboxed' | 'unknown'; readonly message: string },
  look: Paint,
): string {
  const title = self.kind === 'unknown' ? 'UNKNOWN' : 'NOT SANDBOXED';
  return `${look.warn(title)}\n  ${self.message}`;
}

/** Flags that make a policy say nothing about the session's own. */
function refuseContext(options: Options): void {
  const given = flagsOf('why').find((flag) => {
    if (flag.commands === 'global' || !flag.commands.includes('run')) return false;
    const value = options[flag.key as keyof Options];
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false && value !== 0;
  });
  // What the environment says (NONO_ALLOW) is for the next start; only a flag is a mistake, and both look the same here.
  if (given !== undefined && (given.env === undefined || !process.env[given.env]))
    throw new NonoError('usage', `--self asks about the session as it is: it goes without --${given.long}`);
}

async function whySelf(asked: Question, options: Options): Promise<number> {
  refuseContext(options);
  const { askSelf } = await import('./ask-self.ts');
  const self = askSelf();
  if (self.kind !== 'session') {
    const status = { status: self.kind, message: self.message, query: asked.json };
    answer(options.json ? `${JSON.stringify(status, null, 2)}\n` : `${statusText(self, paint(options))}\n`);
    return options.exitCode && self.kind === 'unknown' ? DENIED : 0;
  }
  const { policy, narrowed } = self;
  const shown = await ask(asked, options, policy, policyContext().fs, true);
  const note = 'this process restricted itself further inside the session, so less may hold for it';
  if (options.json) {
    const json = answerJson(asked, shown, policy);
    answer(`${JSON.stringify({ ...json, ...(narrowed ? { narrowed: note } : {}) }, null, 2)}\n`);
  } else answer(`${text(asked, shown, policy, paint(options), outputWidth())}\n${narrowed ? `  Note: ${note}\n` : ''}`);
  return options.exitCode && shown.status !== 'allowed' ? DENIED : 0;
}

export async function why(options: Options): Promise<number> {
  const asked = question(options);
  if (options.self) return whySelf(asked, options);
  const context = policyContext();
  const policy = withMatches(resolvePolicy(policyRequest(options), context), context.fs);
  const shown = await ask(asked, options, policy, context.fs);
  answer(
    options.json
      ? `${JSON.stringify(answerJson(asked, shown, policy), null, 2)}\n`
      : `${text(asked, shown, policy, paint(options), outputWidth())}\n`,
  );
  return options.exitCode && shown.status !== 'allowed' ? DENIED : 0;
}
