/** Calls on files, execution among them, answer in a brokered tree what they answer outside: drivers/conformance/ runs one table in both, as several identities. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { rootSkip, type TestUser, users } from '../helpers/users.ts';
import { driver } from './driver.ts';
import { offFloor } from './off-floor.ts';
import { inMemory, makeWorld, Session } from './session.ts';

test('the root half', { skip: rootSkip }, () => {});

const TABLES =
  'open openat2 make remove truncate rename link chmod chown utime xattr xattrat flags look socket execute'.split(' ');
/** What a root command keeps in these tests (TEST_CAPABILITIES); outside it must have no more either. */
const CAPABILITIES = '-all,+chown,+dac_override,+dac_read_search,+fowner,+fsetid,+kill,+setgid,+setuid';
const ANOTHER = 65533;
/** Every 17th case; all of them, more than 66,000 for each identity, with NONO_CONFORMANCE=1. */
const STEP = process.env['NONO_CONFORMANCE'] ?? '17';

/** Since this version files in memory have attributes of users and flags of chattr. */
const [major = 0, minor = 0] = release().split('.').map(Number);
/** All cases are made on the disk. A sample of them is where making and removing files is cheap: a disk can look for the inode of each new one among all that were freed just before, for half of what the whole took. */
const above = STEP === '17' && (major > 6 || (major === 6 && minor >= 6)) ? inMemory() : tmpdir();

interface Identity {
  readonly name: string;
  readonly user: TestUser;
  readonly args: readonly string[];
  readonly outside: readonly string[];
}

const identities: readonly Identity[] = users.flatMap((user): Identity[] =>
  user.name === 'root'
    ? [
        { name: 'root', user, args: [], outside: ['setpriv', `--bounding-set=${CAPABILITIES}`, '--'] },
        {
          name: 'root’s child with another identity',
          user,
          args: [String(ANOTHER)],
          outside: ['setpriv', `--bounding-set=${CAPABILITIES}`, '--'],
        },
      ]
    : [{ name: user.name, user, args: [], outside: user.prefix }],
);

let program: string | undefined;

/** The driver, where every user can execute it. */
function conformance(): string {
  if (program === undefined) {
    program = driver('drivers/conformance', []);
    chmodSync(dirname(program), 0o755);
  }
  return program;
}

/** Files that cannot be written, whoever asks; what of it this machine has. Set up as root, and taken away after the tests. */
function unwritable(base: string, uid: number): string[] {
  const missing: string[] = [];
  const run = (...words: [string, ...string[]]): boolean => spawnSync(words[0], words.slice(1)).status === 0;
  for (const dir of ['fixed', 'fixed/dir', 'ro.from', 'ro.from/dir', 'ro']) mkdirSync(join(base, dir));
  for (const file of ['fixed/file', 'fixed/append', 'fixed/dir/x', 'ro.from/file'])
    writeFileSync(join(base, file), 'x');
  spawnSync('chown', ['-R', `${uid}:${uid}`, base]);
  const [f, a, d, x] = ['file', 'append', 'dir', 'dir/x'].map((p) => join(base, 'fixed', p)) as [
    string,
    string,
    string,
    string,
  ];
  if (!run('chattr', '+i', f, x, d) || !run('chattr', '+a', a)) missing.push('immutable files');
  const ro = join(base, 'ro');
  if (!run('mount', '--bind', join(base, 'ro.from'), ro) || !run('mount', '-o', 'remount,bind,ro', ro))
    missing.push('a read-only mount');
  const undo = (): void => {
    run('chattr', '-i', f, d, x);
    run('chattr', '-a', a);
    run('umount', ro);
  };
  after(undo);
  process.on('exit', undo);
  return missing;
}

/** One case and the lines that say what it changed. */
function cases(output: string): Map<string, string> {
  const found = new Map<string, string>();
  let last = '';
  for (const line of output.split('\n')) {
    if (!line.startsWith('   ')) {
      last = line.slice(0, line.lastIndexOf(': '));
      found.set(last, line);
    } else {
      found.set(last, `${found.get(last)}\n${line}`);
    }
  }
  return found;
}

