/** What stands in the list while nothing, or hardly anything, does: the notices of the session, and where they are read when they have no room. */
import { plainGlyphs } from '../../../components/theme.ts';
import type { Size } from '../../terminal/geometry.ts';
import { textWidth, visibleText } from '../../terminal/visible-text.ts';
import { wordLines } from '../../terminal/wrap.ts';
import type { SessionController } from '../controller.ts';
import { keyFor } from '../keys/key-words.ts';
import { type Keymap, keyLabel } from '../keys/keymap.ts';

const FEW_ROWS = 1;
/** A blank on both sides. */
const EDGES = 2;

/** Below `rows` of them; `room` is what these leave. */
export function listNotes(session: SessionController, rows: number, room: Size, ascii: boolean): readonly string[] {
  const width = room.cols - EDGES;
  const nothing = session.ui.filter === '' ? 'nothing was denied yet' : 'nothing matches the filter';
  const lines = [
    ...(rows === 0 ? [nothing] : []),
    ...(rows <= FEW_ROWS ? session.notices.map(visibleText) : []),
  ].flatMap((note) => wordLines(plainGlyphs(note, ascii), width));
  if (lines.length <= room.rows) return lines;
  const shown = lines.slice(0, Math.max(0, room.rows - 1));
  const rest = `${shown.length === 0 ? 'notices' : 'more'}: ${helpKeys(session.keymap)}`;
  return textWidth(rest) <= width ? [...shown, rest] : shown;
}

function helpKeys(keymap: Keymap): string {
  return keymap.prefix === ''
    ? `${keyFor(keymap, 'list', 'help')} in the list`
    : `${keyLabel(keymap.prefix)} ${keyFor(keymap, 'prefix', 'help')}`;
}
