/** The cached plan: taken without Node when nothing that it rests on has changed, and never otherwise. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CachedInstallation, type StartOptions } from '../../helpers/plan-cache.ts';
import { type TestUser, users } from '../../helpers/users.ts';

const wrap = (...words: string[]): string[] => ['wrap', '-s', '--allow-cwd', '-p', 'mine', '--', ...words];
const readSecret = wrap('cat', 'secret');

function prepared(user: TestUser): CachedInstallation {
  const at = new CachedInstallation(user);
  at.write('.config/nono/profiles/mine.json', profile({}));
  at.write('project/secret', 'the secret\n');
  at.write('project/sub/file', 'x\n');
  at.write('granted/one/file', 'x\n');
  return at;
}

/** Grants with a link and with a directory that is carved: all kinds of questions are asked. */
function profile(filesystem: Record<string, readonly string[]>): string {
  return JSON.stringify({
    extends: 'default',
    meta: { name: 'mine' },
    workdir: { access: 'readwrite' },
    filesystem: {
      allow: ['~/granted', '~/later', '~/linked'],
      deny: ['~/granted/one', '~/granted/none'],
      ...filesystem,
    },
  });
}

interface Change {
  readonly what: string;
  /** Makes the change and returns how to take it back. */
  readonly make: (at: CachedInstallation) => () => void;
  readonly options?: StartOptions;
  readonly args?: readonly string[];
}

function rewritten(file: string, text: string): () => void {
  const before = readFileSync(file);
  const { mode } = statSync(file);
  writeFileSync(file, text);
  return () => writeFileSync(file, before, { mode });
}

function replaced(path: string, make: (path: string) => void): () => void {
  renameSync(path, `${path}.away`);
  make(path);
  return () => {
    rmSync(path, { recursive: true });
    renameSync(`${path}.away`, path);
  };
}

function made(path: string, make: (path: string) => void = (name) => writeFileSync(name, '')): () => void {
  make(path);
  return () => rmSync(path, { recursive: true });
}

const nothing = (): void => {};
const here = (make: (at: CachedInstallation) => void): ((at: CachedInstallation) => () => void) => {
  return (at) => {
    make(at);
    return nothing;
  };
};

const changes: readonly Change[] = [
  { what: 'another command', make: here(nothing), args: wrap('/bin/cat', 'secret') },
  {
    what: 'a flag',
    make: here(nothing),
    args: ['wrap', '-s', '--allow-cwd', '--block-net', '-p', 'mine', '--', 'cat', 'secret'],
  },
  { what: 'a variable that is new', make: here(nothing), options: { env: { LANG: 'C' } } },
  { what: 'a variable of nono', make: here(nothing), options: { env: { NONO_NO_SAVE_PROMPT: '1' } } },
  { what: 'another PATH', make: here(nothing), options: { env: { PATH: '/bin:/usr/bin' } } },
  { what: 'the umask', make: here(nothing), options: { before: ['sh', '-c', 'umask 077; exec "$@"', '-'] } },
  {
    what: 'the soft limit on open files',
    make: here(nothing),
    options: { before: ['prlimit', '--nofile=512:', '--'] },
  },
  { what: 'another limit', make: here(nothing), options: { before: ['prlimit', '--stack=4194304:', '--'] } },
  {
    what: 'another directory of the same name',
    make: (at) => replaced(at.project, (path) => spawnSync('cp', ['-a', `${path}.away`, path])),
  },
  {
    what: 'the profile',
    make: (at) => rewritten(join(at.home, '.config/nono/profiles/mine.json'), profile({ read: ['~/notes.txt'] })),
  },
  {
    what: 'a profile that is found first',
    make: (at) =>
      made(join(at.home, '.config/nono/profiles/mine.jsonc'), (p) => writeFileSync(p, profile({}), { mode: 0o644 })),
  },
  {
    what: 'a user profile in place of a built-in one',
    make: (at) =>
      made(join(at.home, '.config/nono/profiles/default.json'), (p) =>
        writeFileSync(p, '{"meta":{"name":"default"}}', { mode: 0o644 }),
      ),
  },
  {
    what: 'a new profile that is a link',
    make: (at) => made(join(at.home, '.config/nono/profiles/other.json'), (p) => symlinkSync('mine.json', p)),
  },
  {
    what: 'config.toml',
    make: (at) => made(join(at.home, '.config/nono/config.toml'), (p) => writeFileSync(p, '', { mode: 0o644 })),
  },
  { what: 'a granted path that appears', make: (at) => made(join(at.home, 'later'), (p) => mkdirSync(p)) },
  {
    what: 'a granted path that is another kind',
    make: (at) => replaced(join(at.home, 'granted'), (p) => writeFileSync(p, '')),
  },
  {
    what: 'a granted path that is a link now',
    make: (at) => replaced(join(at.home, 'granted'), (p) => symlinkSync(`${p}.away`, p)),
  },
  { what: 'a granted path that is gone', make: (at) => replaced(join(at.home, 'granted'), (p) => mkdirSync(p)) },
  { what: 'a denied path that appears', make: (at) => made(join(at.home, 'granted/none')) },
  { what: 'an entry of a carved directory', make: (at) => made(join(at.home, 'granted/new')) },
  {
    what: 'an entry of a carved directory that is another kind',
    make: (at) => replaced(join(at.home, 'granted/file'), (p) => mkdirSync(p)),
  },
  { what: 'the target of a link', make: (at) => replaced(join(at.home, 'linked'), (p) => symlinkSync('notes.txt', p)) },
  { what: 'a bundle of the installation', make: (at) => touched(join(at.installation, 'dist/policy-data.json')) },
  {
    what: 'a new file in the installation',
    make: (at) => made(join(at.installation, 'dist/package.json'), (p) => writeFileSync(p, '{}', { mode: 0o644 })),
  },
  { what: 'a native program', make: (at) => touched(join(at.installation, 'native/build/nono-search')) },
  { what: 'package.json of the installation', make: (at) => touched(join(at.installation, 'package.json')) },
];

