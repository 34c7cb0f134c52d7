/** Saves an approval into the user's profile, and takes it back. The edge: reads and writes the profile file. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { updateFilePatiently } from '../../config/atomic-update.ts';
import { nonoDirectories } from '../../config/directories.ts';
import type { WhileLocked } from '../../config/file-lock.ts';
import type { JsonPath } from '../../config/jsonc-document.ts';
import { applyListChanges, inverse, type ListChange } from '../../config/jsonc-edit.ts';
import { readTextFile } from '../../config/read-text.ts';
import { NonoError } from '../../platform/errors.ts';
import type { ResolvedPolicy } from '../model.ts';
import { escapePattern } from '../pattern/pattern.ts';
import { nodeFileSystem } from '../plan/file-system.ts';
import { profileStore } from '../resolve/load.ts';
import { createRealPathResolver } from '../resolve/real-path.ts';
import {
  contractPath,
  type Environment,
  expandPath,
  homeDirectory,
  PathProblem,
  pathVariables,
} from '../resolve/variables.ts';
import { changesToRemove, changesToSave, type EntryNames, editProfile, type RuleToSave } from './edit-profile.ts';
import { lineDiff } from './line-diff.ts';
import { localName } from './profile-store.ts';

export type { PathToSave, RuleToSave } from './edit-profile.ts';

/** The policy in use, as far as saving needs it. */
export type SaveTarget = Pick<ResolvedPolicy, 'profile' | 'profileFile' | 'manifest' | 'workdir'>;

export interface SaveFile {
  /** The profile that holds the rule; `<name>-local` when the one in use is built in. */
  readonly profile: string;
  readonly file: string;
  /** The file does not exist yet. */
  readonly creates: boolean;
}

/** What saving would do, or did. */
export interface SavePlan extends SaveFile {
  /** False when the profile grants this already. */
  readonly changes: boolean;
  /** Lines with `+ `, `- ` or two spaces in front. */
  readonly diff: readonly string[];
}

