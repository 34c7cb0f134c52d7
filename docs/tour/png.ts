/** SVG to PNG, with a font of our own, so that a picture is the same on every machine. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { FONT } from './screen-svg.ts';

const require = createRequire(import.meta.url);

function fonts(): Uint8Array[] {
  const directory = join(dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  return ['DejaVuSansMono', 'DejaVuSansMono-Bold', 'DejaVuSansMono-Oblique'].map((name) =>
    readFileSync(join(directory, `${name}.ttf`)),
  );
}

/** A function that draws; loading the renderer takes a moment, so it is done once. */
export async function pngRenderer(): Promise<(svg: string) => Uint8Array> {
  await initWasm(readFileSync(require.resolve('@resvg/resvg-wasm/index_bg.wasm')));
  const fontBuffers = fonts();
  return (svg) =>
    new Resvg(svg, { font: { fontBuffers, defaultFontFamily: FONT, monospaceFamily: FONT } }).render().asPng();
}
