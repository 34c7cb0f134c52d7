/**
 * Whole programs with the home directory, which holds denied paths, as the working directory: each must leave what it leaves outside, and what it made must run, without
 * a restart. Some run with a pattern denied and from the root directory as well.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { removeAtEnd } from '../../helpers/left-behind.ts';
import { nono, type Outcome } from '../../helpers/run.ts';
import { environment, makeHome, type TestUser, users } from '../../helpers/users.ts';

interface Program {
  readonly name: string;
  /** Much work of its own: everywhere, or where it has run in the carved home already. */
  readonly slow?: 'always' | 'again';
  /** Commands without which it is skipped; each must run as the user. */
  readonly needs: readonly string[];
  /** Run in the home directory, before, outside. */
  readonly prepare?: string;
  readonly script: string;
  /** What standard output holds. */
  readonly says: RegExp;
  /** Trees that must be the same as outside. */
  readonly leaves: readonly string[];
  /** Files whose content differs between two runs outside as well; names are compared. */
  readonly volatile?: RegExp;
}

const repository = `git init -q --bare bare.git; git init -q seed; cd seed; git config user.email a@b; git config user.name n
mkdir -p src/deep; for i in 1 2 3 4 5 6 7 8 9; do echo "file $i" > src/f$i; ln -s f$i src/deep/l$i; done; printf '#!/bin/sh\\necho "ran $0"\\n' > run.sh; chmod 755 run.sh
git add -A; GIT_COMMITTER_DATE=2026-01-01T00:00:00Z git commit -q --date 2026-01-01T00:00:00Z -m one; git push -q ../bare.git HEAD:main; cd ..; git -C bare.git symbolic-ref HEAD refs/heads/main`;

/** A project whose dependencies are archives beside it: nothing is fetched. */
const packages = (count: number): string => `mkdir -p app pk/package; i=0; deps=; while [ $i -lt ${count} ]; do
printf '{"name":"p%s","version":"1.0.0","bin":{"p%s":"bin.js"}}' $i $i > pk/package/package.json; printf '#!/usr/bin/env node\\nconsole.log("bin %s")\\n' $i > pk/package/bin.js; chmod 755 pk/package/bin.js
tar czf app/p$i.tgz -C pk package; deps="$deps\${deps:+,}\\"p$i\\":\\"file:p$i.tgz\\""; i=$((i+1)); done
printf '{"name":"app","version":"1.0.0","dependencies":{%s}}' "$deps" > app/package.json; cd app && npm install --package-lock-only --offline --no-audit --no-fund >/dev/null`;

const wheel = `mkdir -p w/m w/m-1.dist-info; echo 'def main(): print("wheel ran")' > w/m/__init__.py
printf 'Metadata-Version: 2.1\\nName: m\\nVersion: 1\\n' > w/m-1.dist-info/METADATA; printf 'Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n' > w/m-1.dist-info/WHEEL
printf '[console_scripts]\\nm = m:main\\n' > w/m-1.dist-info/entry_points.txt; printf 'm/__init__.py,,\\nm-1.dist-info/METADATA,,\\nm-1.dist-info/WHEEL,,\\nm-1.dist-info/entry_points.txt,,\\nm-1.dist-info/RECORD,,\\n' > w/m-1.dist-info/RECORD
cd w && python3 -m zipfile -c ../m-1-py3-none-any.whl m m-1.dist-info`;

/** One for all runs: the later ones link what the first has compiled, whoever they are. */
const goCache = mkdtempSync(join(tmpdir(), 'nono-go-'));
chmodSync(goCache, 0o755);
for (let i = 0; i < 256; i++) {
  // As Go would make them, for one user.
  const shard = join(goCache, i.toString(16).padStart(2, '0'));
  mkdirSync(shard);
  chmodSync(shard, 0o777);
}
removeAtEnd(goCache);

const slowOnes = process.env['NONO_TEST_PROGRAMS'] === '1';

