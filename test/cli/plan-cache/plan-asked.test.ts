/** Nothing is asked of the file system by a start that is not in the record of its plan: by strace, against what the code says of itself. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { CachedInstallation, leave } from '../../helpers/plan-cache.ts';
import { closeTerminals } from '../../helpers/terminal.ts';
import { type TestUser, users } from '../../helpers/users.ts';

const hasStrace = spawnSync('strace', ['-V']).status === 0;
const skip = hasStrace ? false : 'strace is not installed';

/** Asked by a start and not part of the record, each with its reason. */
const others: readonly [RegExp, string][] = [
  [
    /^\/proc\/self\/(?:fdinfo\/\d+|status|exe|cgroup|maps|stat)$/,
    'of this process: status is in the key, the rest decides nothing',
  ],
  [/^\/proc\/(?:meminfo|version_signature|cpuinfo|sys\/)/, 'V8 and libuv'],
  [/^\/sys\/(?:devices\/system\/cpu|fs\/cgroup)\//, 'V8 and libuv: processors and memory'],
  [/^\/etc\/(?:ld\.so|ssl\/openssl\.cnf)/, 'the loader and OpenSSL of Node'],
  [/^\/(?:lib|usr\/lib)/, 'libraries of Node'],
];

/** Paths in calls of the Node process from our first file to the plan. */
function pathsAsked(trace: string, script: string): string[] {
  const host = readFileSync(trace, 'latin1')
    .split('\n')
    .find((line) => line.includes(`"${script}"`) && line.includes('openat('))
    ?.split(' ')[0];
  assert.ok(host !== undefined, 'Node was started');
  const lines = readFileSync(trace, 'latin1')
    .split('\n')
    .filter((line) => line.startsWith(`${host} `));
  const from = lines.findIndex((line) => line.includes(`"${script}"`) && line.includes('openat('));
  const to = lines.findIndex((line) => line.includes('NONOARGV'));
  assert.ok(from >= 0 && to > from, 'from its first line to the plan');
  return lines.slice(from, to).flatMap((line) => {
    const path =
      /^\d+ +(?:stat|lstat|newfstatat|statx|open|openat|openat2|readlink|readlinkat|access|faccessat2?)\((?:AT_FDCWD, )?"((?:[^"\\]|\\.)*)"/.exec(
        line,
      )?.[1];
    return path === undefined || path === '' ? [] : [path];
  });
}

function prepared(user: TestUser): CachedInstallation {
  const at = new CachedInstallation(user);
  const profile = (name: string, more: object) =>
    at.write(`.config/nono/profiles/${name}.json`, JSON.stringify({ meta: { name }, ...more }));
  profile('base', {
    extends: 'default',
    filesystem: { allow: ['~/granted', '~/linked', '~/later'], deny: ['~/granted/one'] },
  });
  profile('mine', { extends: 'base', workdir: { access: 'readwrite' }, environment: { set_vars: { A: 'b' } } });
  at.write('granted/one/file', 'x');
  at.write('granted/two', 'x');
  at.write('.config/nono/config.toml', '[ui]\ntheme = "mocha"\n');
  symlinkSync('granted', join(at.home, 'linked'));
  return at;
}

after(closeTerminals);

for (const user of users)
  for (const args of [
    ['wrap', '-s', '--allow-cwd', '--', 'true'],
    ['wrap', '--allow-cwd', '-v', '--', 'true'],
    ['wrap', '-s', '-p', 'mine', '--allow-cwd', '--read-file', '/etc/hosts', '--', 'true'],
    ['wrap', '-s', '-p', 'node-dev', '--allow-cwd', '--block-net', '--', 'true'],
    ['run', '-s', '--allow-cwd', '--', 'true'],
    ['run', '-p', 'mine', '--allow-cwd', '--private-tmp', '--', 'true'],
    ['shell', '-s', '--allow-cwd'],
    ['shell', '-p', 'mine', '--allow-cwd', '--shell', 'sh'],
  ])
    test(`as ${user.name}, nono ${args.join(' ')}: every question is recorded`, { skip }, async () => {
      const at = prepared(user);
      const trace = join(dirname(at.hook), 'trace');
      const before = ['strace', '-f', '-s', '4096', '-e', 'trace=file,write,sendto', '-o', trace];
      if (args[0] === 'shell') {
        const terminal = at.openTerminal(args.slice(1), { before });
        await terminal.until(/[$#] *(?:\||$)/m, 60_000);
        await leave(terminal);
      } else {
        const start = at.start(args, { before });
        assert.equal(start.code, 0, start.stderr);
      }
      const asked = pathsAsked(trace, join(at.installation, 'dist/cli.cjs'));
      assert.ok(asked.length > 100, `${asked.length} questions`);
      const [entry] = at.entries();
      assert.ok(entry !== undefined, 'the start is kept');
      const recorded = new Set(at.questions().map((question) => question.subject));
      // The session's own directory, which the next start makes anew.
      for (const { op, answer } of at.questions()) if (op === 't') recorded.add(answer);
      const listed = new Set([...recorded].map((path) => dirname(path)));
      // In the key: every file there with its inode and times.
      const installed = [
        ...readdirSync(join(at.installation, 'dist')).map((name) => `dist/${name}`),
        'profiles',
        'package.json',
        'native/build',
        'native/build/nono-launch',
        'native/build/nono-fast-path.so',
        'dist/package.json',
      ];
      const inKey = new Set([...installed.map((name) => join(at.installation, name)), at.node, process.execPath]);
      const unknown = asked.filter(
        (path) =>
          !recorded.has(path) &&
          !inKey.has(path) &&
          !others.some(([pattern]) => pattern.test(path)) &&
          // A directory is listed in place of asking for each of its names; what was wanted of it is recorded name by name.
          !listed.has(path) &&
          // Where the list was: how large the pane is, not what is allowed in it.
          path !== join(at.home, '.local/state/nono/ui.json') &&
          path !== at.hook &&
          !path.startsWith(`${dirname(at.hook)}/node-was-started`),
      );
      assert.deepEqual([...new Set(unknown)], []);
    });
