/** Builds small programs from test/native/drivers/ together with files of native/, to ask the C side directly. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { compiled } from '../helpers/compiled.ts';
import { removeAtEnd } from '../helpers/left-behind.ts';
import { root } from '../helpers/users.ts';
import { native, part } from './parts.ts';

/** The parts of native/ that a program needs for native/rules/rules.h. */
export const RULES = [
  'rules',
  'rules_decide',
  'rules_patterns',
  'rules_folded',
  'pathmap',
  'pattern',
  'pattern_names',
  'bulk_names',
];

let out: string | undefined;

export function buildDirectory(): string {
  if (out === undefined) {
    const dir = mkdtempSync(join(tmpdir(), 'nono-drivers-'));
    removeAtEnd(dir);
    out = dir;
  }
  return out;
}

/** What each program was made of. */
const built = new Map<string, string>();

/** Compiles `source` (below test/native; a directory: all of it) with the named parts of native/, once; the program's path. Fails with the compiler's words. */
export function driver(source: string, parts: readonly string[], flags: readonly string[] = [], cc = 'cc'): string {
  const program = join(buildDirectory(), basename(source, '.c'));
  const asked = JSON.stringify([source, parts, flags, cc]);
  if (built.get(program) !== asked) compile(program, source, parts, flags, cc);
  built.set(program, asked);
  return program;
}

function compile(
  program: string,
  source: string,
  parts: readonly string[],
  flags: readonly string[],
  cc: string,
): void {
  const own = join(root, 'test/native', source);
  const sources = source.endsWith('.c')
    ? [own]
    : readdirSync(own).flatMap((name) => (name.endsWith('.c') ? join(own, name) : []));
  const files = [...sources, ...parts.map(part)];
  const words = ['-std=gnu17', '-O1', '-g', '-Wall', '-Wextra', '-I', native, ...flags, ...files];
  compiled(program, cc, words, () => {
    const done = spawnSync(cc, [...words, '-o', program], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`${source} does not compile: ${done.stderr}`);
  });
}

export function ask(program: string, args: readonly string[], input: string | Buffer = ''): string {
  const done = spawnSync(program, args, { input, encoding: 'latin1', maxBuffer: 64 * 1024 * 1024, timeout: 60_000 });
  if (done.status !== 0)
    throw new Error(`${basename(program)} ended with ${done.status ?? done.signal}: ${done.stderr}`);
  return done.stdout;
}