const programs: readonly Program[] = [
  {
    name: 'a C program, compiled and run',
    needs: ['cc --version'],
    prepare: `printf '#include <stdio.h>\\nint main(void){puts("hello");return 0;}\\n' > x.c`,
    script: 'cc -o hello x.c && ./hello && cc -O2 -o hello x.c && ./hello',
    says: /^hello\nhello\n$/,
    leaves: ['hello', 'x.c'],
  },
  {
    name: 'make -j2, twice, with a shared library that is loaded',
    needs: ['make --version', 'cc --version'],
    prepare: `for i in 1 2 3 4 5 6 7 8; do echo "int f$i(void){return $i;}" > f$i.c; done; printf '#include <dlfcn.h>\\n#include <stdio.h>\\nint main(void){void*h=dlopen("./libf.so",RTLD_NOW);int(*f)(void)=h?dlsym(h,"f8"):0;printf("made %%d\\\\n",f?f():-1);return 0;}\\n' > main.c
printf 'OBJ=f1.o f2.o f3.o f4.o f5.o f6.o f7.o f8.o\\nall: libf.so prog\\n\\t./prog\\nlibf.so: $(OBJ)\\n\\tcc -shared -o $@ $(OBJ)\\n%%.o: %%.c\\n\\tcc -fPIC -c -o $@ $<\\nprog: main.c\\n\\tcc -o $@ $< -ldl\\nclean:\\n\\trm -f *.o prog libf.so\\n' > Makefile`,
    script: 'make -s -j2 && make -s clean && make -s -j2 && make -s',
    says: /^made 8\nmade 8\nmade 8\n$/,
    leaves: ['Makefile', 'prog', 'libf.so', 'f1.o', 'f8.o'],
  },
  {
    name: 'git clone, and a script from it',
    needs: ['git --version'],
    prepare: repository,
    script: `git clone -q bare.git work && work/run.sh && cd work && git status --porcelain && git checkout -q -b other && echo more >> src/f1 && git -c user.email=a@b -c user.name=n commit -qam two && git checkout -q main && git gc -q && git fsck --strict 2>&1`,
    says: /^ran work\/run\.sh\n/,
    leaves: ['work/src', 'work/run.sh'],
  },
  {
    name: 'npm ci, and a program of a package',
    slow: 'again',
    needs: ['npm --version', 'node --version'],
    prepare: packages(12),
    script:
      'cd app && npm ci --offline --no-audit --no-fund --silent && node_modules/.bin/p7 && npm ci --offline --no-audit --no-fund --silent && npx --offline p3',
    says: /^bin 7\nbin 3\n$/,
    leaves: ['app/node_modules'],
    volatile: /\.package-lock\.json$/,
  },
  {
    name: 'pip install of a wheel into a venv',
    slow: 'always',
    needs: ['python3 -c "import ensurepip, venv"'],
    prepare: wheel,
    script:
      'python3 -m venv v && v/bin/pip install -q --no-index --disable-pip-version-check ./m-1-py3-none-any.whl && v/bin/m && v/bin/python -c "import m; m.main()"',
    says: /^wheel ran\nwheel ran\n$/,
    leaves: ['v'],
    volatile: /\.pyc$|pyvenv\.cfg$|\/bin\/|RECORD$|direct_url\.json$/,
  },
  {
    name: 'vim with a swap file',
    needs: ['vim --version'],
    prepare: 'echo one > text',
    script: `vim -es -u NONE -c 'set swapfile directory=.' -c 'normal otwo' -c 'silent !ls -a > seen' -c 'wq' text; grep -c 'text.sw' seen; rm seen; cat text`,
    says: /^1\none\ntwo\n$/,
    leaves: ['text'],
  },
  {
    name: 'sqlite with a journal and with a WAL',
    needs: ['sqlite3 --version'],
    script: `for mode in delete wal truncate; do sqlite3 $mode.db "pragma journal_mode=$mode; create table t(a); begin; insert into t select value from generate_series(1,2000); commit; select count(*) from t; pragma integrity_check;"; done; ls`,
    says: /delete\n2000\nok\nwal\n2000\nok\ntruncate\n2000\nok\n/,
    leaves: ['delete.db', 'wal.db', 'truncate.db'],
  },
  {
    name: "node's test runner",
    needs: ['node --version'],
    prepare: `printf "require('node:test')('a', () => { require('node:fs').writeFileSync('out', 'x'); });\\n" > a.test.cjs`,
    script: 'node --test a.test.cjs | grep -c "^# pass 1\\|pass 1"',
    says: /^1\n$/,
    leaves: ['out', 'a.test.cjs'],
  },
  {
    name: 'a static Go program, built and run',
    slow: 'always',
    needs: ['go version'],
    prepare: `printf 'module m\\n\\ngo 1.19\\n' > go.mod; printf 'package main\\nimport "os"\\nfunc main(){ e,_ := os.Readlink("/proc/self/exe"); os.Stdout.WriteString("go "+e+"\\\\n") }\\n' > main.go`,
    script: `CGO_ENABLED=0 GOFLAGS=-mod=mod GOTOOLCHAIN=local GOTELEMETRY=off GOCACHE=${goCache} go build -o prog . && ./prog | sed "s|$PWD|.|"`,
    says: /^go \.\/prog\n$/,
    leaves: ['main.go', 'go.mod'],
  },
  {
    name: 'gdb on a child',
    needs: ['gdb --version', 'cc --version'],
    prepare: `printf '#include <stdio.h>\\nint depth(int n){return n?depth(n-1)+1:0;}\\nint main(void){printf("%%d\\\\n",depth(3));return 0;}\\n' > g.c`,
    script: `cc -g -O0 -o g g.c && gdb -nx -batch -ex 'set startup-with-shell off' -ex 'break depth if n==0' -ex run -ex bt -ex continue ./g 2>&1 | grep -c '^#[0-4] '`,
    says: /^5\n$/,
    leaves: ['g.c'],
  },
  {
    name: 'tar, cp -a, find and rm -r',
    needs: ['tar --version'],
    prepare: `mkdir -p seed/a/b; for i in 1 2 3 4 5 6 7 8 9; do echo $i > seed/a/f$i; ln seed/a/f$i seed/a/b/h$i; ln -s ../f$i seed/a/b/s$i; chmod 6$i$((i%8)) seed/a/f$i 2>/dev/null; done; mkfifo seed/p; touch -d @1000000 seed/a/f1; tar cf seed.tar seed one 2>/dev/null || tar cf seed.tar seed`,
    script:
      'tar xpf seed.tar --one-top-level=out && cp -a out/seed copy && rm -r out/seed && mv copy out/moved && find out -type f | wc -l && rm -r seed && ls',
    says: /^18\n/,
    leaves: ['out'],
  },
];