/** Where the sandbox answers otherwise, on purpose; each is a refusal where the kernel would allow. */
const LINK_IN_PROC = String.raw`(cwd|absolute|dirfd|dirfd -1|closed dirfd|absolute, closed dirfd) "/(proc/self|dev)/fd/\d+"$`;
const DIFFERENCES: readonly { readonly case: RegExp; readonly inside: RegExp; readonly why: string }[] = [
  {
    case: new RegExp(
      `^(unlink|rmdir|unlinkat|lchown|fchownat NOFOLLOW|fchmodat2 NOFOLLOW|utimensat .* NOFOLLOW|l(set|remove)xattr) .*${LINK_IN_PROC}`,
    ),
    inside: /: (EACCES|EPERM)$/,
    why: 'the entry of /proc itself, not what it leads to: no rule grants writing to /proc',
  },
  {
    case: /^linkat (EMPTY_PATH|FOLLOW|EMPTY_PATH\|FOLLOW) descriptor 64$/,
    inside: /: EACCES$/,
    why: '/dev/null is granted for opening, not for giving it another name',
  },
  {
    case: new RegExp(`^inotify_add_watch DONT_FOLLOW ${LINK_IN_PROC}`),
    inside: /: EACCES$/,
    why: 'the entry of /proc itself, not what it leads to: nobody watches processes',
  },
  {
    case: /^linkat EMPTY_PATH(\|FOLLOW)? from cwd ""$/,
    inside: /: ENOENT$/,
    why: 'a directory, which gets no other name either way',
  },
  {
    case: /^(set|remove)xattrat |^file_setattr /,
    inside: /: ENOSYS$/,
    why: 'newer than what the supervisor serves: programs fall back to the calls before them',
  },
  {
    case: /^open(at)? accmode 3 /,
    inside: /: EACCES$/,
    why: 'neither for reading nor for writing: Landlock would ask for no right',
  },
  {
    case: /^openat2 PATH /,
    inside: /: ENOSYS$/,
    why: 'openat2 is never sent on to the kernel, and a descriptor without data cannot be handed over: programs use openat then, as before Linux 5.6',
  },
  {
    case: /^openat2 CREAT RESOLVE_[A-Z].* "(deep)?dangling"$/,
    inside: /: EACCES$/,
    why: 'a file made through a dangling symlink under a restriction of openat2: only the kernel knows where that walk began',
  },
];

for (const identity of identities) {
  describe(identity.name, () => {
    const world = makeWorld(identity.user, above);
    const tree = join(world.base, 'work');
    const missing = unwritable(tree, identity.user.uid);
    test('immutable files and a read-only mount are there', {
      skip: missing.length > 0 ? missing.join(', ') : false,
    }, () => {});

    for (const table of TABLES) {
      test(table, async () => {
        const words = [conformance(), tree, table, table === 'flags' ? '1' : STEP, ...identity.args];
        const [head = '', ...tail] = [...identity.outside, ...words];
        const outside = spawnSync(head, tail, { encoding: 'utf8', maxBuffer: 1 << 28 });
        assert.equal(outside.status, 0, outside.stderr);
        const session = new Session(
          identity.user,
          offFloor(identity.user).planned(world, { readFloor: [dirname(conformance())] }),
          words,
        );
        const inside = await session.ended;
        assert.equal(inside.code, 0, inside.stderr);
        const [expected, found] = [cases(outside.stdout), cases(inside.stdout)];
        assert.ok(expected.size > 20);
        const differing = [...expected].filter(([name, text]) => found.get(name) !== text);
        const unexpected = differing.filter(
          ([name]) => !DIFFERENCES.some((d) => d.case.test(name) && d.inside.test(found.get(name) ?? '')),
        );
        assert.equal(
          unexpected
            .slice(0, 40)
            .map(([name, text]) => `outside ${text}\n inside ${found.get(name)}`)
            .join('\n'),
          '',
          `${unexpected.length} of ${expected.size} differ`,
        );
        assert.equal(found.size, expected.size);
      });
    }
  });
}
