/** The shell in the pane: everything that only a terminal needs, in a bundle of its own, so that `run` and `wrap` do not load it. */
import { cannotWrite } from '../../config/cannot-write.ts';
import { nonoDirectories } from '../../config/directories.ts';
import { rememberSession } from '../../config/recent-sessions.ts';
import { nativeProgram } from '../../platform/installation.ts';
import { withheldText } from '../../policy/resolve/environment.ts';
import { Registration } from '../../registry/registration.ts';
import { landlockAbiAtLeast, notInForce } from '../../sandbox/linux/not-in-force.ts';
import { runInteractive } from '../../session/interactive.ts';
import { userKeymap } from '../../session/keys/user-keys.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import type { parseCommandLine } from '../line/parse.ts';
import { logLine } from '../log/log.ts';
import { logEvent, logPlan } from '../log/log-events.ts';
import { say } from '../output/output.ts';
import { chromeColours } from '../output/theme.ts';
import type { DetachedHost } from '../sessions/detaching.ts';
import { sessionFacts } from '../sessions/session-facts.ts';
import { announce } from '../start/announce.ts';
import { sessionForNobody } from '../start/warm-up.ts';
import { withStateOfItsOwn } from '../start/warm-up-run.ts';
import type { Options } from '../tables/flags.ts';
import { wantsAscii } from './ascii.ts';
import { deferred } from './deferred.ts';
import type { PaneLaunch } from './pane-launch.ts';

const STDIN = 0;
const STDOUT = 1;

const loadChrome = () => import('../../session/chrome.tsx');

/** Without an entry nobody could ever attach, nor find it to end it. */
function detachedStart(host: DetachedHost, id: string) {
  return {
    size: host.size,
    started: (attachable: boolean): void => {
      if (attachable) host.started(id);
      else {
        say('nono: the session cannot be attached, and is ended: its entry or its socket cannot be made\n');
        process.kill(process.pid, 'SIGTERM');
      }
    },
  };
}

/** Nothing runs out of sight: without an entry there is no session without a terminal. */
function claim(registration: Registration): void {
  try {
    registration.claim();
  } catch (error) {
    throw cannotWrite(registration.files.record, error, 'the session is ended');
  }
}

export async function interactiveShell(
  launched: PaneLaunch,
  shell: string,
  options: Options,
  host?: DetachedHost,
  session = runInteractive,
): Promise<number> {
  const { prepared, compiled, plan, start, ui, layout, linear, early } = launched;
  const places = nonoDirectories(process.env);
  // In lines of text there is nothing to click at.
  const keymap = userKeymap(
    linear && ui.prefix?.toLowerCase() === 'none' ? { keys: ui.keys, placeOf: ui.placeOf } : ui,
  );
  const { policy } = prepared;
  const later = deferred(policy, compiled.matches);
  // On the user's own screen, where it can be read again after the session; in the session one line repeats what matters most.
  announce(prepared, [shell], 'asking', options);
  for (const warning of compiled.warnings) logLine('info', warning);
  logPlan(compiled, prepared.environment.values);
  const missing = notInForce(landlockAbiAtLeast(), policy).map((phrase) => phrase.replace(/ \(.*\)$/, ''));
  const withheld = withheldText(prepared.environment.withheld);
  const at = Date.now();
  const { typed } = prepared;
  const registration = new Registration(sessionFacts(policy, [shell], options), false, host && 'detached');
  if (host !== undefined) claim(registration);
  // In lines of text no chrome is loaded that would bring it: without it a question to save would not say what it changes.
  if (linear) await later.load();
  const code = await session({
    policy,
    // Without one, nothing else could be started than the shell that runs: an empty plan is refused.
    plan: plan ?? Buffer.alloc(0),
    launcher: nativeProgram('nono-launch'),
    relay: nativeProgram('nono-relay'),
    attach: nativeProgram('nono-attach'),
    argv: start.argv,
    ...(early === undefined ? {} : { pty: early.pty, launch: early.launch }),
    typed: typed?.keys,
    profileSaver: later.saver,
    loadChrome: async () => {
      const chrome = await loadChrome();
      await later.load();
      return chrome;
    },
    stdin: STDIN,
    stdout: STDOUT,
    linear,
    ascii: wantsAscii(options.ascii, ui.ascii, process.env),
    color: chromeColours(options, process.env),
    // The Linux console does not know the question, and shows what it does not know.
    background:
      ui.theme === 'dark' || ui.theme === 'light' ? ui.theme : process.env['TERM'] === 'linux' ? 'dark' : 'ask',
    env: process.env,
    keymap,
    layout,
    mouse: ui.mouse,
    bell: ui.bell,
    clipboard: ui.clipboard,
    copyCommand: ui.copyCommand,
    scrollback: ui.scrollback,
    hangup: ui.hangup,
    registration,
    observe: logEvent,
    detached: host && detachedStart(host, registration.id),
    doors: (cwd) => later.doors(registration.id, cwd),
    opening: [
      ...(typed?.notice === undefined ? [] : [typed.notice]),
      ...(options.themeNotice === undefined ? [] : [options.themeNotice]),
      ...(missing.length === 0 ? [] : [`not in force: ${missing.join(', ')}`]),
      ...(withheld === undefined
        ? []
        : [`left out of the environment: ${visibleText(withheld)} (--env NAME passes one on)`]),
    ],
    // It looks through directories, and says what is seldom: not before the prompt.
    found: () => {
      const findings = (launched.findings ?? later.findings)();
      for (const finding of findings) logLine('warn', finding);
      return findings.map(visibleText);
    },
    say: (line) => {
      logLine('info', line);
      say(`${line}\n`);
    },
  });
  // At the end: a start waits for no disk.
  rememberSession(places.state, { directory: prepared.directory, profile: policy.profile, at });
  return code;
}

export { userKeymap };

interface Start {
  readonly examplePane: () => PaneLaunch;
}

/** Run by the build before it saves the code caches of this bundle and of the chrome's. Not silent, as most starts are not: the build throws away what is said. */
export async function warmUp(
  first: { readonly parseCommandLine: typeof parseCommandLine },
  start: Start,
): Promise<void> {
  const { options } = first.parseCommandLine(['shell', '--allow', '.', '--shell', '/bin/sh'], {});
  await withStateOfItsOwn(async () => {
    await interactiveShell(start.examplePane(), '/bin/sh', options, undefined, sessionForNobody);
  });
}
