/** `nono` without arguments on a terminal: recent sessions, profiles and policy groups; what is chosen starts as `nono shell` would. */

import { realpathSync, statSync } from 'node:fs';
import { nonoDirectories } from '../../config/directories.ts';
import { loadUiSettings } from '../../config/load-ui-settings.ts';
import { recentSessions } from '../../config/recent-sessions.ts';
import { homeItems, type RunningSession } from '../../home/home-items.ts';
import { runHomeLines } from '../../home/home-lines.ts';
import { runHome } from '../../home/run-home.ts';
import { currentDirectory } from '../../platform/current-directory.ts';
import { NonoError } from '../../platform/errors.ts';
import { homeDirectory } from '../../policy/resolve/variables.ts';
import { listSessions } from '../../registry/session-store.ts';
import { userKeymap } from '../../session/keys/user-keys.ts';
import { relayDescriptor } from '../../terminal/relay-line.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { knownNames } from '../line/completion.ts';
import { say } from '../output/output.ts';
import { askLine } from '../output/prompt.ts';
import { readingCommand } from '../sessions/session-doors.ts';
import { wantsAscii } from './ascii.ts';

/** Of a terminal that does not say. */
const PLAIN_COLUMNS = 80;

/** A link in its place, which a session that may write beside it can have left there, leads to another directory than the one that is offered. */
function isDirectory(path: string): boolean {
  try {
    return realpathSync(path) === path && statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** What runs now; a registry that cannot be read offers nothing, and `nono ps` says why. */
function running(state: string): readonly RunningSession[] {
  try {
    return listSessions(state)
      .filter((one) => one.status !== 'exited')
      .map((one) => ({
        id: one.session_id,
        name: one.name ?? undefined,
        command: one.command.join(' '),
        directory: one.workdir,
        detached: one.attachable && one.attachment === 'detached',
      }));
  } catch {
    return [];
  }
}

/** Where this leads is where one is afterwards, whatever was there when the list was made. */
function enter(directory: string): void {
  try {
    process.chdir(directory);
  } catch (cause) {
    throw new NonoError('path-invalid', `${visibleText(directory)} is no longer there`, { cause });
  }
  if (process.cwd() !== directory)
    throw new NonoError('path-invalid', `${visibleText(directory)} leads elsewhere by now`, {
      hint: `change to it and start nono shell there, if ${visibleText(process.cwd())} is meant`,
    });
}

/** The flags of `nono shell` that were chosen; undefined when nothing was. Changes into the chosen directory. `inLines`: nothing is drawn. */
export async function chooseAtHome(inLines: boolean): Promise<readonly string[] | undefined> {
  const { config, state } = nonoDirectories(process.env);
  const names = knownNames();
  const named = (list: readonly { value: string; about: string }[]) =>
    list.map(({ value, about }) => ({ name: value, about })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const items = homeItems({
    directory: currentDirectory(),
    home: homeDirectory(process.env),
    running: running(state),
    recent: recentSessions(state),
    exists: isDirectory,
    profiles: named(names.profiles()),
    groups: named(names.groups()),
    now: Date.now(),
  });
  const ui = inLines ? {} : await loadUiSettings(config);
  const chosen = inLines
    ? await runHomeLines(items, {
        columns: process.stdout.columns || PLAIN_COLUMNS,
        say,
        ask: askLine,
        read: readingCommand,
      })
    : await runHome({
        items,
        about: 'a sandbox for any command',
        relay: relayDescriptor(process.env),
        keymap: userKeymap(ui),
        ascii: wantsAscii(false, ui.ascii, process.env),
        read: readingCommand,
      });
  if (chosen === undefined) return undefined;
  if (chosen.directory !== undefined) enter(chosen.directory);
  return chosen.profile === undefined ? [] : ['--profile', chosen.profile];
}
