/** `nono shell` on a terminal. Order of a start: shell, alternate screen, a first frame by our own code, and only after the first prompt Ink. */
import { getServers } from 'node:dns';
import { closeSync, openSync, readlinkSync } from 'node:fs';
import type { ResolvedPolicy } from '../policy/model.ts';
import type { Registration } from '../registry/registration.ts';
import { type LaunchRequest, launchSandbox, type RunningSandbox, type SandboxEnd } from '../sandbox/linux/launch.ts';
import { clipboardSequence } from '../terminal/clipboard.ts';
import { type Clock, systemClock } from '../terminal/flush-scheduler.ts';
import type { Size } from '../terminal/geometry.ts';
import { PROBE } from '../terminal/outer-probe.ts';
import { type OuterTerminal, openOuterTerminal } from '../terminal/outer-terminal.ts';
import { openPty, type Pty } from '../terminal/pty.ts';
import { ENTER_SCREEN, PASTE_MARKS_OFF, RESTORE_SCREEN, RESTORE_TITLE } from '../terminal/screen-sequences.ts';
import { Arming } from './arming.ts';
import { AttachedTerminal } from './attached-terminal.ts';
import { type Background, backgroundOf } from './background.ts';
import type { ChromeModule, ThemeColors } from './chrome-model.ts';
import type { CommandDoors } from './commands/command.ts';
import { SessionController } from './controller.ts';
import { DetachableTerminal } from './detachable-terminal.ts';
import type { Keymap } from './keymap.ts';
import { type LayoutWish, paneSize } from './layout.ts';
import { OuterAnswers } from './outer-answers.ts';
import { paneEvents } from './pane-events.ts';
import { prefixByte, startInput } from './pane-input.ts';
import { readProcess } from './process-info.ts';
import type { ProfileSaver } from './profile-saver.ts';
import { exitCodeOf } from './session-end.ts';
import { type Guard, guardTerminal } from './session-guard.ts';
import type { SessionScreen } from './session-screen.ts';

/** Everything a session needs that the command line decided. */
export interface InteractiveRequest {
  readonly policy: ResolvedPolicy;
  /** Compiled with mode `observe`: nothing is held before the first prompt. */
  readonly plan: Buffer;
  /** Absolute path of nono-launch. */
  readonly launcher: string;
  /** Absolute path of nono-relay; used to restore the terminal's settings when the relay was killed. */
  readonly relay?: string;
  /** Absolute path of nono-attach. With it, a relay and a registration the session can be detached. */
  readonly attach?: string;
  /** The shell, as shellStart() says. */
  readonly argv: readonly string[];
  readonly profileSaver: ProfileSaver;
  /** Loads the chunk with Ink; called once, after the first prompt. */
  readonly loadChrome: () => Promise<ChromeModule>;
  readonly stdin: number;
  readonly stdout: number;
  readonly ascii: boolean;
  readonly color: boolean | ThemeColors;
  /** Of the terminal; `ask`: it is asked. Absent: the colours are those that read on both. */
  readonly background?: Background | 'ask' | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Lines of text instead of a split screen. */
  readonly linear?: boolean;
  /** In the place of nono-launch: what runs already, or in tests nothing of the kind. */
  readonly launch?: (request: LaunchRequest) => RunningSandbox;
  /** The shell's terminal, where it was opened before. */
  readonly pty?: Pty;
  /** Said in the list while it is empty, and in the help: what is not in force, what was left out. */
  readonly opening?: readonly string[];
  /** The same, where finding it takes a while; called when the prompt is on the screen. */
  readonly found?: () => readonly string[];
  /** Where the list is, and who remembers it for the next session. */
  readonly layout?: { readonly wish: LayoutWish; readonly remember: (wish: LayoutWish) => void } | undefined;
  /** The user's keys. */
  readonly keymap?: Keymap | undefined;
  /** Whether wheel and drags in the pane are ours, and what programs may do with the clipboard. */
  readonly mouse?: boolean | undefined;
  readonly clipboard?: 'off' | 'ask' | 'on' | undefined;
  /** Rows that can be looked back on. */
  readonly scrollback?: number | undefined;
  /** What the command line reaches; `cwd` says where the shell is. */
  readonly doors?: (cwd: () => string) => CommandDoors;
  /** This session's entry in the registry. */
  readonly registration?: Registration | undefined;
  /** One line after the terminal was given back. */
  readonly say?: (line: string) => void;
}

