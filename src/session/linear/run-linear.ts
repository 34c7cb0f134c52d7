/** `nono shell --screen-reader`: no split screen, no redrawing. The shell's text goes straight to the terminal, nono speaks in lines between, and asks in numbered ones. */
import { randomInt } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { launchSandbox, type RunningSandbox } from '../../sandbox/linux/launch.ts';
import { systemClock } from '../../terminal/flush-scheduler.ts';
import { plainModes } from '../../terminal/inner-modes.ts';
import { InputRouter } from '../../terminal/input-router.ts';
import type { OuterTerminal } from '../../terminal/outer-terminal.ts';
import { openPty } from '../../terminal/pty.ts';
import { PASTE_MARKS_ON } from '../../terminal/screen-sequences.ts';
import { BellLimit } from '../../terminal/title-and-bell.ts';
import { Arming } from '../approval/arming.ts';
import { SessionController } from '../controller.ts';
import { prefixBytes, prefixKey } from '../input/prefix-key.ts';
import { ShellKeys } from '../input/shell-keys.ts';
import type { InteractiveRequest } from '../interactive-request.ts';
import { defaultKeymap, keyLabel } from '../keys/keymap.ts';
import { LateRegistration } from '../life/late-registration.ts';
import { SandboxEnding } from '../life/sandbox-ending.ts';
import { exitCodeOf } from '../life/session-end.ts';
import type { Guard } from '../outer/session-guard.ts';
import { requestOptions } from '../request-options.ts';
import { readProcess } from '../rows/process-info.ts';
import { ruleTables } from '../rows/row-text.ts';
import { Announcer } from './announcer.ts';
import { Asker } from './asker.ts';
import { PlainOutput } from './plain-output.ts';
import { cancel, dialogQuestion, menu } from './questions.ts';
import { taggedLines } from './tagged-lines.ts';

const ASK_AFTER_MS = 2000;
const SETTLE_MS = 25;
const DRAIN_MS = 300;

export async function runLinear(
  request: InteractiveRequest,
  terminal: OuterTerminal,
  guard: Guard,
  onHangup: (hangup: (code: number | undefined) => void) => void,
): Promise<number> {
  const clock = systemClock;
  const keymap = request.keymap ?? defaultKeymap;
  const prefix = keyLabel(keymap.prefix);
  // A program inside can print anything that nono could say, but not this number.
  const tag = `[nono ${randomInt(100, 1000)}]`;
  const tagged = (text: string): string => taggedLines(text, tag, terminal.size().cols);
  const pty = openPty(terminal.size());
  const keys = new ShellKeys(pty, request.typed);
  let sandbox: RunningSandbox | undefined;
  let shellPid: number | undefined;
  let supervisorPid: number | undefined;
  let hangupCode: number | undefined;
  let ending: SandboxEnding | undefined;
  const write = (text: string, taken: () => void = () => {}): void => terminal.write(text, taken);
  const arming = new Arming(clock);
  const rules = ruleTables(request.policy);
  const bell = new BellLimit();
  const registered = new LateRegistration(request.registration);
  const found = request.found?.() ?? [];
  const session = new SessionController({
    ...requestOptions(request),
    clock,
    arming,
    opening: [...found, ...(request.opening ?? [])],
    doors: request.doors?.(() => {
      try {
        return readlinkSync(`/proc/${shellPid}/cwd`);
      } catch {
        return request.policy.workdir;
      }
    }),
    send: (command) => sandbox?.send(command),
    readProcess: (pid) => readProcess(pid, supervisorPid),
    changed: () => announcer.speakSoon(),
    literalPrefix: () => {},
    quit: () => hangup(undefined),
    bell: request.bell === true ? () => bell.ring(clock.now()) && write('\x07') : undefined,
  });

  const hangup = (code: number | undefined): void => {
    hangupCode ??= code;
    ending?.hangup();
  };
  onHangup(hangup);

  const asker = new Asker({
    clock,
    write,
    tagged,
    dialog: () => dialogQuestion(session),
    cancel: () => cancel(session),
    giveUp: () => session.granter.wait.giveUp(),
    said: () => announcer.message(),
    done: () => {
      session.ui.dialog = undefined;
      session.focusShell();
      announcer.speak();
      write(`${tagged('Back in the shell.')}\r\n`);
      announcer.catchUp();
    },
  });

  const announcer = new Announcer({
    clock,
    write,
    tagged,
    rules,
    prefix,
    rows: () => session.list.rows,
    message: () => session.ui.message,
    question: () => asker,
  });

  function shellReady(): void {
    session.startAsking();
    keys.ready();
    registered.begin();
  }

  const plain = new PlainOutput((part) => {
    if (part === 'end') shellReady();
  });
  const router = new InputRouter(
    { shellHasKeys: () => !asker.asking, modes: () => plainModes, pane: () => ({ x: 0, y: 0, width: 1, height: 1 }) },
    {
      toShell: (bytes) => keys.write(bytes),
      prefix: () => {
        write('\r\n');
        session.ui.message = '';
        announcer.forget();
        asker.ask(menu(session, rules));
      },
      key: (name) => {
        if (name === keymap.prefix && asker.prefixed) keys.write(prefixBytes(name));
        asker.key(name === keymap.prefix ? 'esc' : name);
      },
      pasted: (text) => asker.pasted(text),
    },
    prefixKey(keymap.prefix),
  );

  write(
    `${PASTE_MARKS_ON}${tagged(`Lines of nono begin with this number, which no program inside knows. ${prefix} asks nono.`)}\r\n`,
  );
  // On the screen they stand in the list.
  for (const one of found) write(`${tagged(one)}\r\n`);
  sandbox = (request.launch ?? launchSandbox)({
    launcher: request.launcher,
    plan: request.plan,
    argv: request.argv,
    stdio: [pty.slave, pty.slave, pty.slave],
    onEvent: (event) => {
      if (event.type === 'ready') {
        shellPid = event.childPid;
        supervisorPid = event.supervisorPid;
      }
      request.observe?.(event);
      registered.event(event);
      session.event(event);
    },
  });
  ending = new SandboxEnding(sandbox, clock);
  pty.closeSlave();
  const drained = new Promise<void>((resolve) => {
    pty.read((bytes) => {
      announcer.shell(plain.take(bytes));
      // A slow terminal slows the program down, as it would without nono.
      if (!terminal.ready) pty.pause(true);
    }, resolve);
  });
  terminal.onDrain(() => pty.pause(false));
  let settle: () => void = () => {};
  terminal.onInput((bytes) => {
    if (bytes === undefined) return guard.hangup();
    settle();
    router.take(bytes);
    if (router.waiting) settle = clock.timeout(() => router.settle(), SETTLE_MS);
  });
  const winch = (): void => pty.resize(terminal.size());
  process.on('SIGWINCH', winch);
  const cancelAsking = clock.timeout(() => shellReady(), ASK_AFTER_MS);

  const late = (ms: number) => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), ms).unref());
  const end = await ending.end();
  await Promise.race([drained, late(DRAIN_MS)]);
  cancelAsking();
  settle();
  announcer.stop();
  process.off('SIGWINCH', winch);
  terminal.onInput(() => {});
  announcer.catchUp();
  session.stop();
  pty.close();
  await terminal.close(DRAIN_MS);
  guard.release();
  const summary = session.granter.journal.summary();
  if (summary !== undefined) (request.say ?? ((line: string) => process.stderr.write(`${line}\n`)))(summary);
  return registered.exitCode(() => hangupCode ?? exitCodeOf(end));
}
