/** The command line inside the session: the line being typed, what was printed, and what was typed before. Runs commands; knows no screen. */
import { NonoError } from '../../platform/errors.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import type { Candidate, CommandContext } from '../commands/command.ts';
import { completionAt, nearestCommand } from '../commands/completion.ts';
import { findCommand, sessionCommands } from '../commands/table.ts';
import { splitWords } from '../commands/words.ts';
import { type EditedLine, edited, emptyLine, inserted, type LineEdit, lineOf } from '../dialog/line-editor.ts';
import type { Span } from '../screen/chrome-model.ts';

const MOST_LINES = 3000;
const MOST_TYPED = 4096;

interface Choosing {
  readonly before: EditedLine;
  readonly from: number;
  readonly items: readonly Candidate[];
  /** -1 while none is put in. */
  readonly at: number;
}

export class Console {
  readonly #context: CommandContext;
  readonly #history: string[];
  #historyAt: number;
  #typed: EditedLine = emptyLine;
  #changed: () => void;
  line: EditedLine = emptyLine;
  readonly output: Span[] = [];
  /** How high it was, told by the view. */
  rows = 0;
  /** Lines scrolled up from the end. */
  scroll = 0;
  /** The line that is to be seen at the top when more came than there is room for. */
  top: Span | undefined;
  filter = '';
  filtering = false;
  choosing: Choosing | undefined;
  busy = false;

  constructor(context: CommandContext, changed: () => void) {
    this.#context = context;
    this.#changed = changed;
    this.#history = [...context.doors.history.load()];
    this.#historyAt = this.#history.length;
    this.print(...helpLines());
    this.top = this.output[0];
  }

  /** Whatever is in a name, it is text. */
  print(...lines: readonly Span[]): void {
    this.output.push(...lines.map((line) => ({ ...line, text: visibleText(line.text).trimEnd() })));
    if (this.output.length > MOST_LINES) this.output.splice(0, this.output.length - MOST_LINES);
    this.scroll = 0;
    this.top = undefined;
  }

  type(text: string): void {
    this.choosing = undefined;
    if (this.line.text.length + text.length <= MOST_TYPED) this.line = inserted(this.line, text);
  }

  edit(edit: LineEdit): void {
    this.choosing = undefined;
    this.line = edited(this.line, edit);
  }

