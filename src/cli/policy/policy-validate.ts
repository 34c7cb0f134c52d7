/** `nono policy validate` and `nono profile validate`. */

import { join } from 'node:path';
import { nonoDirectories } from '../../config/directories.ts';
import { currentDirectory } from '../../platform/current-directory.ts';
import { isProfilePath } from '../../policy/profile/profile-store.ts';
import { validateProfile } from '../../policy/profile/validate-profile.ts';
import { policyContext } from '../../policy/resolve/load.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { answer } from '../output/output.ts';
import { readableLine } from '../output/report-error.ts';
import { paint } from '../output/theme.ts';
import type { Options } from '../tables/flags.ts';

const INVALID = 1;
const DEPRECATED = 2;

/** A name stands for the user's file of that name; `--draft` for a draft. */
function fileOf(word: string, draft: boolean): string {
  if (draft) return join(nonoDirectories(process.env).config, 'profile-drafts', `${word}.json`);
  return isProfilePath(word) ? word : (policyContext().store.userFile(word) ?? word);
}

export function validate(title: string, word: string, options: Options): number {
  const file = fileOf(word, options.draft);
  const { findings, deprecated } = validateProfile(file, policyContext(), currentDirectory());
  const errors = findings.filter((one) => one.level === 'err').map((one) => one.text);
  const warnings = findings.filter((one) => one.level === 'warn').map((one) => one.text);
  const code = errors.length > 0 ? INVALID : options.strict && deprecated > 0 ? DEPRECATED : 0;
  if (options.json) {
    const valid = errors.length === 0;
    answer(`${JSON.stringify({ file, valid, errors, warnings, deprecated_keys: deprecated }, null, 2)}\n`);
    return code;
  }
  const look = paint(options);
  const marks = { ok: look.good('[ok]  '), warn: look.warn('[warn]'), err: look.bad('[err] ') } as const;
  const count = `${errors.length} error${errors.length === 1 ? '' : 's'}`;
  const result = errors.length === 0 ? look.good('valid') : look.bad(`invalid (${count})`);
  const lines = [
    look.bold(`${title}: validating ${visibleText(file)}`),
    '',
    ...findings.map(({ level, text }) => `  ${marks[level]} ${readableLine(text)}`),
    '',
    `  Result: ${result}`,
  ];
  answer(`${lines.join('\n')}\n`);
  return code;
}
