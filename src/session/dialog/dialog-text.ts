/** What every dialog is made from and becomes: data and a width in, lines out. */
import type { Target } from '../approval/approvals.ts';
import type { Console } from '../console/console.ts';
import type { Keymap } from '../keys/keymap.ts';
import type { RuleTables } from '../rows/row-text.ts';
import type { Line } from '../screen/chrome-model.ts';
import { field, prose } from './wrapped-lines.ts';

/** What a dialog says besides its own data. */
export interface DialogContext {
  readonly rules: RuleTables;
  readonly target: Target;
  readonly profile: string;
  readonly notices: readonly string[];
  readonly console: Console | undefined;
  readonly keymap: Keymap;
  /** Columns and lines of text. */
  readonly width: number;
  readonly height: number;
}

/** A dialog as lines of any number; the caller cuts and scrolls. */
export interface DialogText {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Line and column of a text cursor. */
  readonly cursor?: { readonly line: number; readonly column: number };
  /** A line to keep in sight, counted after the first two, which stay where they are. */
  readonly follow?: number;
  /** The place that it keeps while less of it is shown: what is typed must not move it. */
  readonly least?: { readonly columns: number; readonly lines: number };
  /** How far PgUp and PgDn go, where that is not a page of the list. */
  readonly page?: number;
}

export const lasts = (text: string, width: number): readonly Line[] => field('lasts', text, width, 'plain', prose);
