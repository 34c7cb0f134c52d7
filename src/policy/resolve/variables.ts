/** Variables in the paths of profiles and groups. Replaced as whole names: `$HOMEX` is not `$HOME` followed by X. */
import { join, normalize } from 'node:path';
import { nearest } from '../../config/nearest.ts';
import { NonoError } from '../../platform/errors.ts';
import { isWithin } from '../paths.ts';
import { escapePattern, isPattern } from '../pattern/pattern.ts';
import { PathProblem } from './path-problem.ts';

export { PathProblem };
export type Environment = Readonly<Record<string, string | undefined>>;
/** Names, and the value of each. */
export type PathVariables = Pick<ReadonlyMap<string, string | undefined>, 'get' | 'has' | 'keys'>;

const absoluteNames = [
  'HOME',
  'TMPDIR',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'XDG_CACHE_HOME',
  'XDG_RUNTIME_DIR',
];

/** Where version managers and activated environments say they are, for group user_runtimes; and where zsh looks for its start-up files, when not in the home directory. */
const runtimeRoots = [
  'PYENV_ROOT',
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
  'NVM_DIR',
  'FNM_DIR',
  'VOLTA_HOME',
  'BUN_INSTALL',
  'CARGO_HOME',
  'RUSTUP_HOME',
  'GOROOT',
  'JAVA_HOME',
  'SDKMAN_DIR',
  'RBENV_ROOT',
  'ASDF_DATA_DIR',
  'ZDOTDIR',
];

/** The caller's home directory. A relative one would make every `~` rule mean something else in each directory, so it is refused. */
export function homeDirectory(env: Environment): string {
  const home = env['HOME'];
  if (home) return absolute('HOME', home);
  throw new NonoError('policy-invalid', 'HOME is not set, so the rules on the home directory cannot be placed', {
    hint: 'export HOME=/home/<you>',
  });
}

function absolute(name: string, value: string): string {
  if (value.startsWith('/')) return value;
  throw new NonoError('policy-invalid', `${name} is '${value}', which is not an absolute path`, {
    hint: `set ${name} to an absolute path or unset it`,
  });
}

/** A runtime's root as the environment gives it, unless it would open the whole home directory or the whole machine. */
function runtimeRoot(value: string | undefined, home: string): string | undefined {
  if (!value?.startsWith('/')) return undefined;
  const root = normalize(value).replace(/(?<=.)\/$/, '');
  return isWithin(home, root) ? undefined : root;
}

type Lookup = () => string | undefined;

/** Where the sockets of the user's session are, as the environment says it: each of these is one path, or unset. */
function socketVariables(env: Environment): readonly (readonly [string, Lookup])[] {
  const plain = (path: string | undefined): string | undefined => (path?.startsWith('/') ? path : undefined);
  const wayland = (): string | undefined => {
    const name = env['WAYLAND_DISPLAY'];
    const runtime = env['XDG_RUNTIME_DIR'] || undefined;
    return plain(name) ?? (name && runtime && !name.includes('/') ? join(runtime, name) : undefined);
  };
  const display = (): string | undefined => {
    const number = /^(?:unix)?:(\d{1,5})(?:\.\d+)?$/.exec(env['DISPLAY'] ?? '')?.[1];
    return number === undefined ? undefined : `/tmp/.X11-unix/X${number}`;
  };
  const bus = (): string | undefined =>
    plain(/^unix:path=([^,;%]+)(?:,guid=[0-9a-f]+)?$/.exec(env['DBUS_SESSION_BUS_ADDRESS'] ?? '')?.[1]);
  return [
    ['SSH_AUTH_SOCK', () => plain(env['SSH_AUTH_SOCK'])],
    ['WAYLAND_DISPLAY', wayland],
    ['DISPLAY', display],
    ['DBUS_SESSION_BUS_ADDRESS', bus],
  ];
}

