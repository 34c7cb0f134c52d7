/** What can stand where the cursor is, best first. */
import { readdirSync } from 'node:fs';
import { nearest } from '../../config/nearest.ts';
import type { Candidate, CommandContext } from './command.ts';
import { fuzzyFilter } from './fuzzy.ts';
import { findCommand, sessionCommands } from './table.ts';
import { absolutePath, quotedWord, splitWords } from './words.ts';

export interface Completion {
  /** Where the part begins that a candidate takes the place of, in characters. */
  readonly from: number;
  readonly items: readonly Candidate[];
}

const MOST = 200;

function commandNames(typed: string): readonly Candidate[] {
  const all = sessionCommands.map(({ name, help }) => ({ value: name, about: help }));
  return fuzzyFilter(typed, [...all, { value: 'help', about: 'all commands' }], (one) => one.value);
}

function paths(typed: string, { doors }: CommandContext): readonly Candidate[] {
  const slash = typed.lastIndexOf('/');
  const shown = typed === '~' ? '~/' : typed.slice(0, slash + 1);
  const name = typed === '~' ? '' : typed.slice(slash + 1);
  let entries: readonly { readonly name: string; isDirectory(): boolean }[];
  try {
    entries = readdirSync(absolutePath(shown === '' ? '.' : shown, doors.home, doors.cwd()), { withFileTypes: true });
  } catch {
    return [];
  }
  const wanted = entries.filter((entry) => name.startsWith('.') || !entry.name.startsWith('.'));
  const beginning = wanted.filter((entry) => entry.name.startsWith(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const chosen = beginning.length > 0 ? beginning : fuzzyFilter(name, wanted, (entry) => entry.name);
  return chosen.slice(0, MOST).map((entry) => ({
    value: quotedWord(`${shown}${entry.name}`) + (entry.isDirectory() ? '/' : ''),
    about: '',
  }));
}

export function completionAt(before: string, context: CommandContext): Completion {
  const { words, lastAt, open } = splitWords(before);
  const fresh = before === '' || (!open && /\s$/.test(before) && !/\\\s$/.test(before));
  const typed = fresh ? '' : (words.at(-1) ?? '');
  const done = fresh ? words : words.slice(0, -1);
  const found = findCommand(done);
  if (found === undefined) return { from: 0, items: commandNames(before.trim()) };
  const from = fresh ? Array.from(before).length : lastAt;
  const named = fuzzyFilter(typed, found.command.complete?.(found.rest, context) ?? [], (one) => one.value);
  const files = found.command.completesPaths === true ? paths(typed, context) : [];
  // A file that begins like this is meant before a word that only has these letters somewhere.
  const first = named.filter((one) => one.value.startsWith(typed));
  const others = named.filter((one) => !first.includes(one));
  return { from, items: [...first, ...files, ...others].slice(0, MOST) };
}

/** The command that was probably meant. */
export function nearestCommand(word: string): string | undefined {
  return nearest(
    word,
    sessionCommands.flatMap(({ name }) => [name, name.split(' ')[0] ?? name]),
  );
}
