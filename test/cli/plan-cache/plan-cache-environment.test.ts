/** The values of variables that only go on to the command decide nothing of its plan; of every other one a change is a miss. */
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { CachedInstallation } from '../../helpers/plan-cache.ts';
import { root, type TestUser, users } from '../../helpers/users.ts';

type Variables = Readonly<Record<string, string>>;

/** Whose they are makes no difference. */
const user = users.at(-1) as TestUser;

function prepared(): CachedInstallation {
  const at = new CachedInstallation(user);
  at.write('project/secret', 'the secret\n');
  at.write('project/.env', 'denied\n');
  const profile = (name: string, more: object) =>
    at.write(
      `.config/nono/profiles/${name}.json`,
      JSON.stringify({ extends: 'default', meta: { name }, workdir: { access: 'readwrite' }, ...more }),
    );
  profile('sets', { environment: { set_vars: { EDITOR: 'vim', NEW: '$HOME/x' }, allow_vars: ['WINDOW*', 'MY_OWN'] } });
  profile('denies', { environment: { deny_vars: ['SHLVL'] }, filesystem: { deny: [`${at.project}/**/.env`] } });
  profile('agent', { filesystem: { read_file: ['$SSH_AUTH_SOCK'] } });
  return at;
}

/** Of one window, and of another: what a terminal, a multiplexer, a login from afar and a shell below a shell set. */
const windows: readonly Variables[] = ['1', '2222'].map((n) => ({
  _: `/usr/bin/${n}`,
  SHLVL: n,
  OLDPWD: `/tmp/${n}`,
  WINDOWID: n,
  TMUX: `/tmp/tmux-0/default,${n},0`,
  TMUX_PANE: `%${n}`,
  SSH_CONNECTION: `10.0.0.1 ${n} 10.0.0.2 22`,
  SSH_TTY: `/dev/pts/${n}`,
  SSH_AUTH_SOCK: `/tmp/ssh-${n}/agent.${n}`,
  GPG_TTY: `/dev/pts/${n}`,
  DISPLAY: `localhost:1${n}.0`,
  DBUS_SESSION_BUS_ADDRESS: `unix:path=/tmp/dbus-${n}`,
  WAYLAND_DISPLAY: `wayland-${n}`,
  COLUMNS: n,
  LINES: n,
  VTE_VERSION: n,
  TERM_PROGRAM_VERSION: n,
  XDG_SESSION_ID: n,
  MY_OWN: n === '1' ? 'a value' : 'user@host and more',
  SOME_TOKEN: `hunter${n}`,
  CONTAINER_NAME: `n${n}@x`,
  LS_COLORS: n,
}));
const [one, two] = windows as [Variables, Variables];

const starts: readonly (readonly string[])[] = [
  ['wrap', '-v', '--allow-cwd'],
  ['run', '-p', 'sets', '--allow-cwd', '--env', 'SOME_TOKEN'],
  ['run', '-v', '--allow', '.', '--memory', '1G', '--private-tmp'],
  ['run', '-s', '-p', 'denies', '--allow-cwd'],
];

test('another window writes the same entry byte for byte, and takes that of the first', () => {
  const at = prepared();
  for (const flags of starts) {
    const args = [...flags, '--', 'env'];
    at.untilHit(args, { env: one });
    assert.ok(at.keepsTheSame(args, { env: one }, args, { env: two }), flags.join(' '));
    const values = (start: { stdout: string }) => start.stdout.replaceAll(/nono-tmp-[\w-]*/g, 'nono-tmp');
    const cached = at.untilHit(args, { env: one });
    const plain = at.start([flags[0] as string, '--no-plan-cache', ...flags.slice(1), '--', 'env'], { env: one });
    assert.equal(values(cached), values(plain));
    assert.match(cached.stdout, /^SHLVL=1$|^OLDPWD=\/tmp\/1$/m);
    const other = at.hitAfter(args, { env: one }, args, { env: two });
    assert.match(other.stdout, /^OLDPWD=\/tmp\/2222$/m);
    assert.doesNotMatch(other.stdout, /hunter1|pts\/1$|agent\.1$/m);
  }
});

