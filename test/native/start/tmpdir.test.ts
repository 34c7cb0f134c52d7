/** What killed sessions left in the directory of temporary files. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeAtEnd } from '../../helpers/left-behind.ts';
import { ask, driver } from '../driver.ts';

const program = driver('drivers/tmpdir.c', ['tmpdir', 'caller', 'caller_stat']);

test('a session that ends does not wait for all of it to be removed', () => {
  const dir = mkdtempSync(join(tmpdir(), 'nono-stale-'));
  removeAtEnd(dir);
  // No process has this number (PID_MAX_LIMIT of Linux).
  const stale = join(dir, 'nono-tmp-9999999-000000000001-AAAAAA');
  const below = join(stale, 'below');
  mkdirSync(below, { recursive: true });
  const files = 50;
  for (let i = 0; i < files; i++) writeFileSync(join(below, String(i)), '');
  utimesSync(stale, 1, 1);
  const remove = (times: number): string => ask(program, [join(dir, 'own'), String(times)]);
  remove(files / 2);
  const left = readdirSync(below).length;
  assert.ok(left > 0 && left < files, String(left));
  remove(10 * files);
  assert.equal(existsSync(stale), false);
});

test('of one that others may be adding to, no more than so many names are removed, and that something is left is said', () => {
  const dir = mkdtempSync(join(tmpdir(), 'nono-own-'));
  removeAtEnd(dir);
  const below = join(dir, 'own', 'below');
  mkdirSync(below, { recursive: true });
  for (let i = 0; i < 50; i++) writeFileSync(join(below, String(i)), '');
  const remove = (most: number): string => ask(program, [join(dir, 'own'), String(most), 'all']);
  assert.equal(remove(20), 'left\n');
  assert.equal(readdirSync(below).length, 31); // the directory that they are in is the first name
  assert.equal(remove(1000), 'gone\n');
  assert.equal(existsSync(join(dir, 'own')), false);
});
