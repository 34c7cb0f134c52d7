// What the files of a run took of the processors, and which took the most: where to begin when the whole takes too long.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

const SHOWN = 10;

/** Where scripts/end-of-tests.mjs writes. */
export function timesFile() {
  return join(mkdtempSync(join(tmpdir(), 'nono-times-')), 'times');
}

const seconds = (hundredths) => (hundredths / 100).toFixed(1);

/**
 * @param {string} root
 * @param {string} times
 * @returns {string} lines for whoever has run the tests; empty where no file has said anything
 */
export function mostExpensive(root, times) {
  let text = '';
  try {
    text = readFileSync(times, 'utf8');
  } catch {
    // None came to its end.
  }
  rmSync(dirname(times), { recursive: true, force: true });
  const files = text
    .split('\n')
    .filter(Boolean)
    .map((line) => /^(\d+) (\d+) (.*)$/.exec(line) ?? [])
    .map(([, user, system, file]) => ({
      user: Number(user),
      system: Number(system),
      file: relative(root, file ?? ''),
    }));
  if (files.length < 2) return '';
  const sum = (of) => files.reduce((all, file) => all + file[of], 0);
  const most = files.toSorted((a, b) => b.user + b.system - a.user - a.system).slice(0, SHOWN);
  return [
    `\nprocessor time of the files: ${seconds(sum('user'))} s of their own, ${seconds(sum('system'))} s in the kernel; the most for`,
    ...most.map(({ user, system, file }) => `  ${seconds(user + system).padStart(6)} s ${file}`),
    '',
  ].join('\n');
}
