/** The program as it is started: bin/nono, its streams, its questions. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { nono, type Outcome, type RunOptions } from '../../helpers/run.ts';
import { key, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, root, type TestUser, users } from '../../helpers/users.ts';

const user = users[0] as TestUser;
const home = makeHome(user);
const cwd = join(home, 'project');
const scratch = mkdtempSync(join(tmpdir(), 'nono-cli-'));
const terminals: TestTerminal[] = [];
after(() => {
  for (const t of terminals) t.close();
  rmSync(scratch, { recursive: true, force: true });
});

const run = (args: readonly string[], options: Partial<RunOptions> = {}): Outcome =>
  nono(user, args, { cwd, home, ...options });
/** `before`: words in front of bin/nono, since node-pty sets TERM itself. */
function terminal(args: readonly string[], before: readonly string[] = []): TestTerminal {
  const argv = [...before, join(installationFor(user), 'bin/nono'), ...args];
  const t = new TestTerminal({ argv, cwd, env: environment(home) });
  terminals.push(t);
  return t;
}

describe('answers and messages', () => {
  test('--version', () => {
    const done = run(['--version']);
    assert.equal(done.code, 0);
    assert.match(done.stdout, /^nono \d+\.\d+\.\d+\n$/);
    assert.equal(done.stderr, '');
  });
  test('help is an answer', () => {
    for (const args of [
      ['--help'],
      ['help'],
      ['help', 'run'],
      ['run', '--help'],
      ['run', '-h', '--', 'x'],
      ['shell', '-h'],
    ]) {
      const done = run(args);
      assert.equal(done.code, 0, args.join(' '));
      assert.match(done.stdout, /^USAGE$/m);
      assert.equal(done.stderr, '');
    }
  });
  test('no command at all: help as a message, exit 2', () => {
    const done = run([]);
    assert.equal(done.code, 2);
    assert.equal(done.stdout, '');
    assert.match(done.stderr, /^USAGE$/m);
  });
  test('a dry run shows and starts nothing', () => {
    const done = run(['run', '--dry-run', '--allow', '.', '--', 'touch', 'made']);
    assert.equal(done.code, 0);
    assert.equal(done.stdout, '');
    assert.match(done.stderr, /dry-run sandbox would be applied with above capabilities\n {2}\$ touch made\n/);
    assert.match(done.stderr, /r\+w +\S*project \(dir\)/);
    assert.doesNotMatch(done.stderr, /metadata writes/);
    assert.equal(existsSync(join(cwd, 'made')), false);
  });
  test('silent is silent', () => {
    const done = run(['run', '-s', '--allow', '.', '--', 'cat', '../notes.txt']);
    assert.equal(done.code, 1);
    assert.equal(done.stderr.replace(/^cat: .*\n/, ''), '');
  });
  test('a blocked command', () => {
    const done = run(['run', '--allow', '.', '--', '/bin/rm', 'README']);
    assert.equal(done.code, 1);
    assert.match(
      done.stderr,
      /^nono: Command 'rm' is blocked: This command is blocked by default due to destructive potential\. Use --allow-command to override/m,
    );
    assert.equal(run(['run', '--allow', '.', '--allow-command', 'rm', '--', 'rm', '--version']).code, 0);
    const named = run(['run', '--allow', '.', '--block-command', 'true', '--', 'true']);
    assert.equal(named.code, 1);
    assert.match(
      named.stderr,
      /^nono: Command 'true' is blocked: The profile, or --block-command, refuses it by name/m,
    );
    assert.doesNotMatch(named.stderr, /by default/);
  });
  test('a shell that is none', () => {
    const done = run(['shell', '--allow', '.', '--shell', '/no/such/shell']);
    assert.equal(done.code, 1);
    assert.match(done.stderr, /^nono: Command execution failed: \/no\/such\/shell/m);
  });
});

