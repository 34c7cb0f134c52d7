/** What a session needs from those around it: how it is told of the world, and how it acts on it. */
import type { SupervisorCommand } from '../sandbox/linux/wire.ts';
import type { Clock } from '../terminal/flush-scheduler.ts';
import type { Size } from '../terminal/geometry.ts';
import type { ScrollView } from '../terminal/scroll-view.ts';
import type { Arming } from './approval/arming.ts';
import type { ProfileSaver } from './approval/profile-saver.ts';
import type { CommandDoors } from './commands/command.ts';
import type { Keymap } from './keys/keymap.ts';
import type { DenialRow } from './rows/denial-row.ts';
import type { ProcessInfo } from './rows/process-info.ts';
import type { LayoutWish } from './screen/layout.ts';

export interface ControllerOptions {
  readonly saver: ProfileSaver;
  readonly firstRuleId: number;
  /** Whether no override lifts the rule with this id. */
  readonly isFixed?: (ruleId: number) => boolean;
  /** Whether the rule that denied a row is a group's: those of credentials, browsers, keychains, shell histories. */
  readonly fromGroup?: (row: DenialRow) => boolean;
  readonly clock: Clock;
  readonly arming: Arming;
  readonly now: () => number;
  readonly send: (command: SupervisorCommand) => void;
  readonly readProcess: (pid: number) => ProcessInfo | undefined;
  /** Something that is shown has changed. `urgent` when a call waits or the user pressed a key. */
  readonly changed: (urgent: boolean) => void;
  /** One prefix byte for the shell. */
  readonly literalPrefix: () => void;
  /** Puts the last command back at the shell's prompt, without running it; answers why that cannot be. */
  readonly again?: () => string | undefined;
  /** Something was denied, or waits. */
  readonly bell?: (() => void) | undefined;
  readonly quit: () => void;
  /** Leaves the session running without a terminal; answers why it cannot. */
  readonly detach?: () => string | undefined;
  /** Stops the session and gives the terminal back to the shell outside; answers why it cannot. */
  readonly suspend?: () => string | undefined;
  /** The first notices: what the user could believe to be enforced and is not, what was left out. They stand in the empty list and in the help. */
  readonly opening?: readonly string[] | undefined;
  /** Name servers of this host; rows show names from their answers. */
  readonly nameServers?: (() => readonly string[]) | undefined;
  /** Where the list is at the start. */
  readonly layout?: LayoutWish | undefined;
  /** The layout is another one: the shell's terminal may have to change its size. */
  readonly layoutChanged?: () => void;
  readonly screenSize?: () => Size;
  /** The user's keys; without, those of the table. */
  readonly keymap?: Keymap | undefined;
  /** The row of the pane that the shell's cursor is in. */
  readonly cursorRow?: () => number | undefined;
  /** A look at the scrollback; undefined when there is no pane to show it in. */
  readonly lookBack?: () => ScrollView | undefined;
  /** Sends text to the clipboard of the user's terminal. Only for what the user has selected or allowed. */
  readonly toClipboard?: (text: string) => void;
  /** Takes what the user copies, in place of the terminal; never what a program wishes. Resolves with what went wrong. */
  readonly copyCommand?: { readonly name: string; readonly take: (text: string) => Promise<string | undefined> };
  /** What programs may do with the clipboard. */
  readonly clipboard?: 'off' | 'ask' | 'on' | undefined;
  readonly mouse?: boolean | undefined;
  /** What the command line reaches; without, there is none. */
  readonly doors?: CommandDoors | undefined;
}
