/**
 * The plan of a start that is like none before, made while Node boots, or in its place (`wrap`): the same functions as Node would run, in the engine of
 * native/planner. Whatever needs more than a plan (a question, an error to tell, another process) ends without a result, and Node does it from the beginning.
 */

import { parseCommandLine } from '../cli/line/parse.ts';
import { withConfig } from '../cli/line/with-config.ts';
import { say } from '../cli/output/output.ts';
import { findShell } from '../cli/pane/find-shell.ts';
import { isInteractive } from '../cli/pane/interactive.ts';
import { planPane } from '../cli/pane/pane-plan.ts';
import { wantsLines } from '../cli/pane/screen-reader.ts';
import { detachedHost } from '../cli/sessions/detaching.ts';
import { checkSessionName } from '../cli/sessions/session-facts.ts';
import { announce } from '../cli/start/announce.ts';
import { askedFor, isCacheable } from '../cli/start/cacheable.ts';
import { prepare, refuseBlockedCommand } from '../cli/start/prepare.ts';
import { supervisedPlan } from '../cli/start/supervised-plan.ts';
import { wrapPlan } from '../cli/start/wrap-plan.ts';
import type { Options } from '../cli/tables/flags.ts';
import { beginAsking, currentlyAsked, promisePlanRecord } from '../platform/asked.ts';
import { readBuilt } from '../policy/groups/builtin.ts';
import { keepBuiltinData } from '../policy/resolve/load.ts';
import { encodeLaunch } from '../sandbox/linux/launch-message.ts';
import { host } from './host.ts';

type Argv = readonly [string, ...string[]];

interface Made {
  readonly argv: readonly string[];
  readonly plan: Buffer;
  readonly notices: boolean;
  readonly asked: Buffer | undefined;
}

function commandOf(words: readonly string[]): Argv {
  const [command = '', ...rest] = words;
  return command === '' ? host.giveUp('no command') : [command, ...rest];
}

function forWrap(argv: Argv, options: Options): Made {
  const prepared = prepare(options, false, false);
  refuseBlockedCommand(prepared.policy, argv[0]);
  announce(prepared, argv, 'wrapped', options);
  const { plan } = wrapPlan(prepared, options);
  return { argv, plan, notices: !options.silent, asked: askedFor(options, prepared.environment, undefined) };
}

function forRun(argv: Argv, options: Options): Made {
  checkSessionName(options.name);
  const before = prepare(options);
  refuseBlockedCommand(before.policy, argv[0]);
  announce(before, argv, 'supervised', options);
  const { prepared, compiled } = supervisedPlan(before, argv, options);
  const asked = askedFor(options, prepared.environment, prepared.policy);
  return { argv, plan: compiled.plan, notices: false, asked };
}

async function forPane(options: Options): Promise<Made> {
  checkSessionName(options.name);
  const path = findShell(options);
  if (wantsLines(options) || !isInteractive(options)) host.giveUp('no pane');
  const before = prepare(options, true);
  refuseBlockedCommand(before.policy, path);
  const { compiled, start, asked } = await planPane(before, path, options);
  return { argv: start.argv, plan: compiled.plan, notices: false, asked };
}

async function made(kind: string, words: readonly string[]): Promise<Made> {
  const line = parseCommandLine(words, process.env);
  if (line.command !== kind || line.options.help || line.options.version) host.giveUp('another command');
  if (!line.options.silent) for (const warning of line.warnings) say(`  [nono] ${warning}\n`);
  const options = await withConfig(line.options, process.env);
  if (options.dryRun || options.detached || !isCacheable(options) || detachedHost() !== undefined)
    host.giveUp('not to be kept');
  if (kind === 'wrap') return forWrap(commandOf(line.words), options);
  if (kind === 'run') return forRun(commandOf(line.words), options);
  return line.words.length > 0 ? host.giveUp('a shell takes no command') : forPane(options);
}

async function main(): Promise<void> {
  const [kind = '', , , ...words] = host.words;
  promisePlanRecord(process.env);
  beginAsking();
  if (currentlyAsked() === undefined) host.giveUp('nothing is noted');
  const { argv, plan, notices, asked } = await made(kind, words);
  if (asked === undefined) host.giveUp('a doubt');
  host.finish(Buffer.concat([encodeLaunch(argv, { notices, asked }), plan]));
}

keepBuiltinData(readBuilt(`${host.built}/policy-data.json`));

// Called with each start; what is run before is in the image of the engine (native/planner/image.c). The engine has the message not in the stack.
host.begin = () => {
  main().catch((error: unknown) => host.giveUp(`${error} ${(error as Error).stack}`));
};