describe('the footer', () => {
  const denied = ['--allow', '.', '--', 'cat', '../notes.txt', '../.ssh/id_ed25519'];
  test('names each path with the smallest flag, and the rule where one denies it', () => {
    const done = run(['run', ...denied]);
    assert.equal(done.code, 1);
    assert.match(done.stderr, /^\[nono\] .*notes\.txt {2}--read-file \S+notes\.txt$/m);
    assert.match(
      done.stderr,
      /^\[nono\] .*id_ed25519 {2}denied by group:deny_credentials; --\S+ \S+ --override-deny \S+ lifts it$/m,
    );
  });
  test('its flags for what a rule denies are those that help', () => {
    const [, flags = ''] = /deny_credentials; (.*) lifts it$/m.exec(run(['run', ...denied]).stderr) ?? [];
    const done = run(['run', '-s', ...flags.split(' '), '--allow', '.', '--', 'cat', '../.ssh/id_ed25519']);
    assert.deepEqual([done.code, done.stderr], [0, '']);
    assert.notEqual(done.stdout, '');
  });
  test('its flag is the one that helps', () => {
    const flag = /--read-file (\S+notes\.txt)/.exec(run(['run', ...denied]).stderr)?.[1] ?? '';
    assert.equal(
      run(['run', '--read-file', flag, '--allow', '.', '--', 'cat', '../notes.txt']).stdout,
      'remember the milk\n',
    );
  });
  for (const flag of ['-s', '--no-diagnostics']) {
    test(`${flag} leaves it out`, () => assert.doesNotMatch(run(['run', flag, ...denied]).stderr, /\[nono\]/));
  }
  test('a command that ends well has none', () => {
    assert.doesNotMatch(run(['run', '--allow', '.', '--', 'sh', '-c', 'cat ../notes.txt; true']).stderr, /\[nono\]/);
  });
});

describe('the working directory', () => {
  test('nobody to ask: a message and no grant', () => {
    const done = run(['run', '--', 'pwd']);
    assert.match(
      done.stderr,
      /Skipping CWD prompt \(non-interactive\)\. Use --allow-cwd .* The command starts in \/\./,
    );
    assert.equal(done.stdout, '/\n');
  });
  test('a profile that shares none says so of --allow-cwd', () => {
    const done = run(['run', '-p', 'default', '--allow-cwd', '--dry-run', '--', 'pwd']);
    assert.match(done.stderr, /--allow-cwd adds nothing: profile default shares no working directory/);
  });
  test('a silent dry run says nothing: its exit code is the answer', () => {
    const done = run(['run', '-s', '--allow', '.', '--dry-run', '--', 'pwd']);
    assert.deepEqual([done.code, done.stdout, done.stderr], [0, '', '']);
  });
  test('nobody to ask, and silent: an error', () => {
    const done = run(['run', '-s', '--', 'pwd']);
    assert.equal(done.code, 1);
    assert.equal(done.stderr, 'nono: CWD access requires --allow-cwd in silent mode\n');
  });
  test('and a grant that was left out is named as the likely reason', () => {
    assert.equal(
      run(['run', '-s', '--allow', './nosuch', '--', 'pwd']).stderr,
      'nono: CWD access requires --allow-cwd in silent mode (Skipping non-existent path: ./nosuch)\n',
    );
  });
  test('--allow-cwd shares it for reading', () => {
    assert.equal(run(['run', '-s', '--allow-cwd', '--', 'cat', 'README']).stdout, 'a project\n');
    assert.notEqual(run(['run', '-s', '--allow-cwd', '--', 'sh', '-c', 'echo x >new']).code, 0);
  });
  for (const [reply, shared] of [
    ['y', true],
    ['yes', true],
    ['n', false],
    ['', false],
    ['yup', false],
  ] as const) {
    test(`the answer '${reply}' on a terminal`, async () => {
      const t = terminal(['run', '--no-save-prompt', '--', 'cat', join(cwd, 'README')]);
      await t.until(/Share \S+project with read access\? \[y\/N\]/);
      t.write(`${reply}${key.enter}`);
      const { code } = await t.untilEnd();
      assert.equal(code === 0, shared);
      assert.equal((await t.text()).includes('a project'), shared);
    });
  }
  test('what follows the answer belongs to the command', async () => {
    const t = terminal(['run', '-p', 'default', '--', 'sh', '-c', 'stty -echo; read -r line; echo "got $line"']);
    t.write('typed ahead\r');
    await t.until('got typed ahead');
    await t.untilEnd();
  });
  test('the TUI asks for each path itself: the shell opens at once, with nothing shared', async () => {
    const t = terminal(['shell']);
    await t.until('[nono]');
    assert.doesNotMatch(t.raw, /\[y\/N\]/);
    t.write('ls\r');
    await t.until('HELD');
    t.write(key.ctrlC);
    await t.until(/\[nono\][^\n]*\n[\s\S]*\[nono\]/);
    t.write('exit 5\r');
    assert.equal((await t.untilEnd()).code, 5);
  });
  test('an error before the TUI starts in the first column', async () => {
    const t = terminal(['shell', '-p', 'no-such-profile']);
    assert.equal((await t.untilEnd()).code, 1);
    const lines = (await t.lines()).filter((line) => line !== '');
    assert.match(lines[0] ?? '', /^nono: there is no profile/);
  });
});

