/** The commands that run nothing, in a bundle of their own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installationRoot } from '../platform/installation.ts';
import { completeWords, completion } from './line/completion.ts';
import { commandHelp } from './line/help.ts';
import { parseCommandLine } from './line/parse.ts';
import { errorWidth } from './output/columns.ts';
import { answer, say } from './output/output.ts';
import type { Showing } from './policy/policy-commands.ts';
import { networks } from './policy/policy-networks.ts';
import { validate } from './policy/policy-validate.ts';
import { edit, init, promote, schema } from './policy/profile-files.ts';
import { showManifest } from './policy/profile-manifest.ts';
import { attach, detach } from './sessions/session-attach.ts';
import { inspectSession, ps } from './sessions/session-list.ts';
import { logs } from './sessions/session-logs.ts';
import { prune, stop } from './sessions/session-stop.ts';
import type { CommandName } from './tables/commands.ts';
import type { Options } from './tables/flags.ts';
import { why } from './why/why.ts';

export { showManifest };

type Inspecting = Exclude<CommandName, 'run' | 'shell' | 'wrap' | Showing>;
const USAGE = 2;

export async function inspect(command: Inspecting, words: readonly string[], options: Options): Promise<number> {
  const [first = ''] = words;
  const title = `nono ${command.split(' ')[0]}`;
  switch (command) {
    case 'why':
      return why(options);
    case 'policy':
    case 'profile':
      say(commandHelp(command, errorWidth()));
      return USAGE;
    case 'policy networks':
      networks(words[0], options);
      return 0;
    case 'policy validate':
    case 'profile validate':
      return validate(title, first, options);
    case 'profile init':
      return init(first, options);
    case 'profile edit':
      return edit(first, options);
    case 'profile promote':
      return promote(first, options);
    case 'profile schema':
      return schema(options);
    case 'profile guide':
      answer(readFileSync(join(installationRoot(), 'docs', 'profile-guide.md'), 'utf8'));
      return 0;
    case 'completion':
      return options.completeWords ? completeWords(words) : completion(first);
    case 'ps':
      return ps(options);
    case 'inspect':
      return inspectSession(first, options);
    case 'logs':
      return logs(first, options);
    case 'attach':
      return attach(first);
    case 'detach':
      return detach(first);
    case 'stop':
      return stop(first, options);
    case 'prune':
      return prune(options);
    default:
      return command satisfies never;
  }
}

/** Run by the build, with its output thrown away, before it saves the code cache. */
export async function warmUp(): Promise<void> {
  for (const line of ['why --path /etc/hosts', 'profile validate default']) {
    const { command, words, options } = parseCommandLine(line.split(' '), {});
    await inspect(command as Inspecting, words, options);
  }
}
