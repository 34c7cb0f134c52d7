/** What the command line has decided about a session before it starts. */
import type { ResolvedPolicy } from '../policy/model.ts';
import type { Registration } from '../registry/registration.ts';
import type { LaunchRequest, RunningSandbox } from '../sandbox/linux/launch.ts';
import type { SupervisorEvent } from '../sandbox/linux/wire.ts';
import type { Size } from '../terminal/geometry.ts';
import type { Pty } from '../terminal/pty.ts';
import type { ProfileSaver } from './approval/profile-saver.ts';
import type { CommandDoors } from './commands/command.ts';
import type { Keymap } from './keys/keymap.ts';
import type { Background } from './outer/background.ts';
import { ruleTables } from './rows/row-text.ts';
import type { ChromeModule, ThemeColors } from './screen/chrome-model.ts';
import type { LayoutWish } from './screen/layout.ts';

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
  /** Started without a terminal, which comes later through `nono attach`. `started`: whether it can, called once. */
  readonly detached?: { readonly size: Size; readonly started: (attachable: boolean) => void } | undefined;
  /** Lines of text instead of a split screen. */
  readonly linear?: boolean;
  /** In the place of nono-launch: what runs already, or in tests nothing of the kind. */
  readonly launch?: (request: LaunchRequest) => RunningSandbox;
  /** The shell's terminal, where it was opened before. */
  readonly pty?: Pty;
  /** Typed while nono had the terminal, for the shell. */
  readonly typed?: Uint8Array | undefined;
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
  /** A bell when something is denied or waits. */
  readonly bell?: boolean | undefined;
  /** Takes what the user copies, in place of the terminal. */
  readonly copyCommand?: readonly string[] | undefined;
  /** What becomes of the session when the terminal that it was started on is closed; absent: it ends. */
  readonly hangup?: 'end' | 'detach' | undefined;
  /** Rows that can be looked back on. */
  readonly scrollback?: number | undefined;
  /** What the command line reaches; `cwd` says where the shell is. */
  readonly doors?: (cwd: () => string) => CommandDoors;
  /** This session's entry in the registry. */
  readonly registration?: Registration | undefined;
  /** Hears everything that the supervisor says, as it comes. */
  readonly observe?: (event: SupervisorEvent) => void;
  /** One line after the terminal was given back. */
  readonly say?: (line: string) => void;
}

/** Rules on paths and on addresses are numbered apart; one count beyond both serves the session's own. */
export function nextRuleId(rules: readonly { readonly id: number }[]): number {
  return rules.reduce((next, rule) => Math.max(next, rule.id + 1), rules.length);
}

/** What the screen around the pane is told of it. */
export function viewOptions(request: InteractiveRequest) {
  const { policy } = request;
  return {
    profile: policy.profile,
    shell: request.argv[0] ?? '',
    workdir: policy.workdir,
    home: request.env['HOME'] ?? '',
    rules: ruleTables(policy),
    color: request.color,
    ascii: request.ascii,
  };
}
