/** Compiles a fixture with the system C compiler, once, into a directory that every test user can reach. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { compiled } from './compiled.ts';
import { removeAtEnd } from './left-behind.ts';
import { root } from './users.ts';

let out: string | undefined;

export interface Build {
  /** The name of the program, when a fixture is built in more than one way. */
  readonly as: string;
  readonly compiler?: string;
  readonly flags?: readonly string[];
}

const built = new Map<string, string>();

/** Path of the built program of test/fixtures/NAME.c. Fails with the compiler's words: a fixture that is not there must not look like a pass. */
export function fixture(name: string, build: Build = { as: name }): string {
  if (out === undefined) {
    const dir = mkdtempSync(join(tmpdir(), 'nono-fixtures-'));
    chmodSync(dir, 0o755);
    removeAtEnd(dir);
    out = dir;
  }
  const program = join(out, basename(build.as));
  const asked = JSON.stringify([name, build.as, build.compiler, build.flags]);
  if (built.get(program) === asked) return program;
  const source = join(root, 'test/fixtures', `${name}.c`);
  const flags = ['-O1', '-Wall', '-pthread', ...(build.flags ?? [])];
  const compiler = build.compiler ?? 'cc';
  compiled(program, compiler, [...flags, source], () => {
    const done = spawnSync(compiler, [...flags, '-o', program, source], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`fixture ${name} does not compile: ${done.stderr}`);
  });
  built.set(program, asked);
  return program;
}
