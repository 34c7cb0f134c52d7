/** What a program prints, as text and nothing else: for a screen reader, and so that nothing inside can move the cursor over what nono has said. */

type State = 'text' | 'escape' | 'control' | 'string' | 'string-escape';

const KEPT = new Set(['\n', '\r', '\b', '\t', '\x07']);
const LONGEST_STRING = 64;

export class PlainOutput {
  readonly #decoder = new TextDecoder('utf-8');
  readonly #promptMark: (part: 'begin' | 'end') => void;
  #state: State = 'text';
  #string = '';

  /** `promptMark`: the shell's own marks (OSC 133), which are not printed. */
  constructor(promptMark: (part: 'begin' | 'end') => void) {
    this.#promptMark = promptMark;
  }

  take(bytes: Uint8Array): string {
    let text = '';
    for (const c of this.#decoder.decode(bytes, { stream: true })) text += this.#character(c);
    return text;
  }

  #character(c: string): string {
    // CAN and SUB end every sequence, as in a terminal.
    if (c === '\x18' || c === '\x1a') {
      this.#state = 'text';
      return '';
    }
    switch (this.#state) {
      case 'text':
        return this.#text(c);
      case 'escape':
        this.#state = c === '[' ? 'control' : /[\]PX^_]/.test(c) ? 'string' : c >= ' ' && c <= '/' ? 'escape' : 'text';
        this.#string = c;
        return '';
      case 'control':
        if (c === '\x1b') this.#state = 'escape';
        else if (c >= '@' && c <= '~') this.#state = 'text';
        return '';
      case 'string':
        if (c === '\x1b') this.#state = 'string-escape';
        else if (c === '\x07' || c === '\u009c') this.#endString();
        else if (this.#string.length < LONGEST_STRING) this.#string += c;
        return '';
      case 'string-escape':
        this.#endString();
        if (c === '\\') return '';
        // Any other escape ends the string, too, and begins what it begins.
        this.#state = 'escape';
        return this.#character(c);
    }
  }

  #text(c: string): string {
    if (c === '\x1b') this.#state = 'escape';
    else if (c === '\u009b') this.#state = 'control';
    else if (c === '\u009d' || c === '\u0090') this.#state = 'string';
    else if (KEPT.has(c) || (c >= ' ' && c !== '\x7f' && !(c >= '\u0080' && c <= '\u009f'))) return c;
    return '';
  }

  #endString(): void {
    if (this.#string.startsWith(']133;A')) this.#promptMark('begin');
    if (this.#string.startsWith(']133;B')) this.#promptMark('end');
    this.#string = '';
    this.#state = 'text';
  }
}
