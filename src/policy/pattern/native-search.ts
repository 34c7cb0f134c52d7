/** The walk of the pattern search done by a native program: five times as fast as Node's, which would be felt at every start. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Interrupted } from '../../platform/errors.ts';
import { installationRoot } from '../../platform/installation.ts';
import { isTerminal } from '../../platform/terminal.ts';
import type { FoundEntry, TreeSearch } from '../plan/file-system.ts';
import { foundEntry, searchFields } from './search-records.ts';

const MAX_ANSWER = 512 * 1024 * 1024;

/** A search that takes longer is told, where somebody looks. */
const PATIENCE_MS = 1000;
const INTERRUPTED = 130;
const STDIN = 0;
const STDERR = 2;

/** A NUL cannot be in a path, but in a flag's text it could come this far. */
function request(search: TreeSearch, progress: boolean, raw: boolean): Buffer | undefined {
  const fields = searchFields(search, [...(progress ? [`V${PATIENCE_MS}`] : []), ...(raw ? ['T'] : [])]);
  return fields.some((field) => field.includes('\0')) ? undefined : Buffer.from(`${fields.join('\0')}\0`);
}

/** What was typed while the search had the terminal; `too-much`: more than is kept, so that nothing of it is. */
export type TypedMeanwhile = Buffer | 'too-much';

export interface SearchAnswer {
  readonly entries: readonly FoundEntry[];
  readonly searched: number;
  readonly typed?: TypedMeanwhile;
}

/** Of a `T` or `O` record. */
function typedIn(field: string): TypedMeanwhile | undefined {
  if (field === 'O') return 'too-much';
  return /^T(?:[0-9a-f]{2})+$/.test(field) ? Buffer.from(field.slice(1), 'hex') : undefined;
}

/** The records of an answer, ancestors before what is below them. Undefined when it is not complete. */
export function parseSearchAnswer(answer: Buffer): SearchAnswer | undefined {
  const fields = answer.toString('utf8').split('\0');
  const end = fields.at(-2);
  if (fields.at(-1) !== '' || end === undefined || !/^E\d+$/.test(end)) return undefined;
  const entries: FoundEntry[] = [];
  const typed = typedIn(fields.at(-3) ?? '');
  for (const field of fields.slice(0, typed === undefined ? -2 : -3)) {
    const entry = foundEntry(field);
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  entries.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { entries, searched: Number(end.slice(1)), ...(typed === undefined ? {} : { typed }) };
}

/** Undefined: not to be had here, and the caller walks itself. Throws Interrupted. */
export function nativeSearch(search: TreeSearch, mayTell: boolean): SearchAnswer | undefined {
  const progress = mayTell && isTerminal(STDERR);
  // Under the relay the terminal is raw: ^C is a byte that somebody has to read.
  const raw = progress && process.env['NONO_RELAY_FD'] !== undefined && isTerminal(STDIN);
  let program: string;
  try {
    program = join(installationRoot(), 'native', 'build', 'nono-search');
  } catch {
    return undefined;
  }
  const input = request(search, progress, raw);
  if (input === undefined || !existsSync(program)) return undefined;
  // Asked for here, since `wrap` and policies without patterns need no processes.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const done = spawnSync(program, [], {
    input,
    env: {},
    cwd: '/',
    stdio: ['pipe', 'pipe', progress ? 'inherit' : 'ignore', ...(raw ? [STDIN] : [])],
    maxBuffer: MAX_ANSWER,
  });
  if (done.signal === 'SIGINT' || done.status === INTERRUPTED) throw new Interrupted();
  return done.status === 0 ? parseSearchAnswer(done.stdout) : undefined;
}
