/** State that another user owns, as `sudo` finds it where HOME stays: root signals nobody for it, reads nothing of it, and writes through none of its links. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chownSync, lchownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { commandHistory } from '../../src/config/command-history.ts';
import { loadUiSettings } from '../../src/config/load-ui-settings.ts';
import { ownState } from '../../src/config/own-state.ts';
import { recentSessions, rememberSession } from '../../src/config/recent-sessions.ts';
import { rememberedLayout } from '../../src/config/remembered-layout.ts';
import { bootId, startTimeOf } from '../../src/platform/process-identity.ts';
import { openRegistry } from '../../src/registry/session-store.ts';
import { defaultWish } from '../../src/session/screen/layout.ts';
import { nono } from '../helpers/run.ts';
import { makeHome, type TestUser, users } from '../helpers/users.ts';
import { temporary } from '../policy/support.ts';

const OTHER = 65534;
const root = users.find((user) => user.uid === 0);
const below = ['.', '.local', '.local/state', '.local/state/nono'];

describe('state of another user', { skip: root === undefined ? 'not started by root' : false }, () => {
  test('it is this user’s own, or it is not used: the directory, what it lies in, and links on the way', (t) => {
    for (const level of [undefined, ...below]) {
      const home = temporary(t, { '.local/state/nono/x': '' });
      const state = join(home, '.local/state/nono');
      if (level !== undefined) chownSync(join(home, level), OTHER, OTHER);
      if (level === undefined) assert.equal(ownState(state), state);
      else assert.throws(() => ownState(state), /belongs to user 65534/, level);
      assert.equal(ownState(join(temporary(t), '.local/state/nono')).endsWith('nono'), true, 'not there yet');
    }
    const linked = temporary(t, { 'real/nono/x': '', '.local': null });
    symlinkSync(join(linked, 'real'), join(linked, '.local/state'));
    assert.ok(ownState(join(linked, '.local/state/nono')));
    lchownSync(join(linked, '.local/state'), OTHER, OTHER);
    assert.throws(() => ownState(join(linked, '.local/state/nono')), /belongs to user 65534/);
  });

  test('nothing that lies there is read, and no link there is written through', (t) => {
    const kept = temporary(t, { history: 'precious\n', ui: 'precious\n', recent: 'precious\n' });
    const home = temporary(t, { '.local/state': null });
    const state = join(home, '.local/state/nono');
    mkdirSync(state);
    symlinkSync(join(kept, 'history'), join(state, 'command-history'));
    symlinkSync(join(kept, 'ui'), join(state, 'ui.json'));
    symlinkSync(join(kept, 'recent'), join(state, 'recent.json'));
    const use = (): void => {
      commandHistory(state).add('line');
      rememberSession(state, { directory: '/', profile: 'p', at: 1 });
      rememberedLayout(state, undefined).remember({ ...defaultWish, hidden: !defaultWish.hidden });
    };
    const texts = (): readonly string[] =>
      ['history', 'ui', 'recent'].map((name) => readFileSync(join(kept, name), 'utf8'));
    chownSync(state, OTHER, OTHER);
    use();
    assert.deepEqual(texts(), ['precious\n', 'precious\n', 'precious\n']);
    assert.deepEqual([commandHistory(state).load(), recentSessions(state)], [[], []]);
    assert.throws(() => openRegistry(state), /belongs to user 65534/);
    // The control: links of one's own are followed (dotfiles).
    chownSync(state, 0, 0);
    use();
    assert.ok(texts().every((text) => text !== 'precious\n'));
  });

  test('no process is signalled for a session that somebody else wrote down', async (t) => {
    const user = root as TestUser;
    const home = makeHome(user);
    const sleeper = spawn('sleep', ['60']);
    t.after(() => sleeper.kill('SIGKILL'));
    const pid = sleeper.pid as number;
    const id = `20260102-030405-${pid}`;
    const record = {
      session_id: id,
      name: 'work',
      host_pid: pid,
      host_start: startTimeOf(pid),
      boot_id: bootId(),
      supervisor_pid: null,
      child_pid: null,
      started: '2026-01-02T03:04:05.000Z',
      ended: null,
      status: 'running',
      attachment: 'detached',
      exit_code: null,
      command: ['x'],
      profile: 'default',
      workdir: '/',
      network: 'open',
      rollback_session: null,
      attachable: true,
    };
    const sessions = join(home, '.local/state/nono/sessions');
    mkdirSync(sessions, { recursive: true });
    const file = join(sessions, `${id}.json`);
    writeFileSync(file, JSON.stringify(record));
    const state = join(home, '.local/state/nono');
    const stop = () => nono(user, ['stop', '--timeout', '1', 'work'], { cwd: home, home });
    // The record in a directory of one's own, and the directory.
    chownSync(file, OTHER, OTHER);
    assert.match(stop().stderr, /Session not found/);
    chownSync(file, 0, 0);
    chownSync(state, OTHER, OTHER);
    for (const words of [
      ['stop', 'work'],
      ['ps'],
      ['prune'],
      ['logs', 'work'],
      ['attach', 'work'],
      ['detach', 'work'],
    ]) {
      const done = nono(user, words, { cwd: home, home });
      assert.deepEqual([done.code, /is not used: .* belongs to user 65534/.test(done.stderr)], [1, true], words[0]);
    }
    const kept = nono(user, ['run', '--detached', '--allow-cwd', '--', 'true'], { cwd: home, home });
    assert.notEqual(kept.code, 0);
    assert.equal(nono(user, ['run', '-s', '--allow-cwd', '--', 'true'], { cwd: home, home }).code, 0);
    assert.equal(sleeper.exitCode ?? sleeper.signalCode, null);
    assert.ok(statSync(`/proc/${pid}`).isDirectory());
    // The control: one’s own is ended.
    chownSync(state, 0, 0);
    const ended = new Promise((resolve) => sleeper.once('exit', resolve));
    stop();
    await ended;
  });

  test('no program runs by settings of another user', async (t) => {
    const home = temporary(t, {
      'config.toml': '[ui]\ncopy_command = ["wl-copy"]\n',
      'plain/config.toml': '[ui]\nmouse = false\n',
    });
    assert.deepEqual((await loadUiSettings(home)).copyCommand, ['wl-copy']);
    chownSync(join(home, 'config.toml'), OTHER, OTHER);
    chownSync(join(home, 'plain/config.toml'), OTHER, OTHER);
    await assert.rejects(loadUiSettings(home), /copy_command would run as you, and the file belongs to user 65534/);
    assert.equal((await loadUiSettings(join(home, 'plain'))).mouse, false);
  });
});
