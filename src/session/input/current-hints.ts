/** What the hint line offers now: of the keys of this place those that would do something. */
import { approvable } from '../approval/approvable.ts';
import type { SessionController } from '../controller.ts';
import type { Action } from '../keys/binding.ts';
import { keyFor } from '../keys/key-words.ts';
import { type Hint, type Keymap, keyLabel } from '../keys/keymap.ts';
import { contextOf, selectedRow } from '../screen/ui-state.ts';
import { sizeActions } from './size-keys.ts';

function idleAction({ ui, granter }: SessionController): Action | undefined {
  switch (ui.dialog?.kind) {
    case 'grant':
      return ui.dialog.preview.length === 0 ? 'confirm-profile' : undefined;
    case 'override-confirm':
      return ui.dialog.always ? undefined : 'confirm-profile';
    default:
      return ui.focus === 'list' && granter.journal.last === undefined ? 'undo' : undefined;
  }
}

function sizeHints({ bindings }: Keymap): readonly Hint[] {
  return bindings
    .filter((one) => one.in === 'prefix' && one.keys.length > 0 && sizeActions.has(one.action))
    .map((one) => ({ key: keyLabel(one.keys[0] ?? ''), text: one.short ?? one.hint ?? one.help }));
}

/** Without a key that the alert names already. */
export function currentHints(session: SessionController, alert: string): readonly Hint[] {
  const { ui, keymap, list } = session;
  const context = contextOf(ui);
  if (context === 'shell' && keymap.prefix === '') return [{ key: 'click here', text: 'nono' }];
  if (context === 'prefix' && ui.sizing) return sizeHints(keymap);
  const idle = idleAction(session);
  const without = idle === undefined ? undefined : keyFor(keymap, context, idle);
  // Esc takes back one thing at a time.
  const clears = context === 'list' && ui.filter !== '' ? keyFor(keymap, context, 'back') : undefined;
  const open =
    ui.selected !== undefined && ui.unfolded.has(ui.selected) ? keyFor(keymap, context, 'unfold') : undefined;
  return keymap
    .hintsFor(context, approvable(selectedRow(list, ui)))
    .filter(({ key }) => key !== without && !alert.endsWith(` · ${key}`))
    .map((hint) => {
      if (hint.key === clears) return { ...hint, text: 'clear' };
      return hint.key === open ? { ...hint, text: 'fold' } : hint;
    });
}
