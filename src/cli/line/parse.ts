/** Command line and environment → Options. Pure: the tables in, what they mean or a usage error out. */
import { nearest } from '../../config/nearest.ts';
import { NonoError } from '../../platform/errors.ts';
import { deciding } from '../tables/command-sets.ts';
import { type CommandName, commands, subcommandsOf } from '../tables/commands.ts';
import { flags, flagsOf, type Options } from '../tables/flags.ts';
import type { Command, Flag } from '../tables/model.ts';
import {
  insteadOfCommand,
  insteadOfFlag,
  missingCommands,
  missingFlags,
  missingVariables,
} from '../tables/not-built.ts';

export interface CommandLine {
  /** `help` is a word like a command; undefined when there is none. */
  readonly command: CommandName | 'help' | undefined;
  readonly options: Options;
  /** The words after the flags: the command to run, or the topic of `help`. */
  readonly words: readonly string[];
  readonly warnings: readonly string[];
}

type Values = Record<string, boolean | number | string | readonly string[] | undefined>;

function usage(message: string, hint?: string): NonoError {
  return new NonoError('usage', message, hint === undefined ? {} : { hint });
}

function emptyValues(): Values {
  const empty = { switch: false, count: 0, text: undefined, list: [] } as const;
  return Object.fromEntries((flags as readonly Flag[]).map((flag) => [flag.key, empty[flag.kind]]));
}

function unknownFlag(name: string, command: CommandName | undefined): NonoError {
  const written = name.length === 1 ? `-${name}` : `--${name}`;
  const missing = missingFlags.includes(name);
  const elsewhere = (flags as readonly Flag[]).find((flag) => flag.long === name || flag.short === name);
  if (elsewhere !== undefined && elsewhere.commands !== 'global' && !missing) {
    if (command === undefined)
      return usage(`${written} belongs after the command`, `nono ${elsewhere.commands[0]} ${written} …`);
    return usage(`nono ${command} has no ${written}`, `nono ${command} --help lists its flags`);
  }
  if (missing) return usage(`${written} is not in this version yet`, insteadOfFlag(name));
  const known = flagsOf(command).map((flag) => flag.long);
  const meant = nearest(name, known);
  const help = command === undefined ? 'see nono --help' : `see nono ${command} --help`;
  return usage(`unknown flag ${written}`, meant === undefined ? help : `did you mean --${meant}?`);
}

class Parser {
  readonly #args: readonly string[];
  readonly #values = emptyValues();
  readonly #given = new Set<string>();
  readonly warnings: string[] = [];
  at = 0;

  constructor(args: readonly string[]) {
    this.#args = args;
  }

  get values(): Values {
    return this.#values;
  }

  /** Reads flags up to the first word that is none, or past `--`. True when that was `--`. */
  flags(command: CommandName | undefined): boolean {
    for (let arg = this.#args[this.at]; arg !== undefined; arg = this.#args[this.at]) {
      if (arg === '--') {
        this.at += 1;
        return true;
      }
      if (!arg.startsWith('-') || arg === '-') return false;
      this.at += 1;
      if (arg.startsWith('--')) this.#long(arg.slice(2), command);
      else this.#short(arg.slice(1), command);
    }
    return false;
  }

  /** Words with flags among them, for commands that run nothing. */
  words(command: CommandName): string[] {
    const words: string[] = [];
    for (;;) {
      if (this.flags(command)) return [...words, ...this.#args.slice(this.at)];
      const word = this.#args[this.at];
      if (word === undefined) return words;
      words.push(word);
      this.at += 1;
    }
  }

  #long(text: string, command: CommandName | undefined): void {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    const attached = equals < 0 ? undefined : text.slice(equals + 1);
    const flag = flagsOf(command).find(
      (f) => f.long === name || f.aliases?.includes(name) === true || f.deprecated?.includes(name) === true,
    );
    if (flag === undefined) throw unknownFlag(name, command);
    if (flag.deprecated?.includes(name)) {
      const warning = `Warning: \`--${name}\` is deprecated; use \`--${flag.long}\` instead.`;
      if (!this.warnings.includes(warning)) this.warnings.push(warning);
    }
    this.#take(flag, `--${name}`, attached);
  }