const CHROME_AFTER_MS = 150;
const AFTER_PROMPT_MS = 1;
const ASK_AFTER_MS = 2000;
const PROMPT_DRAWN_MS = 100;
const DRAIN_MS = 300;
const HANGUP_MS = 1500;
const RESIZE_SETTLE_MS = 50;
const SIGHUP = 1;

class InteractiveSession {
  readonly #request: InteractiveRequest;
  readonly #clock: Clock = systemClock;
  readonly #terminal: DetachableTerminal;
  readonly #relayPid = process.ppid;
  #closeDoor: (() => void) | undefined;
  readonly #guard: Guard;
  readonly #pty: Pty;
  readonly #session: SessionController;
  readonly #arming: Arming;
  readonly #outer: OuterAnswers;
  #screen: SessionScreen | undefined;
  #sandbox: RunningSandbox;
  #supervisorPid: number | undefined;
  #shellPid: number | undefined;
  #hangupCode: number | undefined;
  #chromeAsked = false;
  readonly #cancels = new Set<() => void>();
  #hungUp: () => void = () => {};

  constructor(request: InteractiveRequest, terminal: OuterTerminal, guard: Guard) {
    this.#request = request;
    this.#terminal = new DetachableTerminal(terminal);
    this.#guard = guard;
    const size = paneSize(terminal.size(), request.layout?.wish);
    this.#pty = request.pty ?? openPty(size);
    // The window can have changed since.
    if (request.pty !== undefined) this.#pty.resize(size);
    terminal.writeNow(ENTER_SCREEN);
    this.#sandbox = this.#launch();
    this.#arming = new Arming(this.#clock);
    this.#session = this.#controller(this.#arming);
    if (request.background !== 'ask') this.#session.background = request.background;
    this.#outer = new OuterAnswers(
      this.#clock,
      (data) => this.#pty.write(data),
      () => this.#outerKnown(),
    );
  }

  /** Somebody else had the terminal. */
  resumed(): void {
    this.#screen?.compositor.reenter(ENTER_SCREEN);
  }

  /** Why the session cannot go on without its terminal; undefined when it does. */
  detach(): string | undefined {
    const { current } = this.#terminal;
    const { registration } = this.#request;
    if (this.#closeDoor === undefined || registration === undefined) return 'this session cannot be detached';
    if (current === undefined) return 'it is detached already';
    // What was seen before counts for nothing: approvals are armed anew by what the next terminal shows.
    this.#session.focusShell();
    this.#terminal.detach();
    const line = `[nono] detached: nono attach ${registration.id}`;
    if (current instanceof AttachedTerminal) {
      current.giveBack(RESTORE_SCREEN);
      current.end(0, line);
    } else this.#leaveTerminal(current, line);
    registration.attached('detached');
    return undefined;
  }

  /** The terminal that the session was started on: its relay gives it back and ends. */
  #leaveTerminal(terminal: OuterTerminal, line: string): void {
    terminal.giveBack(RESTORE_SCREEN);
    this.#guard.letGo();
    this.#say(line);
    void terminal.close(0);
    for (const fd of [0, 1, 2]) {
      closeSync(fd);
      openSync('/dev/null', 'r+');
    }
    if (process.ppid === this.#relayPid) process.kill(this.#relayPid, 'SIGUSR1');
  }

  /** Not before the first prompt is on the screen. A door that cannot be opened costs detaching and nothing else. */
  async #openDoor(): Promise<void> {
    const { registration, attach, env } = this.#request;
    if (registration === undefined || attach === undefined || env['NONO_RELAY_FD'] === undefined) return;
    try {
      // The directory is there only when the entry is.
      if (!(await registration.begun)) return;
      const { openDoor } = await import('./door.ts');
      this.#closeDoor = openDoor({
        socket: registration.files.socket,
        checker: attach,
        refusal: () =>
          this.#terminal.current === undefined
            ? undefined
            : `the session has a terminal: nono detach ${registration.id} takes it away`,
        attached: (terminal) => {
          this.#terminal.attach(terminal);
          this.#fitWindow();
          this.resumed();
          registration.attached('attached');
        },
        resized: () => this.#windowChanged(),
        repaint: () => this.resumed(),
        gone: (terminal) => {
          if (this.#terminal.current !== terminal) return;
          this.#session.focusShell();
          this.#terminal.detach();
          registration.attached('detached');
        },
        detach: () => this.detach(),
      });
      registration.canAttach();
    } catch {
      // Said when somebody asks for it.
    }
  }

  async run(): Promise<number> {
    const screen = await this.#openScreen();
    const drained = new Promise<void>((resolve) => {
      this.#pty.read((bytes) => screen.compositor.paneOutput(bytes), resolve);
    });
    // The questions go out with a frame that paints over them.
    screen.compositor.sideBand(PROBE);
    screen.compositor.repaint();
    const stopInput = startInput({
      probe: this.#outer.probe,
      terminal: this.#terminal,
      clock: this.#clock,
      pty: this.#pty,
      session: this.#session,
      screen,
      hangup: () => this.#guard.hangup(),
    });
    const winch = (): void => this.#windowChanged();
    process.on('SIGWINCH', winch);
    this.#after(CHROME_AFTER_MS, () => void this.#loadChrome());
    this.#after(ASK_AFTER_MS, () => this.#session.startAsking());

    const end = await this.#ended();
    await Promise.race([drained, new Promise((resolve) => this.#after(DRAIN_MS, () => resolve(undefined)))]);
    for (const cancel of this.#cancels) cancel();
    process.off('SIGWINCH', winch);
    stopInput();
    this.#outer.stop();
    screen.compositor.finish();
    this.#request.layout?.remember(this.#session.ui.layout);
    this.#session.stop();
    screen.stop();
    this.#pty.close();
    await this.#terminal.close(DRAIN_MS);
    this.#guard.release();
    const summary = this.#session.granter.journal.summary();
    if (summary !== undefined) this.#say(summary);
    const code = this.#exitCode(end);
    this.#closeDoor?.();
    const { current } = this.#terminal;
    if (current instanceof AttachedTerminal) {
      current.giveBack(RESTORE_SCREEN);
      current.end(code);
      await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
    }
    return code;
  }

  /** Also for the registry; what was lost has no code. */
  #exitCode(end: SandboxEnd): number {
    const { registration } = this.#request;
    try {
      const code = this.#hangupCode ?? exitCodeOf(end);
      registration?.ended(code);
      return code;
    } catch (error) {
      registration?.ended(1);
      throw error;
    }
  }

  /** The emulator and the compositor are evaluated here, while the shell is already starting. */
  async #openScreen(): Promise<SessionScreen> {
    const { SessionScreen } = await import('./session-screen.ts');
    const events = paneEvents({
      compositor: () => this.#screen?.compositor,
      write: (data) => this.#pty.write(data),
      shellHasKeys: () => this.#session.shellHasKeys,
      promptMark: (part) => this.#prompted(part),
      clipboard: (text) => this.#session.clipboardAsked(text),
      color: (which) => this.#outer.color(which),
      now: () => this.#clock.now(),
    });
    this.#screen = new SessionScreen({
      terminal: this.#terminal,
      clock: this.#clock,
      arming: this.#arming,
      session: this.#session,
      view: viewOptions(this.#request),
      paneEvents: events,
      scrollback: this.#request.scrollback,
      now: Date.now,
    });
    return this.#screen;
  }

  #outerKnown(): void {
    const { widths, colors } = this.#outer.probe;
    if (this.#request.color === true && this.#request.background === 'ask' && colors.background !== undefined)
      this.#session.background = backgroundOf(colors.background);
    if (widths !== undefined) this.#screen?.compositor.setWidths(widths);
    this.#screen?.refresh(false);
  }

  #say(line: string): void {
    if (this.#request.say !== undefined) this.#request.say(line);
    else process.stderr.write(`${line}\n`);
  }

  #launch(): RunningSandbox {
    const { launch = launchSandbox, launcher, plan, argv } = this.#request;
    const { slave } = this.#pty;
    const sandbox = launch({
      launcher,
      plan,
      argv,
      stdio: [slave, slave, slave],
      onEvent: (event) => {
        if (event.type === 'ready') {
          this.#supervisorPid = event.supervisorPid;
          this.#shellPid = event.childPid;
        }
        this.#request.registration?.event(event);
        this.#session.event(event);
      },
    });
    this.#pty.closeSlave();
    return sandbox;
  }

  #controller(arming: Arming): SessionController {
    return new SessionController({
      saver: this.#request.profileSaver,
      firstRuleId: nextRuleId([...this.#request.policy.rules, ...(this.#request.policy.netRules ?? [])]),
      isFixed: (id) => this.#request.policy.rules[id]?.fixed === true,
      clock: this.#clock,
      arming,
      now: Date.now,
      opening: this.#request.opening,
      nameServers: getServers(),
      keymap: this.#request.keymap,
      layout: this.#request.layout?.wish,
      mouse: this.#request.mouse,
      clipboard: this.#request.clipboard,
      lookBack: () => this.#screen?.lookBack(),
      toClipboard: (text) => this.#screen?.compositor.clipboard(clipboardSequence(text, this.#request.env)),
      screenSize: () => this.#screen?.size ?? this.#terminal.size(),
      layoutChanged: () => this.#fitPane(),
      doors: this.#request.doors?.(() => this.#shellDirectory()),
      send: (command) => this.#sandbox.send(command),
      readProcess: (pid) => readProcess(pid, this.#supervisorPid),
      changed: (urgent) => this.#screen?.refresh(urgent),
      literalPrefix: () => this.#pty.write(Buffer.from([prefixByte(this.#session.keymap.prefix)])),
      quit: () => this.hangup(undefined),
      detach: () => this.detach(),
    });
  }

  /** Where the shell is now; where it was started when that cannot be seen. */
  #shellDirectory(): string {
    try {
      return readlinkSync(`/proc/${this.#shellPid}/cwd`);
    } catch {
      return this.#request.policy.workdir;
    }
  }

  /** The end of the sandbox; after a hangup it gets a moment, then its socket is closed, which ends it. */
  async #ended(): Promise<SandboxEnd> {
    const sandbox = this.#sandbox;
    const hungUp = new Promise<void>((resolve) => {
      this.#hungUp = resolve;
    });
    const first = await Promise.race([sandbox.end, hungUp]);
    if (first !== undefined) return first;
    const late = new Promise<undefined>((resolve) => this.#after(HANGUP_MS, () => resolve(undefined)));
    const end = await Promise.race([sandbox.end, late]);
    if (end !== undefined) return end;
    sandbox.close();
    return sandbox.end;
  }

  /** As a closed terminal: SIGHUP for everything inside, then the rest. Without a code it was the user's wish, and the shell's own end counts. */
  hangup(code: number | undefined): void {
    this.#hangupCode ??= code;
    this.#sandbox.send({ type: 'terminate', signal: SIGHUP });
    this.#hungUp();
  }

  /** Asking begins when the prompt is complete: what the prompt itself runs is still start-up. Some shells mark only its beginning. */
  #prompted(part: 'begin' | 'end'): void {
    // A prompt is waited for like an echo.
    this.#screen?.compositor.keySent();
    if (part === 'end') this.#session.startAsking();
    if (this.#chromeAsked) return;
    this.#after(PROMPT_DRAWN_MS, () => this.#session.startAsking());
    // Loading takes a while: first the prompt is painted.
    this.#screen?.afterNextFrame(() => this.#after(AFTER_PROMPT_MS, () => void this.#loadChrome()));
  }

  async #loadChrome(): Promise<void> {
    if (this.#chromeAsked) return;
    this.#chromeAsked = true;
    try {
      const module = await this.#request.loadChrome();
      this.#session.found(this.#request.found?.() ?? []);
      this.#screen?.mount(module, (error) => this.#chromeFailed(error));
      void this.#openDoor();
    } catch (error) {
      this.#chromeFailed(error as Error);
    }
  }

  /** Without the list nothing can be approved, so nothing may wait for it. */
  #chromeFailed(error: Error): void {
    this.#sandbox.send({ type: 'set-mode', mode: 'observe' });
    this.#session.say(`the list cannot be shown, nothing can be approved: ${error.message}`);
  }

  #windowChanged(): void {
    this.#fitWindow();
    // The last of a storm of sizes may come without a signal of its own.
    this.#after(RESIZE_SETTLE_MS, () => this.#fitWindow());
  }

  #fitWindow(): void {
    const screen = this.#screen;
    const size: Size = this.#terminal.size();
    if (screen === undefined || (size.cols === screen.size.cols && size.rows === screen.size.rows)) return;
    screen.resize(size);
    this.#pty.resize(paneSize(size, this.#session.ui.layout));
  }

  #fitPane(): void {
    const screen = this.#screen;
    if (screen === undefined) return;
    screen.relayout();
    this.#pty.resize(paneSize(screen.size, this.#session.ui.layout));
  }

  #after(ms: number, run: () => void): void {
    const cancel = this.#clock.timeout(() => {
      this.#cancels.delete(cancel);
      run();
    }, ms);
    this.#cancels.add(cancel);
  }
}

