/** The chrome's first frame, before Ink is loaded: the same places, drawn with nothing but strings. */
import { fit } from '../terminal/visible-text.ts';
import type { ChromeModel, Line } from './chrome-model.ts';

const DIM = '\x1b[2m';
const BOLD = '\x1b[1m';
const PLAIN = '\x1b[m';

function text(line: Line): string {
  return line.map((s) => s.text).join('');
}

/** What a terminal says that has no room for anything else; a call that waits is not forgotten. */
export function tinyLines({ layout, waiting }: ChromeModel): readonly string[] {
  const { cols, rows } = layout.size;
  const held = waiting > 0 ? [`${waiting} held: enlarge to answer`] : [];
  return [`nono: ${cols}x${rows} is too small`, 'it needs 40x10; the shell goes on', ...held].map((line) =>
    fit(line, cols).trimEnd(),
  );
}

/** One string per screen row; the pane's part is left empty. */
export function skeletonLines(model: ChromeModel): readonly string[] {
  const { layout, ascii } = model;
  if (layout.split === 'tiny') return tinyLines(model);
  const lines = Array.from({ length: layout.size.rows }, () => '');
  const vertical = ascii ? '|' : '│';
  const { divider } = layout;
  if (divider.height === 0) {
    // The shell is alone.
  } else if (divider.width === 1) {
    for (let y = divider.y; y < divider.y + divider.height; y += 1) {
      lines[y] = `\x1b[${divider.x + 1}G${DIM}${vertical}${PLAIN}`;
    }
    lines[divider.y] += `${DIM} denials${PLAIN}`;
  } else lines[divider.y] = `${DIM}${fit(`${ascii ? '-' : '─'} denials `, divider.width).trimEnd()}${PLAIN}`;
  if (layout.title.height > 0)
    lines[layout.title.y] =
      ` ${BOLD}nono${PLAIN}${DIM}${fit(text(model.title.left).slice(4), layout.title.width - 6)}${PLAIN}`;
  const said = model.message === '' ? model.hints.map((h) => `${h.key} ${h.text}`).join('   ') : model.message;
  lines[layout.hint.y] = ` ${fit(said, layout.hint.width - 2)}`;
  return lines;
}
