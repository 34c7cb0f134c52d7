/** The session's own $TMPDIR: made here, removed by the launcher's guardian when everything inside has ended, or by a later start when that was killed. */
import { mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentlyAsked } from '../../platform/asked.ts';
import { NonoError } from '../../platform/errors.ts';
import { withValues } from '../../policy/resolve/environment.ts';
import { sessionDirectoryPrefix, withEmptyDirectory } from '../../policy/resolve/session-directory.ts';
import { sessionTmpRule } from '../../policy/resolve/session-tmp-rule.ts';
import type { Prepared } from './prepare.ts';

/** Clock ticks after boot (proc_pid_stat(5), field 22). */
function startTime(): string {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
}

const variables = ['TMPDIR', 'TMP', 'TEMP'] as const;

export interface WithTmp extends Prepared {
  readonly tmpdir?: string;
}

/** `prepared` with a new directory of mode 0700 granted and in TMPDIR; unchanged where no directory can be made. */
export function withSessionTmp(prepared: Prepared, required: boolean): WithTmp {
  let path: string;
  try {
    // Node reads them past process.env.
    for (const name of variables) currentlyAsked()?.value(name);
    const place = tmpdir();
    const real = realpathSync(place);
    currentlyAsked()?.ask('real', place, `=${real}`);
    path = mkdtempSync(join(real, sessionDirectoryPrefix(process.pid, startTime())));
    currentlyAsked()?.madeTemporary(path);
  } catch (cause) {
    currentlyAsked()?.doubt();
    if (!required) return prepared;
    throw new NonoError('io', `no directory for temporary files can be made in ${tmpdir()}`, { cause });
  }
  const { policy, environment } = prepared;
  const id = policy.rules.reduce((next, rule) => Math.max(next, rule.id + 1), policy.rules.length);
  const rule = sessionTmpRule(id, path);
  // What the user sets by name is meant; what was only inherited is replaced.
  const set = policy.environment?.set ?? {};
  const replaced = variables.filter(
    (name) => !Object.hasOwn(set, name) && (name === 'TMPDIR' || environment.values[name] !== undefined),
  );
  return {
    ...prepared,
    policy: { ...policy, rules: [...policy.rules, rule] },
    environment: withValues(environment, Object.fromEntries(replaced.map((name) => [name, path]))),
    fs: withEmptyDirectory(prepared.fs, path),
    tmpdir: path,
  };
}
