/** One driver outside that answers one question after the other (drivers/outside.c): there are five for each attempt, and a process for each was most of them. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

interface Waiting {
  readonly resolve: (answer: string) => void;
  readonly reject: (why: Error) => void;
}

export class Questions {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  /** In the order in which they were asked. */
  readonly #waiting: Waiting[] = [];
  #said: string[] = [];
  #over = false;

  constructor(program: string) {
    this.#child = spawn(program, ['answers'], { cwd: '/', stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('close', (code, signal) => this.#end(`ended with ${signal ?? code}`));
    // What it was asked while it ended is told by 'close'.
    this.#child.stdin.on('error', () => {});
    this.#child.unref();
    (this.#child.stdin as Socket).unref();
    this.#hold(false);
  }

  /** It answers nothing any more. */
  get over(): boolean {
    return this.#over;
  }

  /** The words are its own: an empty one would end the question. */
  ask(words: readonly string[]): Promise<string> {
    const wrong = words.find((word) => word === '' || word.includes('\0'));
    if (wrong !== undefined) throw new Error(`cannot be asked: ${JSON.stringify(words)}`);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#hold(true);
      this.#child.stdin.write(`${words.join('\0')}\0\0`);
    });
  }

  #take(text: string): void {
    const [first = '', ...more] = text.split('\0');
    this.#said.push(first);
    for (const part of more) {
      this.#waiting.shift()?.resolve(this.#said.join(''));
      this.#said = [part];
    }
    if (this.#waiting.length === 0) this.#hold(false);
  }

  #end(how: string): void {
    this.#over = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(`the driver outside ${how}`));
  }

  /** Whether this process stays for what it says. */
  #hold(on: boolean): void {
    const stdout = this.#child.stdout as Socket;
    if (on) stdout.ref();
    else stdout.unref();
  }
}
