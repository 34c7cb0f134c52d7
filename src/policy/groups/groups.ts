/** Policy groups: named lists of rules that profiles put together. Data only, in profiles/groups. */
import { nearest } from '../../config/nearest.ts';
import { NonoError } from '../../platform/errors.ts';
import type { Written } from '../profile/profile.ts';
import type { PolicyGroup, PolicyGroups } from './group-files.ts';

export type { GroupRule, PolicyGroup, PolicyGroups } from './group-files.ts';

export type Platform = 'linux' | 'macos';

/** The group a profile names. The error gives the place and the nearest name. */
export function findGroup(groups: PolicyGroups, name: Written): PolicyGroup {
  const found = Object.hasOwn(groups, name.text) ? groups[name.text] : undefined;
  if (found) return found;
  const meant = nearest(name.text, Object.keys(groups));
  throw new NonoError(
    'group-not-found',
    `${name.at === '' ? '' : `${name.at}: `}there is no policy group '${name.text}'`,
    {
      hint: meant ? `did you mean '${meant}'?` : "see 'nono policy groups' for their names",
    },
  );
}

/** Whether a group applies here: groups of the other platform are skipped without a word, profiles name both. */
export function appliesTo(policyGroup: PolicyGroup, platform: Platform): boolean {
  return policyGroup.platform === undefined || policyGroup.platform === platform;
}
