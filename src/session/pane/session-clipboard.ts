/** What reaches the clipboard of the user's terminal: what the user selects, and what a program wishes and the user allows. */
import { CLIPBOARD_LIMIT } from '../../terminal/clipboard.ts';
import type { ControllerOptions } from '../controller-options.ts';
import type { ClipboardWish, Ui } from '../screen/ui-state.ts';

interface Session {
  readonly options: Pick<ControllerOptions, 'toClipboard' | 'copyCommand' | 'clipboard' | 'changed'>;
  readonly ui: Ui;
  say(message: string): void;
}

export class SessionClipboard {
  readonly #session: Session;
  #wishes = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** What the user has selected. Whether a terminal took it, nobody can know; a program of the user's says how it ended. */
  copy(text: string): boolean {
    return this.#send(text, this.#session.options.copyCommand);
  }

  #send(text: string, command: ControllerOptions['copyCommand']): boolean {
    if (text === '') {
      this.#session.say('nothing is selected');
      return false;
    }
    if (text.length > CLIPBOARD_LIMIT) {
      this.#session.say(`${text.length} characters are too many for a clipboard: select less`);
      return false;
    }
    const lines = text.split('\n').length;
    const amount = lines > 1 ? `${lines} lines` : `${Array.from(text).length} characters`;
    if (command === undefined) {
      this.#session.options.toClipboard?.(text);
      this.#session.say(`${amount} sent to the terminal`);
      return true;
    }
    void command.take(text).then((problem) => {
      this.#session.say(
        problem === undefined ? `${amount} given to ${command.name}` : `not copied: ${command.name} ${problem}`,
      );
      this.#session.options.changed(false);
    });
    return true;
  }

  /** A program wants to set the clipboard: what the user pastes next, perhaps into another shell, would be its text. */
  asked(text: string): void {
    const allowed = this.#session.options.clipboard ?? 'ask';
    if (allowed === 'off') return;
    if (allowed === 'on') this.#session.options.toClipboard?.(text);
    else this.#session.ui.clipboard = { number: (this.#session.ui.clipboard?.number ?? this.#wishes) + 1, text };
    this.#wishes = Math.max(this.#wishes, this.#session.ui.clipboard?.number ?? 0);
    this.#session.options.changed(false);
  }

  /** The wish that waits, if there is one, as a question to the user. */
  show(): void {
    const wish = this.#session.ui.clipboard;
    if (wish === undefined) this.#session.say('no program wants to set the clipboard');
    else this.#session.ui.dialog = { kind: 'clipboard', wish };
  }

  /** The answer to a wish that was shown. A newer one stays. */
  answer(wish: ClipboardWish, allow: boolean): void {
    this.#session.ui.dialog = undefined;
    if (this.#session.ui.clipboard?.number === wish.number) this.#session.ui.clipboard = undefined;
    if (allow) this.#send(wish.text, undefined);
    else this.#session.say('the clipboard stays as it is');
  }
}
