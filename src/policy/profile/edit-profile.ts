/** What has to change in a profile's text so that it grants one path more, or one less. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { type JsonPath, parseJsonc } from '../../config/jsonc-document.ts';
import { applyListChanges, type ListChange } from '../../config/jsonc-edit.ts';
import { NonoError } from '../../platform/errors.ts';
import { type AccessName, access as accessBits, type RuleAccess } from '../../sandbox/linux/constants.ts';
import { isWithin } from '../paths.ts';
import {
  changesToRemoveNetwork,
  changesToRemoveSocket,
  changesToSaveNetwork,
  changesToSaveSocket,
  type NetToSave,
} from './edit-network.ts';
import { parseProfile } from './parse-profile.ts';

/** One grant of a path as it is saved. */
export interface PathToSave {
  /** Real and absolute. */
  readonly path: string;
  readonly access: RuleAccess;
  /** `tree`: the directory and all below it. */
  readonly kind: 'file' | 'tree';
  /** Lift the deny rule on this very path too: only ever after the path was typed. */
  readonly override?: boolean;
}

export type RuleToSave = PathToSave | NetToSave;

/** How the entries of a profile relate to real paths. */
export interface EntryNames {
  /** The real path that an entry means; undefined when it means none here. */
  real(entry: string): string | undefined;
  /** How a path is written in a profile. Throws PathProblem when it cannot be. */
  write(path: string): string;
}

const names = ['read', 'write', 'readwrite'] as const satisfies readonly AccessName[];
const treeKeys = { read: 'read', write: 'write', readwrite: 'allow' } as const;
const fileKeys = { read: 'read_file', write: 'write_file', readwrite: 'allow_file' } as const;
const addedKeys = { read: 'add_allow_read', write: 'add_allow_write', readwrite: 'add_allow_readwrite' } as const;
const overrideLists: readonly JsonPath[] = [
  ['filesystem', 'bypass_protection'],
  ['policy', 'override_deny'],
];

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

function entries(value: unknown, list: JsonPath): readonly string[] {
  const found = (value as Sections)[list[0] as string]?.[list[1] as string];
  // An entry with a condition is left as it is.
  return Array.isArray(found) ? found.filter((entry): entry is string => typeof entry === 'string') : [];
}

function nameOf(bits: number): AccessName | undefined {
  return names.find((name) => accessBits[name] === bits);
}

/** The entries for exactly this path in the lists of its kind, and the access they add up to. */
function held(value: unknown, rule: PathToSave, entryNames: EntryNames): { removals: ListChange[]; bits: number } {
  const keys = rule.kind === 'tree' ? treeKeys : fileKeys;
  const removals: ListChange[] = [];
  let bits = 0;
  for (const name of names) {
    const list = ['filesystem', keys[name]];
    for (const entry of entries(value, list)) {
      if (entryNames.real(entry) !== rule.path) continue;
      removals.push({ op: 'remove', list, entry });
      bits |= accessBits[name];
    }
  }
  return { removals, bits };
}

/** The access that trees of this profile give to the path already. */
function covered(value: unknown, path: string, entryNames: EntryNames): number {
  let bits = 0;
  for (const name of names) {
    for (const list of [
      ['filesystem', treeKeys[name]],
      ['policy', addedKeys[name]],
    ]) {
      for (const entry of entries(value, list)) {
        const tree = entryNames.real(entry);
        if (tree !== undefined && isWithin(path, tree)) bits |= accessBits[name];
      }
    }
  }
  return bits;
}

/** Moves the path's entries to where the access `bits` is written; nothing if they are there already. */
function rewrite(
  rule: PathToSave,
  removals: readonly ListChange[],
  bits: number,
  entryNames: EntryNames,
): ListChange[] {
  const name = nameOf(bits);
  if (name === undefined) return [...removals];
  const list = ['filesystem', (rule.kind === 'tree' ? treeKeys : fileKeys)[name]];
  const stays = removals.find((change) => isDeepStrictEqual(change.list, list));
  const rest = removals.filter((change) => change !== stays);
  return stays ? rest : [...rest, { op: 'add', list, entry: entryNames.write(rule.path) }];
}

