/** What can stand at the end of a command line, from the tables in tables/. Pure but for the names that it asks for. */
import { type CommandName, commands, subcommandsOf } from '../tables/commands.ts';
import { flagsOf } from '../tables/flags.ts';
import type { Command, Completion, Flag, SessionKind } from '../tables/model.ts';

export interface Candidate {
  readonly value: string;
  readonly about: string;
}

/** Left to the shell: names of files, directories or programs, or a command with its own arguments, which begins at a word. */
export type Rest = 'files' | 'directories' | 'programs' | { readonly command: number };

export interface Completed {
  readonly candidates: readonly Candidate[];
  readonly rest?: Rest;
}

/** Names that only this machine knows. */
export interface KnownNames {
  readonly profiles: () => readonly Candidate[];
  readonly groups: () => readonly Candidate[];
  /** Network profiles. */
  readonly networks: () => readonly Candidate[];
  readonly sessions: (kind: SessionKind) => readonly Candidate[];
  readonly variables: () => readonly Candidate[];
  readonly drafts: () => readonly Candidate[];
}

interface Place {
  readonly command: CommandName | undefined;
  /** The flag whose value comes next. */
  readonly flag: Flag | undefined;
  /** Words of the command before this one. */
  readonly words: number;
  readonly given: ReadonlySet<string>;
  /** Where a command of the user's own begins. */
  readonly inner: number | undefined;
  /** After `--`, nothing is a flag. */
  readonly onlyWords: boolean;
}

function flagNamed(word: string, command: CommandName | undefined): Flag | undefined {
  const known = flagsOf(command);
  if (word.startsWith('--')) {
    const name = word.slice(2);
    return known.find((flag) => flag.long === name || flag.aliases?.includes(name) || flag.deprecated?.includes(name));
  }
  // Of several letters, the last may take the next word.
  return known.find((flag) => flag.short === word.at(-1));
}

function row(name: string | undefined): Command | undefined {
  const all: readonly Command[] = commands;
  return all.find((command) => command.name === name);
}

/** Reads the words before the one to complete, forgiving what is wrong in them. */
function place(before: readonly string[]): Place {
  let command: CommandName | undefined;
  let flag: Flag | undefined;
  let words = 0;
  let onlyWords = false;
  const given = new Set<string>();
  const isRunning = (): boolean => command !== undefined && row(command)?.words === undefined;
  for (const [i, word] of before.entries()) {
    if (flag !== undefined) {
      flag = undefined;
      continue;
    }
    if (!onlyWords && word === '--') {
      onlyWords = true;
      if (isRunning()) return { command, flag: undefined, words, given, inner: i + 1, onlyWords };
      continue;
    }
    if (!onlyWords && word.startsWith('-') && word !== '-') {
      const found = flagNamed(word.split('=')[0] as string, command);
      if (found === undefined) continue;
      given.add(found.key);
      if (found.value !== undefined && !word.includes('=')) flag = found;
      continue;
    }
    if (command === undefined) command = row(word)?.name as CommandName | undefined;
    else if (subcommandsOf(command).length > 0) command = (row(`${command} ${word}`)?.name as CommandName) ?? command;
    else if (isRunning()) return { command, flag: undefined, words, given, inner: i, onlyWords };
    else words += 1;
  }
  return { command, flag, words, given, inner: undefined, onlyWords };
}

function values(kind: Completion | undefined, names: KnownNames, current: string): Completed {
  if (kind === undefined) return { candidates: [] };
  if (typeof kind !== 'string') return { candidates: kind.map((value) => ({ value, about: '' })) };
  switch (kind) {
    case 'file':
      return { candidates: [], rest: 'files' };
    case 'directory':
      return { candidates: [], rest: 'directories' };
    case 'profile':
      return { candidates: names.profiles() };
    case 'profile-file': {
      const profiles = names.profiles();
      return current.includes('/') ||
        current.startsWith('~') ||
        !profiles.some(({ value }) => value.startsWith(current))
        ? { candidates: [], rest: 'files' }
        : { candidates: profiles };
    }
    case 'group':
      return { candidates: names.groups() };
    case 'network':
      return { candidates: names.networks() };
    case 'session':
    case 'running-session':
    case 'detached-session':
    case 'attached-session':
      return { candidates: names.sessions(kind) };
    case 'variable':
      return { candidates: names.variables() };
    case 'draft':
      return { candidates: names.drafts() };
    case 'command':
      return { candidates: [], rest: 'programs' };
    default:
      return kind satisfies never;
  }
}

function starting(found: Completed, current: string, prefix = ''): Completed {
  const candidates = found.candidates
    .filter(({ value }) => value.startsWith(current))
    .map(({ value, about }) => ({ value: prefix + value, about }));
  return { ...found, candidates };
}

/** Of a list with commas, the last entry; what stands before it stays. */
function listed(kind: Completion | undefined, names: KnownNames, current: string, prefix: string): Completed {
  const comma = kind === 'group' ? current.lastIndexOf(',') + 1 : 0;
  return starting(values(kind, names, current), current.slice(comma), prefix + current.slice(0, comma));
}

/** Its first clause, without what stands in brackets. */
function shortHelp(help: string): string {
  return help.replaceAll(/ \([^()]*\)/g, '').split(/[;:.] /)[0] as string;
}

function flagCandidates({ command, given }: Place): Candidate[] {
  return flagsOf(command)
    .filter((flag) => !flag.hidden && (flag.kind === 'list' || flag.kind === 'count' || !given.has(flag.key)))
    .map((flag) => ({ value: `--${flag.long}`, about: shortHelp(flag.help) }));
}

function commandCandidates(command: CommandName | undefined, isFirst: boolean): Candidate[] {
  const all: readonly Command[] = commands;
  const top = all.filter(({ name }) => !name.includes(' '));
  const list = command === undefined ? top : subcommandsOf(command);
  const found = list.map(({ name, summary }) => ({ value: name.split(' ').at(-1) as string, about: summary }));
  return isFirst ? [...found, { value: 'help', about: 'Print help for a command' }] : found;
}

/** `words`: those after `nono`, the last one being what is completed, perhaps empty. */
export function complete(words: readonly string[], names: KnownNames): Completed {
  const current = words.at(-1) ?? '';
  const at = place(words.slice(0, -1));
  if (at.inner !== undefined) return { candidates: [], rest: { command: at.inner } };
  if (at.flag !== undefined) return listed(at.flag.completes, names, current, '');
  if (!at.onlyWords && current.startsWith('-')) {
    const equals = current.indexOf('=');
    if (equals < 0) return starting({ candidates: flagCandidates(at) }, current);
    const flag = flagNamed(current.slice(0, equals), at.command);
    const found = listed(flag?.completes, names, current.slice(equals + 1), current.slice(0, equals + 1));
    return found;
  }
  const { command } = at;
  if (command === undefined || subcommandsOf(command).length > 0)
    return starting({ candidates: commandCandidates(command, words.length === 1) }, current);
  const own = row(command)?.words;
  // Flags are offered where a word of a command of the user's would begin, too.
  if (own === undefined) return { candidates: [], rest: { command: words.length - 1 } };
  return starting(values(own[at.words]?.completes, names, current), current);
}
