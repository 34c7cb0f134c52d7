// Is what the build wrote older than what it is made of?
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const bundleInputs = ['src', 'components', 'profiles', 'scripts/build', 'package-lock.json'];
const bundleOutput = 'dist/cli.cjs';
const nativeOutputs = [
  'native/build/nono-launch',
  'native/build/nono-relay',
  'native/build/nono-attach',
  'native/build/nono-keep',
  'native/build/nono-search',
  'native/build/nono-fast-path.so',
];
const nativeInputs = ['native', 'third_party'];
const nativeSource = /\.(?:c|h|S|s|sh)$/;

function newest(path, wanted = () => true) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  // A directory's own time counts: it changes when a file is removed.
  const own = wanted(path) ? stat.mtimeMs : 0;
  if (!stat.isDirectory()) return own;
  return Math.max(own, ...readdirSync(path).map((entry) => newest(join(path, entry), wanted)));
}

function time(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

export function bundleIsStale(root) {
  const built = time(join(root, bundleOutput));
  return bundleInputs.some((input) => newest(join(root, input)) > built);
}

export function nativeIsStale(root) {
  const built = Math.min(...nativeOutputs.map((output) => time(join(root, output))));
  return nativeInputs.some((input) => newest(join(root, input), (path) => nativeSource.test(path)) > built);
}

/** Made of the bundle's sources by a native program, which is not there where its engine could not be compiled. */
export function plannerIsStale(root) {
  const built = time(join(root, 'dist/planner.bytecode'));
  return (
    time(join(root, 'native/build/nono-planner')) > built ||
    bundleInputs.some((input) => newest(join(root, input)) > built)
  );
}
