/** Everything the chrome shows, as plain data: made by view.ts, drawn by components/, tested without either. */
import type { Rect } from '../../terminal/geometry.ts';
import type { Hint } from '../keys/keymap.ts';
import type { RowId } from '../rows/denial-row.ts';
import type { Layout } from './layout.ts';

/** What a piece of text is, not how it looks; theme.ts decides that. Never the only sign of a state: the words say it too. */
export type Tone = 'plain' | 'quiet' | 'strong' | 'held' | 'denied' | 'granted' | 'danger';

/** A theme's own, as `#rrggbb`. */
export interface ThemeColors {
  readonly granted: string;
  readonly denied: string;
  readonly held: string;
  /** The background that they are made for. */
  readonly on: 'dark' | 'light';
}

/** No colours, those that read everywhere, those for a background that is known, or a theme's. */
export type Color = boolean | 'dark' | 'light' | ThemeColors;

/** What is asked for, as far as it can be read on a background that is known: a dark theme's colours vanish on white. */
export function colorOn(wanted: boolean | ThemeColors, background: 'dark' | 'light' | undefined): Color {
  if (background === undefined || wanted === false) return wanted;
  return wanted === true || wanted.on !== background ? background : wanted;
}

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

export type Line = readonly Span[];

/** Of rows that stand together; the name is escaped. */
export interface Heading {
  readonly name: string;
  readonly rows: number;
}

export interface RowView {
  readonly id: RowId;
  readonly selected: boolean;
  /** Said in a line above it: the first of a group, or the first on the screen. */
  readonly heading: Heading | undefined;
  /** A path inside an unfolded row. */
  readonly member: boolean;
  readonly state: Span;
  readonly verb: string;
  /** Escaped, with `~` for the home directory; cut by the component that knows its width. */
  readonly path: string;
  /** What the address was looked up as; shown where there is room for it, never instead of the address. */
  readonly name: string;
  readonly process: string;
  readonly count: number;
  readonly age: string;
  readonly rule: string;
  /** In its place where it does not fit. */
  readonly shortRule: string;
}

export interface ListView {
  readonly rows: readonly RowView[];
  readonly focused: boolean;
  readonly header: Line;
  /** Said below the rows while there are hardly any: that there are none, and what is not in force. As rows of the screen. */
  readonly notes: readonly string[];
}

export interface DialogView {
  readonly rect: Rect;
  readonly title: string;
  readonly lines: readonly Line[];
}

export interface ChromeModel {
  readonly layout: Layout;
  readonly color: Color;
  readonly ascii: boolean;
  readonly title: { readonly left: Line; readonly right: Line };
  readonly list: ListView;
  /** Shown instead of the hints when set, where it has room. */
  readonly message: string;
  /** The same where it has none. */
  readonly messageBox: DialogView | undefined;
  readonly alert: string;
  /** Calls that wait for an answer. */
  readonly waiting: number;
  readonly hints: readonly Hint[];
  readonly dialog: DialogView | undefined;
}

/** What the lazily loaded chunk with Ink exports. The session never imports it: the caller injects a loader, so that the bundler can split it. */
export interface ChromeModule {
  mountChrome(options: ChromeOptions): ChromeHandle;
}

export interface ChromeOptions {
  readonly cols: number;
  readonly rows: number;
  /** What the first frame shows. */
  readonly model: ChromeModel;
  /** One line of text and SGR per screen row; called while `render` runs. */
  readonly onFrame: (lines: readonly string[]) => void;
  /** A component threw: the chrome shows nothing new from now on. */
  readonly onError: (error: Error) => void;
}

export interface ChromeHandle {
  render(model: ChromeModel): void;
  resize(cols: number, rows: number): void;
  unmount(): void;
}
