/** node:path for POSIX, as far as making a plan needs it; test/planner/path.test.ts compares it with Node's. */
import { host } from '../host.ts';

/** Components without `.`, and `..` taken off where something stands before it. */
function components(path: string, absolute: boolean): string[] {
  const out: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') out.push(name);
    else if (out.length > 0 && out.at(-1) !== '..') out.pop();
    else if (!absolute) out.push('..');
  }
  return out;
}

export function normalize(path: string): string {
  if (path === '') return '.';
  const absolute = path.startsWith('/');
  const names = components(path, absolute).join('/');
  const end = path.endsWith('/') ? '/' : '';
  if (names === '') return absolute ? '/' : `.${end}`;
  return `${absolute ? '/' : ''}${names}${end}`;
}

export function join(...parts: string[]): string {
  const joined = parts.filter((part) => part !== '').join('/');
  return joined === '' ? '.' : normalize(joined);
}

export function resolve(...parts: string[]): string {
  let path = '';
  for (let i = parts.length - 1; i >= 0 && !path.startsWith('/'); i--) {
    const part = parts[i];
    if (part !== undefined && part !== '') path = path === '' ? part : `${part}/${path}`;
  }
  if (!path.startsWith('/')) path = `${host.cwd()}/${path}`;
  return `/${components(path, true).join('/')}`;
}

export function isAbsolute(path: string): boolean {
  return path.startsWith('/');
}

/** Where the last component ends, slashes behind it left out. */
function endOf(path: string): number {
  let end = path.length;
  while (end > 1 && path[end - 1] === '/') end--;
  return end;
}

export function dirname(path: string): string {
  if (path === '') return '.';
  const end = endOf(path);
  const slash = path.lastIndexOf('/', end - 1);
  if (slash < 1) return path.startsWith('/') ? '/' : '.';
  return slash === 1 && path.startsWith('/') ? '//' : path.slice(0, slash);
}

/** Without a suffix to take off, for which Node has rules of its own. */
export function basename(path: string): string {
  const end = endOf(path);
  const name = path.slice(path.lastIndexOf('/', end - 1) + 1, end);
  return name === '/' ? '' : name;
}

export const delimiter = ':';
