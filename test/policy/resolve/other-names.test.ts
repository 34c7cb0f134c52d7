/** The other paths of a path, found for random tables of mounts as by going through all mounts each time: what is looked up once for each directory must not leave one out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWithin } from '../../../src/policy/paths.ts';
import { type Mount, mountFinder, otherNamesIn } from '../../../src/policy/resolve/mounts.ts';

function moved(path: string, from: string, to: string): string {
  const rest = path === from ? '' : path.slice(from === '/' ? 0 : from.length);
  return to === '/' && rest !== '' ? rest : `${to}${rest}`;
}

/** As the kernel goes: from the root, at each mount on the way to the next that lies on it. */
function plainHolder(mounts: readonly Mount[], path: string): Mount | undefined {
  let at = mounts.find((mount) => mount.place === '/' && mounts.every((other) => other.id !== mount.parent));
  for (let on = at; on !== undefined; ) {
    at = on;
    const [first] = mounts
      .filter((mount) => mount.parent === on?.id && isWithin(path, mount.place))
      .sort((a, b) => a.place.length - b.place.length);
    on = first;
  }
  return at;
}

/** Each as `path part`, in no order. */
function plainNames(mounts: readonly Mount[], path: string): string[] {
  const seen = (mount: Mount, place: string): boolean => plainHolder(mounts, place) === mount;
  const holder = plainHolder(mounts, path);
  const objects = mounts
    .filter((mount) => mount.place !== path && isWithin(mount.place, path) && seen(mount, mount.place))
    .map((mount) => ({ device: mount.device, at: mount.root, part: true }));
  if (holder !== undefined)
    objects.unshift({ device: holder.device, at: moved(path, holder.place, holder.root), part: false });
  const names = new Map<string, boolean>();
  for (const { device, at, part } of objects)
    for (const mount of mounts) {
      const below = !isWithin(at, mount.root);
      if (mount.device !== device || (below && !isWithin(mount.root, at))) continue;
      const name = below ? mount.place : moved(at, mount.root, mount.place);
      if (!isWithin(name, path) && seen(mount, name) && !names.has(name)) names.set(name, part || below);
    }
  return [...names].map(([name, part]) => `${name} ${part}`).sort();
}

let seed = 1;
function random(below: number): number {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((seed / 2_147_483_648) * below);
}

function randomPath(): string {
  const path = Array.from({ length: random(4) }, () => `/${'ab'.charAt(random(2))}`).join('');
  return path === '' ? '/' : path;
}

function randomMounts(): Mount[] {
  const mounts: Mount[] = [{ id: '1', parent: '0', device: '8:1', root: '/', place: '/', type: 'ext4' }];
  for (let id = 2; id < 3 + random(5); id++) {
    const place = randomPath();
    const parent = plainHolder(mounts, place)?.id ?? '1';
    mounts.push({ id: String(id), parent, device: `8:${1 + random(2)}`, root: randomPath(), place, type: 'ext4' });
  }
  return mounts;
}

test('1,500 tables of mounts: the holder and the other names of each path', () => {
  let several = 0;
  for (let round = 0; round < 1500; round++) {
    const mounts = randomMounts();
    const find = mountFinder(mounts);
    const others = otherNamesIn(mounts);
    for (let i = 0; i < 8; i++) {
      const path = randomPath();
      const table = JSON.stringify({ path, mounts });
      assert.equal(find(path), plainHolder(mounts, path), table);
      const expected = plainNames(mounts, path);
      const found = (others?.(path) ?? []).map(({ path: name, part }) => `${name} ${part}`);
      assert.deepEqual(found.sort(), expected, table);
      if (expected.length > 0) several++;
    }
  }
  assert.ok(several > 1000, `${several} paths with other names`);
});
