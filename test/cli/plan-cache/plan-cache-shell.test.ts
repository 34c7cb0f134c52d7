/** `nono shell` with a cached plan: the shell waits, confined, while Node boots, and the session has the policy of the plan in force. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { approve, enter, leaveList, runLine } from '../../e2e/shell/shell-helpers.ts';
import { confinedBelow } from '../../helpers/confined.ts';
import { CachedInstallation, leave } from '../../helpers/plan-cache.ts';
import { closeTerminals, pause } from '../../helpers/terminal.ts';
import { users } from '../../helpers/users.ts';

const quiet = ['-s', '--allow', '.'];

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 2000; i++) {
    if (condition()) return;
    await pause(10);
  }
  assert.fail(`it never happened: ${what}`);
}

/** Names of sessions' own directories, ids and times differ from start to start. */
const same = (text: string): string => text.replace(/nono-tmp-\d+-\d+-\w+/g, 'nono-tmp').trimEnd();

const profile = (filesystem: object): string =>
  JSON.stringify({ extends: 'default', meta: { name: 'mine' }, workdir: { access: 'readwrite' }, filesystem });

/** As terminalHit, for a shell without nono's own prompt. */
async function hitOf(
  at: CachedInstallation,
  args: readonly string[],
): Promise<ReturnType<CachedInstallation['openTerminal']>> {
  for (let i = 0; i < 5; i++) {
    const t = at.openTerminal(args);
    await t.until(/[$#] *(?:\||$)/m);
    if (at.wasHit()) return t;
    await leave(t);
  }
  return assert.fail('never from the cache');
}

afterEach(closeTerminals);

for (const user of users)
  describe(`as ${user.name}`, { timeout: 240_000 }, () => {
    test('a hit has a terminal of the right size, a directory of its own that goes with it, and the shell’s exit code', async () => {
      const at = new CachedInstallation(user);
      const seen = new Set<string>();
      for (let i = 0; i < 2; i++) {
        const t = await at.terminalHit(quiet);
        const said = await runLine(
          t,
          'clear; echo T=$TMPDIR; stat -c %a $TMPDIR; stty size; ulimit -Sn; test -t 0 && test /dev/tty -ef /dev/tty',
          'READY',
        );
        const path = /T=(\/\S*\/nono-tmp-\d{7}-\d{12}-\w{6})/.exec(said.replaceAll('\n', ''))?.[1];
        assert.ok(path !== undefined && existsSync(path), said);
        assert.match(said, /^700\b/m);
        assert.match(said, /^34 \d+\b/m);
        enter(t, 'exit 7');
        assert.equal((await t.untilEnd()).code, 7);
        assert.ok(!existsSync(path), 'removed');
        seen.add(path);
      }
      assert.equal(seen.size, 2);
    });

    test('another size of the terminal, and another layout, are the same plan', async () => {
      const at = new CachedInstallation(user);
      await leave(await at.terminalHit(quiet));
      const small = { cols: 90, rows: 24 };
      const columns = async (): Promise<number> => {
        const t = await at.terminalHit(quiet, small);
        const said = await runLine(t, 'clear; stty size', 'READY');
        await leave(t);
        return Number(/^\d+ (\d+)/m.exec(said)?.[1]);
      };
      at.write('.local/state/nono/ui.json', JSON.stringify({ split: 'bottom' }));
      assert.equal(await columns(), 90);
      at.write('.local/state/nono/ui.json', JSON.stringify({ split: 'right', columns: 30 }));
      const beside = await columns();
      assert.ok(beside > 40 && beside < 65, `${beside}`);
      assert.equal(at.entries().length, 1);
    });

    test('another window is the same plan, and the shell has its variables; those that the pane sets are the pane’s', async () => {
      const at = new CachedInstallation(user);
      const window = (n: string) => ({ env: { WINDOWID: n, SHLVL: n, LS_COLORS: `ls=${n}`, GPG_TTY: n } });
      const first = window('7');
      await leave(await at.terminalHit(quiet, { env: { ...first.env, TERM_PROGRAM: 'nono' } }));
      const second = window('4077');
      const t = await at.terminal(quiet, { env: { ...second.env, TERM_PROGRAM: 'another' } });
      assert.equal(at.wasHit(), true);
      const said = await runLine(t, 'clear; echo "V=$LS_COLORS,$GPG_TTY,$TERM_PROGRAM,$TERM,$WINDOWID."', 'READY');
      assert.match(said, /^V=ls=4077,4077,nono,xterm-256color,\./m);
      await leave(t);
      await leave(await at.terminal(quiet, { env: { ...second.env, TERM_PROGRAM: 'a@b' } }));
      assert.equal(at.wasHit(), false);
    });

    test('what is said before, shown and left behind is the same', async () => {
      const at = new CachedInstallation(user);
      const shown = async (t: Awaited<ReturnType<CachedInstallation['terminal']>>): Promise<readonly string[]> => {
        enter(t, `cat ${at.home}/.ssh/id_ed25519`);
        await t.until(/Permission denied[\s\S]*id_ed25519|id_ed25519[\s\S]*Permission denied/);
        await t.until(/1 denied|denied 1|1 blocked/).catch(() => undefined);
        const screen = same(await t.text());
        return [screen, same(await leave(t))];
      };
      const [, after] = await shown(await at.terminal(['--allow', '.', '--no-plan-cache']));
      const t = await at.terminalHit(['--allow', '.']);
      const [screen, hit] = await shown(t);
      assert.match(screen as string, /id_ed25519/);
      assert.equal(hit, after);
    });

    test('what is held is approved, and what a group denies is not: by the rules in force', async () => {
      const at = new CachedInstallation(user);
      const t = await at.terminalHit(quiet);
      enter(t, `cat ${at.home}/notes.txt`);
      await t.until(/held/);
      assert.doesNotMatch(await t.text(), /remember the milk/);
      await approve(t, 'remember the milk', 'a');
      await leaveList(t);
      enter(t, `clear; cat ${at.home}/.ssh/id_ed25519; echo CODE-$?`);
      const denied = await t.until('CODE-1');
      assert.doesNotMatch(denied, /SECRET-KEY/);
      const nono = join(at.installation, 'bin/nono');
      const why = await runLine(t, `clear; ${nono} why --self --path $TMPDIR/x --op write`, 'READY');
      assert.match(why, /allowed/i);
      await leave(t);
    });

    test('a profile that denies more is in force at once', async () => {
      const at = new CachedInstallation(user);
      at.write('.config/nono/profiles/mine.json', profile({}));
      const args = ['-s', '--allow-cwd', '-p', 'mine'];
      const t = await at.terminalHit(args);
      assert.match(await runLine(t, 'clear; cat README', 'READY'), /a project/);
      await leave(t);
      at.write('.config/nono/profiles/mine.json', profile({ deny: ['$WORKDIR/README'] }));
      for (let i = 0; i < 3; i++) {
        const denied = await at.terminal(args);
        if (i === 0) assert.equal(at.wasHit(), false);
        assert.match(await runLine(denied, 'clear; cat README', 'READY'), /Permission denied/);
        await leave(denied);
      }
    });

    test('another shell under the same name, another configuration, a new variable: misses', async () => {
      const at = new CachedInstallation(user);
      const shell = join(at.project, 'sh-of-mine');
      symlinkSync('/bin/bash', shell);
      const args = ['-s', '--allow', '.', '--shell', shell];
      const missed = async (options: Parameters<CachedInstallation['terminal']>[1], what: string): Promise<void> => {
        const t = at.openTerminal(args, options);
        await t.until(/[$#] *(?:\||$)/m);
        await until(() => existsSync(at.marker), 'Node');
        assert.equal(at.wasHit(), false, what);
        await leave(t);
      };
      const hits = async (): Promise<unknown> => leave(await hitOf(at, args));
      await hits();
      rmSync(shell);
      symlinkSync('/bin/sh', shell);
      await missed({}, 'another shell');
      await hits();
      await missed({ env: { LANG: 'C' } }, 'a variable');
      await hits();
      at.write('.config/nono/config.toml', '[ui]\nprefix = "ctrl-g"\n');
      await missed({}, 'config.toml');
    });

    test('a session cannot write its entry, nor make one', async () => {
      const at = new CachedInstallation(user);
      const t = await at.terminalHit(['-s', '--allow', at.home]);
      const [entry = ''] = at.entries();
      const before = readFileSync(entry);
      const script = `clear; echo x >> ${entry}; echo x > ${at.cache}/y; rm -f ${entry}; mv ${at.cache} ${at.home}/gone`;
      await runLine(t, script, 'READY');
      await leave(t);
      assert.ok(readFileSync(entry).equals(before));
      assert.ok(!existsSync(join(at.cache, 'y')) && !existsSync(join(at.home, 'gone')));
    });

    test('a host that ends before it said so starts nothing, and leaves no directory', async () => {
      const at = new CachedInstallation(user);
      const rc = join(at.project, 'trace');
      const shell = at.write('project/shell', `#!/bin/sh\necho started >> ${rc}\nexec /bin/bash --norc\n`);
      chmodSync(shell, 0o755);
      const args = ['-s', '--allow', at.project, '--shell', shell];
      await leave(await hitOf(at, args));
      assert.ok(existsSync(rc), 'the trace works');
      let command: number | undefined;
      let host: number | undefined;
      for (let i = 0; i < 10 && command === undefined; i++) {
        rmSync(rc, { force: true });
        const t = at.openTerminal(args, { stopped: true });
        await until(() => existsSync(at.marker), 'Node');
        if (at.wasHit()) {
          await until(() => confinedBelow(t.pid).length > 0, 'a confined process');
          [command] = confinedBelow(t.pid);
          host = stoppedBelow(t.pid);
          assert.ok(!existsSync(rc), 'it waits');
        }
        process.kill(host ?? stoppedBelow(t.pid) ?? t.pid, 'SIGKILL');
        await t.untilEnd();
        if (command === undefined) await leave(await hitOf(at, args));
      }
      assert.ok(command !== undefined, 'from the cache');
      await until(() => !existsSync(`/proc/${command}`), 'ended');
      assert.ok(!existsSync(rc));
      const own = (name: string): boolean => name.startsWith(`nono-tmp-${String(host).padStart(7, '0')}-`);
      await until(() => !readdirSync('/tmp').some(own), 'removed');
    });
  });

/** The process below `pid` that has stopped itself. */
function stoppedBelow(pid: number): number | undefined {
  let children: readonly number[];
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
    if (readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') T ')) return pid;
  } catch {
    return undefined;
  }
  for (const child of children) {
    const found = stoppedBelow(child);
    if (found !== undefined) return found;
  }
  return undefined;
}
