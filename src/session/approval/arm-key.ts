/** What an approval would depend on, as a string. */

import type { Pages } from '../dialog/pages.ts';
import type { DenialRow } from '../rows/denial-row.ts';
import type { DenialList } from '../rows/denials.ts';
import { selectedRow, type Ui } from '../screen/ui-state.ts';
import { approvable } from './approvable.ts';

interface Shown {
  readonly ui: Ui;
  readonly list: DenialList;
  readonly dialogReadable: boolean;
  readonly pages: Pages;
  readonly listVisible: boolean;
  readonly rowReadable: boolean;
}

/** Everything that an approval given now would depend on; '' when there is nothing to approve, or it cannot be read. */
export function armKey({ ui, list, dialogReadable, pages, listVisible, rowReadable }: Shown): string {
  const row = selectedRow(list, ui);
  const about = row && `row ${row.id} ${approvable(row)} ${ui.target} ${Array.from(row.holds.keys()).join(' ')}`;
  if (ui.dialog !== undefined) {
    if (!dialogReadable) return '';
    const key = ui.dialog.kind === 'details' ? detailsArmKey(ui.dialog.row, row, about) : dialogArmKey(ui);
    return key === '' ? '' : `${key} page ${pages.key}`;
  }
  if (ui.focus !== 'list' || !listVisible || ui.filtering) return '';
  // A path that was cut and now is not has to be read first.
  return about === undefined || rowReadable ? (about ?? '') : `${about} cut`;
}

/** The page shows a row; keys are about the selected one, which is the same unless it has been dropped meanwhile. */
function detailsArmKey(shown: DenialRow, selected: DenialRow | undefined, about: string | undefined): string {
  return shown === selected && about !== undefined ? `details ${about}` : '';
}

function dialogArmKey(ui: Ui): string {
  const { dialog } = ui;
  switch (dialog?.kind) {
    case 'save':
    case 'override-confirm':
      return `${dialog.kind} ${dialog.row.id} ${JSON.stringify(dialog.kind === 'save' ? dialog.rules : dialog.rule)}`;
    case 'grant':
      return `grant ${JSON.stringify(dialog.rules)}`;
    case 'clipboard':
      return `clipboard ${dialog.wish.number}`;
    case 'quit':
      return 'quit';
    default:
      return '';
  }
}
