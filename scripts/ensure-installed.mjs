// Before `npm start` and `npm test`: on a fresh clone, or after the lockfile changed, installs what is missing, so that each is one command.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function version(directory) {
  try {
    return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
}

/** What the lockfile names and this machine can have, but node_modules lacks or has in another version. */
function missing() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages)
    .filter(([path, entry]) => path !== '' && !entry.optional && version(join(root, path)) !== entry.version)
    .map(([path]) => path);
}

const absent = missing();
if (absent.length > 0) {
  process.stderr.write(`${absent.length} packages are missing: running npm ci\n`);
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
const [major] = process.versions.node.split('.').map(Number);
if (major < 22 && !existsSync(join(root, 'node_modules/.bin/node'))) {
  process.stderr.write(
    `nono: Node.js ${process.versions.node} is too old, and node_modules brings none here (install Node 24)\n`,
  );
  process.exit(1);
}
const build = spawnSync(process.execPath, [join(root, 'scripts/build.mjs'), '--if-stale'], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(build.status ?? 1);
