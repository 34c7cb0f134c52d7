/** Keys after the prefix, wherever the keyboard was. */
import type { SessionController } from '../controller.ts';
import type { Action } from '../keys/binding.ts';
import { repeated } from './size-keys.ts';

/** Carries out what such a key means. */
export function afterPrefix(session: SessionController, action: Action | undefined): void {
  const { ui } = session;
  ui.focus = 'shell';
  ui.sizing = false;
  if (session.changeLayout(action)) {
    ui.sizing = repeated.has(action);
    if (ui.sizing) ui.focus = 'prefix';
  } else if (action === 'focus-list') session.focusList();
  else if (action === 'help') ui.dialog = { kind: 'help', about: 'prefix', filter: '', at: 0 };
  else if (action === 'command') session.openConsole();
  else if (action === 'policies') showPolicies(session);
  else if (action === 'scroll') session.openScroll();
  else if (action === 'clipboard') session.clipboard.show();
  else if (action === 'mouse') changeMouse(session);
  else if (action === 'quit') ui.dialog = { kind: 'quit' };
  else if (action === 'detach') detach(session);
  else if (action === 'suspend') session.suspend();
  else if (action === 'literal-prefix') session.options.literalPrefix();
}

function showPolicies(session: SessionController): void {
  session.openConsole();
  void session.console?.show('grants --all');
}

function changeMouse(session: SessionController): void {
  const { ui, keymap } = session;
  if (keymap.prefix === '') {
    session.say('without a prefix key the mouse is the way back here');
    return;
  }
  ui.mouse = !ui.mouse;
  session.say(ui.mouse ? 'the mouse scrolls and selects in the pane' : 'the mouse is left to the terminal');
}

function detach(session: SessionController): void {
  const { options } = session;
  const problem = options.detach === undefined ? 'this session cannot be detached' : options.detach();
  if (problem !== undefined) session.say(problem);
}
