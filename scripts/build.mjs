// Builds the product: native/build/ from native/ and third_party/, dist/ from src/ and components/. Plain JavaScript, so that the system's Node 20 can run it.
//   node scripts/build.mjs [--native | --bundle] [--if-stale]
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { orOneLine } from './build/error.mjs';
import { withBuildLock } from './build/lock.mjs';
import { buildNative } from './build/native.mjs';
import { copyPty } from './build/pty.mjs';
import { bundleIsStale, nativeIsStale, plannerIsStale } from './build/stale.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const options = process.argv.slice(2);
const ifStale = options.includes('--if-stale');

await orOneLine(() =>
  withBuildLock(root, async () => {
    if (!options.includes('--bundle') && !(ifStale && !nativeIsStale(root))) buildNative(root);
    copyPty(root);
    if (!options.includes('--native') && !(ifStale && !bundleIsStale(root))) {
      const { bundle } = await import('./build/bundle.mjs');
      await bundle(root);
    }
    if (plannerIsStale(root)) {
      const { buildPlanner } = await import('./build/planner.mjs');
      await buildPlanner(root);
    }
  }),
);