  /** One or more letters: `-vv`, `-sv`, `-r /x`, `-r/x`, `-r=/x`. */
  #short(letters: string, command: CommandName | undefined): void {
    for (let i = 0; i < letters.length; i++) {
      const letter = letters[i] as string;
      const flag = flagsOf(command).find((f) => f.short === letter);
      if (flag === undefined) throw unknownFlag(letter, command);
      const rest = letters.slice(i + 1);
      if (flag.value !== undefined) {
        this.#take(flag, `-${letter}`, rest === '' ? undefined : rest.replace(/^=/, ''));
        return;
      }
      if (rest.startsWith('=')) throw usage(`-${letter} takes no value`);
      this.#take(flag, `-${letter}`, undefined);
    }
  }

  #take(flag: Flag, written: string, attached: string | undefined): void {
    const given = this.#given.has(flag.key);
    this.#given.add(flag.key);
    if (flag.value === undefined) {
      if (attached !== undefined) throw usage(`${written} takes no value`);
      this.#values[flag.key] = flag.kind === 'count' ? (this.#values[flag.key] as number) + 1 : true;
      return;
    }
    const value = attached ?? this.#next(flag, written);
    if (value === '') throw usage(`${written} needs a ${flag.value}`);
    if (value.includes('\0')) throw usage(`${written}: the value contains a NUL character`);
    if (flag.kind === 'list') this.#values[flag.key] = [...(this.#values[flag.key] as readonly string[]), value];
    else if (given) throw usage(`${written} is given twice`);
    else this.#values[flag.key] = value;
  }

  #next(flag: Flag, written: string): string {
    const value = this.#args[this.at];
    if (value === undefined) throw usage(`${written} needs a ${flag.value}`);
    if (value.startsWith('-') && value !== '-') {
      throw usage(`${written} needs a ${flag.value}, not ${value}`, `write ${written}=${value} if that is meant`);
    }
    this.at += 1;
    return value;
  }

  /** What the user has written to get this value. */
  #source(flag: Flag): string {
    return this.#given.has(flag.key) || flag.env === undefined ? `--${flag.long}` : flag.env;
  }

  /** The environment says what no flag said. */
  environment(env: NodeJS.ProcessEnv, command: CommandName | undefined): void {
    for (const flag of flagsOf(command)) {
      const text = flag.env === undefined ? undefined : env[flag.env];
      if (text === undefined || text === '' || this.#given.has(flag.key)) continue;
      if (flag.contradicts !== undefined && this.#given.has(flag.contradicts)) continue;
      if (flag.kind === 'switch') this.#values[flag.key] = truth(flag, text);
      else if (flag.kind === 'list') this.#values[flag.key] = text.split(',').filter((part) => part !== '');
      else this.#values[flag.key] = text;
    }
    for (const flag of flagsOf(command)) {
      if (flag.contradicts === undefined) continue;
      const other = flagsOf(command).find((one) => one.key === flag.contradicts);
      if (other === undefined || !this.#values[flag.key] || !this.#values[other.key]) continue;
      throw usage(`${this.#source(flag)} and ${this.#source(other)} contradict each other`, 'give one');
    }
    if (!(deciding as readonly string[]).includes(command ?? '') || this.#values['help'] || this.#values['version'])
      return;
    for (const [variable, flag] of Object.entries(missingVariables))
      if (env[variable]) throw usage(`${variable}: --${flag} is not in this version yet`, `unset ${variable}`);
  }
}

function truth(flag: Flag, text: string): boolean {
  if (/^(?:true|yes|1)$/i.test(text)) return true;
  if (/^(?:false|no|0)$/i.test(text)) return false;
  throw usage(`${flag.env}: '${text}' is neither yes nor no`, 'true, yes, 1, false, no or 0');
}

function commandName(word: string): CommandName | 'help' {
  if (word === 'help') return 'help';
  const all: readonly Command[] = commands;
  const command = all.find((c) => c.name === word);
  if (command !== undefined) return command.name as CommandName;
  if (missingCommands.includes(word)) throw usage(`nono ${word} is not in this version yet`, insteadOfCommand(word));
  // Everything is near to a word of two letters (`ls`, `sh`), which is rather a command to be sandboxed.
  const meant =
    word.length <= 2
      ? undefined
      : nearest(
          word,
          all.map((c) => c.name),
        );
  throw usage(
    `unknown command ${word}`,
    meant === undefined ? `to sandbox it: nono run -- ${word}` : `did you mean nono ${meant}?`,
  );
}

/** `groups` after `policy`. */
function subcommandName(command: CommandName, word: string): CommandName {
  const below = subcommandsOf(command);
  const found = below.find((c) => c.name === `${command} ${word}`);
  if (found !== undefined) return found.name as CommandName;
  const names = below.map((c) => c.name.slice(command.length + 1));
  const meant = nearest(word, names);
  throw usage(
    `nono ${command} has no command ${word}`,
    meant === undefined ? `it has ${names.join(', ')}` : `did you mean nono ${command} ${meant}?`,
  );
}

/** Refuses too many words and too few, by the table. */
function checkWords(command: Command, words: readonly string[], values: Values): void {
  const expected = command.words ?? [];
  const extra = words[expected.length];
  const { moreWords } = command;
  const more = typeof moreWords === 'string' ? Boolean(values[moreWords]) : moreWords === true;
  if (extra !== undefined && !more) {
    const hint = command.strayWord === undefined ? command.usage : `nono ${command.name} ${command.strayWord} ${extra}`;
    throw usage(`nono ${command.name}: ${extra} is one word too many`, hint);
  }
  const missing = expected[words.length];
  if (missing !== undefined && !missing.optional)
    throw usage(`nono ${command.name} needs a ${missing.name}`, command.usage);
}

function given(parser: Parser): Pick<CommandLine, 'options' | 'warnings'> {
  return { options: parser.values as unknown as Options, warnings: parser.warnings };
}

/** Throws NonoError 'usage' for everything that is not in the tables. */
export function parseCommandLine(args: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const parser = new Parser(args);
  parser.flags(undefined);
  const word = args[parser.at];
  let command: CommandLine['command'];
  let words: readonly string[] | undefined;
  if (word !== undefined) {
    command = commandName(word);
    parser.at += 1;
    if (command !== 'help') {
      let name: CommandName = command;
      const divided = subcommandsOf(name).length > 0 && !parser.flags(name) && args[parser.at] !== undefined;
      // `nono profile help show` is `nono help profile show`.
      if (divided && args[parser.at] === 'help')
        return { ...given(parser), command: 'help', words: [name, ...args.slice(parser.at + 1)] };
      if (divided) name = subcommandName(name, args[parser.at++] as string);
      const row = commands.find((c) => c.name === name) as Command;
      if (row.words === undefined) parser.flags(name);
      else {
        words = parser.words(name);
        if (!parser.values['help'] && !parser.values['version']) checkWords(row, words, parser.values);
      }
      command = name;
    }
  }
  parser.environment(env, command === 'help' ? undefined : command);
  return { ...given(parser), command, words: words ?? args.slice(parser.at) };
}
