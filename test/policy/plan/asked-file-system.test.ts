/** What the policy code is not told of what comes and goes beside a session, and where it is told all. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Asked } from '../../../src/platform/asked.ts';
import { askedFileSystem } from '../../../src/policy/plan/asked-file-system.ts';
import { nodeFileSystem } from '../../../src/policy/plan/file-system.ts';
import { sessionDirectoryPrefix, withEmptyDirectory } from '../../../src/policy/resolve/session-directory.ts';
import { removeAtEnd } from '../../helpers/left-behind.ts';

const place = mkdtempSync(join(tmpdir(), 'nono-asked-'));
removeAtEnd(place);
const session = `${sessionDirectoryPrefix(1, '7')}aaaaaa`;
mkdirSync(join(place, session), { mode: 0o700 });
mkdirSync(join(place, `${session.slice(0, -1)}b`), { mode: 0o755 });
mkdirSync(join(place, 'directory'), { mode: 0o700 });
writeFileSync(join(place, `${session.slice(0, -1)}c`), '');

const names = (entries: readonly { readonly name: string }[] | undefined): string[] =>
  (entries ?? []).map(({ name }) => name).sort();

const others = ['directory', `${session.slice(0, -1)}b`, `${session.slice(0, -1)}c`].sort();
const all = [...others, session].sort();

test('a directory of a session is left out of listings that grant, and of no search for what is denied', () => {
  const asked = new Asked({});
  const fs = askedFileSystem(nodeFileSystem(), asked, true);
  assert.deepEqual(names(fs.list(place)), others);
  assert.deepEqual(names(fs.scan?.(place)), all);
  assert.equal(fs.kind(join(place, session)), 'directory');
  const record = asked.record()?.toString() ?? '';
  assert.ok(record.includes(`u${place}\0+`), 'the listing without it');
  assert.ok(record.includes(`d${place}\0+`) && record.includes(`d${session}/`), 'the whole one');
});

test('without a supervisor nothing is left out', () => {
  const fs = askedFileSystem(nodeFileSystem(), new Asked({}), false);
  assert.deepEqual(names(fs.list(place)), all);
});

test('the directory of a session that begins is there and empty, whatever was listed before it was made', () => {
  const asked = new Asked({});
  const fs = askedFileSystem(nodeFileSystem(), asked, true);
  const own = join(place, `${session.slice(0, -1)}d`);
  fs.list(place);
  assert.equal(fs.kind(own), undefined);
  const before = asked.record()?.toString();
  const made = withEmptyDirectory(fs, own);
  assert.equal(made.kind(own), 'directory');
  assert.equal(made.kind(join(own, 'x')), undefined);
  assert.deepEqual([made.list(own), made.scan?.(own)], [[], []]);
  assert.deepEqual(names(made.list(place)), others);
  assert.equal(asked.record()?.toString(), before, 'nothing of it is asked');
});
