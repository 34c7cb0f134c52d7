/** A session in the pane. Order of a start: shell, alternate screen, a first frame by our own code, and only after the first prompt Ink. */
import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { launchSandbox, type RunningSandbox, type SandboxEnd } from '../sandbox/linux/launch.ts';
import type { SupervisorEvent } from '../sandbox/linux/wire.ts';
import { clipboardSequence } from '../terminal/clipboard.ts';
import { type Clock, systemClock } from '../terminal/flush-scheduler.ts';
import type { Size } from '../terminal/geometry.ts';
import { PROBE } from '../terminal/outer-probe.ts';
import type { OuterTerminal } from '../terminal/outer-terminal.ts';
import { openPty, type Pty } from '../terminal/pty.ts';
import { ENTER_SCREEN } from '../terminal/screen-sequences.ts';
import { BellLimit } from '../terminal/title-and-bell.ts';
import { visibleText } from '../terminal/visible-text.ts';
import { Arming } from './arming.ts';
import { backgroundOf } from './background.ts';
import { SessionController } from './controller.ts';
import { runCopyCommand } from './copy-command.ts';
import { DetachableTerminal } from './detachable-terminal.ts';
import { type InteractiveRequest, nextRuleId, viewOptions } from './interactive-request.ts';
import { lastRows, outputOver } from './last-output.ts';
import { paneSize } from './layout.ts';
import { Leaving } from './leaving.ts';
import { OuterAnswers } from './outer-answers.ts';
import { paneEvents } from './pane-events.ts';
import { startInput } from './pane-input.ts';
import { prefixBytes } from './prefix-key.ts';
import { readProcess } from './process-info.ts';
import { PromptWatch } from './prompt-watch.ts';
import { denyRule, ruleTables } from './row-text.ts';
import { exitCodeOf, SIGNAL_BASE } from './session-end.ts';
import type { Guard } from './session-guard.ts';
import type { SessionScreen } from './session-screen.ts';
import { ShellKeys } from './shell-keys.ts';

const CHROME_AFTER_MS = 150;
const AFTER_PROMPT_MS = 1;
const ASK_AFTER_MS = 2000;
const PROMPT_DRAWN_MS = 100;
const DRAIN_MS = 300;
/** A slow line takes this long for a frame at most; who is slower sees the end of the output on the main screen. */
const LAST_FRAME_MS = 2000;
const HANGUP_MS = 1500;
const RESIZE_SETTLE_MS = 50;
/** Shells whose arrow key brings back what was entered last; they mark their prompts. */
const RECALLS = new Set(['bash', 'zsh', 'fish']);
const SIGHUP = 1;
const HUNG_UP = SIGNAL_BASE + SIGHUP;

/** One session in the pane: sandbox, pty, screen and keys, from the start to the end. */
export class InteractiveSession {
  readonly #request: InteractiveRequest;
  readonly #clock: Clock = systemClock;
  readonly #terminal: DetachableTerminal;
  readonly #leaving: Leaving;
  readonly #guard: Guard;
  readonly #pty: Pty;
  readonly #keys: ShellKeys;
  readonly #session: SessionController;
  readonly #arming: Arming;
  #outer: OuterAnswers;
  #screen: SessionScreen | undefined;
  #sandbox: RunningSandbox;
  #supervisorPid: number | undefined;
  #shellPid: number | undefined;
  #hangupCode: number | undefined;
  #chromeAsked = false;
  /** For the registry, which writes files: not before the first prompt. */
  readonly #unregistered: SupervisorEvent[] = [];
  readonly #cancels = new Set<() => void>();
  readonly #prompts = new PromptWatch();
  readonly #bell = new BellLimit();
  #hungUp: () => void = () => {};