/** Names, kinds, modes, link counts and content below a path. */
function tree(base: string, path: string, volatile: RegExp | undefined): string[] {
  const full = join(base, path);
  const st = lstatSync(full, { throwIfNoEntry: false });
  if (st === undefined) return [`${path} missing`];
  const mode = (st.mode & 0o7777).toString(8);
  if (st.isDirectory())
    return [
      `${path}/ ${mode}`,
      ...readdirSync(full)
        .sort()
        .flatMap((name) => tree(base, join(path, name), volatile)),
    ];
  if (st.isSymbolicLink()) return [`${path} -> ${readlinkSync(full).replaceAll(base, '~')}`];
  if (!st.isFile()) return [`${path} special ${mode}`];
  const content = volatile?.test(path) ? '' : createHash('sha1').update(readFileSync(full)).digest('hex');
  return [`${path} ${mode} ${st.nlink} ${content}`];
}

function outside(user: TestUser, home: string, script: string): Outcome {
  const done = spawnSync(
    [...user.prefix, 'bash', '-c'][0] ?? '',
    [...[...user.prefix, 'bash', '-c'].slice(1), script],
    {
      cwd: home,
      env: environment(home, { PATH: path }),
      encoding: 'utf8',
    },
  );
  return { code: done.status, stdout: done.stdout, stderr: done.stderr } as Outcome;
}

/** The first Node of this machine's that everybody can run, and Go where it is usually unpacked. */
const path = [
  '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  existsSync('/usr/local/go/bin/go') ? '/usr/local/go/bin' : '',
]
  .filter(Boolean)
  .join(':');

