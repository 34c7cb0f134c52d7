// Run by bin/nono when something is not built: `npm ci --ignore-scripts` builds nothing, and no install script is needed for nono to work.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function fail(line) {
  process.stderr.write(`nono: ${line}\n`);
  process.exit(1);
}

if (!existsSync(join(root, 'node_modules/esbuild')) || !existsSync(join(root, 'src'))) {
  fail(`not built yet, and the build tools are missing (run \`npm ci\` in ${root})`);
}
process.stderr.write('nono: first start, building (once, some seconds)\n');
try {
  const build = join(root, 'scripts/build.mjs');
  execFileSync(process.execPath, [build, '--if-stale'], { cwd: root, stdio: ['ignore', 2, 'inherit'] });
} catch {
  process.exit(1); // the build has said why
}