  constructor(request: InteractiveRequest, terminal: OuterTerminal | undefined, guard: Guard) {
    this.#request = request;
    const screenSize = terminal?.size() ?? request.detached?.size ?? { cols: 80, rows: 24 };
    this.#terminal = new DetachableTerminal(terminal, screenSize);
    this.#guard = guard;
    this.#leaving = new Leaving({
      registration: request.registration,
      checker:
        request.env['NONO_RELAY_FD'] === undefined && request.detached === undefined ? undefined : request.attach,
      terminal: this.#terminal,
      guard,
      left: () => {
        // What was seen before counts for nothing: approvals are armed anew by what the next terminal shows.
        this.#arming.forget();
        this.#session.focusShell();
        this.#session.attended(false);
      },
      say: (line) => this.#say(line),
      attached: () => {
        this.#fitWindow();
        this.#askTerminal();
        this.resumed();
        this.#session.attended(true);
      },
      resized: () => this.#windowChanged(),
      repaint: () => this.resumed(),
    });
    const size = paneSize(screenSize, request.layout?.wish);
    this.#pty = request.pty ?? openPty(size);
    this.#keys = new ShellKeys(this.#pty, request.typed);
    // The window can have changed since.
    if (request.pty !== undefined) this.#pty.resize(size);
    terminal?.writeNow(ENTER_SCREEN);
    this.#sandbox = this.#launch();
    this.#arming = new Arming(this.#clock);
    this.#session = this.#controller(this.#arming);
    if (request.background !== 'ask') this.#session.background = request.background;
    if (terminal === undefined) this.#session.attended(false);
    this.#outer = this.#questions();
  }

  #questions(): OuterAnswers {
    return new OuterAnswers(
      this.#clock,
      (data) => this.#pty.write(data),
      () => this.#outerKnown(),
    );
  }

  /** The next terminal can have other colours, and draw emoji in other widths, than the one before. */
  #askTerminal(): void {
    this.#outer.stop();
    this.#outer = this.#questions();
    this.#screen?.compositor.sideBand(PROBE);
  }

  /** Somebody else had the terminal. */
  resumed(): void {
    this.#arming.forget();
    this.#screen?.compositor.reenter(ENTER_SCREEN);
  }

  async run(): Promise<number> {
    const screen = await this.#openScreen();
    let taken = 0;
    const drained = new Promise<void>((resolve) => {
      this.#pty.read((bytes) => {
        if (taken === 0 && this.#keys.waiting && !this.#marksPrompts)
          this.#after(PROMPT_DRAWN_MS, () => this.#shellReady());
        taken += bytes.length;
        screen.compositor.paneOutput(bytes);
      }, resolve);
    });
    // The questions go out with a frame that paints over them. Without a terminal they would wait for the next one, which is asked itself: the second answers would be typed into the shell.
    if (this.#terminal.current !== undefined) screen.compositor.sideBand(PROBE);
    screen.compositor.repaint();
    const stopInput = startInput({
      probe: () => this.#outer.probe,
      terminal: this.#terminal,
      clock: this.#clock,
      keys: this.#keys,
      pty: this.#pty,
      session: this.#session,
      screen,
      typed: () => this.#prompts.input(),
      hangup: () => this.#guard.hangup(),
    });
    const winch = (): void => this.#windowChanged();
    process.on('SIGWINCH', winch);
    this.#after(CHROME_AFTER_MS, () => void this.#loadChrome());
    this.#after(ASK_AFTER_MS, () => {
      this.#session.startAsking();
      this.#shellReady();
    });

    const end = await this.#ended();
    await outputOver(drained, () => taken, this.#clock);
    if (this.#terminal.current !== undefined && this.#hangupCode === undefined) await this.#outer.over();
    for (const cancel of this.#cancels) cancel();
    process.off('SIGWINCH', winch);
    stopInput();
    this.#outer.stop();
    await screen.compositor.finish(this.#lastFrameWait());
    const left = this.#leftBehind(screen);
    this.#request.layout?.remember(this.#session.ui.layout);
    this.#session.stop();
    screen.stop();
    this.#pty.close();
    await this.#terminal.close(DRAIN_MS);
    this.#guard.release();
    if (!this.#leaving.attached) this.#leave(left);
    const code = this.#exitCode(end);
    if (this.#leaving.end(code, left)) await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
    return code;
  }

  /** Nobody waits for a terminal that is not there, or may be gone. */
  #lastFrameWait(): number {
    if (this.#terminal.current === undefined) return 0;
    return this.#hangupCode === undefined ? LAST_FRAME_MS : DRAIN_MS;
  }

  /** The relay makes line ends of line feeds again only when this process has ended. */
  #leave(lines: readonly string[]): void {
    if (this.#terminal.current === undefined || this.#hangupCode !== undefined)
      for (const line of lines) this.#say(line);
    else this.#terminal.writeNow(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** What the main screen says afterwards. Whoever closed the terminal or ended the session from elsewhere does not wait for its last words. */
  #leftBehind(screen: SessionScreen): readonly string[] {
    const { pane } = screen.compositor;
    const shown = this.#hangupCode === undefined && !pane.alternate;
    const rows = shown ? lastRows(pane.lookBack(), screen.size.cols, this.#request.ascii) : [];
    const summary = this.#session.granter.journal.summary();
    return summary === undefined ? rows : [...rows, summary];
  }

  /** Also for the registry; what was lost has no code. */
  #exitCode(end: SandboxEnd): number {
    const { registration } = this.#request;
    this.#register();
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
      clipboard: (text) => this.#session.clipboard.asked(text),
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
    if (this.#request.color !== false && this.#request.background === 'ask' && colors.background !== undefined)
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
        this.#request.observe?.(event);
        if (this.#chromeAsked) this.#request.registration?.event(event);
        else this.#unregistered.push(event);
        this.#session.event(event);
      },
    });
    this.#pty.closeSlave();
    return sandbox;
  }

  #controller(arming: Arming): SessionController {
    const { copyCommand } = this.#request;
    return new SessionController({
      saver: this.#request.profileSaver,
      firstRuleId: nextRuleId([...this.#request.policy.rules, ...(this.#request.policy.netRules ?? [])]),
      isFixed: (id) => this.#request.policy.rules[id]?.fixed === true,
      fromGroup: (row) => denyRule(row, ruleTables(this.#request.policy))?.source.startsWith('group:') === true,
      clock: this.#clock,
      arming,
      now: Date.now,
      opening: this.#request.opening,
      nameServers: () => process.getBuiltinModule('node:dns').getServers(),
      keymap: this.#request.keymap,
      layout: this.#request.layout?.wish,
      mouse: this.#request.mouse,
      clipboard: this.#request.clipboard,
      lookBack: () => this.#screen?.lookBack(),
      toClipboard: (text) => this.#screen?.compositor.clipboard(clipboardSequence(text, this.#request.env)),
      ...(copyCommand === undefined
        ? {}
        : {
            copyCommand: {
              name: copyCommand[0] ?? '',
              take: (text: string) => runCopyCommand(copyCommand, text, this.#request.env),
            },
          }),
      screenSize: () => this.#screen?.size ?? this.#terminal.size(),
      layoutChanged: () => this.#fitPane(),
      doors: this.#request.doors?.(() => this.#shellDirectory()),
      send: (command) => this.#sandbox.send(command),
      readProcess: (pid) => readProcess(pid, this.#supervisorPid),
      changed: (urgent) => this.#screen?.refresh(urgent),
      literalPrefix: () => this.#keys.write(prefixBytes(this.#session.keymap.prefix)),
      quit: () => this.hangup(undefined),
      again: () => this.#again(),
      bell: this.#request.bell === true ? () => this.#ring() : undefined,
      detach: () => this.#leaving.detach(),
    });
  }

  get #shell(): string {
    return basename(this.#request.argv[0] ?? '');
  }

  get #marksPrompts(): boolean {
    return RECALLS.has(this.#shell);
  }

  /** What was typed before there was a shell goes to it. */
  #shellReady(): void {
    if (!this.#keys.waiting) return;
    this.#prompts.input();
    this.#keys.ready();
  }

  /** By the key that these shells' line editors have for it. */
  #again(): string | undefined {
    const shell = this.#shell;
    if (!RECALLS.has(shell)) return `${visibleText(shell)} brings no command back`;
    if (!this.#prompts.ready) return 'the shell does not wait at an empty prompt: run it again there';
    this.#prompts.input();
    this.#pty.write(Buffer.from(this.#screen?.compositor.pane.modes.applicationCursor ? '\x1bOA' : '\x1b[A'));
    return undefined;
  }

  #ring(): void {
    if (this.#bell.ring(this.#clock.now())) this.#screen?.compositor.sideBand('\x07');
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

  /** As a closed terminal, where the user has not set it to detach: SIGHUP for everything inside, then the rest. Without a code it was the user's wish, and the shell's own end counts. */
  hangup(code: number | undefined): void {
    if (code === HUNG_UP && this.#request.hangup === 'detach' && this.#leaving.detach() === undefined) return;
    this.#hangupCode ??= code;
    this.#sandbox.send({ type: 'terminate', signal: SIGHUP });
    this.#hungUp();
  }

  /** Asking begins when the prompt is complete: what the prompt itself runs is still start-up. Some shells mark only its beginning. */
  #prompted(part: 'begin' | 'end'): void {
    this.#prompts.mark(part);
    // A prompt is waited for like an echo.
    this.#screen?.compositor.keySent();
    if (part === 'end') {
      this.#session.startAsking();
      this.#shellReady();
    }
    if (this.#chromeAsked) return;
    this.#after(PROMPT_DRAWN_MS, () => this.#session.startAsking());
    // Loading takes a while: first the prompt is painted.
    this.#screen?.afterNextFrame(() => this.#after(AFTER_PROMPT_MS, () => void this.#loadChrome()));
  }

  async #loadChrome(): Promise<void> {
    if (this.#chromeAsked) return;
    this.#chromeAsked = true;
    this.#register();
    try {
      const module = await this.#request.loadChrome();
      this.#session.found(this.#request.found?.() ?? []);
      this.#screen?.mount(module, (error) => this.#chromeFailed(error));
      void this.#leaving.openDoor().then((open) => this.#request.detached?.started(open));
    } catch (error) {
      this.#chromeFailed(error as Error);
    }
  }

  #register(): void {
    for (const event of this.#unregistered.splice(0)) this.#request.registration?.event(event);
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