/** Rules on paths and on addresses are numbered apart; one count beyond both serves the session's own. */
function nextRuleId(rules: readonly { readonly id: number }[]): number {
  return rules.reduce((next, rule) => Math.max(next, rule.id + 1), rules.length);
}

function viewOptions(request: InteractiveRequest) {
  const { policy } = request;
  return {
    profile: policy.profile,
    shell: request.argv[0] ?? '',
    workdir: policy.workdir,
    home: request.env['HOME'] ?? '',
    rules: { paths: policy.rules, net: policy.netRules ?? [] },
    color: request.color,
    ascii: request.ascii,
  };
}

/** Runs a session on the user's terminal; resolves with the shell's exit code. Throws NonoError, with the terminal given back, when it could not start. */
export async function runInteractive(request: InteractiveRequest): Promise<number> {
  const relayFd = Number.parseInt(request.env['NONO_RELAY_FD'] ?? '', 10);
  const relayed = Number.isInteger(relayFd);
  let session: { hangup(code: number): void; resumed(): void } | undefined;
  const terminal = openOuterTerminal(request.stdin, request.stdout, !relayed);
  const guard = guardTerminal({
    relayFd: relayed ? relayFd : undefined,
    relayProgram: request.relay,
    restore: () =>
      terminal.giveBack(request.linear === true ? PASTE_MARKS_OFF : RESTORE_SCREEN + (relayed ? '' : RESTORE_TITLE)),
    hangup: (code) => session?.hangup(code),
    resumed: () => session?.resumed(),
  });
  try {
    if (request.linear === true) {
      const { runLinear } = await import('./linear/run-linear.ts');
      return await runLinear(request, terminal, guard, (hangup) => {
        session = { hangup, resumed: () => {} };
      });
    }
    const interactive = new InteractiveSession(request, terminal, guard);
    session = interactive;
    return await interactive.run();
  } finally {
    guard.release();
    await terminal.close(0);
  }
}
