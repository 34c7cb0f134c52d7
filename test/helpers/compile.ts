/** Compiles a fixture with the system C compiler, once per process, into a directory that every test user can reach. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { root } from './users.ts';

let out: string | undefined;

/** Path of the built program of test/fixtures/NAME.c. Fails with the compiler's words: a fixture that is not there must not look like a pass. */
export function fixture(name: string): string {
  if (out === undefined) {
    const dir = mkdtempSync(join(tmpdir(), 'nono-fixtures-'));
    chmodSync(dir, 0o755);
    process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
    out = dir;
  }
  const program = join(out, basename(name));
  const built = spawnSync('cc', ['-O1', '-Wall', '-pthread', '-o', program, join(root, 'test/fixtures', `${name}.c`)], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`fixture ${name} does not compile: ${built.stderr}`);
  return program;
}
