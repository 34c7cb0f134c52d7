/**
 * What a start asks of the outside, each question with its answer. The plan is a function of the start's key (native/cache/cache_key.c) and of these: a later start
 * for which native/cache/cache_ask.c gets the same answers takes the plan as it is, without Node. Whatever asks in another way says `doubt`, and nothing is kept.
 * The key has the names of all variables; which of their values were asked for, watched-environment.ts sees.
 * Found through the process: each bundle has its own copy of this module.
 */
import { watchedEnvironment } from './watched-environment.ts';

const SLOT = Symbol.for('nono.asked');
const VARIABLE = 'NONO_PLAN_RECORD';

/** Ops of native/cache/cache_ask.c. */
const ops = {
  kind: 'k',
  there: 'e',
  link: 'l',
  list: 'd',
  /** Without names that are numbers: the terminals of /dev/pts. */
  listWithoutTerminals: 'p',
  /** Without directories of sessions. */
  listWithoutSessions: 'u',
  searchable: 'x',
  /** Searchable, or this user's own, or it cannot be said whose. */
  enterable: 'y',
  identity: 'i',
  content: 'c',
  real: 'r',
  search: 's',
  node: 'n',
  word: 'a',
  about: 'b',
  said: 'o',
  here: 'w',
  temporary: 't',
  /** The value of a variable. It is not written down: the launcher compares a digest of all that were asked for (native/cache/cache_environment.c). */
  value: 'v',
  /** That there is no `@` in it. */
  withoutAt: 'q',
  /** Handed on to the command as it is. */
  inherited: 'h',
} as const;
export type Op = keyof typeof ops;

/** As native/cache/cache_entry.h: more is not kept. A listing of a huge directory is not even gathered. */
const MOST_BYTES = 2 << 20;
const MOST_QUESTIONS = 20_000;

/** Names that are not UTF-8 were decoded with losses: another file could have the answer. */
const LOST = '\uFFFD';

/** The terminal's at this moment: not in the key (native/cache/cache_environment.c). */
const OF_THE_MOMENT = new Set(['NONO_RELAY_TERMIOS', 'NONO_RELAY_SIZE']);

export class Asked {
  /** Unwatched. Who takes a value from here says what was asked of it. */
  readonly environment: NodeJS.ProcessEnv;
  readonly #answers = new Map<string, string>();
  #said = '';
  #doubt = false;
  #searched = false;
  #size = 0;

  constructor(environment: NodeJS.ProcessEnv) {
    this.environment = environment;
  }

  /** Paths are absolute. */
  ask(op: Op, subject: string, answer: string): void {
    if (this.#doubt) return;
    const question = `${ops[op]}${subject}`;
    const before = this.#answers.get(question);
    if (before === answer) return;
    const size = this.#size + question.length + answer.length + 2;
    const bad = before !== undefined || question.includes('\0') || answer.includes('\0');
    if (bad || size > MOST_BYTES || this.#answers.size >= MOST_QUESTIONS) {
      this.doubt();
      return;
    }
    this.#size = size;
    this.#answers.set(question, answer);
  }

  /** Which variables there are is in the key, and of nono's own the values, too, or what they are made from. */
  value(name: string): void {
    if (OF_THE_MOMENT.has(name)) this.doubt();
    else if (!name.startsWith('NONO_') && this.environment[name] !== undefined) this.ask('value', name, '');
  }

  /** Whether there is an `@` in a value that is only handed on: what it is then decides nothing. */
  hasAt(name: string): boolean {
    const has = this.environment[name]?.includes('@') === true;
    if (has) this.value(name);
    else this.ask('withoutAt', name, '');
    return has;
  }

  /** What the command finds in its environment as it is outside, whatever it is. */
  inherits(names: Iterable<string>): void {
    for (const name of names) this.ask('inherited', name, '');
  }

  /** Fields of a search of whole trees, and the records that it found. A name with a line feed in it cannot be noted. */
  search(request: readonly string[], found: readonly string[]): void {
    this.#searched = true;
    const lines = (fields: readonly string[]) => fields.map((field) => `${field}\n`).join('');
    if ([...request, ...found].some((field) => field.includes('\n'))) this.doubt();
    else this.ask('search', lines(request), lines(found));
  }

  /** Whether trees were searched. How many entries there were is not noted. */
  get searched(): boolean {
    return this.#searched;
  }

  /** Something was asked that a native program does not ask again. */
  doubt(): void {
    this.#doubt = true;
    this.#answers.clear();
  }

  /** The session's own directory: the next start makes one of its own, as new and as empty. */
  madeTemporary(path: string): void {
    this.ask('temporary', '', path);
  }

  /** On standard error: a start with the cached plan says it too. */
  said(text: string): void {
    this.#said += text;
  }

  /** What a host with the cached plan needs of its policy before it needs all of it. */
  about(text: string): void {
    this.ask('about', '', text);
  }

  /** What is started, where it is not part of the command line: a shell with a terminal of its own, on which nothing that nono has said could be said again. */
  starts(argv: readonly string[]): void {
    for (const [index, word] of argv.entries()) this.ask('word', String(index), word);
    if (this.#said !== '') this.doubt();
  }

  /** What native/cache/cache_entry.c takes apart; undefined where there is a doubt. */
  record(): Buffer | undefined {
    if (this.#said !== '') this.ask('said', '', this.#said);
    if (this.#doubt) return undefined;
    let text = '';
    for (const [question, answer] of this.#answers) text += `${question}\0${answer}\0`;
    if (text.includes(LOST) || !text.isWellFormed()) return undefined;
    const bytes = Buffer.from(text);
    return bytes.length > MOST_BYTES ? undefined : bytes;
  }
}

type Holder = { [SLOT]?: Asked | undefined };

/** As the launcher of `wrap` does. */
export function promisePlanRecord(env: NodeJS.ProcessEnv): void {
  env[VARIABLE] = '1';
}

/** Where the launcher that waits can keep the plan. The variable goes, so that no command inherits it. */
export function beginAsking(): void {
  if (process.env[VARIABLE] === undefined) return;
  delete process.env[VARIABLE];
  const asked = new Asked(process.env);
  asked.ask('node', '', process.execPath);
  process.env = watchedEnvironment(process.env, (name) => asked.value(name));
  (globalThis as Holder)[SLOT] = asked;
}

/** Undefined where nothing is to be kept. */
export function currentlyAsked(): Asked | undefined {
  return (globalThis as Holder)[SLOT];
}

/** The record of everything up to now. What is asked later is not part of the plan. */
export function endAsking(): Buffer | undefined {
  const asked = currentlyAsked();
  (globalThis as Holder)[SLOT] = undefined;
  if (asked !== undefined) process.env = asked.environment;
  return asked?.record();
}
