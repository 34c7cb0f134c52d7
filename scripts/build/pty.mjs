// The native part of node-pty, copied into the installation. Package managers put that package beside this one (node_modules of a project), where a session may write: what
// it left there would be loaded by the next session's host, outside every sandbox. nono's own directory is kept.
import { copyFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

function find(root) {
  const require = createRequire(join(root, 'package.json'));
  const name = `@lydell/node-pty-${process.platform}-${process.arch}/pty.node`;
  try {
    // Resolved from the package that depends on it: package managers do not have to hoist it to us.
    return createRequire(require.resolve('node-pty/package.json')).resolve(name);
  } catch {
    // Installed with --omit=optional: there is no shell in a pane then, and everything else.
    return undefined;
  }
}

export function copyPty(root) {
  const from = find(root);
  const to = join(root, 'native/build/pty.node');
  if (from === undefined || (existsSync(to) && readFileSync(to).equals(readFileSync(from)))) return;
  copyFileSync(from, `${to}.tmp`);
  renameSync(`${to}.tmp`, to);
}
