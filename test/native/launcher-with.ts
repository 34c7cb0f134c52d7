/** The launcher for a test, a few of its parts compiled otherwise. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiled } from '../helpers/compiled.ts';
import { root } from '../helpers/users.ts';
import { buildDirectory } from './driver.ts';
import { native } from './parts.ts';

const words = ['-std=gnu17', '-O0', '-I', native];

function ran(program: string, args: readonly string[], cwd: string): void {
  const done = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`the launcher is not built: ${done.stderr}`);
}

/** Those whose text has `mention`, and no others, see the flags. All of them take ten seconds of a processor: as they are, they are kept for the next file of tests. */
export function launcherWith(flags: readonly string[], mention: RegExp): string {
  const out = buildDirectory();
  chmodSync(out, 0o755);
  const names = /^launcher="(.*)"$/m.exec(readFileSync(join(root, 'native/build.sh'), 'utf8'))?.[1]?.split(' ') ?? [];
  const sources = names.map((name) => join(native, `${name}.c`));
  const library = join(out, 'launcher.a');
  compiled(library, 'cc', [...words, '-c', ...sources], () => {
    const objects = join(out, 'objects');
    mkdirSync(objects);
    ran('cc', [...words, '-c', ...sources], objects);
    ran('ar', ['rcs', library, ...readdirSync(objects)], objects);
  });
  const own = sources.filter((source) => mention.test(readFileSync(source, 'utf8')));
  if (own.length === 0 || own.length > sources.length / 4) throw new Error(`${mention} is in ${own.length} parts`);
  const program = join(out, 'nono-launch');
  // What the library has of these is not looked for: their names are there already.
  ran('cc', [...words, ...flags, ...own, library, '-o', program], out);
  return program;
}
