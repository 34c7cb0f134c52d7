/** `nono completion`: the script for a shell, and the answers that the script asks for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nonoDirectories } from '../../config/directories.ts';
import { readTextFile } from '../../config/read-text.ts';
import { NonoError } from '../../platform/errors.ts';
import { installationRoot } from '../../platform/installation.ts';
import { parseProfile } from '../../policy/profile/parse-profile.ts';
import type { ProfileStore } from '../../policy/profile/profile-store.ts';
import { builtinData, profileStore } from '../../policy/resolve/load.ts';
import type { SessionRecord } from '../../registry/session-record.ts';
import { listSessions } from '../../registry/session-store.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { answer } from '../output/output.ts';
import type { SessionKind } from '../tables/model.ts';
import { type Candidate, type Completed, complete, type KnownNames } from './complete.ts';

const MAX_ABOUT = 60;

const shells = ['bash', 'zsh', 'fish'] as const;

function namesIn(directory: string, pattern: RegExp): Candidate[] {
  try {
    return readdirSync(directory).flatMap((file) => {
      const name = pattern.exec(file)?.[1];
      return name === undefined ? [] : [{ value: name, about: '' }];
    });
  } catch {
    return [];
  }
}

const YOURS = 'your profile';

/** What a profile says of itself, not what it inherits. A broken one is still offered: choosing it tells what is wrong with it. */
function aboutYours(store: ProfileStore, name: string): string {
  try {
    const file = store.userFile(name);
    const text = file === undefined ? undefined : readTextFile(file);
    const about = text === undefined ? undefined : parseProfile(text, file ?? name, name).description?.trim();
    return about === undefined || about === '' ? YOURS : about;
  } catch (error) {
    if (!(error instanceof NonoError)) throw error;
    return `${YOURS}, which has an error`;
  }
}

function profiles(): Candidate[] {
  const shipped = builtinData().profiles;
  const store = profileStore();
  return store.names().map(({ name, source }) => ({
    value: name,
    about: source === 'built-in' ? (shipped[name]?.description ?? '') : aboutYours(store, name),
  }));
}

function groups(): Candidate[] {
  const platform = process.platform === 'darwin' ? 'macos' : 'linux';
  return Object.entries(builtinData().groups)
    .filter(([, group]) => group.platform === undefined || group.platform === platform)
    .map(([value, group]) => ({ value, about: group.description }));
}

function networks(): Candidate[] {
  return Object.entries(builtinData().network.profiles).map(([value, groups]) => ({ value, about: groups.join(', ') }));
}

function isOf(kind: SessionKind, { status, attachable, attachment }: SessionRecord): boolean {
  if (kind === 'session') return true;
  if (status === 'exited') return false;
  return kind === 'running-session' || (attachable && kind === `${attachment}-session`);
}

/** By id and by name; a name that is used again once. */
function sessions(state: string, kind: SessionKind): Candidate[] {
  const known = new Map<string, string>();
  for (const session of listSessions(state)) {
    if (!isOf(kind, session)) continue;
    const { session_id: id, name, status, command } = session;
    const about = `${status}: ${command.join(' ').slice(0, MAX_ABOUT)}`;
    known.set(id, about);
    if (name !== null && !known.has(name)) known.set(name, about);
  }
  return [...known].map(([value, about]) => ({ value, about }));
}

/** One candidate a line, its description after a tab; last, after a colon, what is left to the shell. */
function lines({ candidates, rest }: Completed): string {
  const shown = candidates.map(({ value, about }) => `${visibleText(value)}\t${visibleText(about)}`);
  const left = rest === undefined ? ':' : typeof rest === 'string' ? `:${rest}` : `:command ${rest.command}`;
  return `${[...shown, left].join('\n')}\n`;
}

/** Profiles, groups, sessions and drafts of this machine. */
export function knownNames(): KnownNames {
  const { config, state } = nonoDirectories(process.env);
  return {
    profiles,
    groups,
    networks,
    sessions: (kind) => sessions(state, kind),
    variables: () => Object.keys(process.env).map((value) => ({ value, about: '' })),
    drafts: () => namesIn(join(config, 'profile-drafts'), /^(.+)\.jsonc?$/),
  };
}

/** Run by the scripts: what can stand at the end of these words. */
export function completeWords(words: readonly string[]): number {
  answer(lines(complete(words, knownNames())));
  return 0;
}

export function completion(shell: string): number {
  if (!(shells as readonly string[]).includes(shell))
    throw new NonoError('usage', `there are no completions for ${shell}`, { hint: shells.join(', ') });
  answer(readFileSync(join(installationRoot(), 'dist', 'completions', `nono.${shell}`), 'utf8'));
  return 0;
}
