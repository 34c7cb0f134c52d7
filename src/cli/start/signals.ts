/** Signals that reach nono while a command runs in it. */
import { readFileSync } from 'node:fs';

/** With Linux's numbers: node:os takes half a millisecond to load. */
const numbers = { SIGTERM: 15, SIGHUP: 1, SIGINT: 2, SIGQUIT: 3 } as const;
const forwarded = Object.keys(numbers) as (keyof typeof numbers)[];
const fromKeyboard: readonly string[] = ['SIGINT', 'SIGQUIT'];

/**
 * Whether this process is in the foreground of its terminal. Then the terminal sends ^C and ^\ to the command as well, and passing them on would
 * deliver them twice.
 */
function isForeground(): boolean {
  try {
    // pid (comm) state ppid pgrp session tty_nr tpgid: comm may hold anything, so count from its closing parenthesis.
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const [, , group, , tty, foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return tty !== '0' && group === foreground;
  } catch {
    return false;
  }
}

/** Nothing is lost from here on until they are passed on: they are delivered when this turn is over. Returns how to stop. */
export function holdSignals(): () => void {
  const ignore = (): void => {};
  for (const name of forwarded) process.on(name, ignore);
  return () => {
    for (const name of forwarded) process.off(name, ignore);
  };
}

/** Passes on what is meant for the command; nono itself ends when the command does. Returns how to stop. */
export function forwardSignals(send: (signal: number) => void): () => void {
  const stops = forwarded.map((name) => {
    const handle = (): void => {
      if (fromKeyboard.includes(name) && isForeground()) return;
      send(numbers[name]);
    };
    process.on(name, handle);
    return () => process.off(name, handle);
  });
  return () => {
    for (const stop of stops) stop();
  };
}
