/** A session in the pane. Order of a start: shell, alternate screen, a first frame by our own code, and only after the first prompt Ink. */
import { launchSandbox, type RunningSandbox } from '../sandbox/linux/launch.ts';
import { clipboardSequence } from '../terminal/clipboard.ts';
import { type Clock, systemClock } from '../terminal/flush-scheduler.ts';
import { type OuterProbe, PROBE } from '../terminal/outer-probe.ts';
import type { OuterTerminal } from '../terminal/outer-terminal.ts';
import { openPty, type Pty } from '../terminal/pty.ts';
import { relayDescriptor, takeOver } from '../terminal/relay-line.ts';
import { ENTER_SCREEN, REENTER_SCREEN } from '../terminal/screen-sequences.ts';
import { BellLimit } from '../terminal/title-and-bell.ts';
import { Arming } from './approval/arming.ts';
import { SessionController } from './controller.ts';
import { type PaneInput, startInput } from './input/pane-input.ts';
import { prefixBytes } from './input/prefix-key.ts';
import { ShellKeys } from './input/shell-keys.ts';
import { type InteractiveRequest, viewOptions } from './interactive-request.ts';
import { InsideProcesses } from './life/inside-processes.ts';
import { outputOver } from './life/last-output.ts';
import { LastWords } from './life/last-words.ts';
import { LateRegistration } from './life/late-registration.ts';
import { Leaving } from './life/leaving.ts';
import { SandboxEnding } from './life/sandbox-ending.ts';
import { exitCodeOf, SIGNAL_BASE } from './life/session-end.ts';
import { SessionTimers } from './life/session-timers.ts';
import { backgroundOf } from './outer/background.ts';
import { DetachableTerminal } from './outer/detachable-terminal.ts';
import type { Guard } from './outer/session-guard.ts';
import { TerminalQuestions } from './outer/terminal-questions.ts';
import { paneEvents } from './pane/pane-events.ts';
import { PromptWatch } from './pane/prompt-watch.ts';
import { marksPrompts, recallLast } from './pane/shell-recall.ts';
import { paneOptions, requestOptions } from './request-options.ts';
import { readProcess } from './rows/process-info.ts';
import { LateChrome } from './screen/late-chrome.ts';
import { paneSize } from './screen/layout.ts';
import { PaneFit } from './screen/pane-fit.ts';
import type { SessionScreen } from './screen/session-screen.ts';

const CHROME_AFTER_MS = 150;
const AFTER_PROMPT_MS = 1;
const ASK_AFTER_MS = 2000;
const PROMPT_DRAWN_MS = 100;
const DRAIN_MS = 300;
const SIGHUP = 1;
const HUNG_UP = SIGNAL_BASE + SIGHUP;

/** One session in the pane: sandbox, pty, screen and keys, from the start to the end. */
export class InteractiveSession {
  readonly #request: InteractiveRequest;
  readonly #clock: Clock = systemClock;
  readonly #terminal: DetachableTerminal;
  readonly #leaving: Leaving;
  readonly #words: LastWords;
  readonly #guard: Guard;
  readonly #pty: Pty;
  readonly #keys: ShellKeys;
  readonly #session: SessionController;
  readonly #arming: Arming;
  readonly #ending: SandboxEnding;
  readonly #fit: PaneFit;
  readonly #registered: LateRegistration;
  readonly #outer: TerminalQuestions;
  readonly #chrome: LateChrome;
  #screen: SessionScreen | undefined;
  #input: PaneInput | undefined;
  readonly #sandbox: RunningSandbox;
  #hangupCode: number | undefined;
  #unmarked = false;
  readonly #inside = new InsideProcesses();
  readonly #timers = new SessionTimers(this.#clock);
  readonly #prompts = new PromptWatch((run) => this.#clock.immediate(run));
  readonly #bell = new BellLimit();

