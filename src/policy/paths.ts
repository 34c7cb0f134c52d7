/** Path arithmetic on real, absolute paths, compared bytewise on whole components as native/PROTOCOL.md demands. */

/** `dir` plus one component, without doubling the slash of the root. */
export function childOf(dir: string, name: string): string {
  return dir === '/' ? `/${name}` : `${dir}/${name}`;
}

/** The directory that holds `path`; the root holds itself. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** Whether `path` is `tree` or lies below it. */
export function isWithin(path: string, tree: string): boolean {
  // Asked thousands of times before the first prompt: without a second call.
  const { length } = tree;
  if (path.length <= length) return path === tree;
  return tree === '/' || (path.charCodeAt(length) === 0x2f && path.startsWith(tree));
}

/** Whether `path` lies strictly below `tree`. */
export function isBelow(path: string, tree: string): boolean {
  if (tree === '/') return path !== '/';
  return path.length > tree.length && path.charCodeAt(tree.length) === 0x2f && path.startsWith(tree);
}

/** `path`, its parent, and so on up to the root. */
export function* upwards(path: string): Generator<string> {
  for (let at = path; ; at = parentOf(at)) {
    yield at;
    if (at === '/') return;
  }
}

/** Whether a path names a process: such entries are answered by the broker for the session's own processes, never by a rule. */
export function isProcessEntry(path: string): boolean {
  return path.startsWith('/proc/') && /^\/proc\/(?:self|thread-self|[0-9]+)(?:\/|$)/.test(path);
}

/** Whether a path names a pseudo-terminal: it belongs to whoever opened its master, which the supervisor finds out and no rule says. */
export function isTerminalEntry(path: string): boolean {
  return path.startsWith('/dev/pts/') && /^\/dev\/pts\/[0-9]+$/.test(path);
}
