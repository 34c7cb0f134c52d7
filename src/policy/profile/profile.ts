/** One profile, as a file says it, in the one internal model: old and new spellings are the same from here on. */
import type { AccessName } from '../../sandbox/linux/constants.ts';
import { type KeyNote, keyNotes, type Settings } from './key-effects.ts';
import type { WrittenLimits } from './limits.ts';
import type { OldSpelling } from './old-keys.ts';
import type { WrittenEnvironment } from './profile-environment.ts';
import type { NetWord, SocketGrant } from './profile-network.ts';

/** A word of a profile with the place it was written, for errors that only show later. */
export interface Written {
  readonly text: string;
  /** `file:line:column`. */
  readonly at: string;
}

export interface ProfileGrant extends Written {
  readonly access: AccessName;
  /** What the key promises to find there. */
  readonly expect: 'directory' | 'file' | 'any';
}

export type WorkdirAccess = 'none' | AccessName;

export interface Profile {
  readonly name: string;
  readonly description: string | undefined;
  readonly extends: readonly Written[];
  readonly groups: readonly Written[];
  readonly excludedGroups: readonly Written[];
  readonly grants: readonly ProfileGrant[];
  readonly denies: readonly Written[];
  readonly overrides: readonly Written[];
  /** Directories that guards do not look into. */
  readonly bulk: readonly Written[];
  readonly allowedCommands: readonly string[];
  readonly deniedCommands: readonly string[];
  readonly blockNetwork: boolean;
  readonly network: readonly NetWord[];
  readonly sockets: readonly SocketGrant[];
  readonly unixMediation: 'off' | 'pathname' | undefined;
  readonly workdirAccess: WorkdirAccess | undefined;
  readonly signalMode: 'isolated' | 'allow_same_sandbox' | 'allow_all' | undefined;
  readonly ipcMode: 'shared_memory_only' | 'full' | undefined;
  readonly environment: WrittenEnvironment;
  readonly limits: WrittenLimits;
  readonly privateTmp: boolean;
  readonly strict: boolean;
  /** Every other key, in its newest spelling: kept, inherited and shown, whatever a run can do about it (key-effects.ts). */
  readonly settings: Settings;
  /** Old spellings in this profile and what it extends. */
  readonly oldSpellings: readonly OldSpelling[];
}

/** What a run under the profile has to say or refuse, because a key does something else here than it says. */
export function profileNotes(profile: Profile): readonly KeyNote[] {
  return keyNotes(profile.settings);
}
