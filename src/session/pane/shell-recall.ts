/** The last command back at the shell's prompt, by the key that its line editor has for that. */
import { basename } from 'node:path';
import { visibleText } from '../../terminal/visible-text.ts';
import type { PromptWatch } from './prompt-watch.ts';

/** Shells whose arrow key brings back what was entered last; they mark their prompts. */
const RECALLS = new Set(['bash', 'zsh', 'fish']);

/** Whether a shell says where its prompt begins and ends. */
export function marksPrompts(shell: string): boolean {
  return RECALLS.has(basename(shell));
}

/** Answers why it cannot be brought back. */
export function recallLast(
  shell: string,
  prompts: PromptWatch,
  write: (keys: Uint8Array) => void,
  applicationCursor: () => boolean,
): string | undefined {
  if (!marksPrompts(shell)) return `${visibleText(basename(shell))} brings no command back`;
  if (!prompts.ready) return 'the shell does not wait at an empty prompt: run it again there';
  prompts.input();
  write(Buffer.from(applicationCursor() ? '\x1bOA' : '\x1b[A'));
  return undefined;
}
