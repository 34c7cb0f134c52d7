/** The shell in the pane: everything that only a terminal needs, in a bundle of its own, so that `run` and `wrap` do not load it. */
import { join } from 'node:path';
import { nonoDirectories } from '../config/directories.ts';
import { loadUiSettings } from '../config/load-ui-settings.ts';
import { rememberSession } from '../config/recent-sessions.ts';
import { rememberedLayout } from '../config/remembered-layout.ts';
import { fastPathLibrary, installationRoot, nativeProgram } from '../platform/installation.ts';
import { compilePlan } from '../policy/compile.ts';
import { withheldText } from '../policy/environment.ts';
import { createProfileSaver } from '../policy/profile-saver.ts';
import { Registration } from '../registry/registration.ts';
import { landlockAbiAtLeast, notInForce } from '../sandbox/linux/not-in-force.ts';
import { runInteractive } from '../session/interactive.ts';
import { foreignTerminalVariables, paneEnvironment } from '../session/pane-environment.ts';
import { shellStart } from '../session/shell-rc.ts';
import { userKeymap } from '../session/user-keys.ts';
import { visibleText } from '../terminal/visible-text.ts';
import { announce } from './announce.ts';
import type { Options } from './flags.ts';
import { say } from './output.ts';
import { openFilesOutside, type Prepared } from './prepare.ts';
import { wantsLines } from './screen-reader.ts';
import { sessionDoors } from './session-doors.ts';
import { sessionFacts } from './session-facts.ts';
import { withSessionTmp } from './session-tmp.ts';
import { chromeColours } from './theme.ts';
import { warmUpSession } from './warm-up.ts';

const STDIN = 0;
const STDOUT = 1;

function isUtf8(env: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');
}

function environment(
  chosen: Readonly<Record<string, string>>,
  added: Readonly<Record<string, string>>,
  linear: boolean,
): Record<string, string> {
  const inner = { ...chosen };
  for (const name of foreignTerminalVariables) delete inner[name];
  return { ...inner, ...paneEnvironment(process.env), ...(linear ? { TERM: 'dumb' } : {}), ...added };
}

const loadChrome = () => import('../session/chrome.tsx');

export async function interactiveShell(before: Prepared, shell: string, options: Options): Promise<number> {
  // A wrong key is said before anything is started.
  const places = nonoDirectories(process.env);
  const ui = await loadUiSettings(places.config, options.config);
  const keymap = userKeymap(ui);
  const linear = wantsLines(options);
  const prepared = withSessionTmp(before, before.policy.privateTmp === true);
  const { policy, fs, directory } = prepared;
  const start = shellStart(shell, join(installationRoot(), 'dist', 'rc'), process.env);
  const compiled = compilePlan(
    policy,
    {
      supervise: true,
      newSession: true,
      // Nothing is held before there is a prompt to hold it at; the session then switches to asking.
      mode: 'observe',
      asks: true,
      allowDegraded: options.allowDegraded,
      env: environment(prepared.environment.values, start.env, linear),
      tmpdir: prepared.tmpdir,
      openFiles: openFilesOutside(process.env),
      cwd: directory,
      fastPath: options.noFastPath ? undefined : fastPathLibrary(),
    },
    fs,
  );
  // On the user's own screen, where it can be read again after the session; in the session one line repeats what matters most.
  announce(prepared, [shell], 'asking', options);
  if (!options.silent) for (const finding of compiled.findings) say(`  [nono] ${visibleText(finding)}\n`);
  const missing = notInForce(landlockAbiAtLeast(), policy).map((phrase) => phrase.replace(/ \(.*\)$/, ''));
  const withheld = withheldText(prepared.environment.withheld);
  const at = Date.now();
  const code = await runInteractive({
    policy,
    plan: compiled.plan,
    launcher: nativeProgram('nono-launch'),
    relay: nativeProgram('nono-relay'),
    attach: nativeProgram('nono-attach'),
    argv: start.argv,
    profileSaver: createProfileSaver(policy, process.env),
    loadChrome,
    stdin: STDIN,
    stdout: STDOUT,
    linear,
    ascii: options.ascii === true || ui.ascii === true || !isUtf8(process.env),
    color: chromeColours(options, process.env),
    // The Linux console does not know the question, and shows what it does not know.
    background:
      ui.theme === 'dark' || ui.theme === 'light' ? ui.theme : process.env['TERM'] === 'linux' ? 'dark' : 'ask',
    env: process.env,
    keymap,
    layout: rememberedLayout(places.state, ui.split),
    mouse: ui.mouse,
    clipboard: ui.clipboard,
    scrollback: ui.scrollback,
    registration: new Registration(sessionFacts(policy, [shell], options), false),
    doors: (cwd) => sessionDoors(policy, cwd),
    opening: [
      ...compiled.findings.map(visibleText),
      ...(missing.length === 0 ? [] : [`not in force: ${missing.join(', ')}`]),
      ...(withheld === undefined
        ? []
        : [`left out of the environment: ${visibleText(withheld)} (--env NAME passes one on)`]),
    ],
    say: (line) => say(`${line}\n`),
  });
  // At the end: a start waits for no disk.
  rememberSession(places.state, { directory: prepared.directory, profile: policy.profile, at });
  return code;
}

export { chooseAtHome } from './home.ts';

/** Run by the build before it saves the code caches of this bundle and of the chrome's. */
export function warmUp(): Promise<void> {
  return warmUpSession(loadChrome);
}
