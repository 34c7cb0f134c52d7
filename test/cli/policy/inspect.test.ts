/** `why`, `policy` and `profile` as users and scripts run them. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { nono, type Outcome, type RunOptions } from '../../helpers/run.ts';
import { makeHome, type TestUser, users } from '../../helpers/users.ts';

const user = users[0] as TestUser;
const home = makeHome(user);
const cwd = join(home, 'project');
const profiles = join(home, '.config/nono/profiles');
mkdirSync(profiles, { recursive: true });
const put = (name: string, value: unknown): string => {
  const file = join(profiles, name);
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value, null, 2));
  return file;
};
put('team.json', {
  extends: 'default',
  meta: { name: 'team', description: 'The team' },
  filesystem: { allow: ['~/project'], deny: ['**/.env'] },
  network: { block: true, connect_port: [443] },
  workdir: { access: 'readwrite' },
});

const run = (args: readonly string[], options: Partial<RunOptions> = {}): Outcome =>
  nono(user, args, { cwd, home, ...options });
function json<T = Record<string, unknown>>(args: readonly string[]): T {
  const done = run([...args, '--json']);
  assert.equal(done.stderr, '');
  return JSON.parse(done.stdout);
}

describe('why', () => {
  const answers: readonly (readonly [string, string, string])[] = [
    ['--path ../.ssh/id_ed25519', 'denied', 'sensitive_path'],
    ['--path /etc/hosts', 'allowed', 'granted_path'],
    ['--path /etc/hosts --op write', 'denied', 'insufficient_access'],
    ['--path /etc/shadow', 'denied', 'path_not_granted'],
    ['--path x -p team --op write', 'allowed', 'granted_path'],
    ['--path sub/.env -p team', 'denied', 'filesystem_deny'],
    ['--path x --allow .', 'allowed', 'granted_path'],
    ['--host example.com', 'allowed', 'network_allowed'],
    ['--host 192.0.2.1 -p team', 'allowed', 'network_allowed'],
    ['--host 192.0.2.1 --port 80 -p team', 'denied', 'network_blocked'],
    ['--host https://192.0.2.1:8443/x -p team', 'denied', 'network_blocked'],
    ['--host 169.254.169.254 -p team', 'denied', 'network_denied'],
    ['--host 192.0.2.1 --block-net', 'denied', 'network_blocked'],
    ['--unix-socket /run/docker.sock', 'denied', 'socket_not_granted'],
    ['--unix-socket /run/docker.sock --allow-unix-socket /run/docker.sock', 'allowed', 'granted_path'],
    ['--unix-socket @x', 'denied', 'scope_isolated'],
    ['--scope signal', 'denied', 'scope_isolated'],
    ['--env-var GITHUB_TOKEN', 'denied', 'variable_not_listed'],
    ['--env-var PATH', 'allowed', 'variable_passed'],
    ['--command rm', 'denied', 'command_blocked'],
    ['--command rm --allow-command rm', 'allowed', 'command_allowed'],
    ['--command ls', 'allowed', 'command_allowed'],
    ['--command no-such-program', 'not_found', 'command_not_found'],
    ['--command ./no-such-program', 'not_found', 'command_not_found'],
    ['--command /etc', 'not_found', 'command_not_found'],
    ['--command no-such-program --block-command no-such-program', 'denied', 'command_blocked'],
  ];
  for (const [line, status, reason] of answers)
    test(line, () => {
      const found = json(['why', ...line.split(' ')]);
      assert.deepEqual([found['status'], found['reason']], [status, reason]);
    });
  test('names rule, group, place and why, and what would change it', () => {
    const { stdout, stderr, code } = run(['why', '--path', '../.ssh/id_ed25519']);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.match(stdout, /^DENIED\n/);
    for (const line of [
      / {2}Policy: group:deny_credentials ~\/\.ssh/,
      / {2}Written at: profiles\/groups\/deny\.jsonc:\d+:\d+/,
      / {2}Why: private keys/,
      / {2}Suggested fix: --read-file \S+id_ed25519 --override-deny \S+id_ed25519/,
      / {2}Profile edit: \S+default-local\.jsonc \(new, extends default\)/,
      / {4}\+ filesystem\.read_file: "~\/\.ssh\/id_ed25519"/,
      / {4}\+ filesystem\.bypass_protection: "~\/\.ssh\/id_ed25519"/,
    ])
      assert.match(stdout, line);
  });
  test('a rule of a profile is named by file and line', () => {
    const found = json(['why', '--path', 'sub/.env', '-p', 'team']) as unknown as { rule: { at: string; raw: string } };
    assert.match(found.rule.at, /team\.json:12:7$/);
    assert.equal(found.rule.raw, '**/.env');
  });
  test('its flag opens what the sandbox then opens', () => {
    const denied = json(['why', '--path', '../notes.txt']) as unknown as { suggested_flag: string };
    const flags = denied.suggested_flag.split(' ');
    assert.equal(run(['run', '-s', '--read', '.', '--', 'cat', '../notes.txt']).code, 1);
    assert.equal(
      run(['run', '-s', '--read', '.', ...flags, '--', 'cat', '../notes.txt']).stdout,
      'remember the milk\n',
    );
  });
  test('a command refused by the user names no group', () => {
    const found = json(['why', '--command', 'ls', '--block-command', 'ls']);
    assert.match(String(found['details']), /^named by profile or flag: /);
  });
  test('a command that does not exist is said not to: what a start would say', () => {
    const { stdout } = run(['why', '--command', 'no-such-program']);
    assert.match(
      stdout,
      /^NOT FOUND\n {2}Query: .*\n {2}Reason: command_not_found .*\n {2}Details: no directory of PATH has it$/m,
    );
    assert.match(
      run(['why', '--command', '../notes.txt']).stdout,
      /^NOT FOUND\n(?:.*\n)*.*notes\.txt is not executable$/m,
    );
    assert.equal(run(['why', '--command', 'no-such-program', '--exit-code']).code, 3);
    const started = run(['run', '-s', '--allow-cwd', '--', 'no-such-program']);
    assert.match(started.stderr, /no directory of PATH has it/);
  });
  test('exit codes', () => {
    const host = ['why', '--host', 'localhost', '--port', '80', '--block-net', '--allow-connect', '127.0.0.1:80'];
    const found = json(host) as unknown as { status: string; object: string; details: string };
    assert.deepEqual([found.status, found.object], ['denied', '::1']);
    assert.match(found.details, /127\.0\.0\.1 of the same name can be reached/);
    assert.equal(run(['why', '--path', '/etc/shadow']).code, 0);
    assert.equal(run(['why', '--path', '/etc/shadow', '--exit-code']).code, 3);
    assert.equal(run(['why', '--path', '/etc/hosts', '--exit-code']).code, 0);
    const nothing = run(['why']);
    assert.equal(nothing.code, 1);
    assert.match(nothing.stderr, /^nono: --path or --host is required/);
    assert.equal(run(['why', '--path', 'x', '--op', 'burn']).code, 2);
    assert.equal(run(['why', '--host', 'x', '--port', '0']).code, 2);
    assert.equal(run(['why', '--path', 'x', 'y']).code, 2);
    // As the original is asked; arguments decide nothing here.
    assert.match(run(['why', '--command', 'true', '--', '--x', 'y']).stdout, /^ALLOWED/);
    assert.equal(run(['why', '--path', 'x', '--host', 'y']).code, 2);
    for (const host of ['x y', 'x/y', 'a:b:c', 'http://'])
      assert.match(run(['why', '--host', host]).stderr, /^nono: --host: '.*' is (?:neither|not a URL)[^\n]*\n$/, host);
    // Nothing confines it, so no session is claimed; test/e2e/policy/why-self.test.ts asks inside.
    assert.match(run(['why', '--self', '--path', 'x']).stdout, /^NOT SANDBOXED/);
  });
});