for (const user of users) {
  /** Why it does not run now: what takes long has its time in `npm run test:programs`, which does nothing else. */
  const missing = (program: Program, again = true): string | undefined => {
    const slow = program.slow === 'always' || (program.slow === 'again' && again);
    if (slow !== slowOnes) return slow ? 'npm run test:programs runs it' : 'npm test runs it';
    const home = '/';
    const absent = program.needs.filter((command) => outside(user, home, command).code !== 0);
    return absent.length === 0 ? undefined : `not for ${user.name}: ${absent.join(', ')}`;
  };
  const prepared = (program: Program): string => {
    const home = makeHome(user);
    const done = outside(user, home, `umask 022; ${program.prepare ?? ''}`);
    assert.equal(done.code, 0, `${done.stdout}${done.stderr}`);
    return home;
  };
  const scriptOf = (program: Program): string => `cd "$HOME" && umask 022 && { ${program.script}; }`;
  /** The homes in which a program has run outside: once, however often it runs inside. */
  const references = new Map<Program, string>();
  const reference = (program: Program): string => {
    const known = references.get(program);
    if (known !== undefined) return known;
    const home = prepared(program);
    const bare = outside(user, home, scriptOf(program));
    assert.match(bare.stdout, program.says, `outside: ${bare.stderr}`);
    references.set(program, home);
    return home;
  };
  const same = (program: Program, inner: string, outer: string): void => {
    for (const name of program.leaves) {
      assert.deepEqual(
        tree(inner, name, program.volatile).map((line) => line.replaceAll(inner, '~')),
        tree(outer, name, program.volatile).map((line) => line.replaceAll(outer, '~')),
      );
    }
  };
  /** Content that names the home differs by that alone. */
  const compare = async (program: Program, args: readonly string[], from: (home: string) => string): Promise<void> => {
    const [inner, outer] = [prepared(program), reference(program)];
    const done = nono(user, ['run', '-s', ...args, '--', 'bash', '-c', scriptOf(program)], {
      cwd: from(inner),
      home: inner,
      env: { PATH: path },
    });
    assert.match(done.stdout, program.says, `${done.stdout}${done.stderr}`);
    assert.equal(done.code, 0, done.stderr);
    same(program, inner, outer);
    // Nothing is in use any more; what was not used waits for the next session, once the guardian has looked it through.
    const left = (): string => readdirSync(join(inner, '.local/state/nono/birth')).join();
    for (const until = performance.now() + 10_000; /s-/.test(left()) && performance.now() < until; ) await pause(20);
    assert.match(left(), /^p-[0-9a-f]{16}$/);
  };

  describe(`whole programs in a carved home, as ${user.name}`, () => {
    for (const program of programs)
      test(program.name, { skip: missing(program, false) }, () => compare(program, ['--allow', '.'], (home) => home));
  });

  describe(`whole programs beside a denied pattern, as ${user.name}`, () => {
    for (const program of programs.slice(0, 4))
      test(program.name, { skip: missing(program) }, async () => {
        const profile = join(makeHome(user), 'pattern.jsonc');
        writeFileSync(profile, '{ "extends": "default", "policy": { "add_deny_access": ["**/.env"] } }');
        chmodSync(dirname(profile), 0o755);
        await compare(program, ['-p', profile, '--allow', '.'], (home) => home);
      });
    const made = 'a file that matches can be made nowhere, however the directory came about';
    test(made, { skip: slowOnes && 'npm test runs it' }, () => {
      const home = makeHome(user);
      const profile = join(home, 'pattern.jsonc');
      writeFileSync(profile, '{ "extends": "default", "policy": { "add_deny_access": ["**/.env"] } }');
      const done = nono(
        user,
        [
          'run',
          '-s',
          '-p',
          profile,
          '--allow',
          '.',
          '--',
          'sh',
          '-c',
          'mkdir -p new/deep; for d in new new/deep project .; do echo LEAK > $d/.env; echo ok > $d/env; mv $d/env $d/.env; ln $d/env $d/.env; done; printf "#!/bin/sh\\necho ran\\n" > new/deep/s; chmod +x new/deep/s; new/deep/s',
        ],
        { cwd: home, home },
      );
      assert.equal(done.stdout, 'ran\n', done.stderr);
      for (const dir of ['new', 'new/deep', 'project', '.']) {
        assert.equal(existsSync(join(home, dir, '.env')), false, dir);
        assert.equal(readFileSync(join(home, dir, 'env'), 'utf8'), 'ok\n');
      }
    });
  });

  describe(`whole programs from the root directory, as ${user.name}`, () => {
    for (const program of programs.slice(0, 4))
      test(program.name, { skip: missing(program) }, () => compare(program, ['--allow', '.'], () => '/'));
  });
}
