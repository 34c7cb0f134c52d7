/** A file system whose answers are noted, so that a later start can ask the same again (src/platform/asked.ts). */
import type { Asked } from '../platform/asked.ts';
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

export function askedFileSystem(fs: FileSystem & Required<Pick<FileSystem, 'scan'>>, asked: Asked): FileSystem {
  const noteList = (path: string, entries: readonly DirectoryEntry[] | undefined) => {
    asked.ask('list', path, listing(entries));
    return entries;
  };
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
    list: (path) => noteList(path, fs.list(path)),
    scan: (path) => noteList(path, fs.scan(path)),
    search: (search) => {
      // The names of whole trees: asked again, they would have to be searched again.
      asked.doubt();
      return fs.search?.(search);
    },
    searchable: (path) => {
      const answer = fs.searchable?.(path) === true;
      asked.ask('searchable', path, answer ? '1' : '0');
      return answer;
    },
    // Notes what it reads itself.
    slowMounts: () => fs.slowMounts?.() ?? new Set(),
    identity: (path) => {
      const found = fs.identity?.(path);
      asked.ask('identity', path, found === undefined ? '-' : `${found.id}:${found.links}`);
      return found;
    },
  };
}
