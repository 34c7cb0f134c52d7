/** A file system whose answers are noted, so that a later start can ask the same again (src/platform/asked.ts). */
import type { Asked, Op } from '../../platform/asked.ts';
import { childOf, isTerminalEntry } from '../paths.ts';
import { searchFields, searchRecord } from '../pattern/search-records.ts';
import { hasSessionDirectoryName } from '../resolve/session-directory.ts';
import type { DirectoryEntry, FileSystem, NodeKind } from './file-system.ts';

const letters: Readonly<Record<NodeKind, string>> = {
  file: 'f',
  directory: 'd',
  symlink: 'l',
  'char-device': 'c',
  'block-device': 'b',
  socket: 's',
  fifo: 'p',
};

function listing(entries: readonly DirectoryEntry[] | undefined): string {
  if (entries === undefined) return '-';
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  return `+${sorted.map((entry) => `${letters[entry.kind]}${entry.name}/`).join('')}`;
}

/** `supervised`: what terminals and directories of sessions there are decides nothing, none of them is on the floor as an entry of a carved directory. They come and go, so the policy
 * code is not told. What is left out is not granted by that: the supervisor decides on it by its path, and what rules and patterns deny in it is found as anywhere (`kind`, `scan`, `search`). */
export function askedFileSystem(
  fs: FileSystem & Required<Pick<FileSystem, 'scan'>>,
  asked: Asked,
  supervised: boolean,
): FileSystem {
  const noteList = (path: string, entries: readonly DirectoryEntry[] | undefined) => {
    asked.ask('list', path, listing(entries));
    return entries;
  };
  type LessThanAll = readonly [Op, (path: string, entry: DirectoryEntry) => boolean];
  const withoutTerminals: LessThanAll = ['listWithoutTerminals', (path) => !isTerminalEntry(path)];
  const withoutSessions: LessThanAll = [
    'listWithoutSessions',
    (path, { name, kind }) => !(kind === 'directory' && hasSessionDirectoryName(name) && fs.closedToOthers?.(path)),
  ];
  return {
    kind: (path) => {
      const kind = fs.kind(path);
      asked.ask('kind', path, kind === undefined ? '-' : letters[kind]);
      return kind;
    },
    readLink: (path) => {
      const target = fs.readLink(path);
      asked.ask('link', path, target === undefined ? '-' : `=${target}`);
      return target;
    },
    list: (path) => {
      if (!supervised) return noteList(path, fs.list(path));
      const [op, decides] = path === '/dev/pts' ? withoutTerminals : withoutSessions;
      const others = fs.list(path)?.filter((entry) => decides(childOf(path, entry.name), entry));
      asked.ask(op, path, listing(others));
      return others;
    },
    scan: (path) => noteList(path, fs.scan(path)),
    search: (search) => {
      const answer = fs.search?.(search);
      // Without an answer the trees are walked, and each listing is noted.
      if (answer !== undefined) asked.search(searchFields(search), answer.entries.map(searchRecord));
      return answer;
    },
    enterable: (path) => {
      const answer = fs.enterable?.(path) === true;
      asked.ask('enterable', path, answer ? '1' : '0');
      return answer;
    },
    // Both note what they read themselves.
    mounts: () => (fs.mounts === undefined ? [] : fs.mounts()),
    slowMounts: () => fs.slowMounts?.() ?? new Set(),
    identity: (path) => {
      const found = fs.identity?.(path);
      asked.ask('identity', path, found === undefined ? '-' : `${found.id}:${found.links}`);
      return found;
    },
  };
}
