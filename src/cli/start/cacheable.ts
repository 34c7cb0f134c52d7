/** Which starts may be kept as cached plans. A flag that is not here makes a start that is not kept: who adds one has to think of it first. */
import { currentlyAsked, endAsking } from '../../platform/asked.ts';
import type { ChosenEnvironment } from '../../policy/resolve/environment.ts';
import { aboutToJson, type PolicyAbout } from '../policy/policy-record.ts';
import type { Options } from '../tables/flags.ts';

/** All of these work only on the policy, the environment, or what is said before the command: the command line is part of the key. */
const known: readonly (keyof Options)[] = [
  'allow',
  'read',
  'write',
  'allowFile',
  'readFile',
  'writeFile',
  'deny',
  'overrideDeny',
  'allowCwd',
  'workdir',
  'allowGpu',
  'privateTmp',
  'strictDeny',
  'blockNet',
  'allowNet',
  'openPort',
  'listenPort',
  'allowConnectPort',
  'allowConnect',
  'allowListen',
  'unixSocket',
  'unixSocketBind',
  'unixSocketDir',
  'unixSocketDirBind',
  'unixSocketSubtree',
  'unixSocketSubtreeBind',
  'allowCommand',
  'blockCommand',
  'allowIpc',
  'allowKeyring',
  'memory',
  'maxProcesses',
  'cpuTime',
  'maxFileSize',
  'environment',
  'profile',
  'extends',
  'config',
  'manifest',
  'allowDegraded',
  'noFastPath',
  'noDiagnostics',
  'suppressSavePrompt',
  'noSavePrompt',
  'diagnosticsJson',
  'sandboxPolicy',
  'skipDir',
  'name',
  'silent',
  'verbose',
  'color',
  'theme',
  'themeNotice',
  // Of `shell`: which one, and how its screen is drawn.
  'shell',
  'ascii',
];

function isSet(value: Options[keyof Options]): boolean {
  return typeof value === 'object' ? value.length > 0 : value !== undefined && value !== false && value !== 0;
}

/** Whether these options leave nothing to do but to start the command. */
export function isCacheable(options: Options): boolean {
  if ((Object.keys(options) as (keyof Options)[]).some((key) => isSet(options[key]) && !known.includes(key)))
    return false;
  // `--env NAME=VALUE`: the value would lie on the disk.
  return !options.environment.some((word) => word.includes('='));
}

/** What this start asked, where it may be kept. Called once the plan is made and everything is said. `environment`: the command's; `policy`: where there is a host; `pane`: of the shell in the pane, and how many names its patterns matched. */
export function askedFor(
  options: Options,
  environment: ChosenEnvironment,
  policy: PolicyAbout | undefined,
  pane?: { readonly argv: readonly string[]; readonly matches: number },
): Buffer | undefined {
  currentlyAsked()?.inherits(environment.inherited);
  if (policy !== undefined) currentlyAsked()?.about(aboutToJson(policy, pane?.matches ?? 0));
  if (pane !== undefined) currentlyAsked()?.starts(pane.argv);
  // `-v` tells how many entries there were, which is not part of the answer.
  const told = (currentlyAsked()?.searched ?? false) && options.verbose > 0;
  const record = endAsking();
  return isCacheable(options) && !told ? record : undefined;
}
