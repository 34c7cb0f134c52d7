/** What is mounted where, as proc_pid_mountinfo(5) has it. */
import { isBelow, isWithin, parentOf } from '../paths.ts';

export interface Mount {
  readonly id: string;
  /** The mount that it lies on; of several at one place each lies on the one before. */
  readonly parent: string;
  /** The file system, as a device number. */
  readonly device: string;
  /** The directory of that file system, or the file, that is seen at the place. */
  readonly root: string;
  readonly place: string;
  readonly type: string;
}

const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** One mount a line; the type stands behind a lone dash. */
export function parseMounts(mountinfo: string): readonly Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [fields = '', source = ''] = line.split(' - ');
    const [id, parent, device, root, place] = fields.split(' ');
    const [type] = source.split(' ');
    if (!id || !parent || !device || !root || !place || !type) return [];
    return [{ id, parent, device, root: unescaped(root), place: unescaped(place), type }];
  });
}

const slowType = /^(?:fuse(?!ctl)|nfs|cifs|smb|9p|virtiofs|ceph|glusterfs|lustre|afs|autofs|coda|davfs)/;

/** Where file systems are mounted that may never answer: network, FUSE, automount. */
export function slowPlaces(mounts: readonly Mount[]): ReadonlySet<string> {
  return new Set(mounts.filter((mount) => slowType.test(mount.type)).map((mount) => mount.place));
}

/** `path`, which is at or below `from`, seen from `to` instead. */
function moved(path: string, from: string, to: string): string {
  const rest = path === from ? '' : path.slice(from === '/' ? 0 : from.length);
  return to === '/' && rest !== '' ? rest : `${to}${rest}`;
}

/** The mount that a path is looked up in, found as the kernel finds it: from the root, at each mount on the way to the next that lies on it. */
export function mountFinder(mounts: readonly Mount[]): (path: string) => Mount | undefined {
  const known = new Set(mounts.map((mount) => mount.id));
  const on = new Map<string, Mount[]>();
  for (const mount of mounts) {
    const beside = on.get(mount.parent);
    if (beside === undefined) on.set(mount.parent, [mount]);
    else beside.push(mount);
  }
  const root = mounts.find((mount) => mount.place === '/' && !known.has(mount.parent));
  const find = (path: string): Mount | undefined => {
    let at = root;
    for (let next = at; next !== undefined; ) {
      at = next;
      next = undefined;
      for (const mount of on.get(at.id) ?? [])
        if (isWithin(path, mount.place) && mount.place.length < (next?.place.length ?? Number.POSITIVE_INFINITY))
          next = mount;
    }
    return at;
  };
  const places = new Set(mounts.map((mount) => mount.place));
  const found = new Map<string, Mount | undefined>();
  return (path) => {
    // Where nothing is mounted, a path lies where its directory does.
    let place = path;
    while (place !== '/' && !places.has(place)) place = parentOf(place);
    if (!found.has(place)) found.set(place, find(place));
    return found.get(place);
  };
}

/** Another path to what lies at a path; `part`: only to something below it. */
export interface OtherName {
  readonly path: string;
  readonly part: boolean;
}

/** Whether more than one of these mounts shows an object, or something that it lies in or that lies in it. Most are shown by the one that holds them. */
function relatives(mounts: readonly Mount[]): (device: string, object: string) => boolean {
  const roots = new Map<string, number>();
  const above = new Set<string>();
  for (const { device, root } of mounts) {
    roots.set(`${device} ${root}`, (roots.get(`${device} ${root}`) ?? 0) + 1);
    for (let at = root; at !== '/'; ) {
      at = parentOf(at);
      above.add(`${device} ${at}`);
    }
  }
  return (device, object) => {
    if (above.has(`${device} ${object}`)) return true;
    let shown = 0;
    for (let at = object; shown < 2; at = parentOf(at)) {
      shown += roots.get(`${device} ${at}`) ?? 0;
      if (at === '/') break;
    }
    return shown > 1;
  };
}

/** Finds the other paths at which a path, or what is mounted below it, is seen; undefined when nothing is mounted twice. */
export function otherNamesIn(mounts: readonly Mount[]): ((path: string) => readonly OtherName[]) | undefined {
  const counts = new Map<string, number>();
  for (const { device } of mounts) counts.set(device, (counts.get(device) ?? 0) + 1);
  const twice = mounts.filter(({ device }) => (counts.get(device) ?? 0) > 1);
  if (twice.length === 0) return undefined;
  const mountOf = mountFinder(mounts);
  const seen = (mount: Mount, place: string): boolean => mountOf(place) === mount;
  const visible = twice.filter((mount) => seen(mount, mount.place));
  const related = relatives(twice);
  return (path) => {
    const holder = mountOf(path);
    const objects: { device: string; at: string; part: boolean }[] = [];
    if (holder !== undefined && twice.includes(holder))
      objects.push({ device: holder.device, at: moved(path, holder.place, holder.root), part: false });
    for (const mount of visible)
      if (isBelow(mount.place, path)) objects.push({ device: mount.device, at: mount.root, part: true });
    const names = new Map<string, OtherName>();
    for (const { device, at, part } of objects) {
      if (!part && !related(device, at)) continue;
      for (const mount of twice) {
        // By the mount that holds it a path has the name that it has.
        if (mount.device !== device || (!part && mount === holder)) continue;
        const below = !isWithin(at, mount.root);
        if (below && !isWithin(mount.root, at)) continue;
        const name = below ? mount.place : moved(at, mount.root, mount.place);
        if (!isWithin(name, path) && seen(mount, name) && !names.has(name))
          names.set(name, { path: name, part: part || below });
      }
    }
    return [...names.values()];
  };
}
