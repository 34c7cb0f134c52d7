/** `nono shell` in a terminal, for one user, as the acceptance tests drive it. */
import { join } from 'node:path';
import { key, pause, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, type TestUser } from '../../helpers/users.ts';

export interface ShellOptions {
  readonly user: TestUser;
  readonly home: string;
  readonly cwd?: string;
  readonly cols?: number;
  readonly rows?: number;
  readonly flags?: readonly string[];
  readonly env?: Record<string, string>;
  /** What the terminal calls itself; not given, xterm-256color. */
  readonly term?: string;
  /** Typed before anything is there. */
  readonly ahead?: string;
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
    ...(o.term === undefined ? {} : { term: o.term }),
    ...(o.cols === undefined ? {} : { cols: o.cols }),
    ...(o.rows === undefined ? {} : { rows: o.rows }),
  });
  if (o.ahead !== undefined) terminal.write(o.ahead);
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

let interrupts = 0;

/** Ctrl-C until the shell has its prompt back. What is typed right behind it can be thrown away with the line that it ends, or be read by the program. */
export async function interrupt(terminal: TestTerminal): Promise<void> {
  interrupts += 1;
  for (let attempt = 0; ; attempt++) {
    terminal.write(key.ctrlC);
    await pause(100);
    enter(terminal, `echo at''-prompt-${interrupts}`);
    try {
      await terminal.until(`at-prompt-${interrupts}`, attempt < 4 ? 2000 : 10_000);
      return;
    } catch (error) {
      if (attempt === 4) throw error;
    }
  }
}

/** A key counts only on a row that has been seen for a while, which on a busy machine takes longer than a test likes to wait: pressed again until it does. */
export async function approve(t: TestTerminal, mark: string | RegExp, ...keys: readonly string[]): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    await inList(t, ...keys);
    try {
      await t.until(mark, attempt < 4 ? 3000 : 10_000);
      return;
    } catch (error) {
      if (attempt === 4) throw error;
      if (!SHELL_HINT.test(await t.text())) await leaveList(t);
    }
  }
}

/** One key in a dialog, pressed again while it does not count yet. */
export async function pressUntil(t: TestTerminal, k: string, what: (screen: string) => boolean): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    await pause(ARMED_MS);
    t.write(k);
    try {
      await t.until(what, attempt < 4 ? 2000 : 10_000);
      return;
    } catch (error) {
      if (attempt === 4) throw error;
    }
  }
}

/** The hint of the shell, which is there whenever it has the keyboard and no line says something else. */
export const SHELL_HINT = /(?:\S \? help|here nono)\s*$/;
/** What the last row begins with while the next key is nono's. */
const PREFIX_HINT = /\n d denials [^\n]*$/;

/** A key after the prefix, once the prefix is seen to have been taken: what follows an Escape too soon is one key with it. */
export async function afterPrefix(terminal: TestTerminal, k: string): Promise<void> {
  terminal.write(key.prefix);
  await terminal.until(PREFIX_HINT);
  terminal.write(k);
}

/** Answers a question in lines of text. An answer counts only on what has been read for a while, which takes longer on a busy machine: given again until it does. */
export async function answerLine(t: TestTerminal, text: string, mark: string | RegExp): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    await pause(ARMED_MS);
    enter(t, text);
    try {
      await t.until(mark, attempt < 4 ? 3000 : 10_000);
      return;
    } catch (error) {
      if (attempt === 4 || !(await t.text()).includes('too early')) throw error;
    }
  }
}

/** Escape, until what it closes is gone. */
export async function closeWith(terminal: TestTerminal, closes: string): Promise<void> {
  terminal.write(key.escape);
  await terminal.until((screen) => !screen.includes(closes));
}

/** What changes when a key of the list was taken: its hints, its filter, the box over it, what is typed in the box. */
function listState(screen: string): string {
  const rows = screen.split('\n');
  return [rows.at(-1), ...rows.filter((row) => /denials|[╭+][─-] |[│|] [:>] /.test(row))].join('\n');
}

/** From the list, a dialog in it, the filter or the command line back to the shell. One more Escape only once the last one is seen to have been taken: else it would be the program's. */
export async function leaveList(t: TestTerminal): Promise<void> {
  const now = await t.text();
  if (SHELL_HINT.test(now)) return;
  let before = listState(now);
  for (let more = 6; more > 0; more--) {
    t.write(key.escape);
    const screen = await t.until((s) => SHELL_HINT.test(s) || listState(s) !== before, 20_000);
    if (SHELL_HINT.test(screen)) return;
    try {
      await t.until(SHELL_HINT, 1000);
      return;
    } catch {
      before = listState(await t.text());
    }
  }
  throw new Error(`it never happened: the shell has the keyboard:\n${await t.text()}`);
}

/** An empty prompt below everything else: a full-screen program has given the screen back, and takes no key any more. */
const EMPTY_PROMPT = /\[nono\] [^\n│]*[$#] *(?:│[^\n]*)?\n/;

/** After the key that ends a program. */
export async function backAtPrompt(t: TestTerminal): Promise<void> {
  await t.until((screen) => EMPTY_PROMPT.test(screen), 20_000);
}

/** Answers no to what is held, until nothing waits. */
export async function refuseHeld(t: TestTerminal): Promise<void> {
  await inList(t);
  await pressUntil(t, 'x', (screen) => !/\d held/.test(screen));
  await leaveList(t);
}
