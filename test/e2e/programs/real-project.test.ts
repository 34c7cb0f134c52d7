/**
 * A real project with some 300 packages, in a directory whose new names are all brokered (a pattern is denied): installed, and its tools run, as they do outside.
 * The packages come from the user's own package-manager configuration, once; `npm run test:programs` runs it, `npm test` counts it as skipped.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { removeAtEnd } from '../../helpers/left-behind.ts';
import { environment, installationFor, makeHome, type TestUser, users } from '../../helpers/users.ts';
import { copyWebApp, fillCache, installOffline, packageCount } from '../../helpers/web-app.ts';

const wanted = process.env['NONO_TEST_PROGRAMS'] === '1';
const skip = wanted ? undefined : 'takes minutes: npm run test:programs';
const TIMEOUT_MS = 300_000;

const source = 'export const total = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);\n';
const tests = `const { total } = require('./out/total.js');
describe('total', () => { it('adds', () => { if (total([1, 2, 3]) !== 6) throw new Error('no'); }); });\n`;

/** The project with a source file, a test, and a secret that no tool needs. */
function makeProject(directory: string): void {
  copyWebApp(directory);
  mkdirSync(join(directory, 'src'));
  writeFileSync(join(directory, 'src/total.ts'), source);
  writeFileSync(join(directory, 'total.test.js'), tests);
  writeFileSync(join(directory, '.env'), 'SECRET\n');
  const compilerOptions = {
    outDir: 'out',
    rootDir: 'src',
    module: 'commonjs',
    target: 'es2022',
    strict: true,
    types: [],
  };
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
}

interface Place {
  readonly user: TestUser;
  readonly home: string;
  readonly project: string;
  readonly cache: string;
}

function run(place: Place, words: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const [program = '', ...args] = [...place.user.prefix, ...words];
  return spawnSync(program, args, {
    cwd: place.project,
    env: environment(place.home, { npm_config_cache: place.cache, npm_config_userconfig: '/dev/null' }),
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
}

function inside(place: Place, words: readonly string[]): ReturnType<typeof run> {
  const nono = join(installationFor(place.user), 'bin/nono');
  // npm is among the commands that the default profile refuses to start.
  const grants = ['--allow', '.', '--allow', place.cache, '--env', 'npm_config_*', '--deny', '**/.env'];
  return run(place, [nono, 'run', '-s', ...grants, '--allow-command', 'npm', '--', ...words]);
}

const bundle = `require('webpack')({ mode: 'production', entry: './out/total.js', output: { path: process.cwd() + '/dist', filename: 'bundle.js' } },
  (error, stats) => { if (error || stats.hasErrors()) throw error ?? new Error(stats.toString()); console.log('built'); })`;

/** A test runner prints how long it took. */
const untimed = (text: string): string => text.replace(/\(\d+ms\)/g, '(ms)');

/** Every name below, and what links lead to. */
function names(directory: string): string[] {
  const found = spawnSync('find', ['.', '-printf', '%P %y %l\\n'], {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  assert.equal(found.status, 0, found.stderr);
  return found.stdout.split('\n').toSorted();
}

/** The packages, fetched once for all users; or why they cannot be had. */
interface Packages {
  readonly cache: string;
  readonly missing: string | undefined;
}
let fetched: Packages | undefined;
function packages(): Packages {
  if (fetched !== undefined) return fetched;
  const directory = mkdtempSync(join(tmpdir(), 'nono-packages-'));
  removeAtEnd(directory);
  const cache = join(directory, 'cache');
  fetched = { cache, missing: fillCache('npm', directory, cache) };
  return fetched;
}

function placeFor(user: TestUser): Place {
  const home = makeHome(user);
  const made = { user, home, project: join(home, 'app'), cache: join(home, 'cache') };
  makeProject(made.project);
  cpSync(packages().cache, made.cache, { recursive: true });
  if (user.uid !== process.getuid?.()) spawnSync('chown', ['-R', `${user.uid}:${user.uid}`, made.project, made.cache]);
  return made;
}

type Ran = ReturnType<typeof run>;

/** What everything comes to without a sandbox, which is the same for every user: done once, in the order of the first. */
class Outside {
  readonly #place: Place;
  readonly #done = new Map<string, Ran>();
  #installed: readonly string[] | undefined;
  constructor(user: TestUser) {
    this.#place = placeFor(user);
  }
  run(words: readonly string[]): Ran {
    const asked = JSON.stringify(words);
    const done = this.#done.get(asked) ?? run(this.#place, words);
    this.#done.set(asked, done);
    return done;
  }
  /** Of what was installed, before a tool leaves something there. */
  installed(): readonly string[] {
    this.#installed ??= names(join(this.#place.project, 'node_modules'));
    return this.#installed;
  }
}
let known: Outside | undefined;

for (const user of users) {
  describe(`a project of ${packageCount()} packages, as ${user.name}`, { skip }, () => {
    test('is installed as outside, and its tools run', { timeout: 2 * TIMEOUT_MS }, (t) => {
      const { missing } = packages();
      if (missing !== undefined) {
        t.skip(missing);
        return;
      }
      known ??= new Outside(user);
      const outside = known;
      const bare = outside.run(['npm', ...installOffline]);
      assert.equal(bare.status, 0, bare.stderr);
      const here = placeFor(user);
      const began = process.hrtime.bigint();
      const installed = inside(here, ['npm', ...installOffline]);
      t.diagnostic(`npm ci inside: ${(process.hrtime.bigint() - began) / 1_000_000n} ms`);
      assert.equal(installed.status, 0, installed.stderr);
      assert.deepEqual(names(join(here.project, 'node_modules')), outside.installed());

      const bin = (name: string): string => `node_modules/.bin/${name}`;
      for (const [words, says] of [
        [[bin('tsc'), '-p', '.'], /^$/],
        [[bin('mocha'), 'total.test.js'], /1 passing/],
        [[bin('prettier'), '--check', 'tsconfig.json', 'src'], /./],
        [[bin('eslint'), '--no-eslintrc', '--env', 'es2022', 'out'], /^$/],
        [['node', '-e', bundle], /^built\n$/],
        [['node', '-e', 'console.log(require("express").name, require("react").version)'], /createApplication 18/],
      ] as const) {
        const [theirs, ours] = [outside.run(words), inside(here, words)];
        assert.deepEqual(
          [ours.status, untimed(ours.stdout)],
          [theirs.status, untimed(theirs.stdout)],
          `${words.join(' ')}: ${ours.stderr}`,
        );
        assert.match(ours.stdout, says, words.join(' '));
      }
      assert.equal(readFileSync(join(here.project, 'out/total.js'), 'utf8').includes('reduce'), true);
      const denied = inside(here, ['cat', '.env']);
      assert.deepEqual([denied.status, denied.stdout], [1, '']);
    });
  });
}
