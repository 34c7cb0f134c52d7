/** From the text that was edited to a rule: a path, a directory (ending in a slash), or a pattern. Pure but for where links lead. */
import { posix } from 'node:path';
import { NonoError } from '../../platform/errors.ts';
import { escapePattern, isPattern, parsePattern, unescapePattern } from '../../policy/pattern/pattern.ts';
import { PathProblem } from '../../policy/resolve/path-problem.ts';
import type { AskedAccess } from '../../sandbox/linux/wire.ts';
import type { Refusal } from './approvals.ts';
import type { ApprovedPath } from './profile-saver.ts';

/** As it stands in the edit line at first. */
export function editableText(rule: ApprovedPath): string {
  // The line takes patterns, so a name that looks like one is written as itself.
  const text = escapePattern(rule.path);
  return rule.kind === 'tree' ? `${text}/` : text;
}

function pattern(text: string, access: AskedAccess): ApprovedPath | Refusal {
  const [, first = ''] = text.split('/');
  // A pattern from the root on would reach into every directory there is.
  if (first === '' || isPattern(first)) return { refused: 'a pattern must begin with a directory' };
  try {
    return { verdict: 'allow', kind: 'pattern', access, path: parsePattern(text).text };
  } catch (error) {
    if (error instanceof PathProblem || error instanceof NonoError) return { refused: error.message };
    throw error;
  }
}

export function editedRule(
  text: string,
  access: AskedAccess,
  home: string,
  real: (path: string) => string,
): ApprovedPath | Refusal {
  const written = text.startsWith('~/') ? home + text.slice(1) : text;
  if (!written.startsWith('/')) return { refused: 'not a path from / or ~/ on' };
  if (written.includes('\ufffd') || written.includes('\0')) return { refused: 'this name is not UTF-8' };
  if (/(?:^|[^\\])(?:\\\\)*\{/.test(written)) return { refused: 'braces are not taken here: one pattern at a time' };
  if (isPattern(written)) {
    if (/(?:^|\/)\.\.?(?:\/|$)/.test(written)) return { refused: 'a pattern has no . and ..' };
    return pattern(written.replace(/\/+/g, '/').replace(/(.)\/$/, '$1'), access);
  }
  const path = real(posix.normalize(unescapePattern(written)).replace(/(.)\/$/, '$1'));
  if (path === '/') return { refused: 'a rule for the whole file system is never made here' };
  return { verdict: 'allow', kind: written.endsWith('/') ? 'tree' : 'exact', access, path };
}