describe('policy', () => {
  test('groups: this platform, or all', () => {
    const listed = run(['policy', 'groups']).stdout;
    assert.match(listed, /^nono policy: \d+ groups\n\n/);
    assert.match(listed, /^ {2}deny_credentials +\S.* required$/m);
    assert.doesNotMatch(listed, /macos/);
    assert.match(run(['policy', 'groups', '--all-platforms']).stdout, /^ {2}deny_macos_private .*macos/m);
    assert.doesNotMatch(listed, /\x1b/);
  });
  test('one group, as the article shows it', () => {
    const { stdout } = run(['policy', 'groups', 'system_read_linux']);
    assert.match(stdout, /^nono policy: group 'system_read_linux'$/m);
    for (const line of ['Platform: +linux', 'Required: +no']) assert.match(stdout, new RegExp(`^ *${line}$`, 'm'));
    assert.match(stdout, /^ +\/etc\/hosts$/m);
  });
  test('a group as JSON', () => {
    const found = json(['policy', 'groups', 'deny_credentials']) as unknown as {
      required: boolean;
      deny: { access: { raw: string; expanded: string }[] };
    };
    assert.equal(found.required, true);
    assert.deepEqual(found.deny.access[0], { raw: '~/.ssh', expanded: join(home, '.ssh') });
    assert.match(run(['policy', 'groups', 'deny_shell_history', '--raw']).stdout, /^ {4}~\/\.bash_history$/m);
    const unknown = run(['policy', 'groups', 'deny_credential']);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /did you mean 'deny_credentials'\?/);
  });
  test('profiles', () => {
    const { stdout } = run(['policy', 'profiles']);
    assert.match(stdout, /^nono policy: \d+ profiles$/m);
    assert.match(stdout, /^ {2}Built-in:$/m);
    assert.match(stdout, /^ {4}claude-code +Anthropic Claude Code CLI agent +extends default$/m);
    assert.match(stdout, /^ {2}User \(~\/\.config\/nono\/profiles\/\):\n {4}team +The team +extends default$/m);
    const listed = json(['profile', 'list']) as unknown as { name: string; source: string }[];
    assert.deepEqual(
      listed.find((one) => one.name === 'team'),
      { name: 'team', source: 'user', description: 'The team', extends: ['default'] },
    );
  });
  test('what is listed can be filtered, by name, description and entry, in any case; JSON too', () => {
    const names = (args: readonly string[]): string[] => json<{ name: string }[]>(args).map(({ name }) => name);
    assert.ok(names(['policy', 'groups', '--filter', '/ETC/hosts']).includes('system_read_linux'));
    assert.ok(!names(['policy', 'groups', '--filter', '/etc/hosts']).includes('deny_credentials'));
    assert.deepEqual(names(['policy', 'groups', '--filter', 'deny_credentials']), ['deny_credentials']);
    assert.deepEqual(names(['policy', 'groups', '--filter', 'no such thing']), []);
    assert.match(run(['policy', 'groups', '--filter', 'no such thing']).stdout, /^nono policy: 0 groups\n/);
    assert.deepEqual(names(['profile', 'list', '--filter', 'SDK development']), [
      'go-dev',
      'java-dev',
      'node-dev',
      'python-dev',
      'rust-dev',
    ]);
    assert.deepEqual(names(['policy', 'profiles', '--filter', 'the team']), ['team']);
    const { stdout } = run(['policy', 'groups', 'system_read_linux', '--filter', 'hosts']);
    assert.match(stdout, /^ {4}\/etc\/hosts$/m);
    assert.doesNotMatch(stdout, /\/usr\/bin/);
    const one = json(['policy', 'groups', 'dangerous_commands', '--filter', 'sudo']);
    assert.deepEqual(one['deny'], { commands: ['sudo'] });
  });
  test('a profile of the user takes the place of a built-in one of its name, and is listed as that; a broken one as an error', (t) => {
    const mine = put('swival.json', { meta: { description: 'mine' }, filesystem: { read: ['/opt/mine'] } });
    const broken = put('broken.json', '{ "filesystem": ');
    t.after(() => {
      rmSync(mine);
      rmSync(broken);
    });
    const listed = json<{ name: string; source: string; description?: string; error?: string }[]>(['profile', 'list']);
    const found = (name: string) => listed.filter((one) => one.name === name);
    assert.deepEqual(found('swival'), [
      { name: 'swival', source: 'user (overrides built-in)', description: 'mine', extends: [] },
    ]);
    assert.deepEqual(Object.keys(found('broken')[0] ?? {}), ['name', 'source', 'error']);
    assert.match(found('broken')[0]?.error ?? '', /broken\.json:1:\d+: /);
    assert.match(run(['profile', 'list']).stdout, /^ {4}swival +mine +overrides built-in$/m);
    const shown = json<Record<string, Record<string, unknown>>>(['policy', 'show', 'swival']);
    assert.deepEqual(shown['filesystem']?.['read'], ['/opt/mine']);
    assert.deepEqual(shown['workdir'], { access: 'none' });
  });
  test('the JSON of the original, key by key', () => {
    const keys = (value: unknown): string[] => Object.keys(value as object);
    const has = (value: unknown, ...wanted: readonly string[]): void => {
      for (const key of wanted) assert.ok(keys(value).includes(key), `${key} in ${keys(value)}`);
    };
    const groups = json<Record<string, unknown>[]>(['policy', 'groups', '--all-platforms']);
    assert.ok(groups.length >= 33);
    for (const group of groups) {
      assert.deepEqual(keys(group), ['name', 'description', 'platform', 'required', 'allow', 'deny']);
      if (keys(group['allow']).length > 0) has(group['allow'], 'read', 'write', 'readwrite');
      if (keys(group['deny']).length > 0) has(group['deny'], 'access', 'commands', 'unlink');
    }
    has(json(['policy', 'groups', 'unlink_protection'])['deny'], 'unlink');
    has(json(['policy', 'groups', 'system_read_macos']), 'symlink_pairs');
    for (const profile of json<Record<string, unknown>[]>(['policy', 'profiles']))
      assert.deepEqual(keys(profile), [
        'name',
        'source',
        ...('error' in profile ? ['error'] : ['description', 'extends']),
      ]);
    const shown = json<Record<string, unknown>>(['policy', 'show', 'claude-code']);
    has(shown, 'name', 'description', 'extends', 'security', 'filesystem', 'policy', 'network', 'workdir', 'rollback');
    has(shown, 'open_urls', 'allow_launch_services');
    has(shown['security'], 'groups', 'allowed_commands', 'signal_mode', 'process_info_mode', 'ipc_mode');
    has(shown['security'], 'capability_elevation');
    has(shown['filesystem'], 'allow', 'read', 'write', 'allow_file', 'read_file', 'write_file');
    has(shown['policy'], 'exclude_groups', 'add_allow_read', 'add_allow_write', 'add_allow_readwrite');
    has(shown['policy'], 'add_deny_access', 'add_deny_commands', 'override_deny');
    has(shown['network'], 'block', 'network_profile', 'allow_domain', 'credentials', 'open_port', 'listen_port');
    has(shown['network'], 'upstream_proxy', 'upstream_bypass');
    assert.deepEqual(
      [shown['workdir'], (shown['security'] as Record<string, unknown>)['signal_mode']],
      [{ access: 'readwrite' }, 'isolated'],
    );
    assert.equal(json<Record<string, unknown>>(['policy', 'show', 'default'])['extends'], null);
    put('both.json', {
      groups: { include: ['git_config'] },
      filesystem: { deny: ['/x'], read: ['/a'], bypass_protection: ['/y'], allow: ['/y'] },
      policy: { add_allow_read: ['/b'] },
      commands: { deny: ['ls'], allow: ['rm'] },
    });
    const newer = json<Record<string, Record<string, unknown>>>(['profile', 'show', 'both']);
    assert.deepEqual(newer['filesystem']?.['read'], ['/a', '/b']);
    assert.deepEqual(newer['filesystem']?.['deny'], ['/x']);
    assert.deepEqual(newer['filesystem']?.['bypass_protection'], ['/y']);
    assert.deepEqual(newer['commands'], { allow: ['rm'], deny: ['ls'] });
    assert.ok(JSON.stringify(newer['groups']?.['include']).includes('"git_config"'));
    const differing = json<Record<string, unknown>>(['policy', 'diff', 'default', 'codex']);
    has(differing, 'profile1', 'profile2', 'groups', 'filesystem', 'workdir', 'network');
    assert.deepEqual(keys(differing['groups']), ['added', 'removed']);
    assert.deepEqual(keys((differing['filesystem'] as Record<string, unknown>)['allow']), ['added', 'removed']);
    assert.deepEqual(keys(differing['workdir']), ['profile1', 'profile2', 'changed']);
    has(json(['policy', 'validate', join(profiles, 'team.json')]), 'file', 'valid', 'errors', 'warnings');
    // A word of the original's that scripts look for.
    const unknown = run(['policy', 'groups', 'nope']);
    assert.deepEqual([unknown.code, unknown.stdout], [1, '']);
    assert.match(
      unknown.stderr,
      /^nono: group 'nope' not found in policy\.json\. Use 'nono policy groups' to list available groups\n$/,
    );
  });
  test('show default, as the article shows it', () => {
    const { stdout } = run(['policy', 'show', 'default']);
    assert.match(stdout, /^nono policy: profile 'default'$/m);
    assert.match(stdout, /Description: +Default conservative base profile/);
    assert.match(stdout, /Security groups:\n {4}deny_credentials\n {4}deny_keychains_macos\n/);
    assert.match(stdout, /Signal mode: +Isolated/);
  });
  test('show: paths expanded, or raw', () => {
    assert.match(run(['policy', 'show', 'team']).stdout, new RegExp(`^ +${cwd}$`, 'm'));
    const raw = json(['policy', 'show', 'team', '--raw']) as unknown as Record<string, Record<string, unknown>>;
    assert.deepEqual(raw['filesystem']?.['allow'], ['~/project']);
    assert.deepEqual(raw['policy']?.['add_deny_access'], ['**/.env']);
    assert.deepEqual(raw['workdir'], { access: 'readwrite' });
  });
  test('diff', () => {
    const { stdout } = run(['policy', 'diff', 'default', 'team']);
    for (const line of [
      '+ allow ~/project',
      '- block: false',
      '+ block: true',
      '+ connect_port 443',
      '+ access: readwrite',
    ])
      assert.ok(stdout.includes(`    ${line}\n`), line);
    assert.match(run(['policy', 'diff', 'team', 'team']).stdout, /\(no differences\)/);
    const found = json(['policy', 'diff', 'team', 'default']) as unknown as Record<string, Record<string, unknown>>;
    assert.deepEqual(found['filesystem']?.['allow'], { added: [], removed: ['~/project'] });
    assert.deepEqual(found['workdir'], { profile1: 'readwrite', profile2: 'none', changed: true });
  });
  test('validate', () => {
    const good = run(['policy', 'validate', join(profiles, 'team.json')]);
    assert.equal(good.code, 0);
    assert.match(good.stdout, /\[ok\].*\n\n {2}Result: valid\n$/s);
    const bad = put(
      'bad.json',
      '{ "extends": "default",\n  "groups": { "include": ["nope"], "exclude": ["deny_credentials"] } }',
    );
    const done = run(['policy', 'validate', bad]);
    assert.equal(done.code, 1);
    assert.match(done.stdout, /\[err\] +\S+bad\.json:2:\d+: there is no policy group 'nope'/);
    assert.match(done.stdout, /Result: invalid \(2 errors\)/);
    const more = put(
      'more.json',
      '{ "extends": "gone", "groups": { "include": ["nope"] }, "filesystem": { "deny": [""] } }',
    );
    const found = json<{ errors: string[] }>(['policy', 'validate', more]).errors;
    assert.equal(found.length, 3, found.join('\n'));
    assert.match(found.join('\n'), /no profile 'gone'.*\n.*no policy group 'nope'.*\n.*the path is empty/);
    assert.deepEqual(json(['profile', 'validate', 'team'])['valid'], true);
    put('old.json', { extends: 'default', security: { groups: ['git_config'] } });
    const old = run(['profile', 'validate', 'old', '--strict']);
    assert.equal(old.code, 2);
    assert.match(old.stdout, /\[warn\] \S+old\.json:\d+:\d+: 'security\.groups' is an old spelling/);
    assert.equal(run(['profile', 'validate', 'old']).code, 0);
    assert.equal(run(['profile', 'validate', 'team', '--strict']).code, 0);
  });
  test('validate tells everything that is wrong, in the order of the file', () => {
    const file = put(
      'wrong.json',
      `{
  "extends": ["gone", "default"],
  "meta": { "nam": "x" },
  "groups": { "include": ["nope", { "name": "git_config", "when": "beos" }, 7], "exclude": ["deny_credentials"] },
  "filesystem": { "read": ["~bob/x", 5, "$HOEM/x"], "deny": ["", "**/[a"], "read": ["again"] },
  "network": { "open_port": [70000, 80], "allow_connect": ["x:1", "10.0.0.1:443"], "network_profile": "develper" },
  "environment": { "set_vars": { "PATH": "x", "A B": "y", "__proto__": "z", "constructor": "k" } },
  "resources": { "memory": "lots", "cpu_time": -1 },
  // Whether it has a grant is not known while grants are missing.
  "policy": { "override_deny": ["~/.ssh"] },
  "packs": ["a/b"]
}`,
    );
    const errors = [
      /:2:15: .*no profile 'gone'/,
      /:3:13: unknown key 'meta\.nam'/,
      /:4:27: .*no policy group 'nope'/,
      /:4:67: 'beos' does not begin/,
      /:4:77: 'groups\.include\.2' must be/,
      /:4:93: .*'deny_credentials' is required/,
      /:5:28: '~bob\/x' names another user's home/,
      /:5:38: 'filesystem\.read\.1' must be/,
      /:5:41: unknown variable \$HOEM/,
      /:5:62: the path is empty/,
      /:5:66: '\[' without '\]'/,
      /:5:76: 'filesystem\.read' appears twice/,
      /:6:30: .*at most 65535/,
      /:6:60: 'x' is not an internet address/,
      /:6:103: .*no network profile 'develper'/,
      /:7:42: PATH belongs to nono/,
      /:7:54: 'A B' cannot be set/,
      /:7:59: '.*__proto__' cannot be a name/,
      /:7:77: '.*constructor' cannot be a name/,
      /:8:28: .*'lots' is no limit/,
      /:8:48: .*at least 1/,
      /:11:12: .*'packs'/,
    ];
    const found = json<{ valid: boolean; errors: string[] }>(['profile', 'validate', file]);
    assert.equal(found.valid, false);
    assert.equal(found.errors.length, errors.length, found.errors.join('\n'));
    for (const [i, says] of errors.entries()) {
      assert.ok(found.errors[i]?.startsWith(`${file}:`), found.errors[i]);
      assert.match(String(found.errors[i]), says);
    }
    const done = run(['policy', 'validate', file]);
    assert.equal(done.code, 1);
    assert.equal(done.stdout.match(/^ {2}\[err\] {2}\S/gm)?.length, errors.length);
    assert.match(done.stdout, /Result: invalid \(22 errors\)\n$/);
    const cut = put('cut-up.json', '{\n "a: 1,\n "b" 2,\n [\n}');
    assert.deepEqual(
      json<{ errors: string[] }>(['policy', 'validate', cut]).errors.map((line) =>
        line.slice(cut.length, cut.length + 5),
      ),
      [':2:2:', ':3:2:', ':4:2:', ':5:1:'],
    );
  });
  test('what is wrong on the command line', () => {
    for (const [args, message] of [
      [['policy', 'shwo', 'default'], /did you mean nono policy show\?/],
      [['policy', 'show'], /needs a profile/],
      [['policy', 'show', 'a', 'b'], /one word too many/],
      [['run', '-c', '/dev/null', '-c', 'x', '--', 'true'], /given twice/],
      [['policy', 'groups', '--raw', '--read', 'x'], /nono policy groups has no --read/],
    ] as const) {
      const done = run(args);
      assert.equal(done.code, 2, args.join(' '));
      assert.match(done.stderr, message);
    }
    assert.equal(run(['policy']).code, 2);
    assert.equal(run(['help', 'policy', 'show']).code, 0);
  });
  test('colour: never in a pipe, on request always, and NO_COLOR wins', () => {
    const shown = (env: Record<string, string>, ...args: string[]): string =>
      run([...args, 'policy', 'show', 'default'], { env }).stdout;
    assert.doesNotMatch(shown({}), /\x1b/);
    assert.match(shown({ FORCE_COLOR: '1' }), /\x1b\[1m/);
    assert.match(shown({ FORCE_COLOR: '1' }, '--theme', 'latte'), /\x1b\[38;2;26;95;224m/);
    assert.match(shown({ FORCE_COLOR: '1', NONO_THEME: 'latte' }), /\x1b\[38;2;26;95;224m/);
    assert.doesNotMatch(shown({ FORCE_COLOR: '1', NO_COLOR: '1' }), /\x1b/);
    // Neither yellow nor white, which are lost on a light background.
    assert.doesNotMatch(shown({ FORCE_COLOR: '1' }), /\x1b\[(?:33|37|9[0-7])m/);
  });
});
