/** Keys that make the list larger or smaller are pressed on and on, without the prefix. */
import type { Action } from '../keys/binding.ts';

export const repeated: ReadonlySet<Action | undefined> = new Set<Action>(['larger-list', 'smaller-list']);

/** What means something after one of them; every other key is the shell's again. */
export const sizeActions: ReadonlySet<Action | undefined> = new Set<Action>([
  'larger-list',
  'smaller-list',
  'reset-layout',
  'back',
]);
