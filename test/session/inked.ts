/** What Ink draws of a model, one string of text and colours per row. */
import { mountChrome } from '../../src/session/chrome.tsx';
import type { ChromeModel } from '../../src/session/screen/chrome-model.ts';

export function inked(model: ChromeModel): readonly string[] {
  let lines: readonly string[] = [];
  const { cols, rows } = model.layout.size;
  const handle = mountChrome({
    cols,
    rows,
    model,
    onFrame: (frame) => {
      lines = frame;
    },
    onError: (error) => {
      throw error;
    },
  });
  handle.unmount();
  return lines;
}
