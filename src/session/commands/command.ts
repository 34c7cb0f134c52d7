/** What a command of the session's command line is. Each is a file beside this one; table.ts lists them, and help, completion and docs follow from it. */
import type { WhileLocked } from '../../config/file-lock.ts';
import type { PolicyRule, ResolvedPolicy } from '../../policy/model.ts';
import type { FileSystem } from '../../policy/plan/file-system.ts';
import type { SessionController } from '../controller.ts';
import type { Span } from '../screen/chrome-model.ts';

export interface Candidate {
  readonly value: string;
  readonly about: string;
}

/** Lines typed in earlier sessions; kept where no sandboxed program reads or writes. */
export interface CommandHistory {
  load(): readonly string[];
  add(line: string): void;
}

/** What the command line reaches outside the session's own state, injected by the one who starts the session. */
export interface CommandDoors {
  /** As the session was started. */
  readonly policy: ResolvedPolicy;
  /** What its deny patterns matched then: denied with all below, and so is what a matching link led to. */
  readonly matches: readonly PolicyRule[];
  /** A view of the file system that has not remembered anything yet. */
  readonly fileSystem: () => FileSystem;
  readonly home: string;
  /** Its id, as `nono ps` shows it. */
  readonly session: string;
  /** Working directory of the shell, now. */
  readonly cwd: () => string;
  /** `nono why` with these words, about this policy; its answer as text. Rejects with one line. */
  readonly why: (words: readonly string[], policy: ResolvedPolicy) => Promise<string>;
  /** One of nono's own commands that only read, in a process of its own; its output as text. */
  readonly outside: (words: readonly string[]) => Promise<string>;
  /** What can follow these words of `nono`. */
  readonly completeOutside: (words: readonly string[]) => readonly Candidate[];
  /** Denies a path in the user's profile, from the next session on; the file, then the lines of the diff. */
  readonly saveDeny: (path: string, wait: WhileLocked) => Promise<readonly string[]>;
  readonly history: CommandHistory;
}

export interface CommandContext {
  readonly session: SessionController;
  readonly doors: CommandDoors;
}

/** Nothing that widens access happens in `run`: it may open a question that is answered with an armed key. */
export interface SessionCommand {
  /** One or more words. */
  readonly name: string;
  readonly usage: string;
  readonly help: string;
  /** What can stand after these words; files are completed apart. */
  readonly complete?: (before: readonly string[], context: CommandContext) => readonly Candidate[];
  readonly completesPaths?: true;
  readonly run: (words: readonly string[], context: CommandContext) => readonly Span[] | Promise<readonly Span[]>;
}

export const plain = (text: string): Span => ({ text, tone: 'plain' });
export const quiet = (text: string): Span => ({ text, tone: 'quiet' });
export const strong = (text: string): Span => ({ text, tone: 'strong' });