export interface SavedRule extends SavePlan {
  /** For undoRule. */
  readonly edits: readonly ListChange[];
  /** The text of the file, undefined where there is none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

type ChangesFor<R = RuleToSave> = (text: string, file: string, rule: R, names: EntryNames) => ListChange[];

interface Destination {
  readonly profile: string;
  readonly file: string;
  readonly initial: string;
}

function destination(target: SaveTarget, env: Environment): Destination {
  if (target.manifest !== undefined)
    throw new NonoError('not-supported', `${target.manifest}: nothing is saved into a manifest`, {
      hint: 'write it there, or start with a profile',
    });
  if (target.profileFile !== undefined)
    return { profile: target.profile, file: target.profileFile, initial: madeAgain(target.profile, env) };
  const profile = localName(target.profile);
  const file = profileStore(env).userFile(profile) ?? join(nonoDirectories(env).profiles, `${profile}.jsonc`);
  return { profile, file, initial: continuation(target.profile, profile) };
}

function continuation(base: string, profile: string): string {
  return `// Approved while '${base}' was in use; takes its place from then on.
{
  "extends": ${JSON.stringify(base)},
  "meta": {
    "name": ${JSON.stringify(profile)},
    "version": "1.0.0",
    "description": ${JSON.stringify(`${base}, and what was approved`)}
  },
  "filesystem": {}
}
`;
}

/** For a profile in use whose file is gone: another session may have taken back what it was made for. Without what it continued, the next session could do nearly nothing. */
function madeAgain(profile: string, env: Environment): string {
  const base = profile.replace(/-local$/, '');
  const continues =
    base !== profile &&
    profileStore(env)
      .names()
      .some((one) => one.name === base);
  return continues ? continuation(base, profile) : '{}\n';
}

function entryNames(target: SaveTarget, env: Environment): EntryNames {
  const real = createRealPathResolver(nodeFileSystem());
  const variables = pathVariables(env, target.workdir, process.getuid?.() ?? 0);
  const home = homeDirectory(env);
  let realHome = home;
  try {
    realHome = realpathSync(home);
  } catch {
    // A home directory that does not exist holds nothing.
  }
  return {
    real: (entry) => {
      try {
        const path = expandPath(entry, variables);
        return path === undefined ? undefined : real(path).path;
      } catch (error) {
        if (error instanceof PathProblem) return undefined;
        throw error;
      }
    },
    write: (path) => {
      try {
        return contractPath(path, realHome);
      } catch (error) {
        if (!(error instanceof PathProblem)) throw error;
        throw new NonoError('path-invalid', `cannot be saved: ${error.message}`, {
          hint: 'approve the directory around it instead',
        });
      }
    },
  };
}

function plan<R>(at: Destination, rule: R, names: EntryNames, changesFor: ChangesFor<R>): SavedRule {
  const current = readTextFile(at.file);
  const text = current ?? at.initial;
  const edits = changesFor(text, at.file, rule, names);
  const after = editProfile(text, at.file, at.profile, edits);
  return {
    profile: at.profile,
    file: at.file,
    creates: current === undefined,
    changes: edits.length > 0,
    diff: lineDiff(current ?? '', edits.length > 0 ? after : text),
    edits,
    before: current,
    after,
  };
}

async function perform<R>(
  target: SaveTarget,
  rule: R,
  wait: WhileLocked,
  env: Environment,
  changesFor: ChangesFor<R>,
): Promise<SavedRule> {
  const at = destination(target, env);
  const names = entryNames(target, env);
  const planned = plan(at, rule, names, changesFor);
  if (!planned.changes) return planned;
  let edits: ListChange[] = [];
  const transform = (current: string | undefined): string => {
    const text = current ?? at.initial;
    edits = changesFor(text, at.file, rule, names);
    return editProfile(text, at.file, at.profile, edits);
  };
  const update = await updateFilePatiently(at.file, transform, wait);
  return {
    profile: at.profile,
    file: at.file,
    creates: update.before === undefined,
    changes: edits.length > 0,
    diff: lineDiff(update.before ?? '', update.after ?? ''),
    edits,
    before: update.before,
    after: update.after,
  };
}

/** What saving it would write, for the user to see first. Nothing is touched. */
export function previewRule(target: SaveTarget, rule: RuleToSave, env: Environment = process.env): SavedRule {
  return plan(destination(target, env), rule, entryNames(target, env), changesToSave);
}

/** The same for all that one answer would save, as one change. */
export function previewRules(
  target: SaveTarget,
  rules: readonly RuleToSave[],
  env: Environment = process.env,
): SavedRule {
  return plan(destination(target, env), rules, entryNames(target, env), changesForAll);
}

/** What adding entries to a list of the user's profile would write, for the keys that are no rules on paths or addresses. */
export function previewEntries(
  target: SaveTarget,
  list: JsonPath,
  entries: readonly string[],
  env: Environment = process.env,
): SavedRule {
  const changes = entries.map((entry): ListChange => ({ op: 'add', list, entry }));
  return plan(destination(target, env), changes, entryNames(target, env), (_text, _file, all) => [...all]);
}

/** Where a key of the user's profile would be set by hand: nono itself writes entries of lists only. */
export function saveFile(target: SaveTarget, env: Environment = process.env): SaveFile {
  const { profile, file } = destination(target, env);
  return { profile, file, creates: readTextFile(file) === undefined };
}

/**
 * Makes the user's profile grant the rules: one change of the file, so that none is in it without the others. Rejects with a NonoError and leaves the file as it was if
 * that cannot be done.
 */
export function saveRules(
  target: SaveTarget,
  rules: readonly RuleToSave[],
  wait: WhileLocked,
  env: Environment = process.env,
): Promise<SavedRule> {
  return perform(target, rules, wait, env, changesForAll);
}

/** Each on the text that those before it make. */
const changesForAll: ChangesFor<readonly RuleToSave[]> = (text, file, rules, names) => {
  const all: ListChange[] = [];
  let now = text;
  for (const rule of rules) {
    const changes = changesToSave(now, file, rule, names);
    if (changes.length > 0) now = applyListChanges(now, changes);
    all.push(...changes);
  }
  return all;
};

/** Makes the user's profile deny a path and everything below it, from the next session on. */
export function saveDeny(
  target: SaveTarget,
  path: string,
  wait: WhileLocked,
  env: Environment = process.env,
): Promise<SavedRule> {
  return perform(target, path, wait, env, (_text, _file, denied, names) => [
    // Denies take patterns, so a name that looks like one is written as itself.
    { op: 'add', list: ['filesystem', 'deny'], entry: escapePattern(names.write(denied)) },
  ]);
}

/** Takes a rule's access out of the user's profile, however it came there. */
export function removeRule(
  target: SaveTarget,
  rule: RuleToSave,
  wait: WhileLocked,
  env: Environment = process.env,
): Promise<SavedRule> {
  return perform(target, rule, wait, env, changesToRemove);
}

/** Takes back exactly what one saveRules or removeRule changed, whatever was edited since. Where nothing was, all is as it was before: a file that was made for it is gone. */
export async function undoRule(saved: SavedRule, wait: WhileLocked): Promise<void> {
  if (!saved.changes) return;
  const changes = [...saved.edits].reverse().map(inverse);
  const transform = (current: string | undefined): string | undefined => {
    if (current === undefined) throw new NonoError('io', `${saved.file}: is gone, so nothing can be taken back`);
    return current === saved.after ? saved.before : editProfile(current, saved.file, saved.profile, changes);
  };
  await updateFilePatiently(saved.file, transform, wait);
}
