/** `why`: the answer of the function that decides, over everything that is in force at this moment, session grants included. */
import { NonoError } from '../../platform/errors.ts';
import { plain, type SessionCommand } from './command.ts';
import { policyNow } from './policy-now.ts';
import { absolutePath } from './words.ts';

const OPERATIONS = ['read', 'write', 'readwrite'];

/** `why ~/x write` and `why example.com` beside the flags of `nono why`. */
function asFlags(words: readonly string[], home: string, cwd: string): readonly string[] {
  const [first = '', second, ...rest] = words;
  if (first === '' || first.startsWith('-'))
    return words.map((word, i) => (words[i - 1] === '--path' ? absolutePath(word, home, cwd) : word));
  const looksLikeHost =
    !first.includes('/') && first.includes('.') && /\.[a-z]+(?::\d+)?$|^[\d.]+(?::\d+)?$/i.test(first);
  if (looksLikeHost && !first.startsWith('.')) return ['--host', first, ...words.slice(1)];
  const path = ['--path', absolutePath(first, home, cwd)];
  return second !== undefined && OPERATIONS.includes(second)
    ? [...path, '--op', second, ...rest]
    : [...path, ...words.slice(1)];
}

export const why: SessionCommand = {
  name: 'why',
  usage: 'why PATH [read|write|readwrite] | HOST[:PORT] | flags of nono why',
  help: 'why a path or an address is allowed or denied, as it holds now',
  completesPaths: true,
  complete: (before) => (before.length === 1 ? OPERATIONS.map((value) => ({ value, about: '' })) : []),
  run: async (words, { session, doors }) => {
    if (words.length === 0) throw new NonoError('usage', 'why needs a path or an address', { hint: why.usage });
    const policy = policyNow(doors, session.granter.journal.grants);
    const text = await doors.why(asFlags(words, doors.home, doors.cwd()), policy);
    return text.split('\n').map(plain);
  },
};
