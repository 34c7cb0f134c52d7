/** What of the policy's refused commands the supervisor looks for in every execve: their names, and the files that PATH has under these names. */
import { basename, join } from 'node:path';
import { createRealPathResolver } from '../resolve/real-path.ts';
import type { FileSystem } from './file-system.ts';

/** Where programs are even if the command's PATH does not say so. */
const usual = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** One file is many commands: refusing the file would refuse them all, so of these only the name is refused. */
const multiCall =
  /^(?:busybox|toybox|coreutils|uutils|systemctl|kmod|[su]base-box|xtables-.*-multi|nix|.*shims?|mise|volta-shim|rustup|proxychains.*)(?:\.static)?$/;

/** Names, and absolute paths of files. A command that was written as a path is that file and its name. */
export function refusedCommands(
  commands: readonly string[],
  path: string | undefined,
  fs: FileSystem,
): readonly string[] {
  if (commands.length === 0) return [];
  const real = createRealPathResolver(fs);
  const directories = [...new Set([...(path ?? '').split(':').filter((dir) => dir.startsWith('/')), ...usual])];
  const found = new Set<string>();
  for (const command of commands) {
    const name = basename(command);
    if (name === '' || name === '.' || name === '..') continue;
    found.add(name);
    for (const file of command.startsWith('/') ? [command] : directories.map((dir) => join(dir, name))) {
      const target = real(file);
      if (target.kind === 'file' && !multiCall.test(basename(target.path))) found.add(target.path);
    }
  }
  return [...found];
}