/** Names with their values, and some whose value is looked up only where a path has the name: it differs between terminals, and a cached plan rests on every value that was read. */
class WithLookups extends Map<string, string | undefined> {
  readonly #lookups: ReadonlyMap<string, Lookup>;

  constructor(values: Iterable<readonly [string, string | undefined]>, lookups: ReadonlyMap<string, Lookup>) {
    super([...values, ...[...lookups.keys()].map((name) => [name, undefined] as const)]);
    this.#lookups = lookups;
  }

  override get(name: string): string | undefined {
    const lookup = this.#lookups.get(name);
    return lookup === undefined ? super.get(name) : lookup();
  }
}

/** Everything a path may name. A variable whose value is undefined is known but unset here: a rule on it applies to nothing. */
export function pathVariables(env: Environment, workdir: string, uid: number): PathVariables {
  for (const name of absoluteNames) {
    const value = env[name];
    if (value) absolute(name, value);
  }
  const home = homeDirectory(env);
  const config = env['XDG_CONFIG_HOME'] || join(home, '.config');
  const values: readonly (readonly [string, string | undefined])[] = [
    ...runtimeRoots.map((name) => [name, runtimeRoot(env[name], home)] as const),
    ['HOME', home],
    ['WORKDIR', workdir],
    ['UID', String(uid)],
    ['TMPDIR', env['TMPDIR'] || '/tmp'],
    ['XDG_CONFIG_HOME', config],
    ['XDG_DATA_HOME', env['XDG_DATA_HOME'] || join(home, '.local/share')],
    ['XDG_STATE_HOME', env['XDG_STATE_HOME'] || join(home, '.local/state')],
    ['XDG_CACHE_HOME', env['XDG_CACHE_HOME'] || join(home, '.cache')],
    ['XDG_RUNTIME_DIR', env['XDG_RUNTIME_DIR'] || undefined],
    ['NONO_CONFIG', join(config, 'nono')],
    ['NONO_PACKAGES', join(config, 'nono', 'packages')],
  ];
  return new WithLookups(values, new Map(socketVariables(env)));
}

const variable = /\$([A-Za-z_][A-Za-z0-9_]*)/g;

/** What the kernel takes, without the byte at the end. */
export const MAX_PATH_BYTES = 4095;

/** What no path can hold. */
export function checkPath(text: string): void {
  if (text.includes('\0'))
    throw new PathProblem('the path contains a NUL character', { hint: 'no path can: write it without' });
  // Written to the kernel it would become another character, and the rule one on another path.
  if (!text.isWellFormed())
    throw new PathProblem('the path contains half a character (a lone surrogate)', {
      hint: 'write the whole character, or both halves of it',
    });
  if (text.length > MAX_PATH_BYTES / 3 && Buffer.byteLength(text) > MAX_PATH_BYTES)
    throw new PathProblem(`the path is longer than ${MAX_PATH_BYTES} bytes`, {
      hint: 'no path can be: name a directory above it',
    });
}

const asItIs = (value: string): string => value;

/** The absolute path that `written` means, or undefined when it rests on a variable that is not set. Throws PathProblem. */
export function expandPath(written: string, variables: PathVariables): string | undefined {
  if (written === '') throw new PathProblem('the path is empty', { hint: 'name a path, or take the entry out' });
  checkPath(written);
  // Silently taking a pattern literally would grant or lift something else.
  if (written.includes('*'))
    throw new PathProblem(`'${written}' is a pattern, and only denies can be patterns`, {
      unsupported: true,
      hint: 'name the directory above it, and deny what should stay closed',
    });
  const expanded = replaceVariables(written, variables, asItIs);
  if (expanded === undefined) return undefined;
  // Written relative, a path means the directory that the command works in.
  const path = expanded.startsWith('/') ? expanded : join(variables.get('WORKDIR') ?? '/', expanded);
  if (path !== written) checkPath(path);
  return path;
}

