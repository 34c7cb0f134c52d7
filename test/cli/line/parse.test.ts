/** The command line as a pure function: tables in, options or one usage error out. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CommandLine, parseCommandLine } from '../../../src/cli/line/parse.ts';
import { commands } from '../../../src/cli/tables/commands.ts';
import { flags, flagsOf } from '../../../src/cli/tables/flags.ts';
import type { Flag } from '../../../src/cli/tables/model.ts';
import { missingFlags, missingVariables } from '../../../src/cli/tables/not-built.ts';
import { NonoError } from '../../../src/platform/errors.ts';

const parse = (line: string, env: Record<string, string> = {}): CommandLine =>
  parseCommandLine(line === '' ? [] : line.split(' '), env);

function refused(line: string, message: RegExp, env: Record<string, string> = {}): void {
  assert.throws(
    () => parse(line, env),
    (error) => {
      assert.ok(error instanceof NonoError);
      assert.equal(error.code, 'usage');
      assert.match(`${error.message} (${error.hint ?? ''})`, message);
      return true;
    },
  );
}

describe('where the command begins', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['run ls -l', ['ls', '-l']],
    ['run -- ls -l', ['ls', '-l']],
    ['run -s ls -s', ['ls', '-s']],
    ['run --read /x ls --read /y', ['ls', '--read', '/y']],
    ['run -- -s', ['-s']],
    ['run ls -- -x', ['ls', '--', '-x']],
    ['run -- ls -- -x', ['ls', '--', '-x']],
    ['run - x', ['-', 'x']],
    ['run', []],
  ];
  for (const [line, words] of cases) test(line, () => assert.deepEqual(parse(line).words, words));
});

describe('values', () => {
  const cases: readonly (readonly [string, Partial<CommandLine['options']>])[] = [
    ['run --read /a --read=/b -r /c -r/d -r=/e x', { read: ['/a', '/b', '/c', '/d', '/e'] }],
    ['run --allow-file=a=b x', { allowFile: ['a=b'] }],
    ['run -vv -v x', { verbose: 3 }],
    ['run -sv x', { silent: true, verbose: 1 }],
    ['run -svr /x y', { silent: true, verbose: 1, read: ['/x'] }],
    ['run --read=-odd x', { read: ['-odd'] }],
    ['run --bypass-protection /x y', { overrideDeny: ['/x'] }],
    ['run --profile=p x', { profile: 'p' }],
    ['-s run x', { silent: true }],
    ['--theme mocha run x', { theme: 'mocha' }],
    ['shell --shell /bin/zsh', { shell: '/bin/zsh' }],
    ['wrap -a . x', { allow: ['.'] }],
  ];
  for (const [line, expected] of cases) {
    test(line, () => {
      const { options } = parse(line);
      for (const [key, value] of Object.entries(expected))
        assert.deepEqual(options[key as keyof typeof options], value);
    });
  }
  test('nothing given', () => {
    const { options, command } = parse('');
    assert.equal(command, undefined);
    assert.deepEqual(options.allow, []);
    assert.equal(options.silent, false);
    assert.equal(options.verbose, 0);
    assert.equal(options.profile, undefined);
  });
});

describe('the environment', () => {
  test('a list with commas', () =>
    assert.deepEqual(parse('run x', { NONO_ALLOW: '/a,/b,' }).options.allow, ['/a', '/b']));
  test('the flag wins', () => {
    assert.deepEqual(parse('run -a /c x', { NONO_ALLOW: '/a' }).options.allow, ['/c']);
    assert.equal(parse('run -p one x', { NONO_PROFILE: 'two' }).options.profile, 'one');
  });
  for (const [text, value] of [
    ['true', true],
    ['YES', true],
    ['1', true],
    ['false', false],
    ['no', false],
    ['0', false],
    ['', false],
  ] as const) {
    test(`NONO_BLOCK_NET='${text}'`, () =>
      assert.equal(parse('run x', { NONO_BLOCK_NET: text }).options.blockNet, value));
  }
  test('neither yes nor no', () => refused('run x', /NONO_BLOCK_NET: 'maybe' is neither/, { NONO_BLOCK_NET: 'maybe' }));
});

describe('what is wrong is named', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['run --alow . x', /unknown flag --alow \(did you mean --allow\?\)/],
    ['run -z x', /unknown flag -z/],
    ['run --read', /--read needs a DIR/],
    ['run --read= x', /--read needs a DIR/],
    ['run --read --silent x', /--read needs a DIR, not --silent/],
    ['run --silent=yes x', /--silent takes no value/],
    ['run -s=1 x', /-s takes no value/],
    ['run -p a -p b x', /-p is given twice/],
    ['run --shell /bin/sh x', /nono run has no --shell/],
    ['--allow . run x', /--allow belongs after the command/],
    ['run --rollback x', /^--rollback is not in this version yet/],
    ['run --allow-domain=example.org x', /^--allow-domain is not in this version yet/],
    ['run --allow-domain=example.org x', /--allow-connect ADDRESS:PORT/],
    ['run --env-credential a x', /--env NAME/],
    ['run --trust-override x', /leave it out/],
    ['completion bash zsh', /zsh is one word too many/],
    ['learn x', /nono learn is not in this version yet/],
    ['run --nosuch x', /^unknown flag --nosuch \(see nono run --help\)/],
    ['inspect --events x', /^--events is not in this version yet/],
    ['pull x', /^nono pull is not in this version yet/],
    ['proxy --help', /^nono proxy is not in this version yet/],
    ['ps --remote', /^--remote is not in this version yet/],
    ['why /etc', /one word too many \(nono why --path \/etc\)/],
    ['rum x', /unknown command rum \(did you mean nono run\?\)/],
    ['ls', /unknown command ls \(to sandbox it: nono run -- ls\)/],
  ];
  for (const [line, message] of cases) test(line, () => refused(line, message));
});

test('a deprecated spelling works, with the warning of the original', () => {
  const line = parse('run --net-block x');
  assert.equal(line.options.blockNet, true);
  assert.deepEqual(line.warnings, ['Warning: `--net-block` is deprecated; use `--block-net` instead.']);
});

test('however often it is written, one warning', () => {
  assert.equal(parse('run --net-block --net-block --allow-port=80 --allow-port=81 x').warnings.length, 2);
});

describe('a network that is both open and blocked', () => {
  const told = (line: string, env: NodeJS.ProcessEnv = {}) => {
    const { allowNet, blockNet } = parseCommandLine(line.split(' '), env).options;
    return { allowNet, blockNet };
  };
  const refusedWith = (line: string, env: NodeJS.ProcessEnv, message: RegExp) =>
    assert.throws(() => parseCommandLine(line.split(' '), env), { code: 'usage', message });
  test('two flags are refused, and two variables', () => {
    refusedWith('run --block-net --allow-net x', {}, /^--block-net and --allow-net contradict each other$/);
    const both = { NONO_BLOCK_NET: '1', NONO_ALLOW_NET: 'yes' };
    refusedWith('run x', both, /^NONO_BLOCK_NET and NONO_ALLOW_NET contradict each other$/);
  });
  test('a flag wins over the variable of the other', () => {
    assert.deepEqual(told('run --block-net x', { NONO_ALLOW_NET: '1' }), { allowNet: false, blockNet: true });
    assert.deepEqual(told('run --allow-net x', { NONO_BLOCK_NET: '1' }), { allowNet: true, blockNet: false });
    assert.deepEqual(told('run x', { NONO_BLOCK_NET: '1', NONO_ALLOW_NET: '0' }), { allowNet: false, blockNet: true });
  });
});

test('a variable of the original that would restrict the network is refused, not passed over', () => {
  for (const variable of Object.keys(missingVariables)) {
    for (const command of [['run', 'true'], ['shell'], ['wrap', 'true'], ['why', '--path', '/x']]) {
      assert.throws(
        () => parseCommandLine(command, { [variable]: 'a.example' }),
        (error: unknown) => error instanceof NonoError && error.code === 'usage' && error.message.startsWith(variable),
      );
      parseCommandLine(command, { [variable]: '' });
    }
    // What starts nothing and answers for nothing goes on.
    parseCommandLine(['policy', 'profiles'], { [variable]: 'a.example' });
    parseCommandLine(['run', '--help'], { [variable]: 'a.example' });
  }
});

describe('the tables', () => {
  const all: readonly Flag[] = flags;
  test('no spelling means two things in one command', () => {
    for (const command of commands) {
      const spellings = flagsOf(command.name).flatMap((flag) => [
        flag.long,
        ...(flag.aliases ?? []),
        ...(flag.deprecated ?? []),
        ...(flag.short ? [flag.short] : []),
      ]);
      assert.equal(new Set(spellings).size, spellings.length, command.name);
    }
  });
  test('a flag takes a value exactly when it says which', () => {
    for (const flag of all)
      assert.equal(flag.value !== undefined, flag.kind === 'text' || flag.kind === 'list', flag.long);
  });
  test('no flag is both there and missing', () => {
    const there = new Set(all.flatMap((flag) => [flag.long, ...(flag.aliases ?? [])]));
    for (const name of [...missingFlags, ...Object.values(missingVariables)]) assert.ok(!there.has(name), name);
    const variables = all.map((flag) => flag.env);
    for (const name of Object.keys(missingVariables)) assert.ok(!variables.includes(name), name);
  });
});

test('help below a command is help for what follows it', () => {
  const found = parseCommandLine(['profile', 'help', 'show'], {});
  assert.deepEqual([found.command, found.words], ['help', ['profile', 'show']]);
  assert.deepEqual(parseCommandLine(['policy', 'help'], {}).words, ['policy']);
});
