/** Devices below a grant that only happens to cover them: what reaches past the rules on paths is opened only by a grant that names it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { nono } from '../../helpers/run.ts';
import { makeHome, type TestUser, users } from '../../helpers/users.ts';

const root = users.find((user) => user.uid === 0 && user.prefix.length === 0);
/** As udev, or a driver, makes them. */
function nodes(): { readonly directory: string; readonly loop: string; readonly screen: string } | undefined {
  if (root === undefined) return undefined;
  const directory = mkdtempSync('/dev/nono-test-');
  after(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, 'deep'));
  const loop = join(directory, 'deep/loop');
  const screen = join(directory, 'full');
  const made = [
    ['b', '7', '0', loop],
    ['c', '1', '7', screen],
  ].map(
    ([type = '', major = '', minor = '', path = '']) => spawnSync('mknod', [path, type, major, minor]).status === 0,
  );
  // Some places make them and let nobody open them.
  const opens = [loop, screen].every((path) => spawnSync('sh', ['-c', ': <"$0"', path]).status === 0);
  return made.every(Boolean) && opens ? { directory, loop, screen } : undefined;
}

const here = nodes();
const skip = here === undefined ? 'no devices can be made' : false;

describe('devices under a grant', { skip }, () => {
  const { directory, loop, screen } = here as NonNullable<typeof here>;
  const user = root as TestUser;
  const home = makeHome(user);
  const opened = (command: string, grants: readonly string[], paths: readonly string[]): readonly string[] => {
    const script =
      'for f; do for how in "<" ">>"; do (eval ": $how\\"\\$f\\"") 2>/dev/null && echo "$how$f"; done; done; echo ran';
    const done = nono(user, [command, '-s', '--allow-cwd', ...grants, '--', 'sh', '-c', script, 'sh', ...paths], {
      cwd: home,
      home,
    });
    const lines = done.stdout.trimEnd().split('\n');
    assert.equal(lines.pop(), 'ran', done.stderr);
    return lines;
  };
  const both = (...paths: string[]): readonly string[] => paths.flatMap((path) => [`<${path}`, `>>${path}`]);

  for (const command of ['run', 'wrap'])
    test(`${command}: those that are covered stay closed, but for the harmless ones; those that are named open`, () => {
      const all = ['/dev/null', '/dev/full', loop, screen, '/dev/console', '/dev/tty1', '/dev/kmsg', '/dev/vcs'];
      const grants: [readonly string[], readonly string[]][] = [
        [['--allow', '/'], both('/dev/null', '/dev/full')],
        [['--allow', '/dev'], both('/dev/null', '/dev/full')],
        [
          ['--allow', '/', '--read-file', loop],
          [...both('/dev/null', '/dev/full'), `<${loop}`],
        ],
        [['--allow', '/dev', '--allow', directory], both('/dev/null', '/dev/full', loop, screen)],
      ];
      for (const [grant, expected] of grants) {
        const lines = opened(command, grant, all);
        assert.deepEqual([...lines].sort(), [...expected].sort(), grant.join(' '));
      }
    });

  test('nor is a device of the machine written past its file, or anything else that is the kernel’s and no process’s', () => {
    // Opened for writing, and nothing is written: these change the machine at once.
    const script = `import os, sys
for top in ('bus', 'irq', 'fs', 'driver', 'acpi', 'scsi', 'mtrr', 'sysrq-trigger', 'sys/kernel/core_pattern'):
    place = '/proc/' + top
    for at in [place] if not os.path.isdir(place) else [os.path.join(d, f) for d, _, files in os.walk(place) for f in files]:
        try: os.close(os.open(at, os.O_WRONLY)); print(at)
        except OSError: pass
print('ran', open('/proc/self/comm', 'w').write('x') > 0)`;
    const bare = spawnSync('python3', ['-c', script], { encoding: 'utf8' }).stdout;
    assert.match(bare, /^\/proc\/sys\/kernel\/core_pattern$/m);
    const done = nono(user, ['run', '-s', '--allow', '/', '--', 'python3', '-c', script], { cwd: home, home });
    assert.equal(done.stdout, 'ran True\n', done.stderr);
  });

  // A grant to write to the device, as those of groups for /dev/null: root may remove names in /dev.
  for (const flag of ['--write-file', '--allow-file'])
    test(`none is removed that is granted by its name: ${flag}`, () => {
      const script = `rm -f '${screen}'; unlink '${screen}'; mknod '${screen}' p; echo ran`;
      const done = nono(
        user,
        ['run', '-s', '--allow-cwd', flag, screen, '--', 'sh', '-c', `exec 2>/dev/null; ${script}`],
        {
          cwd: home,
          home,
        },
      );
      assert.equal(done.stdout, 'ran\n', done.stderr);
      assert.ok(statSync(screen).isCharacterDevice());
    });

  test('none gets the name of a harmless one, for the next session', () => {
    const script = `exec 2>/dev/null; cd '${directory}'; mv full moved; ln full linked; mv deep/loop out
      mkdir own && mv own renamed; echo ran`;
    const done = nono(user, ['run', '-s', '--allow', '/', '--', 'sh', '-c', script], { cwd: home, home });
    assert.equal(done.stdout, 'ran\n', done.stderr);
    assert.ok(statSync(screen).isCharacterDevice() && statSync(loop).isBlockDevice());
    for (const name of [join(directory, 'moved'), join(directory, 'linked'), join(directory, 'out')])
      assert.equal(existsSync(name), false, name);
    assert.ok(existsSync(join(directory, 'renamed')), 'what is no device is moved');
  });

  test('`why` says the same, with the flag that opens it', () => {
    const why = (...words: string[]) =>
      JSON.parse(nono(user, ['why', '--json', '--path', loop, ...words], { cwd: home, home }).stdout);
    assert.equal(why('--op', 'read', '--allow', '/').status, 'denied');
    assert.match(JSON.stringify(why('--op', 'read', '--allow', '/')), /a grant that names it.*--read-file/);
    assert.equal(why('--op', 'read', '--allow', '/', '--read-file', loop).status, 'allowed');
    assert.equal(why('--op', 'write', '--allow', '/', '--read-file', loop).status, 'denied');
    assert.equal(why('--op', 'write', '--allow', '/', '--allow', directory).status, 'allowed');
  });
});
