/** What the relay is told: which screen the terminal is on, so that it gives back, or takes over again, the one that is there. */
import { readSync, writeSync } from 'node:fs';
import { ENTER_SCREEN, RESTORE_SCREEN } from './screen-sequences.ts';

const LENT = 0x6c;

/** The descriptor that a relay gave us; undefined without one. */
export function relayDescriptor(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const fd = Number.parseInt(env['NONO_RELAY_FD'] ?? '', 10);
  return Number.isInteger(fd) ? fd : undefined;
}

/** Says whether the relay has lent the terminal to the shell outside, while the session is suspended: the byte is still there when it was killed meanwhile. */
export function lentBy(relay: number | undefined): () => boolean {
  if (relay === undefined) return () => false;
  const word = Buffer.alloc(1);
  return () => {
    try {
      return readSync(relay + 1, word, 0, 1, 0) === 1 && word[0] === LENT;
    } catch {
      return false;
    }
  };
}

function tell(relay: number | undefined, word: '+' | '-'): void {
  if (relay === undefined) return;
  try {
    writeSync(relay, word);
  } catch {
    // It is gone, and nobody has to know.
  }
}

/** The relay first: killed in between, this process leaves a screen that was not entered, and never one that was and is not left. */
export function takeOver(write: (data: string) => void, relay: number | undefined): void {
  tell(relay, '+');
  write(ENTER_SCREEN);
}

export function giveBack(write: (data: string) => void, relay: number | undefined): void {
  write(RESTORE_SCREEN);
  tell(relay, '-');
}
