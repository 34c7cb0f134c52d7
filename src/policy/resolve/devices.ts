/**
 * Which devices a grant opens that only happens to cover them (`--allow /`, `--allow /dev`): those that hold nothing of anybody's. By others one gets past every rule on paths
 * (disks, and the character devices of the same disks), types on the machine (uinput), reads what is typed and shown there (tty1, vcs, input/event0) or stops it
 * (watchdog). There are too many to name, and new ones come: so the harmless ones are, and whoever means another one names it, or its directory in /dev.
 * No device is opened by the supervisor, so what is not on the floor stays closed.
 */

import type { PolicyRule } from '../model.ts';
import { childOf, isWithin, parentOf } from '../paths.ts';
import type { FileSystem, NodeKind } from '../plan/file-system.ts';

/** At the top of /dev. */
const harmless = new Set(['null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx']);
/** File systems of their own below /dev, that hold no devices or other rules hold. */
const others = ['shm', 'pts', 'mqueue', 'hugepages'];

/** Devices need rights that only the floor gives, and no secrets lie there. */
export function isDevicePlace(path: string): boolean {
  return isWithin(path, '/dev') && !isWithin(path, '/dev/shm');
}

export class Devices {
  /** Where the devices are seen, and which directory or device of /dev it is. */
  readonly #places: ReadonlyMap<string, string>;

  constructor(fs: FileSystem) {
    const mounts = fs.mounts?.() ?? [];
    // In a container it is a tmpfs. Where it is a directory of a larger file system, other places of that one are none of devices.
    const own = mounts.findLast(({ place, root }) => place === '/dev' && root === '/')?.device;
    const again = mounts.filter(
      ({ type, place, device }) => (type === 'devtmpfs' || device === own) && !isWithin(place, '/dev'),
    );
    this.#places = new Map([['/dev', '/'], ...again.map(({ place, root }) => [place, root] as const)]);
  }

  /** How a path at or below one of the places is called in /dev: `/`, `/null`, `/snd/timer`. */
  #nameOf(path: string): string | undefined {
    for (let at = path; ; at = parentOf(at)) {
      const root = this.#places.get(at);
      if (root !== undefined) return `${root === '/' ? '' : root}${path.slice(at === '/' ? 0 : at.length)}` || '/';
      if (at === '/') return undefined;
    }
  }

  /** Whether this is a directory of devices: none of its entries is opened by a grant around it that `opens` does not name. */
  holds(directory: string): boolean {
    const name = this.#nameOf(directory);
    return name !== undefined && !others.includes(name.split('/')[1] ?? '');
  }

  /** Whether a grant of what is around it opens this. */
  opens(path: string, kind: NodeKind): boolean {
    // Past every rule on files, wherever it lies.
    if (kind === 'block-device') return false;
    if (kind !== 'char-device') return true;
    const name = this.#nameOf(path);
    return name === undefined || others.includes(name.split('/')[1] ?? '') || harmless.has(name.slice(1));
  }

  /** Whether this grant means the device, or its directory in /dev. */
  names(rule: PolicyRule, path: string): boolean {
    return rule.path === path || (rule.kind === 'tree' && isWithin(path, rule.path) && this.#isPart(rule.path));
  }

  #isPart(directory: string): boolean {
    const name = this.#nameOf(directory);
    return name !== undefined && name !== '/';
  }

  /** A path in each place that is taken off the floor, so that its entries are looked at one by one. */
  get never(): readonly string[] {
    return [...this.#places.keys()].map((place) => childOf(place, 'disk'));
  }
}
