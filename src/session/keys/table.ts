/** The one table of keys. The router, the hint line, the help and docs/keys.md are all made from it. Enter approves nothing, anywhere. */
import { approvalKeys } from './approval-keys.ts';
import type { Binding } from './binding.ts';
import { commandKeys } from './command-keys.ts';
import { homeKeys } from './home-keys.ts';
import { listKeys } from './list-keys.ts';
import { panelKeys } from './panel-keys.ts';
import { quitKeys } from './quit-keys.ts';
import { scrollKeys } from './scroll-keys.ts';
import { shellKeys } from './shell-keys.ts';

export const bindings: readonly Binding[] = [
  ...shellKeys,
  ...listKeys,
  ...approvalKeys,
  ...commandKeys,
  ...scrollKeys,
  ...panelKeys,
  ...homeKeys,
  ...quitKeys,
];
