/** The question after a failed `run`: what would be saved is shown exactly, no is the default, and nobody is asked who cannot answer. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { nono } from '../../helpers/run.ts';
import { closeTerminals, key, pause, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, type TestUser, users } from '../../helpers/users.ts';

afterEach(closeTerminals);

const QUESTION = 'Save to the profile? [y/N]';

function start(user: TestUser, home: string, words: readonly string[], env: Record<string, string> = {}): TestTerminal {
  return new TestTerminal({
    argv: [...user.prefix, join(installationFor(user), 'bin', 'nono'), 'run', '--allow', '.', ...words],
    cwd: join(home, 'project'),
    env: environment(home, env),
    cols: 160,
  });
}

const profilesOf = (home: string): string[] => {
  const directory = join(home, '.config/nono/profiles');
  return existsSync(directory) ? readdirSync(directory) : [];
};

for (const user of users) {
  describe(`offer to save as ${user.name}`, { timeout: 120_000 }, () => {
    test('yes: exactly what was shown is written, and holds from the next start', async () => {
      const home = makeHome(user);
      const t = start(user, home, ['--', 'cat', join(home, 'notes.txt')]);
      const shown = await t.until(QUESTION);
      assert.match(
        shown,
        /Would be added to profile default-local \(.*\/default-local\.jsonc, new: extends default\):/,
      );
      assert.match(shown, /\[nono\] {3}\+ filesystem\.read_file: "~\/notes\.txt"/);
      assert.deepEqual(profilesOf(home), []);
      t.write(`y${key.enter}`);
      const end = await t.untilEnd();
      assert.equal(end.code, 1, 'the exit code is the command’s');
      assert.match(await t.text(), /Saved; it holds from the next start on/);
      assert.deepEqual(profilesOf(home), ['default-local.jsonc']);
      const saved = readFileSync(join(home, '.config/nono/profiles/default-local.jsonc'), 'utf8');
      assert.match(saved, /"read_file": \[\s*"~\/notes\.txt"\s*\]/);
      assert.doesNotMatch(saved, /beside|ssh/);
      const again = nono(user, ['run', '-s', '--allow', '.', '--', 'cat', join(home, 'notes.txt')], {
        cwd: join(home, 'project'),
        home,
      });
      assert.equal(again.stdout, 'remember the milk\n');
    });

    test('what the command left the terminal in does not change how the question reads', async () => {
      const home = makeHome(user);
      const t = start(user, home, ['--', 'sh', '-c', `cat ${home}/notes.txt; printf '\\033(0\\033[4h\\033_'; exit 1`]);
      assert.match(await t.until(QUESTION), /\[nono\] {3}\+ filesystem\.read_file: "~\/notes\.txt"/);
      t.write(`n${key.enter}`);
      await t.untilEnd();
    });

    test('nothing that the command left on the screen stands beside or below it', async () => {
      const home = makeHome(user);
      const left = `i=0; while [ $i -lt 20 ]; do printf '%100s harmless\\r\\n' left; i=$((i+1)); done; printf '\\033[2;1H'`;
      const t = start(user, home, [
        '--',
        'sh',
        '-c',
        `cat ${home}/notes.txt; printf '\\033[2J\\033[H'; ${left}; exit 1`,
      ]);
      const shown = await t.until(QUESTION);
      const lines = shown.split('\n');
      const from = lines.findIndex((line) => line.includes('Would be added'));
      assert.ok(from > 0);
      assert.ok(
        lines.slice(0, from).some((line) => line.includes('harmless')),
        'it was there',
      );
      assert.doesNotMatch(lines.slice(from).join('\n'), /harmless/);
      t.write(key.enter);
      await t.untilEnd();
    });

    for (const [what, answer] of [
      ['Enter alone', key.enter],
      ['n', `n${key.enter}`],
      ['another word', `yep${key.enter}`],
      ['Ctrl-C', key.ctrlC],
      ['Ctrl-D', '\x04'],
      ['a report of the terminal, which came late', `\x1b]\x7fy${key.enter}`],
    ] as const)
      test(`no by ${what}: nothing is written`, async () => {
        const home = makeHome(user);
        const t = start(user, home, ['--', 'cat', join(home, 'notes.txt')]);
        await t.until(QUESTION);
        t.write(answer);
        assert.equal((await t.untilEnd()).code, 1);
        assert.deepEqual(profilesOf(home), []);
      });

    test('what was typed before the question is no answer, whole line or half', async () => {
      for (const typed of [`y${key.enter}`, 'y']) {
        const home = makeHome(user);
        const waits = 'until [ -e typed ]; do sleep 0.05; done';
        const t = start(user, home, ['--', 'sh', '-c', `echo GO; ${waits}; cat ${home}/notes.txt`]);
        await t.until('GO');
        t.write(typed);
        // The terminal has it when it echoes it.
        await t.until(/^y/m);
        writeFileSync(join(home, 'project/typed'), '');
        await t.until(QUESTION);
        await pause(300);
        assert.equal(t.ended, undefined, 'the question still waits');
        t.write(key.enter);
        assert.equal((await t.untilEnd()).code, 1);
        assert.deepEqual(profilesOf(home), [], JSON.stringify(typed));
      }
    });

    test('the terminal is as it was before', async () => {
      const home = makeHome(user);
      const t = new TestTerminal({
        argv: [
          ...user.prefix,
          'bash',
          '-c',
          `stty -g > before; ${join(installationFor(user), 'bin', 'nono')} run --allow . -- cat ~/notes.txt; stty -g > after; echo END`,
        ],
        cwd: join(home, 'project'),
        env: environment(home),
        cols: 160,
      });
      await t.until(QUESTION);
      t.write(key.enter);
      await t.untilEnd();
      const state = (name: string): string => readFileSync(join(home, 'project', name), 'utf8');
      assert.equal(state('after'), state('before'));
    });

    test('a path under a deny rule is never offered, whatever else is', async () => {
      const home = makeHome(user);
      const secret = join(home, '.ssh/id_ed25519');
      const only = start(user, home, ['--', 'cat', secret]);
      assert.equal((await only.untilEnd()).code, 1);
      assert.ok((await only.text()).includes('denied by group:deny_credentials'));
      assert.ok(!only.raw.includes('Save to the profile'));
      const both = start(user, home, ['--', 'cat', secret, join(home, 'notes.txt')]);
      const shown = await both.until(QUESTION);
      assert.doesNotMatch(shown, /\+ .*ssh/);
      both.write(key.enter);
      await both.untilEnd();
    });

    test('filesystem.suppress_save_prompt keeps a path out of it', async () => {
      const home = makeHome(user);
      mkdirSync(join(home, '.config/nono/profiles'), { recursive: true });
      writeFileSync(
        join(home, '.config/nono/profiles/quiet.jsonc'),
        '{ "extends": "default", "filesystem": { "suppress_save_prompt": ["~/notes.txt"] } }',
      );
      spawnSync('chown', ['-R', `${user.uid}:${user.uid}`, join(home, '.config')]);
      const t = start(user, home, ['-p', 'quiet', '--', 'cat', join(home, 'notes.txt')]);
      assert.equal((await t.untilEnd()).code, 1);
      assert.ok(!t.raw.includes('Save to the profile'));
      const other = start(user, home, ['-p', 'quiet', '--', 'cat', join(home, 'notes.txt'), join(home, 'beside.txt')]);
      const shown = await other.until(QUESTION);
      assert.match(shown, /\+ filesystem\.read_file: "~\/beside\.txt"/);
      assert.doesNotMatch(shown, /\+ .*notes/);
      other.write(`y${key.enter}`);
      await other.untilEnd();
      const saved = readFileSync(join(home, '.config/nono/profiles/quiet.jsonc'), 'utf8');
      assert.match(saved, /"read_file": \[\s*"~\/beside\.txt"\s*\]/);
    });

    test('nobody is asked without a terminal, with -s, with the flag, with the variable, or when the command succeeded', async () => {
      const home = makeHome(user);
      const fails = ['--', 'cat', join(home, 'notes.txt')];
      const piped = nono(user, ['run', '--allow', '.', ...fails], {
        cwd: join(home, 'project'),
        home,
        input: 'y\ny\n',
      });
      assert.equal(piped.code, 1);
      assert.doesNotMatch(piped.stderr + piped.stdout, /Save to the profile/);
      for (const [words, env] of [
        [['-s', ...fails], {}],
        [['--no-save-prompt', ...fails], {}],
        [['--suppress-save-prompt', join(home, 'notes.txt'), ...fails], {}],
        [['--diagnostics-json', ...fails], {}],
        [fails, { NONO_NO_SAVE_PROMPT: '1' }],
        [['--', 'sh', '-c', `cat ${home}/notes.txt; exit 0`], {}],
      ] as const) {
        const t = start(user, home, words, env);
        await t.untilEnd();
        assert.ok(!t.raw.includes('Save to the profile'), JSON.stringify(words));
      }
      assert.deepEqual(profilesOf(home), []);
    });
  });
}