  constructor(request: InteractiveRequest, terminal: OuterTerminal | undefined, guard: Guard) {
    this.#request = request;
    const screenSize = terminal?.size() ?? request.detached?.size ?? { cols: 80, rows: 24 };
    this.#terminal = new DetachableTerminal(terminal, screenSize);
    this.#words = new LastWords(request, this.#terminal);
    this.#guard = guard;
    this.#leaving = new Leaving({
      registration: request.registration,
      checker:
        request.env['NONO_RELAY_FD'] === undefined && request.detached === undefined ? undefined : request.attach,
      terminal: this.#terminal,
      relayed: request.env['NONO_RELAY_FD'] !== undefined,
      guard,
      suspended: () => this.#arming.forget(),
      left: () => {
        // What was seen before counts for nothing: approvals are armed anew by what the next terminal shows.
        this.#arming.forget();
        this.#session.focusShell();
        this.#session.asking.attended(false);
      },
      say: (line) => this.#words.say(line),
      attached: () => {
        this.#fit.window();
        this.#outer.again();
        this.#screen?.compositor.sideBand(PROBE);
        this.#enter(ENTER_SCREEN);
        this.#session.asking.attended(true);
      },
      resized: () => this.#fit.windowChanged(),
      repaint: () => this.resumed(),
    });
    const size = paneSize(screenSize, request.layout?.wish);
    this.#pty = request.pty ?? openPty(size);
    this.#keys = new ShellKeys(this.#pty, request.typed);
    this.#registered = new LateRegistration(request.registration);
    this.#fit = new PaneFit({
      screen: () => this.#screen,
      pty: this.#pty,
      layout: () => this.#session.ui.layout,
      window: () => this.#terminal.size(),
      after: (ms, run) => this.#timers.after(ms, run),
    });
    // The window can have changed since.
    if (request.pty !== undefined) this.#pty.resize(size);
    if (terminal !== undefined) takeOver((data) => terminal.writeNow(data), relayDescriptor(request.env));
    this.#sandbox = this.#launch();
    this.#ending = new SandboxEnding(this.#sandbox, this.#clock);
    this.#arming = new Arming(this.#clock);
    this.#session = this.#controller(this.#arming);
    if (request.background !== 'ask') this.#session.background = request.background;
    if (terminal === undefined) this.#session.asking.attended(false);
    this.#outer = new TerminalQuestions(
      this.#clock,
      (data) => this.#pty.answer(data),
      (probe) => this.#outerKnown(probe),
    );
    if (terminal === undefined) this.#outer.nobody();
    this.#chrome = this.#lateChrome();
  }

  /** Somebody else had the terminal. */
  resumed(): void {
    this.#enter(REENTER_SCREEN);
  }

  #enter(sequence: string): void {
    this.#arming.forget();
    this.#screen?.compositor.reenter(sequence);
  }

  async run(): Promise<number> {
    const screen = await this.#openScreen();
    // The questions go out with a frame that paints over them. Without a terminal they would wait for the next one, which is asked itself: the second answers would be typed into the shell.
    if (this.#terminal.current !== undefined) screen.compositor.sideBand(PROBE);
    screen.compositor.repaint();
    let taken = 0;
    const drained = new Promise<void>((resolve) => {
      this.#pty.read((bytes) => {
        if (taken === 0 && !marksPrompts(this.#shell)) this.#timers.after(PROMPT_DRAWN_MS, () => this.#unmarkedDrawn());
        taken += bytes.length;
        screen.compositor.paneOutput(bytes);
      }, resolve);
    });
    const input = startInput({
      probe: () => this.#outer.probe,
      terminal: this.#terminal,
      clock: this.#clock,
      keys: this.#keys,
      pty: this.#pty,
      session: this.#session,
      screen,
      typed: () => {
        this.#prompts.input();
        if (this.#unmarked) this.#shellReady();
      },
      hangup: () => this.#guard.hangup(),
    });
    this.#input = input;
    const winch = (): void => this.#fit.windowChanged();
    process.on('SIGWINCH', winch);
    // The relay has asked for the size before this process was there.
    this.#clock.immediate(() => this.#fit.window());
    this.#timers.after(CHROME_AFTER_MS, () => void this.#chrome.load());
    this.#timers.after(ASK_AFTER_MS, () => this.#shellReady());

    const end = await this.#ending.end();
    await outputOver(drained, () => taken, this.#clock);
    if (this.#terminal.current !== undefined && !this.#hungUp) await this.#outer.over();
    this.#timers.stop();
    process.off('SIGWINCH', winch);
    input.stop();
    this.#outer.stop();
    await screen.compositor.finish(this.#words.frameWait(this.#hungUp));
    const left = this.#words.lines(screen, this.#session.granter.journal.summary(), this.#hangupCode);
    this.#request.layout?.remember(this.#session.ui.layout);
    this.#session.stop();
    screen.stop();
    this.#pty.close();
    await this.#terminal.close(DRAIN_MS);
    this.#guard.release();
    if (!this.#leaving.attached) this.#words.leave(left, this.#hangupCode);
    const code = this.#registered.exitCode(() => this.#hangupCode ?? exitCodeOf(end));
    if (this.#leaving.end(code, left)) await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
    return code;
  }

  get #hungUp(): boolean {
    return this.#hangupCode !== undefined;
  }

  /** The emulator and the compositor are evaluated here, while the shell is already starting. */
  async #openScreen(): Promise<SessionScreen> {
    const { SessionScreen } = await import('./screen/session-screen.ts');
    const events = paneEvents({
      compositor: () => this.#screen?.compositor,
      attended: () => this.#terminal.current !== undefined,
      write: (data) => this.#outer.reply(data),
      promptMark: (part) => this.#prompted(part),
      clipboard: (text) => this.#session.clipboard.asked(text),
      color: (which) => this.#outer.color(which),
      kitty: (flags) => this.#outer.kitty(flags),
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

  #outerKnown({ widths, colors }: OuterProbe): void {
    if (this.#request.color !== false && this.#request.background === 'ask' && colors.background !== undefined)
      this.#session.background = backgroundOf(colors.background);
    if (widths !== undefined) this.#screen?.compositor.setWidths(widths);
    this.#screen?.refresh(false);
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
        this.#inside.event(event);
        this.#request.observe?.(event);
        this.#registered.event(event);
        this.#session.event(event);
      },
    });
    this.#pty.closeSlave();
    return sandbox;
  }

  #controller(arming: Arming): SessionController {
    const { env, doors, bell } = this.#request;
    return new SessionController({
      ...requestOptions(this.#request),
      ...paneOptions(this.#request),
      clock: this.#clock,
      arming,
      lookBack: () => this.#screen?.lookBack(),
      cursorRow: () => this.#screen?.compositor.pane.cursor.y,
      toClipboard: (text) => this.#screen?.compositor.clipboard(clipboardSequence(text, env)),
      screenSize: () => this.#screen?.size ?? this.#terminal.size(),
      layoutChanged: () => this.#fit.layout(),
      doors: doors?.(() => this.#inside.shellDirectory(this.#request.policy.workdir)),
      send: (command) => this.#sandbox.send(command),
      readProcess: (pid) => readProcess(pid, this.#inside.supervisor),
      changed: (urgent) => {
        this.#input?.reconsider();
        this.#screen?.refresh(urgent);
      },
      literalPrefix: () => this.#keys.write(prefixBytes(this.#session.keymap.prefix)),
      quit: () => this.hangup(undefined),
      again: () => this.#again(),
      bell: bell === true ? () => this.#ring() : undefined,
      detach: () => this.#leaving.detach(),
      suspend: () => this.#leaving.suspend(),
    });
  }

  get #shell(): string {
    return this.#request.argv[0] ?? '';
  }

  /** No key reaches the shell before asking has begun: what somebody types while nono starts is asked about as well. */
  #shellReady(): void {
    this.#session.startAsking();
    if (this.#keys.ready()) this.#prompts.input();
    this.#input?.reconsider();
  }

  /** A shell that marks no prompt has drawn something: it may still be starting, until somebody types. */
  #unmarkedDrawn(): void {
    this.#unmarked = true;
    if (this.#keys.backlog > 0) this.#shellReady();
  }

  #again(): string | undefined {
    const cursor = (): boolean => this.#screen?.compositor.pane.modes.applicationCursor === true;
    return recallLast(this.#shell, this.#prompts, (keys) => this.#pty.write(keys), cursor);
  }

  #ring(): void {
    if (this.#terminal.current !== undefined && this.#bell.ring(this.#clock.now()))
      this.#screen?.compositor.sideBand('\x07');
  }

  /** As a closed terminal, where the user has not set it to detach: SIGHUP for everything inside, then the rest. Without a code it was the user's wish, and the shell's own end counts. */
  hangup(code: number | undefined): void {
    if (code === HUNG_UP && this.#request.hangup === 'detach' && this.#leaving.detach() === undefined) return;
    this.#hangupCode ??= code;
    this.#ending.hangup();
  }

  /** Asking begins when the prompt is complete: what the prompt itself runs is still start-up. Some shells mark only its beginning. */
  #prompted(part: 'begin' | 'end'): void {
    this.#prompts.mark(part);
    // A prompt is waited for like an echo.
    this.#screen?.compositor.keySent();
    if (part === 'end') this.#eventsRead(() => this.#shellReady());
    if (this.#chrome.asked) return;
    this.#timers.after(PROMPT_DRAWN_MS, () => this.#shellReady());
    // Loading takes a while: first the prompt is painted.
    const load = (): void => this.#timers.after(AFTER_PROMPT_MS, () => void this.#chrome.load());
    this.#screen?.afterNextFrame(() => this.#eventsRead(load));
  }

  /** Runs when everything that happened inside before now is known: one turn of the event loop opens the streams, and the next reads what has come by them. */
  #eventsRead(run: () => void): void {
    const clock = this.#clock;
    clock.immediate(() => clock.immediate(run));
  }

  #lateChrome(): LateChrome {
    return new LateChrome({
      load: this.#request.loadChrome,
      before: () => this.#registered.begin(),
      mount: (module, failed) => {
        this.#session.found(this.#request.found?.() ?? []);
        this.#screen?.mount(module, failed);
        if (this.#guard.relay !== undefined) void this.#input?.lend(this.#guard.relay);
        void this.#leaving.openDoor().then((open) => this.#request.detached?.started(open));
      },
      failed: (error) => this.#session.listFailed(error),
    });
  }
}