describe('on a terminal', () => {
  test('Ctrl-C reaches the command once, and its answer is the exit code', async () => {
    const t = terminal([
      'run',
      '-s',
      '--allow',
      '.',
      '--',
      'sh',
      '-c',
      'trap "echo int; exit 5" INT; echo ready; while :; do sleep 0.05; done',
    ]);
    await t.until('ready');
    t.write(key.ctrlC);
    assert.equal((await t.untilEnd()).code, 5);
    assert.equal(t.raw.match(/int\r\n/g)?.length, 1);
  });
  test('a shell under TERM=dumb has no TUI', async () => {
    const t = terminal(['shell', '--allow', '.', '--shell', '/bin/sh'], ['env', 'TERM=dumb']);
    await t.until("Exit the shell with Ctrl-D or 'exit'.");
    t.write('exit 6\r');
    assert.equal((await t.untilEnd()).code, 6);
    assert.ok(!t.raw.includes('\x1b[?1049h'));
  });
  test('nor has one whose TERM is empty', async () => {
    const t = terminal(['shell', '--allow', '.', '--shell', '/bin/sh'], ['env', 'TERM=']);
    await t.until("Exit the shell with Ctrl-D or 'exit'.");
    t.write('exit 6\r');
    assert.equal((await t.untilEnd()).code, 6);
    assert.ok(!t.raw.includes('\x1b[?1049h'));
  });
});

describe('the front', () => {
  test('through links, from another directory', () => {
    const far = join(scratch, 'far');
    mkdirSync(far);
    symlinkSync(join(installationFor(user), 'bin/nono'), join(far, 'target'));
    symlinkSync('far/target', join(scratch, 'nono'));
    const done = spawnSync(join(scratch, 'nono'), ['--version'], { cwd: '/', encoding: 'utf8' });
    assert.match(done.stdout, /^nono \d/, done.stderr);
  });
  test('what could load code into the host is ignored', () => {
    const file = join(scratch, 'evil.cjs');
    writeFileSync(file, 'console.log("loaded"); process.exit(9);');
    const done = run(['--version'], { env: { NODE_OPTIONS: `--require=${file}`, NODE_PATH: scratch } });
    assert.equal(done.code, 0);
    assert.doesNotMatch(done.stdout, /loaded/);
  });
  test('a Node that is too old is one clear line', () => {
    const script = `Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } }); require(${JSON.stringify(join(root, 'dist/cli.cjs'))})`;
    const done = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    assert.equal(done.status, 1);
    assert.equal(done.stderr, 'nono: Node.js 20.20.2 is too old (needs 22.22.2 or later, 24.15.0 or later, or 26)\n');
  });
  test('wrap is the command in its place, with default signals and no plan file left', () => {
    const program = [
      'use POSIX; my $blocked = POSIX::SigSet->new; sigprocmask(SIG_BLOCK, undef, $blocked);',
      // perl itself ignores SIGFPE.
      'my @odd = grep { $SIG{$_} && $SIG{$_} eq "IGNORE" && $_ ne "FPE" } keys %SIG;',
      'push @odd, "blocked $_" for grep { $blocked->ismember($_) } 1 .. 31;',
      'print "$$ @odd\\n";',
    ];
    const perl = `perl -e '${program.join(' ')}'`;
    const front = join(installationFor(user), 'bin/nono');
    const outer = `echo $$; exec ${front} wrap -s --allow . -- ${perl}`;
    const done = spawnSync('sh', ['-c', outer], { cwd, env: environment(home), encoding: 'utf8' });
    const [shell, command] = done.stdout.trim().split('\n');
    assert.equal(command, shell, done.stderr);
    assert.equal(spawnSync('find', [home, '-name', 'plan-[0-9]*'], { encoding: 'utf8' }).stdout, '');
  });
});
