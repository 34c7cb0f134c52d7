/** Every shell that is installed: reads nono's file, then the user's, marks its prompts, and keeps exit codes. */
import assert from 'node:assert/strict';
import { accessSync, chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { shellStart } from '../../../src/session/life/shell-rc.ts';
import { TestTerminal } from '../../helpers/terminal.ts';

const rcDir = join(import.meta.dirname, '..', '..', '..', 'src', 'session', 'rc');
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

function find(name: string): string | undefined {
  return ['/bin', '/usr/bin', '/usr/local/bin']
    .map((dir) => join(dir, name))
    .find((path) => {
      try {
        accessSync(path);
        return true;
      } catch {
        return false;
      }
    });
}

function home(files: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), 'nono-rc-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(dir, name, '..'), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function run(shell: string, dir: string, env: Record<string, string> = {}): TestTerminal {
  const start = shellStart(shell, rcDir, env);
  const terminal = new TestTerminal({
    argv: start.argv,
    cwd: dir,
    env: { PATH: '/usr/bin:/bin', HOME: dir, LANG: 'C.UTF-8', TERM: 'xterm-256color', ...env, ...start.env },
  });
  cleanups.push(() => terminal.close());
  return terminal;
}

const userFiles: Record<string, { readonly file: string; readonly text: string }> = {
  bash: { file: '.bashrc', text: 'PS1="mine> "; echo from-user; PROMPT_COMMAND="true; "\n' },
  zsh: { file: '.zshrc', text: 'PROMPT="mine> "; echo from-user\n' },
  fish: {
    file: '.config/fish/config.fish',
    text: 'function fish_prompt; echo -n "mine> "; end; echo from-user; set -g fish_greeting\n',
  },
  dash: { file: '.shrc', text: 'PS1="mine> "; echo from-user\n' },
};

for (const [name, { file, text }] of Object.entries(userFiles)) {
  const shell = find(name);
  describe(name, { skip: shell === undefined ? `${name} is not installed` : false, timeout: 30_000 }, () => {
    test("reads the user's file, and marks every prompt, for the pane and for the eye", async () => {
      const dir = home({ [file]: text });
      const t = run(shell ?? '', dir, name === 'dash' ? { ENV: join(dir, file) } : {});
      const screen = await t.until('[nono] mine>');
      assert.match(screen, /from-user/);
      t.write('echo ok 0\r');
      await t.until(/^ok 0/m);
      t.write('sh -c "exit 9"\r');
      t.write('echo code $status$?\r'.replace('$status$?', name === 'fish' ? '$status' : '$?'));
      await t.until(/code 9/);
      assert.ok(t.raw.split('\x1b]133;A').length >= 3, 'marks where prompts begin');
      assert.ok(t.raw.split('\x1b]133;B').length >= 3, 'marks where prompts end');
      assert.doesNotMatch(await t.text(), /\[nono\] \[nono\]|133;/);
      t.write('exit 3\r');
      assert.equal((await t.untilEnd()).code, 3);
    });

    test('says nothing about a file that it may not read', async () => {
      const dir = home({ [file]: 'echo from-user\n' });
      chmodSync(join(dir, file), 0);
      const t = run(shell ?? '', dir, name === 'dash' ? { ENV: join(dir, file) } : {});
      const screen = await t.until('[nono]');
      if (process.getuid?.() !== 0 && name !== 'fish') assert.doesNotMatch(screen, /denied|from-user/);
      t.write('exit\r');
      await t.untilEnd();
    });
  });
}

describe('bash', { skip: find('bash') === undefined ? 'bash is not installed' : false, timeout: 30_000 }, () => {
  test('keeps its mark when the prompt is made anew every time, and a PROMPT_COMMAND that is a list', async () => {
    const dir = home({ '.bashrc': 'n=0; PROMPT_COMMAND=(\'PS1="p$((n++))> "\' true)\n' });
    const t = run(find('bash') ?? '', dir);
    await t.until('[nono] p0>');
    t.write('\r');
    await t.until('[nono] p1>');
  });
});

describe('zsh', { skip: find('zsh') === undefined ? 'zsh is not installed' : false, timeout: 30_000 }, () => {
  test("uses the user's own ZDOTDIR, and leaves none where there was none", async () => {
    const dir = home({
      'dots/.zshenv': 'export FROM_ENV=1\n',
      'dots/.zshrc': 'PROMPT="mine> "\n',
      '.zshrc': 'PROMPT="other> "\n',
    });
    const own = run(find('zsh') ?? '', dir, { ZDOTDIR: join(dir, 'dots') });
    await own.until('[nono] mine>');
    own.write('echo "[$FROM_ENV $ZDOTDIR]"\r');
    await own.until(`[1 ${dir}/dots]`);
    const none = run(find('zsh') ?? '', dir);
    await none.until('[nono] other>');
    none.write('echo "[$ZDOTDIR]"\r');
    await none.until(/^\[\]/m);
  });
});

test('fish is started without what it may not have, and with what it may', () => {
  const outer = { HOME: '/home/u', XDG_DATA_HOME: '/data' };
  const start = (granted: readonly string[]) => {
    const { argv, env } = shellStart('/usr/bin/fish', '/rc', outer, (path) => granted.includes(path));
    return [argv.slice(1, -2), env];
  };
  const [config, history] = ['/home/u/.config/fish/config.fish', '/data/fish/fish_history'];
  assert.deepEqual(start([]), [['--no-config'], { fish_history: '' }]);
  assert.deepEqual(start([config]), [[], { fish_history: '' }]);
  assert.deepEqual(start([config, history]), [[], {}]);
});

test('a shell that nono does not know is started plainly, and marks nothing', () => {
  assert.deepEqual(shellStart('/usr/bin/nu', rcDir), { argv: ['/usr/bin/nu'], env: {}, readPaths: [], marks: false });
});
