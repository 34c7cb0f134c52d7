/** What the home offers: a shell here, where it was used lately, every profile, every policy group. Pure. */
import type { RecentSession } from '../config/recent-sessions.ts';
import { ageText } from '../session/rows/row-text.ts';
import type { HomeItem } from './home-state.ts';

export interface Named {
  readonly name: string;
  readonly about: string;
}

export interface RunningSession {
  readonly id: string;
  /** As `--name` gave it. */
  readonly name: string | undefined;
  readonly command: string;
  readonly directory: string;
  /** On no terminal, and waiting for one. */
  readonly detached: boolean;
}

export interface HomeSources {
  readonly directory: string;
  readonly home: string;
  readonly running: readonly RunningSession[];
  readonly recent: readonly RecentSession[];
  /** Whether a directory is still there. */
  readonly exists: (directory: string) => boolean;
  readonly profiles: readonly Named[];
  readonly groups: readonly Named[];
  readonly now: number;
}

const MOST_RECENT = 8;

function short(path: string, home: string): string {
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

function runningText(one: RunningSession, all: readonly RunningSession[], home: string): string {
  const { id, name, command, directory } = one;
  const what = `${name === undefined ? '' : `${name}: `}${command} in ${short(directory, home)}`;
  if (!one.detached) return what;
  const unique = name !== undefined && all.filter((other) => other.name === name).length === 1;
  return `${what}, detached: nono attach ${unique ? name : id}`;
}

export function homeItems(from: HomeSources): readonly HomeItem[] {
  const shell = (directory: string | undefined, profile: string | undefined) =>
    ({ kind: 'shell', directory, profile }) as const;
  const recent = from.recent
    .filter((one) => from.exists(one.directory))
    .slice(0, MOST_RECENT)
    .map((one): HomeItem => {
      const age = ageText(from.now - one.at);
      return {
        section: 'recent',
        title: short(one.directory, from.home),
        about: `profile ${one.profile}, ${age === 'now' ? 'just now' : `${age} ago`}`,
        // `go` means Go, and would find every age.
        searched: `profile ${one.profile}`,
        opens: shell(one.directory, one.profile),
        details: ['profile', 'show', one.profile],
      };
    });
  return [
    {
      section: 'start',
      title: 'a sandboxed shell here',
      about: short(from.directory, from.home),
      opens: shell(undefined, undefined),
      details: ['profile', 'show', 'default'],
    },
    ...from.running.map(
      (one): HomeItem => ({
        section: 'running',
        title: one.id,
        about: runningText(one, from.running, from.home),
        opens: { kind: 'page', words: ['inspect', one.id] },
        details: ['logs', one.id],
      }),
    ),
    ...recent,
    ...from.profiles.map(
      (one): HomeItem => ({
        section: 'profiles',
        title: one.name,
        about: one.about,
        opens: shell(undefined, one.name),
        details: ['profile', 'show', one.name],
      }),
    ),
    ...from.groups.map(
      (one): HomeItem => ({
        section: 'groups',
        title: one.name,
        about: one.about,
        opens: { kind: 'page', words: ['policy', 'groups', one.name] },
        details: ['policy', 'groups', one.name],
      }),
    ),
  ];
}
