/** Entry of the program: parse, dispatch, and one line for whatever fails. */
import { beginAsking } from '../platform/asked.ts';
import { NonoError } from '../platform/errors.ts';
import { isTerminal } from '../platform/terminal.ts';
import { hasRememberedLauncher } from '../sandbox/linux/launcher-variable.ts';
import { visibleText } from '../terminal/visible-text.ts';
import { commandHelp, generalHelp } from './line/help.ts';
import { type CommandLine, parseCommandLine } from './line/parse.ts';
import { withConfig } from './line/with-config.ts';
import { currentLog } from './log/log.ts';
import { errorWidth, outputWidth } from './output/columns.ts';
import { answer, say } from './output/output.ts';
import { isInterrupted, reportError } from './output/report-error.ts';
import { isDumb } from './pane/interactive.ts';
import { wantsLines } from './pane/screen-reader.ts';
import type { Adopted } from './start/adopted.ts';
import { sandboxed } from './tables/command-sets.ts';
import type { CommandName } from './tables/commands.ts';
import { productVersion } from './version.ts';

export { parseCommandLine };

const INTERRUPTED = 130;
const USAGE = 2;

function requireCommand(words: readonly string[], name: CommandName): readonly [string, ...string[]] {
  const [command, ...rest] = words;
  if (command !== undefined && command !== '') return [command, ...rest];
  throw new NonoError('usage', `nono ${name} needs a command`, {
    hint: `nono ${name} [flags] [--] <command> [arguments…]`,
  });
}

function help(topic: readonly string[]): number {
  if (topic.length === 0) {
    answer(generalHelp(outputWidth()));
    return 0;
  }
  const line = parseCommandLine([...topic, '--help'], {});
  answer(
    line.command === undefined || line.command === 'help'
      ? generalHelp(outputWidth())
      : commandHelp(line.command, outputWidth()),
  );
  return 0;
}

/** Where no screen is drawn, the home is lines of text. */
function homeInLines(options: CommandLine['options']): boolean {
  return wantsLines(options) || isDumb();
}

/** Help and completions must work whatever stands in the file. */
function isConfigured(command: CommandName): boolean {
  return command !== 'completion';
}

/** Those open it themselves, when they know what the command may write. */
function isSandboxed(command: CommandName): boolean {
  return (sandboxed as readonly string[]).includes(command);
}

async function logAnswer(file: string, options: CommandLine['options']): Promise<void> {
  const { openLogOfAnswer } = await import('./log/log-file.ts');
  const problem = openLogOfAnswer(file, options);
  if (problem !== undefined && !options.silent) say(`  [nono] ${visibleText(problem)}\n`);
}

async function dispatch(line: CommandLine, adopted?: Adopted): Promise<number> {
  const { command, words } = line;
  let { options } = line;
  if (options.version) {
    answer(`nono ${productVersion()}\n`);
    return 0;
  }
  if (command === undefined) {
    if (options.help) return help([]);
    if (isTerminal(0) && isTerminal(1)) {
      const { chooseAtHome } = await import('./pane/home.ts');
      const flags = await chooseAtHome(homeInLines(parseCommandLine(['shell'], process.env).options));
      return flags === undefined ? 0 : dispatch(parseCommandLine(['shell', ...flags], process.env));
    }
    say(generalHelp(errorWidth()));
    return USAGE;
  }
  if (command === 'help') return help(words);
  if (options.help) return help(command.split(' '));
  if (isConfigured(command)) {
    options = await withConfig(options, process.env, adopted !== undefined);
    if (options.logFile !== undefined && !isSandboxed(command)) await logAnswer(options.logFile, options);
  }
  // Bundles of their own: what shows does not load what runs, and the other way round.
  switch (command) {
    case 'run':
    case 'wrap': {
      const argv = requireCommand(words, command);
      if (adopted !== undefined) return adopted.finish(argv, options);
      const { run, wrap } = await import('./start/start.ts');
      return command === 'run' ? run(argv, options) : wrap(argv, options);
    }
    case 'shell': {
      if (words.length > 0) {
        throw new NonoError('usage', `nono shell takes no command: ${words[0]}`, {
          hint: `nono run -- ${words.join(' ')}`,
        });
      }
      if (hasRememberedLauncher('shell')) {
        const { adoptPane } = await import('./pane/adopted-shell.ts');
        const adopting = await adoptPane(options);
        if (adopting !== undefined) {
          const { interactiveShell } = await import('./pane/interactive-shell.ts');
          return interactiveShell(adopting.launched, adopting.shell, options);
        }
      }
      const { shell } = await import('./start/start.ts');
      return shell(options);
    }
    case 'policy groups':
    case 'profile groups':
    case 'policy profiles':
    case 'profile list':
    case 'policy show':
    case 'profile show':
    case 'policy diff':
    case 'profile diff': {
      // Resolving a policy is in the other bundle.
      if (options.format !== undefined && options.format !== 'profile') {
        const { showManifest } = await import('./inspect.ts');
        return showManifest(words[0] ?? '', options);
      }
      const { showPolicy } = await import('./policy/policy-commands.ts');
      return showPolicy(command, words, options);
    }
    default: {
      const { inspect } = await import('./inspect.ts');
      return inspect(command, words, options);
    }
  }
}

/** How loud to be when the command line itself is wrong and says so only in raw form. */
function verbosity(args: readonly string[]): number {
  return args.includes('-vv') || args.includes('-vvv') ? 2 : 0;
}

/** `adopted`: a `run` whose plan was in the cache, and whose command runs already (scripts/build/loader.cjs). Nothing has changed since it was made, the command line among it.
 * Ends the process with the exit code of the table in platform/errors.ts, or that of the command. */
export async function main(args: readonly string[], adopted?: Adopted): Promise<void> {
  let code: number;
  beginAsking();
  try {
    const line = parseCommandLine(args, process.env);
    // What was said when an adopted plan was made is part of it, and was said again before the command began.
    if (!line.options.silent && adopted === undefined)
      for (const warning of line.warnings) say(`  [nono] ${warning}\n`);
    code = await dispatch(line, adopted);
  } catch (error) {
    if (isInterrupted(error)) code = INTERRUPTED;
    else {
      const report = reportError(error, verbosity(args));
      currentLog()?.add('error', report.text.trimEnd());
      say(report.text);
      code = report.exitCode;
    }
  }
  const lost = currentLog()?.lost();
  if (lost !== undefined) say(`nono: ${lost}\n`);
  process.exit(code);
}

/** What every command does before its own bundle is loaded: run by the build before it saves the code cache. */
export async function warmUp(): Promise<void> {
  for (const line of ['run -s --allow-cwd -- true', 'wrap -p x --allow . true', 'policy show default --json']) {
    const { options, words } = parseCommandLine(line.split(' '), {});
    if (options.silent) requireCommand(words, 'run');
    await withConfig(options, { HOME: '/nonexistent' });
  }
  await dispatch(parseCommandLine(['--version'], {}));
}