/** Its times, and with them that of its inode, which cannot be put back. */
function touched(file: string): () => void {
  const { atime, mtime } = statSync(file);
  utimesSync(file, atime, mtime);
  return nothing;
}

for (const user of users)
  describe(`as ${user.name}`, () => {
    test('a hit runs the command under the same floor, says the same, and starts no Node', () => {
      const at = prepared(user);
      const loud = ['wrap', '--allow-cwd', '--', 'sh', '-c', `cat secret; cat ${at.home}/notes.txt; exit 7`];
      const first = at.start(loud);
      assert.equal(first.hit, false);
      const hit = at.untilHit(loud);
      assert.deepEqual({ ...hit, hit: false }, first);
      assert.equal(hit.code, 7);
      assert.equal(hit.stdout, 'the secret\n');
      assert.match(hit.stderr, /profile default[\s\S]*Permission denied/);
    });

    test('the environment of the command is that of the start, and no value of it lies on the disk', () => {
      const at = prepared(user);
      const env = { TERM: 'xterm-of-today', SOME_TOKEN: 'hunter2-hunter2', EDITOR: 'an-editor' };
      const args = [
        'wrap',
        '-s',
        '--allow-cwd',
        '--env',
        'SOME_TOKEN',
        '--',
        'sh',
        '-c',
        'env; echo pass=word-on-the-line',
      ];
      const first = at.start(args, { env });
      const hit = at.untilHit(args, { env });
      assert.equal(hit.stdout, first.stdout);
      assert.match(hit.stdout, /SOME_TOKEN=hunter2-hunter2/);
      assert.equal(at.entries().length, 1);
      for (const file of at.entries()) {
        const text = readFileSync(file, 'latin1');
        assert.match(text, /SOME_TOKEN/);
        assert.doesNotMatch(text, /hunter2|word-on-the-line|xterm-of-today/);
      }
    });

    describe('everything that a plan rests on', () => {
      const at = prepared(user);
      at.write('granted/file', '');
      symlinkSync('granted/one', join(at.home, 'linked'));
      for (const { what, make, options = {}, args = readSecret } of changes)
        test(`${what}: a miss`, () => {
          // With the entry of the test before, where that has put everything back.
          at.untilHit(readSecret);
          const back = make(at);
          try {
            assert.ok(at.misses(args, options));
          } finally {
            back();
          }
        });

      test('every question of an entry, its answer changed, is a miss', () => {
        at.forget();
        at.untilHit(readSecret);
        const [file = ''] = at.entries();
        const seen = new Set(at.questions().map((question) => question.op));
        for (const op of ['k', 'e', 'l', 'd', 'c', 'n']) assert.ok(seen.has(op), `asked: ${op}`);
        // One of each op: an answer that is not the one of now.
        for (const op of seen) {
          const unchanged = readFileSync(file);
          const entry = Buffer.from(unchanged);
          const question = at.questions().findLast((one) => one.op === op && one.answer !== '-');
          if (question === undefined || op === 'o') continue;
          const start = entry.indexOf(`${op}${question.subject}\0${question.answer}\0`);
          const last = start + Buffer.byteLength(`${op}${question.subject}\0${question.answer}`) - 1;
          entry.writeUInt8(entry.readUInt8(last) ^ 1, last);
          seal(entry);
          writeFileSync(file, entry);
          assert.ok(at.misses(readSecret), op);
          // The bytes as they were: what makes them a hit again is the answer alone.
          writeFileSync(file, unchanged);
          at.untilHit(readSecret);
        }
      });

      test('a deny that is added is in force at once', () => {
        at.forget();
        assert.equal(at.untilHit(readSecret).stdout, 'the secret\n');
        const back = rewritten(
          join(at.home, '.config/nono/profiles/mine.json'),
          profile({ deny: ['$WORKDIR/secret', '~/granted/one', '~/granted/none'] }),
        );
        for (let i = 0; i < 3; i++) {
          const denied = at.start(readSecret);
          assert.equal(denied.stdout, '');
          assert.notEqual(denied.code, 0);
        }
        back();
        assert.equal(at.start(readSecret).stdout, 'the secret\n');
      });
    });

    test('an entry that is damaged, cut, or that somebody else could have written is a miss', () => {
      const at = prepared(user);
      // A miss leaves a new one, mostly.
      const file = (): string => {
        if (!at.start(readSecret).hit || at.entries().length > 1) {
          at.forget();
          at.untilHit(readSecret);
        }
        return at.entries()[0] as string;
      };
      const isMiss = (what: string): void => {
        const start = at.start(readSecret);
        assert.equal(start.hit, false, what);
        assert.equal(start.stdout, 'the secret\n', what);
      };
      const whole = readFileSync(file());
      for (let i = 0; i < 24; i++) {
        const place = Math.floor((whole.length * i) / 24);
        const name = at.entries()[0] as string;
        const bytes = readFileSync(name);
        bytes.writeUInt8(bytes.readUInt8(place) ^ 0x20, place);
        writeFileSync(name, bytes);
        isMiss(`byte ${place}`);
      }
      for (const length of [0, 7, 67, 68, whole.length - 1]) {
        truncateSync(file(), length);
        isMiss(`cut to ${length}`);
      }
      appendFileSync(file(), '\0');
      isMiss('longer');
      for (const mode of [0o640, 0o604, 0o620, 0o602, 0o666]) {
        chmodSync(file(), mode);
        isMiss(mode.toString(8));
      }
      for (const mode of [0o755, 0o710, 0o777]) {
        const name = file();
        chmodSync(at.cache, mode);
        isMiss(`directory ${mode.toString(8)}`);
        chmodSync(at.cache, 0o700);
        assert.ok(name);
      }
      const linked = file();
      linkSync(linked, `${linked}.other`);
      isMiss('two names');
      const moved = file();
      renameSync(moved, join(at.cache, 'elsewhere'));
      symlinkSync('elsewhere', moved);
      isMiss('a link');
      const fifo = file();
      unlinkSync(fifo);
      assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
      isMiss('a fifo');
      const other = file();
      const copy = `${'0'.repeat(64)}`;
      renameSync(other, join(at.cache, copy));
      const { stdout } = at.start(wrap('cat', './secret'));
      assert.equal(stdout, 'the secret\n');
      const directory = file();
      unlinkSync(directory);
      mkdirSync(directory);
      isMiss('a directory');
      rmdirSync(directory);
    });

    test('an entry of another start in its place is a miss', () => {
      const at = prepared(user);
      at.untilHit(readSecret);
      const [secret = ''] = at.entries();
      at.untilHit(wrap('echo', 'other'));
      const other = at.entries().find((name) => name !== secret) as string;
      renameSync(other, secret);
      const start = at.start(readSecret);
      assert.equal(start.hit, false);
      assert.equal(start.stdout, 'the secret\n');
    });

    test('--no-plan-cache, NONO_NO_PLAN_CACHE and a value in --env keep nothing', () => {
      const at = prepared(user);
      at.start(['wrap', '-s', '--allow-cwd', '--no-plan-cache', '--', 'true']);
      at.start(['wrap', '-s', '--allow-cwd', '--', 'true'], { env: { NONO_NO_PLAN_CACHE: '1' } });
      at.start(['wrap', '-s', '--allow-cwd', '--env', 'A=b', '--', 'true']);
      at.start(['wrap', '--allow-cwd', '--dry-run', '--', 'true']);
      assert.deepEqual(at.entries(), []);
    });

    test('starts at the same time, and one that is killed while it writes, leave whole entries', async () => {
      const at = prepared(user);
      const launcher = join(at.installation, 'native/build/nono-launch');
      const many = Array.from({ length: 6 }, (_, i) => {
        const words = [
          ...user.prefix,
          launcher,
          '--front',
          'wrap',
          '--',
          at.node,
          join(at.installation, 'dist/cli.cjs'),
          ...readSecret,
        ];
        const child = spawn(words[0] as string, words.slice(1), {
          cwd: at.project,
          env: { HOME: at.home, PATH: '/usr/bin:/bin', NODE_OPTIONS: `--require=${at.hook}` },
          stdio: ['pipe', 'pipe', 'pipe'],
        });
        child.stdin.end();
        if (i === 5) setTimeout(() => child.kill('SIGKILL'), 60);
        return once(child, 'close');
      });
      await Promise.all(many);
      // As a killed writer leaves it.
      writeFileSync(join(at.cache, '.new-0123456789abcdef'), 'half', { mode: 0o600 });
      assert.equal(at.untilHit(readSecret).stdout, 'the secret\n');
      utimesSync(join(at.cache, '.new-0123456789abcdef'), 0, 0);
      at.start(wrap('echo', 'another'));
      assert.deepEqual(
        readdirSync(at.cache).filter((name) => name.startsWith('.')),
        [],
      );
    });

    test('a disk or a limit that takes no entry costs nothing', () => {
      const at = prepared(user);
      for (const command of ['wrap', 'run']) {
        const args = [command, '-s', '--allow-cwd', '-p', 'mine', '--', 'cat', 'secret'];
        const start = at.start(args, { before: ['prlimit', '--fsize=512:', '--'] });
        assert.equal(start.stdout, 'the secret\n', start.stderr);
        assert.equal(start.code, 0);
      }
      assert.deepEqual(readdirSync(at.cache), []);
    });

    test('inside a session nothing is taken or kept', () => {
      const at = prepared(user);
      const inner = `${at.installation}/bin/nono`;
      for (const outer of ['wrap', 'run']) {
        const before = at.entries().length;
        const words = [
          'sh',
          '-c',
          `${inner} wrap -s --allow-cwd -- cat secret; ${inner} wrap -s --allow-cwd -- cat secret`,
        ];
        const start = at.start([outer, '-s', '--allow-cwd', '-p', 'mine', '--', ...words]);
        assert.equal(start.stdout, 'the secret\nthe secret\n', start.stderr);
        // That of the outer one.
        assert.equal(at.entries().length, before + 1);
      }
    });

    test('at most 64 entries are kept, the oldest go', () => {
      const at = prepared(user);
      for (let i = 0; i < 70; i++) {
        const name = join(at.cache, i.toString(16).padStart(64, '0'));
        writeFileSync(name, '', { mode: 0o600 });
        utimesSync(name, i + 1, i + 1);
      }
      for (const command of ['echo', 'true', 'false', 'id', 'pwd', 'date', 'ls', 'env']) at.start(wrap(command));
      const names = at.entries();
      assert.equal(names.length, 70);
      assert.ok(!names.some((name) => name.endsWith('0'.repeat(64))));
    });

    test('a session can neither read nor write the cache, whatever it is granted', () => {
      const at = prepared(user);
      at.untilHit(readSecret);
      const script = `cat ${at.cache}/*; ls ${at.cache}; echo x > ${at.cache}/y; rm -r ${at.cache}; mv ${at.home}/.local/state/nono ${at.home}/gone`;
      for (const command of ['wrap', 'run']) {
        const tried = at.start([command, '-s', '--allow', at.home, '--', 'sh', '-c', script]);
        assert.equal(tried.stdout, '');
        assert.notEqual(tried.code, 0);
      }
      assert.ok(at.entries().length > 0);
    });

    if (user.prefix.length === 0)
      test('an entry of another user, and a home of another user, are not used', () => {
        const at = prepared(user);
        at.untilHit(readSecret);
        chownSync(at.entries()[0] as string, 65534, 65534);
        assert.equal(at.start(readSecret).hit, false);
        at.forget();
        at.untilHit(readSecret);
        chownSync(at.cache, 65534, 65534);
        assert.equal(at.start(readSecret).hit, false);
        chownSync(at.cache, 0, 0);
        chownSync(at.home, 65534, 65534);
        assert.equal(at.start(readSecret).hit, false);
        assert.equal(at.start(readSecret).hit, false);
      });
  });

/** The sum of native/cache/cache_entry.c: without it every change would be found for that reason alone. */
function seal(entry: Buffer): void {
  const data = entry.subarray(16);
  const mask = (1n << 64n) - 1n;
  let h = 0xcbf29ce484222325n ^ BigInt(data.length);
  let at = 0;
  for (; at + 8 <= data.length; at += 8) {
    h = ((h ^ data.readBigUInt64LE(at)) * 0x9e3779b97f4a7c15n) & mask;
    h ^= h >> 29n;
  }
  for (; at < data.length; at++) h = ((h ^ BigInt(data.readUInt8(at))) * 0x100000001b3n) & mask;
  entry.writeBigUInt64LE(h ^ (h >> 32n), 8);
}