const changes: readonly (readonly [string, Variables, Variables, string?])[] = [
  ['a variable more', {}, { WINDOWID: '1' }],
  ['a variable less', { WINDOWID: '1' }, {}],
  ['another name', { WINDOWID: '1' }, { WINDOWIE: '1' }],
  ['another order', { AA: '1', BB: '1' }, { BB: '1', AA: '1' }],
  ['a value with an @ where there was none', { OLDPWD: '/a' }, { OLDPWD: '/a@b' }],
  ['another value with an @', { HTTP_PROXY: 'http://u@h' }, { HTTP_PROXY: 'http://u:pass@h' }],
  ['a line of shell in a command', { EDITOR: 'vi' }, { EDITOR: 'vi; x' }],
  ['a root of the policy', { VIRTUAL_ENV: '/opt/a' }, { VIRTUAL_ENV: '/opt/b' }],
  ['a root that is empty', { CARGO_HOME: '/opt/a' }, { CARGO_HOME: '' }],
  ['a socket that the policy names', { SSH_AUTH_SOCK: '/tmp/a' }, { SSH_AUTH_SOCK: '/tmp/b' }, 'agent'],
];

test('what decides something, changed, is a miss', () => {
  const at = prepared();
  for (const [what, before, after, profile = 'default'] of changes) {
    at.forget();
    const args = ['wrap', '-s', '--allow-cwd', '-p', profile, '--allow', '.', '--', 'cat', 'secret'];
    at.untilHit(args, { env: before });
    const start = at.start(args, { env: after });
    assert.equal(start.stdout, 'the secret\n', `${what}: ${start.stderr}`);
    assert.equal(start.hit, false, what);
  }
});

/** Whether somebody asks for them or not. */
const inEveryKey = [
  ...['PATH', 'SHELL', 'TERM', 'NO_COLOR', 'INK_SCREEN_READER', 'LANG', 'LC_ANYTHING', 'LD_LIBRARY_PATH', 'GLIBC_X'],
  ...[
    'NODE_EXTRA_CA_CERTS',
    'UV_X',
    'OPENSSL_X',
    'NONO_X',
    'NONO_RELAY_FD',
    'XDG_RUNTIME_DIR',
    'TMPDIR',
    'TMP',
    'TEMP',
  ],
];

test('what Node or its libraries read, changed, is a miss', () => {
  const at = prepared();
  const args = ['wrap', '-s', '--allow-cwd', '--', 'cat', 'secret'];
  const env = Object.fromEntries(inEveryKey.map((name) => [name, '/usr/bin']));
  at.untilHit(args, { env });
  for (const name of inEveryKey) {
    const start = at.start(args, { env: { ...env, [name]: '/bin' } });
    assert.equal(start.stdout, 'the secret\n', `${name}: ${start.stderr}`);
    assert.equal(start.hit, false, name);
  }
});

test('a value that is not UTF-8 is that of no other start', () => {
  const at = prepared();
  const args = ['wrap', '-s', '--allow-cwd', '--', 'cat', 'secret'];
  at.untilHit(args, { env: { OLDPWD: 'x' } });
  const before = ['sh', '-c', `OLDPWD=$(printf 'x\\377') exec "$@"`, '-'];
  for (let i = 0; i < 2; i++) assert.equal(at.start(args, { before, env: { OLDPWD: 'x' } }).hit, false);
});

test('windows with other terminals have an entry each', () => {
  const at = prepared();
  const args = ['wrap', '--allow-cwd', '--', 'cat', 'secret'];
  const terminals: readonly Variables[] = [{ TERM: 'xterm' }, { TERM: 'tmux' }, { TERM: 'xterm', NO_COLOR: '1' }];
  const hits = (): boolean => {
    for (const env of terminals) at.untilHit(args, { env });
    return terminals.every((env) => at.start(args, { env }).hit);
  };
  // What others do meanwhile can make a miss.
  assert.ok(Array.from({ length: 8 }).some(hits));
});

