/** What nono says between the shell's lines: new denials and messages, each once. A question is not interrupted; what comes meanwhile follows it. */
import type { Clock } from '../../terminal/flush-scheduler.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import type { DenialRow, RowId } from '../rows/denial-row.ts';
import type { RuleTables } from '../rows/row-text.ts';
import { rowWords } from './row-words.ts';

const SPOKEN_MS = 300;
const MOST_SPOKEN = 4;
const MOST_KEPT = 1 << 20;

export interface AnnouncerOptions {
  readonly clock: Clock;
  readonly write: (text: string) => void;
  /** One line of nono's own, marked as such. */
  readonly tagged: (line: string) => string;
  readonly rules: RuleTables;
  /** The key that asks nono. */
  readonly prefix: string;
  readonly rows: () => Iterable<DenialRow>;
  readonly message: () => string;
  /** `busy`: an answer is being carried out, which is part of asking. */
  readonly question: () => { readonly asking: boolean; readonly busy: boolean };
}

export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #spoken = new Map<RowId, string>();
  #said = '';
  #kept = '';
  #soon: (() => void) | undefined;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** The shell's own text. */
  shell(text: string): void {
    if (this.#options.question().asking) this.#kept = (this.#kept + text).slice(-MOST_KEPT);
    else this.#options.write(text);
  }

  /** What was kept while something was asked. */
  catchUp(): void {
    this.#options.write(this.#kept);
    this.#kept = '';
  }

  /** The next message is new, also where it says what the last one did. */
  forget(): void {
    this.#said = '';
  }

  /** The newest message, once. */
  message(): string | undefined {
    const now = this.#options.message();
    const fresh = now !== '' && now !== this.#said;
    this.#said = now;
    return fresh ? visibleText(now) : undefined;
  }

  speakSoon(): void {
    this.#soon ??= this.#options.clock.timeout(() => this.speak(), SPOKEN_MS);
  }

  /** Nothing is said from now on: what is told of the session as it ends stands in its summary. */
  stop(): void {
    this.#soon?.();
    this.#soon = () => {};
  }

  speak(): void {
    this.#soon?.();
    this.#soon = undefined;
    const { rows, prefix, write, tagged } = this.#options;
    const { asking, busy } = this.#options.question();
    const lines = [...rows()].map((row) => this.#news(row)).filter((line) => line !== undefined);
    const more = lines.length > MOST_SPOKEN ? [`and ${lines.length - MOST_SPOKEN} more; ${prefix} lists them`] : [];
    const line = asking && !busy ? undefined : this.message();
    if (line !== undefined && busy) write(`${tagged(line)}\r\n`);
    else if (line !== undefined) lines.unshift(line);
    const text = [...lines.slice(0, MOST_SPOKEN), ...more].map((line) => `\r\n${tagged(line)}`).join('');
    if (text === '') return;
    if (asking) this.#kept += `${text}\r\n`;
    else write(`${text}\r\n`);
  }

  #news(row: DenialRow): string | undefined {
    if (row.kind === 'startup' || row.fold !== undefined || row.muted) return undefined;
    const state = row.holds.size > 0 ? 'held' : row.outcome;
    const before = this.#spoken.get(row.id);
    this.#spoken.set(row.id, state);
    if (before === state || (state !== 'held' && state !== 'denied')) return undefined;
    const { prefix, rules } = this.#options;
    return `${rowWords(row, rules)}${state === 'held' ? `. ${prefix} to answer` : ''}`;
  }
}
