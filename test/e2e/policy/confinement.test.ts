/** What a command tries against the user's terminal, and what root inside tries against the machine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { installed } from '../../helpers/installed.ts';
import { nono } from '../../helpers/run.ts';
import { environment, installationFor, makeHome, rootSkip, users } from '../../helpers/users.ts';

/** Answers "NAME ERRNO" for each attempt on the terminal that is its standard input; ERRNO 0 is a success. */
const onTerminal = `
$| = 1;
sub try_ { my ($name, $request, $arg) = @_; $! = 0; my $buffer = $arg; my $ok = ioctl(STDIN, $request, $buffer); print "$name ", ($ok ? 0 : $! + 0), "\\n"; }
print "tty ", (-t STDIN ? 1 : 0), "\\n";
try_("sti", 0x5412, "x");
try_("linux", 0x541c, "\\x03");
my $pid = fork;
if (!$pid) {
  use POSIX; POSIX::setsid();
  try_("take", 0x540e, 0);
  try_("steal", 0x540e, 1);
  open(my $t, "<", "/dev/tty") ? print "devtty 0\\n" : print "devtty ", $! + 0, "\\n";
  exit;
}
waitpid $pid, 0;
`;

for (const user of users) {
  describe(`the user's terminal, ${user.name}`, { skip: !existsSync('/usr/bin/script') && 'needs script(1)' }, () => {
    const home = makeHome(user);
    const cwd = join(home, 'project');

    test('nothing is typed into it, and nobody takes it over', () => {
      const command = `${installationFor(user)}/bin/nono run -s --allow-cwd -- perl -e '${onTerminal}'; echo; tty; echo alive`;
      const [program = '', ...rest] = [...user.prefix, 'script', '-qec', command, '/dev/null'];
      const done = spawnSync(program, rest, { cwd, env: environment(home), encoding: 'utf8', timeout: 30_000 });
      const said = done.stdout.replaceAll('\r', '');
      assert.match(said, /^tty 1$/m, `a terminal: ${said} ${done.stderr}`);
      for (const attempt of ['sti', 'linux', 'take', 'steal', 'devtty'])
        assert.match(said, new RegExp(`^${attempt} [1-9]`, 'm'), `${attempt} failed: ${said}`);
      assert.match(said, /\/dev\/pts\/\d+\nalive/, 'the shell outside still has it');
    });
  });
}

describe('root inside', { skip: rootSkip }, () => {
  const [root] = users;
  assert.ok(root);
  const home = makeHome(root);
  const attempts: readonly (readonly [string, string])[] = [
    ['time', 'date -s @1'],
    ['host name', 'hostname nono-was-here'],
    ['network', 'ip link set lo mtu 1400'],
    ['devices', 'mknod node b 254 0'],
    ['root directory', 'chroot / true'],
    ['mounts', 'mount -t tmpfs none /mnt'],
    // Whatever is wrong with the module, root outside is not told EPERM.
    ['modules', `perl -e '$! = 0; syscall(${process.arch === 'x64' ? 175 : 105}, 0, 0, 0); exit($! == 1 ? 1 : 0)'`],
    ['kernel log', 'dmesg'],
    ['raw sockets', 'perl -MSocket -e "socket(S, AF_INET, SOCK_RAW, 1) or exit 1"'],
    ['another namespace', 'nsenter -t 1 -m true'],
    [
      'tracing of an outside process',
      `perl -e "exit(syscall(${process.arch === 'x64' ? 101 : 117}, 16, 1, 0, 0) == 0 ? 0 : 1)"`,
    ],
    ['priority', 'renice -n -5 $$'],
    ['limits', 'ulimit -Hn 100 && ulimit -Hn 200'],
  ];
  for (const [what, command] of attempts) {
    const tool = command.split(' ')[0] ?? '';
    test(`does not change: ${what}`, { skip: !installed(tool) && `needs ${tool}` }, () => {
      const done = nono(
        root,
        ['run', '-s', '--allow-cwd', '--allow', '.', '--', 'sh', '-c', `${command} && echo DONE`],
        {
          cwd: join(home, 'project'),
          home,
        },
      );
      assert.doesNotMatch(done.stdout, /DONE/, `${done.stdout} ${done.stderr}`);
    });
  }

  test('and the machine is as it was', () => {
    assert.ok(Date.now() > 1e12);
    assert.notEqual(hostname(), 'nono-was-here');
    assert.equal(existsSync(join(home, 'project/node')), false);
  });
});
