/** The small C programs of the benchmark, compiled for this run. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Machine, Tool } from './machine.ts';

/** The program made from NAME.c beside this file, or why there is none. */
export function compiled(name: string, machine: Machine, directory: string, as = name): Tool {
  const compiler = machine.find('cc');
  if (compiler.skip !== undefined) return { skip: 'no C compiler (cc)' };
  const path = join(directory, as);
  const { status, stderr } = spawnSync(compiler.path, ['-O2', '-o', path, join(import.meta.dirname, `${name}.c`)], {
    encoding: 'utf8',
  });
  return status === 0 ? { path } : { skip: `cc failed: ${stderr.split('\n')[0]}` };
}