function addAccess(value: unknown, rule: PathToSave, entryNames: EntryNames): ListChange[] {
  const { removals, bits } = held(value, rule, entryNames);
  const wanted = accessBits[rule.access];
  const enough = ((bits | covered(value, rule.path, entryNames)) & wanted) === wanted;
  return enough ? [] : rewrite(rule, removals, bits | wanted, entryNames);
}

function takeAccess(value: unknown, rule: PathToSave, entryNames: EntryNames): ListChange[] {
  const { removals, bits } = held(value, rule, entryNames);
  const left = bits & ~accessBits[rule.access];
  return left === bits ? [] : rewrite(rule, removals, left, entryNames);
}

/** The changes that make the profile grant the rule. A read that gains write moves to the list for both. */
export function changesToSave(text: string, file: string, rule: RuleToSave, entryNames: EntryNames): ListChange[] {
  const { value } = parseJsonc(text, file);
  if ('endpoint' in rule) return changesToSaveNetwork(value, rule);
  const changes =
    rule.access === 'connect' ? changesToSaveSocket(value, rule, entryNames) : addAccess(value, rule, entryNames);
  if (!rule.override) return changes;
  const lifted = overrideLists.some((list) =>
    entries(value, list).some((entry) => entryNames.real(entry) === rule.path),
  );
  if (lifted) return changes;
  // The newer spelling, unless the file holds the older: a start would warn of what nono itself wrote.
  const [newer, older] = overrideLists;
  const list = entries(value, older as JsonPath).length > entries(value, newer as JsonPath).length ? older : newer;
  return [...changes, { op: 'add', list: list as JsonPath, entry: entryNames.write(rule.path) }];
}

/** The changes that take the rule's access, and its override, out of the profile. */
export function changesToRemove(text: string, file: string, rule: RuleToSave, entryNames: EntryNames): ListChange[] {
  const { value } = parseJsonc(text, file);
  if ('endpoint' in rule) return changesToRemoveNetwork(value, rule);
  const changes =
    rule.access === 'connect' ? changesToRemoveSocket(value, rule, entryNames) : takeAccess(value, rule, entryNames);
  if (!rule.override) return changes;
  const lifts = overrideLists.flatMap((list) =>
    entries(value, list)
      .filter((entry) => entryNames.real(entry) === rule.path)
      .map((entry): ListChange => ({ op: 'remove', list, entry })),
  );
  return [...changes, ...lifts];
}

function applyToValue(value: unknown, changes: readonly ListChange[]): unknown {
  const copy = structuredClone(value) as Record<string, Record<string, (string | number)[]>>;
  for (const { op, list, entry } of changes) {
    const [section, key] = list as [string, string];
    copy[section] ??= {};
    const lists = copy[section] as Record<string, (string | number)[]>;
    const old = lists[key] ?? [];
    if (op === 'remove') {
      const at = old.indexOf(entry);
      if (at >= 0) lists[key] = old.filter((_, i) => i !== at);
    } else lists[key] = old.includes(entry) ? old : [...old, entry];
  }
  return copy;
}

/** The text with the changes made. Refuses to return one that would not mean exactly that, or that nono could not read back. */
export function editProfile(text: string, file: string, name: string, changes: readonly ListChange[]): string {
  parseProfile(text, file, name);
  const edited = applyListChanges(text, changes);
  const expected = applyToValue(parseJsonc(text, file).value, changes);
  parseProfile(edited, file, name);
  // Cloned, because the parser's objects have no prototype.
  if (!isDeepStrictEqual(structuredClone(parseJsonc(edited, file).value), expected)) {
    throw new NonoError('io', `${file}: this file's layout cannot be edited safely`, {
      hint: `add the rule by hand: ${changes.map((change) => `${change.op} ${change.entry} in ${change.list.join('.')}`).join(', ')}`,
    });
  }
  return edited;
}
