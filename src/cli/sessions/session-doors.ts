/** What the command line inside a session reaches of the rest of nono, and what saves approvals: a bundle of its own, loaded after the prompt. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { NonoError } from '../../platform/errors.ts';
import { installationRoot } from '../../platform/installation.ts';
import type { ResolvedPolicy } from '../../policy/model.ts';
import { nodeFileSystem } from '../../policy/plan/file-system.ts';
import { saveDeny } from '../../policy/profile/save-rule.ts';
import type { CommandDoors } from '../../session/commands/command.ts';
import { complete } from '../line/complete.ts';
import { knownNames } from '../line/completion.ts';
import { parseCommandLine } from '../line/parse.ts';
import { whyText } from '../why/why.ts';

export { linkFindings } from '../../policy/pattern/hard-links.ts';
export { createProfileSaver } from '../../policy/profile/profile-saver.ts';

const OUTSIDE_MS = 20_000;
const MAX_OUTPUT = 4 << 20;

/** The answer of one of our own commands: as for a pipe, without colour, never with a terminal to ask on. */
export function readingCommand(words: readonly string[]): Promise<string> {
  const { NONO_RELAY_FD: _relay, FORCE_COLOR: _force, CLICOLOR_FORCE: _clicolor, ...env } = process.env;
  const argv = [join(installationRoot(), 'dist', 'cli.cjs'), ...words];
  return new Promise((resolve, reject) => {
    const options = { env: { ...env, NO_COLOR: '1' }, timeout: OUTSIDE_MS, maxBuffer: MAX_OUTPUT };
    const child = execFile(process.execPath, argv, options, (error, stdout, stderr) => {
      const said = stderr.trim() === '' ? stdout : `${stdout}${stderr}`;
      if (error !== null && said.trim() === '')
        reject(new NonoError('io', `nono ${words.join(' ')} gave no answer (${error.message.split('\n')[0]})`));
      else resolve(said);
    });
    child.stdin?.end();
  });
}

/** What of them is code of the command line; the rest is in deferred.ts. */
export function sessionDoors(
  policy: ResolvedPolicy,
): Pick<CommandDoors, 'why' | 'outside' | 'completeOutside' | 'saveDeny'> {
  return {
    why: (words, now) => whyText(parseCommandLine(['why', ...words], {}).options, now, nodeFileSystem()),
    outside: readingCommand,
    completeOutside: (words) => complete([...words, ''], knownNames()).candidates,
    saveDeny: async (path, wait) => {
      const saved = await saveDeny(policy, path, wait);
      return [saved.file, ...saved.diff.filter((line) => /^[+-]/.test(line))];
    },
  };
}
