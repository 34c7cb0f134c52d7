/** The text of every dialog. Pure: a dialog and a width in, lines out. */
import { consoleText } from '../console/console-view.ts';
import type { Dialog } from '../screen/ui-state.ts';
import { details } from './details-view.ts';
import type { DialogContext, DialogText } from './dialog-text.ts';
import { help } from './help-view.ts';
import { clipboard, grant, overrideConfirm, quit, save } from './question-view.ts';
import { edit, override } from './typing-view.ts';

/** The lines of a dialog. */
export function dialogText(dialog: Dialog, c: DialogContext): DialogText {
  switch (dialog.kind) {
    case 'details':
      return details(dialog, c);
    case 'save':
      return save(dialog, c);
    case 'override':
      return override(dialog, c);
    case 'override-confirm':
      return overrideConfirm(dialog, c);
    case 'edit':
      return edit(dialog, c);
    case 'grant':
      return grant(dialog, c);
    case 'command':
      return c.console === undefined ? { title: '', lines: [] } : consoleText(c.console, c.width, c.height);
    case 'help':
      return help(dialog, c);
    case 'clipboard':
      return clipboard(dialog.wish.text, c);
    case 'quit':
      return quit(c);
  }
}
