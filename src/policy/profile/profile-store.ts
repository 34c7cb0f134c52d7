/** Finds profiles by name or path and puts their `extends` chain together. */
import { lstatSync, readdirSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { type Complain, thrown } from '../../config/complain.ts';
import { nearest } from '../../config/nearest.ts';
import { readTextFile } from '../../config/read-text.ts';
import { currentlyAsked } from '../../platform/asked.ts';
import { NonoError } from '../../platform/errors.ts';
import { lazyModule } from '../../platform/lazy-module.ts';
import type { BuiltinData } from '../groups/builtin.ts';
import { mergeProfiles } from './merge-profiles.ts';
import type { Profile, Written } from './profile.ts';

export type ProfileSource = 'built-in' | 'user' | 'file';

/** A profile with everything it extends merged in, and where its parts came from. */
export interface LoadedProfile {
  readonly profile: Profile;
  readonly source: ProfileSource;
  /** The file of the profile itself; undefined when it is built in. */
  readonly file: string | undefined;
  /** Every file that was read for it: each decides what the next session may do, so each is kept from being written. */
  readonly files: readonly string[];
}

export interface ProfileStore {
  readonly directory: string;
  /** `nameOrPath` as `--profile` takes it; relative paths start at `cwd`. `complain` hears of everything that is wrong with the profile and of each base that cannot be had. */
  load(nameOrPath: string, cwd: string, extraBases?: readonly string[], complain?: Complain): LoadedProfile;
  /** The user's file for a name, whichever of .jsonc and .json there is. */
  userFile(name: string): string | undefined;
  names(): readonly { readonly name: string; readonly source: ProfileSource }[];
}

const MAX_DEPTH = 10;

function parseProfile(text: string, file: string, name: string, complain?: Complain): Profile {
  const parser = lazyModule<typeof import('./parse-profile.ts')>(import.meta.url, './parse-profile.ts');
  return parser.parseProfile(text, file, name, complain);
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

/** Whether `--profile` means a file. */
export function isProfilePath(nameOrPath: string): boolean {
  return nameOrPath.includes('/') || /\.jsonc?$/.test(nameOrPath);
}

/** Whether a word can name a profile. */
function isProfileName(name: string): boolean {
  return namePattern.test(name);
}

/** The name used from now on instead of `name`: the user's own continuation of it, which saved approvals create, or `name` itself. */
export function preferredProfile(store: Pick<ProfileStore, 'userFile'>, name: string): string {
  const local = localName(name);
  return store.userFile(name) === undefined && store.userFile(local) !== undefined ? local : name;
}

/** The name of the user's continuation of a built-in profile. */
export function localName(name: string): string {
  return name.endsWith('-local') ? name : `${name}-local`;
}

interface Located {
  readonly source: ProfileSource;
  readonly file: string | undefined;
  readonly profile: Profile;
}

/** A store over the user's profile directory and the built-in data. */
export function createProfileStore(builtin: BuiltinData, directory: string, home: string): ProfileStore {
  const userFile = (name: string): string | undefined =>
    ['jsonc', 'json'].map((extension) => join(directory, `${name}.${extension}`)).find(exists);

  const names = (): { name: string; source: ProfileSource }[] => {
    const user = new Set<string>();
    currentlyAsked()?.doubt();
    try {
      for (const file of readdirSync(directory)) {
        const name = file.replace(/\.jsonc?$/, '');
        if (name !== file && isProfileName(name)) user.add(name);
      }
    } catch {
      // No directory, no user profiles.
    }
    const shipped = Object.keys(builtin.profiles).filter((name) => !user.has(name));
    return [
      ...shipped.sort().map((name) => ({ name, source: 'built-in' as const })),
      ...[...user].sort().map((name) => ({ name, source: 'user' as const })),
    ];
  };

  const notFound = (wanted: string, at: string | undefined): NonoError => {
    const known = names().map((entry) => entry.name);
    // It may have gone since it was looked for.
    const meant = nearest(
      wanted,
      known.filter((name) => name !== wanted),
    );
    return new NonoError('profile-not-found', `${at ? `${at}: ` : ''}there is no profile '${wanted}'`, {
      hint: meant ? `did you mean '${meant}'?` : `looked in ${directory}; or give a file with a / in its path`,
    });
  };

  /** What cannot be read is said with the place of the word that names it. */
  const read = (file: string, at: string | undefined): string | undefined => {
    try {
      return readTextFile(file);
    } catch (error) {
      if (at === undefined || !(error instanceof NonoError)) throw error;
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      throw new NonoError(error.code, `${at}: ${error.message}`, { cause: error, ...hint });
    }
  };

  const fromFile = (written: string, from: string, at: string | undefined, complain?: Complain): Located => {
    const file = written.startsWith('~/')
      ? join(home, written.slice(2))
      : isAbsolute(written)
        ? written
        : resolve(from, written);
    const text = read(file, at);
    if (text === undefined) {
      throw new NonoError('profile-not-found', `${at ? `${at}: ` : ''}there is no profile file ${file}`, {
        hint: 'check the path, or give the name of a profile without / and .json',
      });
    }
    return {
      source: 'file',
      file,
      profile: parseProfile(text, file, basename(file).replace(/\.jsonc?$/, ''), complain),
    };
  };

  const find = (wanted: string, from: string, at?: string, complain?: Complain): Located => {
    if (isProfilePath(wanted)) return fromFile(wanted, from, at, complain);
    if (!isProfileName(wanted)) {
      throw new NonoError('profile-not-found', `${at ? `${at}: ` : ''}'${wanted}' cannot be the name of a profile`, {
        hint: 'names consist of letters, digits, - and _; a file needs a / in its path',
      });
    }
    const file = userFile(wanted);
    if (file !== undefined) {
      const text = read(file, at);
      // Falling back to the built-in profile of that name would run under rules that the user replaced.
      if (text === undefined) throw new NonoError('profile-invalid', `${file}: is a link that leads nowhere`);
      return { source: 'user', file, profile: parseProfile(text, file, wanted, complain) };
    }
    const shipped = Object.hasOwn(builtin.profiles, wanted) ? builtin.profiles[wanted] : undefined;
    if (shipped) return { source: 'built-in', file: undefined, profile: shipped };
    throw notFound(wanted, at);
  };

  const load = (
    nameOrPath: string,
    cwd: string,
    extraBases: readonly string[] = [],
    complain: Complain = thrown,
  ): LoadedProfile => {
    const files = new Set<string>();
    const merge = (located: Located, chain: readonly string[]): Profile => {
      if (located.file !== undefined) files.add(located.file);
      const from = located.file === undefined ? cwd : dirname(located.file);
      let base: Profile | undefined;
      for (const word of located.profile.extends) {
        try {
          const parent = find(word.text, from, word.at);
          const parentChain = [...chain, identity(parent, word)];
          checkChain(parentChain, word);
          const merged = merge(parent, parentChain);
          base = base ? mergeProfiles(base, merged) : merged;
        } catch (error) {
          if (!(error instanceof NonoError)) throw error;
          complain(error);
        }
      }
      return base ? mergeProfiles(base, located.profile) : located.profile;
    };
    const top = find(nameOrPath, cwd, undefined, complain);
    const own = merge(top, [top.file ?? top.profile.name]);
    const bases = extraBases.map((name) => {
      const base = find(name, cwd);
      return merge(base, [base.file ?? base.profile.name]);
    });
    const profile = [...bases, own].reduce((base, child) => mergeProfiles(base, child));
    return { profile, source: top.source, file: top.file, files: [...files] };
  };

  return { directory, load, userFile, names };
}

function exists(file: string): boolean {
  try {
    const there = lstatSync(file, { throwIfNoEntry: false }) !== undefined;
    currentlyAsked()?.ask('there', file, there ? '1' : '0');
    return there;
  } catch (cause) {
    // A directory that cannot be searched may hold a profile that shadows a built-in one.
    throw new NonoError('profile-invalid', `${file}: cannot be looked up`, {
      cause,
      hint: 'check the permissions of its directory',
    });
  }
}

function identity(located: Located, word: Written): string {
  return located.file ?? word.text;
}

function checkChain(chain: readonly string[], word: Written): void {
  const last = chain[chain.length - 1] as string;
  const shown = chain.map((link) => basename(link).replace(/\.jsonc?$/, '')).join(' -> ');
  if (chain.indexOf(last) !== chain.length - 1) {
    throw new NonoError(
      'profile-invalid',
      `${word.at}: Profile inheritance error: circular dependency detected: ${shown}`,
      {
        hint: 'remove one of these from `extends`',
      },
    );
  }
  if (chain.length > MAX_DEPTH) {
    throw new NonoError(
      'profile-invalid',
      `${word.at}: Profile inheritance error: more than ${MAX_DEPTH} profiles deep: ${shown}`,
      {
        hint: 'merge some of these profiles',
      },
    );
  }
}