/**
 * The absolute pattern that a written deny means, braces and all; undefined when it rests on a variable that is not set. Without a slash, or
 * beginning with `**`, it means any depth anywhere, as in a gitignore file at the root; otherwise a relative one starts at the working directory.
 */
export function expandPattern(written: string, variables: PathVariables): string | undefined {
  checkPath(written);
  const expanded = replaceVariables(written, variables, escapePattern);
  if (expanded === undefined) return undefined;
  checkPath(expanded);
  const anywhere = !/\/./s.test(expanded) || /^\*\*(?:\/|$)/.test(expanded);
  const absolute = expanded.startsWith('/')
    ? expanded
    : anywhere
      ? `/**/${expanded}`
      : `${escapePattern(variables.get('WORKDIR') ?? '/')}/${expanded}`;
  const parts: string[] = [];
  for (const part of absolute.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.some(isPattern)) throw new PathProblem(`'..' after a pattern in '${written}' names no directory`);
    else parts.pop();
  }
  return `/${parts.join('/')}`;
}

function unknownVariable(whole: string, written: string, variables: PathVariables): PathProblem {
  const meant = nearest(whole.slice(1), [...variables.keys()]);
  const hint =
    meant === undefined ? '$HOME, $WORKDIR, $TMPDIR and the $XDG_… directories are known' : `did you mean $${meant}?`;
  return new PathProblem(`unknown variable ${whole} in '${written}'`, { hint });
}

/** Of `$NAME`, `$NAME/…`, `~` and `~/…` with no other variable in it: so are nearly all paths of groups, and no regular expression is needed. */
function onlyVariable(written: string): string | undefined {
  if (written.includes('$', 1)) return undefined;
  const slash = written.indexOf('/');
  const first = slash < 0 ? written : written.slice(0, slash);
  if (first === '~') return 'HOME';
  return first.startsWith('$') ? first.slice(1) : undefined;
}

function replaceVariables(
  written: string,
  variables: PathVariables,
  asText: (value: string) => string,
): string | undefined {
  // Most have no variable, and there are four hundred in a start.
  if (!written.includes('$') && !written.startsWith('~')) return written;
  const only = onlyVariable(written);
  if (only !== undefined && variables.has(only)) {
    const value = variables.get(only);
    return value === undefined
      ? undefined
      : asText(value) + written.slice(written.startsWith('~') ? 1 : only.length + 1);
  }
  if (/^~[^/]/.test(written))
    throw new PathProblem(`'${written}' names another user's home`, { hint: 'write the absolute path' });
  // As in a shell: taken as a name in the working directory, a deny of it would deny nothing.
  const braced = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/.exec(written);
  if (braced?.[1] !== undefined && variables.has(braced[1]))
    throw new PathProblem(`a variable has no braces: ${braced[0]} in '${written}'`, { hint: `write $${braced[1]}` });
  let unset = false;
  const expanded = written.replace(/^~(?=\/|$)/, '$HOME').replace(variable, (whole, name: string) => {
    if (variables.has(name)) {
      const value = variables.get(name);
      if (value === undefined) unset = true;
      return asText(value ?? '');
    }
    if (name === name.toUpperCase()) throw unknownVariable(whole, written, variables);
    return whole;
  });
  return unset ? undefined : expanded;
}

/** The shortest way to write `path` in a profile: `~/…` where it lies under the home directory. Throws PathProblem if it cannot be written. */
export function contractPath(path: string, home: string): string {
  if (path.includes('*') || /\$\{?[A-Z_]/.test(path)) {
    throw new PathProblem(`'${path}' holds a character that profiles read as a pattern or variable`);
  }
  // A name that is not UTF-8 was decoded with losses: the rule would name another file.
  if (path.includes('\uFFFD')) throw new PathProblem(`'${path}' is not valid UTF-8 and cannot be written in a profile`);
  if (path === home) return '~';
  return home !== '/' && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
