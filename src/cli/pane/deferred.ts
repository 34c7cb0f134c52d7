/** What a session needs only when somebody approves or opens its command line: loaded with the list, after the prompt. Until Ink has drawn nothing can be approved. */
import { commandHistory } from '../../config/command-history.ts';
import { nonoDirectories } from '../../config/directories.ts';
import type { PolicyRule, ResolvedPolicy } from '../../policy/model.ts';
import { nodeFileSystem } from '../../policy/plan/file-system.ts';
import { homeDirectory } from '../../policy/resolve/variables.ts';
import type { ProfileSaver } from '../../session/approval/profile-saver.ts';
import type { CommandDoors } from '../../session/commands/command.ts';

interface Loaded {
  readonly saver: ProfileSaver;
  readonly doors: Pick<CommandDoors, 'why' | 'outside' | 'completeOutside' | 'saveDeny'>;
  readonly findings: () => readonly string[];
}

export interface Deferred {
  /** Loads it; what it has loaded once stays. */
  readonly load: () => Promise<unknown>;
  readonly saver: ProfileSaver;
  readonly doors: (session: string, cwd: () => string) => CommandDoors;
  /** What is open although a rule denies it; nothing before it is loaded. */
  readonly findings: () => readonly string[];
}

/** `matches`: what deny patterns matched when the session started. */
export function deferred(policy: ResolvedPolicy, matches: readonly PolicyRule[]): Deferred {
  let loaded: Loaded | undefined;
  const load = async (): Promise<Loaded> => {
    const { createProfileSaver, linkFindings, sessionDoors } = await import('../sessions/session-doors.ts');
    loaded ??= {
      saver: createProfileSaver(policy, process.env),
      doors: sessionDoors(policy),
      findings: () => linkFindings(policy.rules, nodeFileSystem()),
    };
    return loaded;
  };
  return {
    load,
    findings: () => loaded?.findings() ?? [],
    saver: {
      preview: (rules) => loaded?.saver.preview(rules) ?? [],
      save: async (rules, wait) => (await load()).saver.save(rules, wait),
      undo: async (saved, wait) => (await load()).saver.undo(saved, wait),
    },
    doors: (session, cwd) => ({
      session,
      policy,
      matches,
      cwd,
      home: homeDirectory(process.env),
      fileSystem: () => nodeFileSystem(),
      why: async (words, now) => (await load()).doors.why(words, now),
      outside: async (words) => (await load()).doors.outside(words),
      completeOutside: (words) => loaded?.doors.completeOutside(words) ?? [],
      saveDeny: async (path, wait) => (await load()).doors.saveDeny(path, wait),
      history: commandHistory(nonoDirectories(process.env).state),
    }),
  };
}