test('no value that is inherited, kept out or asked for lies on the disk', () => {
  const at = prepared();
  const env = {
    HTTPS_PROXY: 'http://me:hunter-one@proxy',
    OLDPWD: 'hunter-two',
    EDITOR: 'hunter-three',
    PAGER: 'hunter;four',
    SOME_TOKEN: 'hunter-five@x',
    GPG_TTY: 'hunter-six@x',
    TERM: 'hunter-seven',
  };
  for (const command of ['wrap', 'run'])
    at.untilHit([command, '-v', '--allow-cwd', '--env', 'SOME_TOKEN', '--', 'true'], { env });
  assert.equal(at.entries().length, 2);
  for (const file of at.entries()) assert.doesNotMatch(readFileSync(file, 'latin1'), /hunter/);
});

test('nothing is read before reads are noted, but what belongs to every key', () => {
  const at = prepared();
  const log = join(dirname(at.hook), 'read-early');
  writeFileSync(log, '');
  chmodSync(log, 0o666);
  const hook = readFileSync(at.hook, 'utf8');
  // The first that puts another object there is the one that notes (src/platform/watched-environment.ts).
  const watch = `
let env = new Proxy(process.env, {
  get(target, name) { if (!watched && typeof name === 'string') names.add(name); return target[name]; },
  getOwnPropertyDescriptor(target, name) { if (!watched) names.add(name); return Reflect.getOwnPropertyDescriptor(target, name); },
  set(target, name, value) { target[name] = value; return true; },
});
let watched = false;
const names = new Set();
Object.defineProperty(process, 'env', {
  get: () => env,
  set(other) {
    if (!watched) fs.writeFileSync(${JSON.stringify(log)}, JSON.stringify([...names]));
    watched = true;
    env = other;
  },
});
`;
  writeFileSync(at.hook, hook + watch);
  for (const command of ['wrap', 'run']) {
    writeFileSync(log, '');
    assert.equal(at.start([command, '--allow-cwd', '--', 'true']).hit, false);
    const names = JSON.parse(readFileSync(log, 'utf8')) as string[];
    assert.ok(names.includes('NONO_LAUNCHER') || names.includes('NONO_PLAN_RECORD'), 'reads were seen');
    assert.deepEqual(
      names.filter((name) => !name.startsWith('NONO_')),
      [],
    );
  }
});

test('Node is asked past process.env only for what is in the key, or a doubt', () => {
  // Of node:os: `tmpdir` reads three variables, which are in every key, `userInfo` and `release` none, `homedir` would read HOME.
  const known = new Set(['tmpdir', 'userInfo', 'release', 'constants']);
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((f) => /\.tsx?$/.test(f));
  let seen = 0;
  for (const file of files) {
    const text = readFileSync(join(root, 'src', file), 'utf8');
    const imported = [...text.matchAll(/import \{([^}]*)\} from 'node:os'/g)].flatMap(([, names]) =>
      (names as string).split(',').map((name) => name.trim()),
    );
    const taken = [...text.matchAll(/\{([^{}]*)\} = process\.getBuiltinModule\('node:os'\)/g)].map(([, name]) =>
      (name as string).trim(),
    );
    const called = [...text.matchAll(/getBuiltinModule\('node:os'\)\.(\w+)/g)].map(([, name]) => name as string);
    const uses = [...imported, ...taken, ...called];
    if (/node:os'/.test(text) && !file.endsWith('signals.ts') && !file.startsWith('planner/'))
      assert.ok(uses.length > 0, file);
    for (const name of uses) assert.ok(known.has(name), `${file}: ${name}`);
    seen += uses.length;
  }
  assert.ok(seen > 3);
});
