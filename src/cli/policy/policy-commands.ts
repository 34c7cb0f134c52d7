/** The commands that show groups and profiles, in a bundle of their own: they are asked for often, and need neither the tables of flags nor an editor. */

import type { Options } from '../tables/flags.ts';
import { groups } from './policy-groups.ts';
import { diff, profiles, show } from './policy-profiles.ts';

export type Showing = `${'policy' | 'profile'} ${'groups' | 'show' | 'diff'}` | 'policy profiles' | 'profile list';

export function showPolicy(command: Showing, words: readonly string[], options: Options): number {
  const [first = '', second = ''] = words;
  const title = `nono ${command.split(' ')[0]}`;
  switch (command) {
    case 'policy groups':
    case 'profile groups':
      groups(title, words[0], options);
      return 0;
    case 'policy profiles':
    case 'profile list':
      profiles(title, options);
      return 0;
    case 'policy show':
    case 'profile show':
      show(title, first, options);
      return 0;
    case 'policy diff':
    case 'profile diff':
      diff(title, first, second, options);
      return 0;
    default:
      return command satisfies never;
  }
}

/** Run by the build, with its output thrown away, before it saves the code cache. */
export function warmUp(): void {
  const options = { json: false, raw: false, allPlatforms: false } as Options;
  showPolicy('policy show', ['default'], options);
  showPolicy('policy profiles', [], options);
  showPolicy('policy groups', ['deny_credentials'], options);
  showPolicy('policy groups', [], { ...options, json: true });
}
