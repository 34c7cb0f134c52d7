/** What the registry is told of a session by its command line. */
import { nonoDirectories } from '../../config/directories.ts';
import { NonoError } from '../../platform/errors.ts';
import type { SessionFacts } from '../../registry/registration.ts';
import { isSessionName } from '../../registry/session-record.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import type { PolicyAbout } from '../policy/policy-record.ts';
import type { Options } from '../tables/flags.ts';

/** Throws NonoError for a name that cannot be one. */
export function checkSessionName(name: string | undefined): void {
  if (name === undefined || isSessionName(name)) return;
  throw new NonoError('usage', `--name: ${visibleText(name)} cannot be the name of a session`, {
    hint: 'letters, digits, `.`, `_` and `-`, at most 64, the first a letter or digit; not the form of an id',
  });
}

export function sessionFacts(policy: PolicyAbout, command: readonly string[], options: Options): SessionFacts {
  checkSessionName(options.name);
  return {
    state: nonoDirectories(process.env).state,
    name: options.name,
    command,
    profile: policy.profile,
    workdir: policy.workdir,
    network: policy.blockNetwork ? 'blocked' : 'open',
  };
}