  /** The next older or newer line, or the next candidate while there are some to choose from. */
  move(by: -1 | 1): void {
    if (this.choosing !== undefined) {
      this.choose(by);
      return;
    }
    const to = this.#historyAt + by;
    if (to < 0 || to > this.#history.length) return;
    if (this.#historyAt === this.#history.length) this.#typed = this.line;
    this.#historyAt = to;
    this.line = to === this.#history.length ? this.#typed : lineOf(this.#history[to] ?? '');
  }

  /** Puts the best candidate in; pressed again, the next. Where nothing was typed no candidate is better than others: at first they are only shown. */
  choose(by: -1 | 1): void {
    const open = this.choosing;
    if (open === undefined) {
      const before = Array.from(this.line.text).slice(0, this.line.at).join('');
      const { from, items } = completionAt(before, this.#context);
      const [only] = items;
      if (only === undefined) return;
      if (before.trim() === '') {
        this.choosing = { before: this.line, from, items, at: -1 };
        return;
      }
      const first = { before: this.line, from, items, at: 0 };
      this.#put(first, items.length === 1 && !only.value.endsWith('/') ? ' ' : '');
      this.choosing = items.length === 1 ? undefined : first;
      return;
    }
    const at = open.at < 0 && by < 0 ? open.items.length - 1 : (open.at + by + open.items.length) % open.items.length;
    this.choosing = { ...open, at };
    this.#put(this.choosing, '');
  }

  beginFilter(): void {
    this.choosing = undefined;
    this.filtering = true;
  }

  /** Closes what is open inside; false when there was nothing. */
  back(): boolean {
    if (this.busy && this.#context.session.granter.wait.giveUp()) return true;
    if (this.choosing !== undefined) {
      this.line = this.choosing.before;
      this.choosing = undefined;
      return true;
    }
    if (this.filtering || this.filter !== '') {
      this.filtering = false;
      this.filter = '';
      return true;
    }
    return false;
  }

  /** Runs the line. Whatever it prints comes below it. */
  async submit(): Promise<void> {
    const text = this.line.text.trim();
    this.choosing = undefined;
    if (text === '' || this.busy) return;
    const { words, open } = splitWords(text);
    if (open) {
      this.print({ text: 'a quotation is not closed', tone: 'denied' });
      return;
    }
    this.line = emptyLine;
    this.#remember(text);
    await this.#runShown(text, words);
  }

  /** Runs a line that nobody has typed; what is being typed stays. */
  async show(text: string): Promise<void> {
    if (!this.busy) await this.#runShown(text, splitWords(text).words);
  }

  async #runShown(text: string, words: readonly string[]): Promise<void> {
    const echo: Span = { text: `: ${visibleText(text)}`, tone: 'strong' };
    this.output.push(echo);
    this.busy = true;
    try {
      this.print(...(await this.#run(words)));
      this.top = echo;
    } catch (error) {
      const hint = error instanceof NonoError ? error.hint : undefined;
      const message = error instanceof Error ? error.message : String(error);
      this.print({ text: message, tone: 'denied' });
      if (hint !== undefined) this.print({ text: `  ${hint}`, tone: 'quiet' });
    } finally {
      this.busy = false;
      this.#changed();
    }
  }

  /** What is being typed, explained: its form, and what it does; empty when it is nothing known yet. */
  get hint(): readonly string[] {
    const { words } = splitWords(this.line.text);
    const found = findCommand(words);
    if (found !== undefined) return [found.command.usage, found.command.help];
    return words.length === 0 ? ['Tab completes, Up: earlier lines, / filters'] : [];
  }

  async #run(words: readonly string[]): Promise<readonly Span[]> {
    const [first = ''] = words;
    if (first === 'help' || first === '?') return helpLines(words[1]);
    const found = findCommand(words);
    if (found !== undefined) return found.command.run(found.rest, this.#context);
    const meant = nearestCommand(first);
    const subcommands = sessionCommands.filter((one) => one.name.startsWith(`${first} `));
    throw new NonoError(
      'usage',
      subcommands.length > 0 ? `${first} needs one more word` : `no command '${first}' here`,
      {
        hint:
          subcommands.length > 0
            ? subcommands.map((one) => one.name).join(', ')
            : meant === undefined
              ? 'help lists the commands; others run in another terminal, as nono …'
              : `did you mean ${meant}?`,
      },
    );
  }

  #put({ before, from, items, at }: Choosing, after: string): void {
    const all = Array.from(before.text);
    const head = all.slice(0, from).join('') + (items[at]?.value ?? '') + after;
    this.line = { text: head + all.slice(before.at).join(''), at: Array.from(head).length };
  }

  #remember(text: string): void {
    const at = this.#history.indexOf(text);
    if (at >= 0) this.#history.splice(at, 1);
    this.#history.push(text);
    this.#historyAt = this.#history.length;
    this.#context.doors.history.add(text);
  }
}

function helpLines(wanted?: string): readonly Span[] {
  const shown = sessionCommands.filter((one) => wanted === undefined || one.name.startsWith(wanted));
  const width = Math.max(...sessionCommands.map((one) => one.name.length));
  if (wanted !== undefined)
    return shown.flatMap((one): Span[] => [
      { text: one.usage, tone: 'strong' },
      { text: `  ${one.help}`, tone: 'plain' },
    ]);
  return shown.map((one): Span => ({ text: `${one.name.padEnd(width)}  ${one.help}`, tone: 'quiet' }));
}
