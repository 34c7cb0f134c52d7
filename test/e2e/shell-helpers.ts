/** `nono shell` in a terminal, for one user, as the acceptance tests drive it. */
import { join } from 'node:path';
import { key, pause, TestTerminal } from '../helpers/terminal.ts';
import { environment, installationFor, type TestUser } from '../helpers/users.ts';

export interface ShellOptions {
  readonly user: TestUser;
  readonly home: string;
  readonly cwd?: string;
  readonly cols?: number;
  readonly rows?: number;
  readonly flags?: readonly string[];
  readonly env?: Record<string, string>;
}

/** The prompt mark of nono's own rc file. */
export const PROMPT = '[nono]';
/** Longer than the arming delay of approval keys. */
const ARMED_MS = 450;

/** Starts the shell and waits for its first prompt. */
export async function openShell(o: ShellOptions): Promise<TestTerminal> {
  const cwd = o.cwd ?? join(o.home, 'project');
  const terminal = new TestTerminal({
    argv: [...o.user.prefix, join(installationFor(o.user), 'bin', 'nono'), 'shell', ...(o.flags ?? ['--allow', '.'])],
    cwd,
    env: environment(o.home, { PS1: '$ ', ...o.env }),
    ...(o.cols === undefined ? {} : { cols: o.cols }),
    ...(o.rows === undefined ? {} : { rows: o.rows }),
  });
  await terminal.until(PROMPT);
  return terminal;
}

/** Types one line into the shell. */
export function enter(terminal: TestTerminal, line: string): void {
  terminal.write(`${line}${key.enter}`);
}

/** Goes to the list and presses keys there, each as a person would: after having seen what is selected. */
export async function inList(terminal: TestTerminal, ...keys: readonly string[]): Promise<void> {
  terminal.write(key.prefix);
  await pause(50);
  terminal.write('d');
  for (const k of keys) {
    await pause(ARMED_MS);
    terminal.write(k);
  }
}

/** Runs a command and waits for a word that only its end prints (not the echo of what was typed). */
export async function runLine(terminal: TestTerminal, line: string, mark: string): Promise<string> {
  const [first, rest] = [mark.slice(0, 1), mark.slice(1)];
  enter(terminal, `${line}; echo ${first}''${rest}`);
  return terminal.until(mark);
}
