/** Where sessions were started lately, and under which profile: the home offers them again. In nono's state, which nothing inside reads or writes. */
import { join } from 'node:path';
import { A_MOMENT_MS, updateFile } from './atomic-update.ts';
import { ownState } from './own-state.ts';
import { readTextFile } from './read-text.ts';

export interface RecentSession {
  readonly directory: string;
  readonly profile: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const MOST = 20;

function isRecent(value: unknown): value is RecentSession {
  const one = value as Partial<RecentSession> | null;
  return (
    typeof one === 'object' &&
    one !== null &&
    typeof one.directory === 'string' &&
    one.directory.startsWith('/') &&
    typeof one.profile === 'string' &&
    typeof one.at === 'number'
  );
}

function parse(text: string | undefined): readonly RecentSession[] {
  try {
    const found: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(found) ? found.filter(isRecent) : [];
  } catch {
    return [];
  }
}

/** Newest first; empty when there are none, or none that can be read. */
export function recentSessions(state: string): readonly RecentSession[] {
  try {
    return parse(readTextFile(join(ownState(state), 'recent.json'), 'io'));
  } catch {
    return [];
  }
}

/** Fails quietly: a list of conveniences must not keep a session from starting. */
export function rememberSession(state: string, session: RecentSession): void {
  try {
    const added = (text: string | undefined): string => {
      const others = parse(text).filter(
        (one) => one.directory !== session.directory || one.profile !== session.profile,
      );
      return `${JSON.stringify([session, ...others].slice(0, MOST), null, 1)}\n`;
    };
    updateFile(join(ownState(state), 'recent.json'), added, A_MOMENT_MS);
  } catch {
    // Not remembered.
  }
}
