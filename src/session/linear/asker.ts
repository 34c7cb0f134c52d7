/** Asks one question after the other on lines of text. What was typed before a question had been out for 300 ms does not answer it. */
import type { Clock } from '../../terminal/flush-scheduler.ts';
import { type EditedLine, edited, emptyLine, inserted } from '../dialog/line-editor.ts';
import { typedCharacter } from '../input/list-keys.ts';
import type { Next, Question } from './questions.ts';

const ARM_MS = 300;
const MOST_TYPED = 4096;

export interface AskerOptions {
  readonly clock: Clock;
  /** Writes; `taken` runs when the terminal has it. */
  readonly write: (text: string, taken: () => void) => void;
  /** One line of nono's own, marked as such. */
  readonly tagged: (line: string) => string;
  /** The question of the dialog that an answer opened. */
  readonly dialog: () => Question | undefined;
  readonly cancel: () => Next;
  /** Ends what an answer waits for, where that can be. */
  readonly giveUp: () => void;
  /** What the answer has led to, in one line. */
  readonly said: () => string | undefined;
  /** The shell has the keyboard again. */
  readonly done: () => void;
}

export class Asker {
  readonly #options: AskerOptions;
  #question: Question | undefined;
  #line: EditedLine = emptyLine;
  #about: string | undefined;
  #asked = 0;
  #armedAt = Number.POSITIVE_INFINITY;
  #early = false;
  #busy = false;

  constructor(options: AskerOptions) {
    this.#options = options;
  }

  /** An answer is being carried out. */
  get busy(): boolean {
    return this.#busy;
  }

  get asking(): boolean {
    return this.#question !== undefined || this.#busy;
  }

  /** Only the prefix was pressed yet. Later it must not reach the shell: to the program that waits for an answer it would be a SIGQUIT. */
  get prefixed(): boolean {
    return this.#question?.first === true && this.#line.text === '';
  }

  ask(question: Question): void {
    const { tagged, write, clock } = this.#options;
    const choices = question.choices.map((choice, i) => `${i + 1}. ${choice.label}`);
    const letters = Object.entries(question.letters ?? {}).map(([letter, choice]) => `${letter}. ${choice.label}`);
    this.#question = question;
    this.#about = question.about?.();
    this.#line = emptyLine;
    this.#early = false;
    this.#armedAt = Number.POSITIVE_INFINITY;
    this.#asked += 1;
    const mine = this.#asked;
    const text = [...question.lines, ...choices, ...letters].map((line) => `${tagged(line)}\r\n`).join('');
    write(`${text}${tagged(question.prompt)}`, () => {
      // One more turn of the loop: what had been typed by then is read before, and dropped.
      clock.timeout(
        () =>
          clock.immediate(() => {
            if (mine === this.#asked) this.#armedAt = clock.now();
          }),
        ARM_MS,
      );
    });
  }

  key(name: string): void {
    const question = this.#question;
    const leaves = name === 'esc' || name === 'C-c';
    if (this.#busy && leaves) this.#options.giveUp();
    if (question === undefined || this.#busy) return;
    if (leaves) {
      this.#next(this.#options.cancel());
      return;
    }
    if (this.#options.clock.now() < this.#armedAt) {
      this.#early = true;
      return;
    }
    const typed = typedCharacter(name);
    if (name === 'enter') this.#answer(question);
    else if (name === 'backspace' || name === 'C-h') this.#erase();
    else if (typed !== undefined && this.#line.text.length < MOST_TYPED) {
      this.#line = inserted(this.#line, typed);
      this.#echo(typed);
    }
  }

  pasted(text: string): void {
    const question = this.#question;
    if (question === undefined || this.#busy) return;
    if (question.pasteable !== true) {
      this.#again('Pasted text is not taken.');
      return;
    }
    // Only text that can be seen for what it is.
    const line = text
      .replace(/[\r\n].*/s, '')
      .replace(/[^\x20-\x7e\u00a1-\uffff]/g, '')
      .slice(0, MOST_TYPED);
    this.#line = inserted(this.#line, line);
    this.#echo(line);
  }

  #echo(text: string): void {
    this.#options.write(text, () => {});
  }

  #erase(): void {
    if (this.#line.text === '') return;
    this.#line = edited(this.#line, 'erase');
    this.#echo('\b \b');
  }

  #again(why: string): void {
    const question = this.#question;
    this.#echo(`\r\n${this.#options.tagged(why)}\r\n`);
    if (question !== undefined) this.ask({ ...question, lines: question.lines });
  }

  #answer(question: Question): void {
    const { text } = this.#line;
    const choice = question.letters?.[text] ?? (/^\d+$/.test(text) ? question.choices[Number(text) - 1] : undefined);
    if (text === '' && this.#early) this.#again('That was typed too early and does not count.');
    else if (question.about?.() !== this.#about) this.#again('This has changed meanwhile; read it again.');
    else if (question.text !== undefined) this.#next(question.text(text));
    else if (text === '') this.#next(this.#options.cancel());
    else if (choice === undefined) this.#again(`${text} is none of the choices.`);
    else this.#next(choice.run());
  }

  #next(next: Next | Promise<Next>): void {
    this.#echo('\r\n');
    this.#follow(next);
  }

  #follow(next: Next | Promise<Next>): void {
    this.#question = undefined;
    this.#busy = true;
    const go = (to: Next): void => {
      this.#busy = false;
      const said = this.#options.said();
      if (said !== undefined) this.#echo(`${this.#options.tagged(said)}\r\n`);
      const question = to === 'dialog' ? this.#options.dialog() : to === 'shell' ? undefined : to;
      if (question === undefined) this.#options.done();
      else this.ask(question);
    };
    if (next instanceof Promise) next.then(go, () => go('shell'));
    else go(next);
  }
}
