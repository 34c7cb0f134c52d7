/** Lines typed into the session's command line, kept across sessions in nono's state, which no sandboxed program reads or writes. */
import { join } from 'node:path';
import { A_MOMENT_MS, updateFile } from './atomic-update.ts';
import { ownState } from './own-state.ts';
import { readTextFile } from './read-text.ts';

const MOST_LINES = 500;
const MOST_CHARACTERS = 1000;

function lines(text: string | undefined): readonly string[] {
  return (text ?? '').split('\n').filter((line) => line !== '');
}

export interface LineHistory {
  load(): readonly string[];
  add(line: string): void;
}

/** Fails quietly: what cannot be remembered must not keep anybody from working. */
export function commandHistory(state: string): LineHistory {
  const file = (): string => join(ownState(state), 'command-history');
  return {
    load: () => {
      try {
        return lines(readTextFile(file(), 'io'));
      } catch {
        return [];
      }
    },
    add: (line) => {
      if (line.length > MOST_CHARACTERS || /[\n\r]/.test(line)) return;
      try {
        // Sessions beside this one add their lines too: each is put behind what is there by then.
        const added = (current: string | undefined): string => {
          const kept = lines(current).filter((one) => one !== line);
          return `${[...kept, line].slice(-MOST_LINES).join('\n')}\n`;
        };
        updateFile(file(), added, A_MOMENT_MS);
      } catch {
        // Kept for this session only.
      }
    },
  };
}
