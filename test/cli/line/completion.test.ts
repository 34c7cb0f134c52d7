/** Completions, as the real shells give them. A shell that is not installed is left out. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { SessionRecord } from '../../../src/registry/session-record.ts';
import { nono } from '../../helpers/run.ts';
import { closeTerminals, TestTerminal } from '../../helpers/terminal.ts';
import { environment, installationFor, makeHome, type TestUser, users } from '../../helpers/users.ts';

const user = users[0] as TestUser;
const home = makeHome(user);
const cwd = join(home, 'project');
const bin = join(installationFor(user), 'bin');
const WAIT = 30_000;
const session = {
  session_id: '20260102-030405-7',
  name: 'nightly',
  host_pid: 1,
  host_start: '1',
  boot_id: 'x',
  supervisor_pid: null,
  child_pid: null,
  started: '2026-01-02T03:04:05Z',
  ended: null,
  status: 'running',
  attachment: 'attached',
  exit_code: null,
  command: ['make'],
  profile: 'default',
  workdir: '/',
  network: 'open',
  rollback_session: null,
  attachable: false,
} satisfies SessionRecord;
mkdirSync(join(home, '.local/state/nono/sessions'), { recursive: true });
writeFileSync(join(home, `.local/state/nono/sessions/${session.session_id}.json`), JSON.stringify(session));
/** One that runs as long as this test: its host is this process. */
const running = {
  ...session,
  session_id: '20260103-030405-8',
  name: 'runs',
  host_pid: process.pid,
  host_start: readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[19] as string,
  boot_id: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
} satisfies SessionRecord;
writeFileSync(join(home, `.local/state/nono/sessions/${running.session_id}.json`), JSON.stringify(running));
writeFileSync(join(home, 'spaced name.txt'), '');
writeFileSync(join(home, 'own-profile.json'), '{}');
after(closeTerminals);

const words = (...args: string[]): string[] =>
  nono(user, ['completion', '--words', '--', ...args], { cwd, home })
    .stdout.trimEnd()
    .split('\n');
const values = (...args: string[]): (string | undefined)[] =>
  words(...args)
    .slice(0, -1)
    .map((line) => line.split('\t')[0]);

describe('what nono answers', () => {
  test('commands, and commands below commands', () => {
    assert.deepEqual(values('po'), ['policy']);
    assert.deepEqual(values('policy', 's'), ['show']);
    assert.ok(values('profile', '').includes('edit'));
  });
  test('flags of the command, and those alone', () => {
    assert.deepEqual(values('run', '--read'), ['--read', '--read-file']);
    assert.deepEqual(values('policy', 'show', '--r'), ['--raw']);
    assert.ok(!values('run', '--').includes('--allow-net'), 'hidden');
    assert.ok(!values('run', '-p', 'x', '--p').includes('--profile'), 'given already');
  });
  test('profiles and groups, as words and as values of flags', () => {
    assert.deepEqual(values('policy', 'show', 'claude'), ['claude-code']);
    assert.deepEqual(values('run', '-p', 'claude'), ['claude-code']);
    assert.deepEqual(values('run', '--profile=claude'), ['--profile=claude-code']);
    assert.deepEqual(values('policy', 'groups', 'deny_cred'), ['deny_credentials']);
    assert.deepEqual(values('profile', 'init', 'x', '--groups', 'git_config,deny_cred'), [
      'git_config,deny_credentials',
    ]);
  });
  test("a user's profile with what it says of itself, not of what it extends", () => {
    const directory = join(home, '.config/nono/profiles');
    mkdirSync(directory, { recursive: true });
    for (const [name, text] of Object.entries({
      described:
        '{ "extends": "codex", "meta": { "name": "described", "version": "1", "description": "the web\\tshop" } }',
      silent: '{ "extends": "codex" }',
      broken: '{ "filesystem": { "reed": [] } }',
      codex: '{ "meta": { "name": "codex", "version": "1", "description": "mine" } }',
    }))
      writeFileSync(join(directory, `${name}.jsonc`), text);
    try {
      for (const [typed, shown] of [
        ['descr', 'described\tthe web\\tshop'],
        ['sil', 'silent\tyour profile'],
        ['bro', 'broken\tyour profile, which has an error'],
        ['codex', 'codex\tmine'],
      ] as const)
        assert.deepEqual(words('run', '-p', typed), [shown, ':']);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
  test('of the sessions those that the command can do something with', () => {
    assert.deepEqual(values('logs', ''), [running.session_id, 'runs', session.session_id, 'nightly']);
    assert.deepEqual(values('stop', ''), [running.session_id, 'runs'], 'what has ended cannot be stopped');
    assert.deepEqual(values('attach', ''), [], 'a command of nono run has no screen');
    assert.deepEqual(values('detach', ''), []);
  });
  test('variables of the environment by name', () => {
    assert.deepEqual(values('run', '--env', 'HOM'), ['HOME']);
    assert.deepEqual(values('run', '--env=HOM'), ['--env=HOME']);
  });
  test('what a flag does, without what stands in brackets', () => {
    assert.deepEqual(words('run', '--den'), [
      '--deny\tDeny a path, or what a pattern matches, whatever is granted',
      ':',
    ]);
  });
  test('a profile file where no profile has such a name; programs for flags that name one', () => {
    assert.deepEqual(words('run', '-p', 'own-'), [':files']);
    assert.deepEqual(words('run', '--block-command', 'l'), [':programs']);
  });
  test('files, directories and commands are left to the shell', () => {
    assert.deepEqual(words('run', '--read', ''), [':directories']);
    assert.deepEqual(words('run', '--read-file', ''), [':files']);
    assert.deepEqual(words('run', '--', 'ca'), [':command 2']);
    assert.deepEqual(words('run', 'cat', ''), [':command 1']);
  });
});

const shells: readonly { readonly name: string; readonly argv: readonly string[]; readonly load: string }[] = [
  { name: 'bash', argv: ['/usr/bin/bash', '--norc', '--noprofile', '-i'], load: 'source <(nono completion bash)' },
  {
    name: 'zsh',
    argv: ['/usr/bin/zsh', '-f', '-i'],
    load: 'autoload -Uz compinit; compinit -u -d $HOME/.zcompdump; source <(nono completion zsh)',
  },
  { name: 'fish', argv: ['/usr/bin/fish', '--no-config', '-i'], load: 'nono completion fish | source' },
];

for (const { name, argv, load } of shells) {
  const skip = existsSync(argv[0] as string) ? false : `${name} is not installed`;
  test(`${name} completes commands, flags, profiles, groups, sessions, files and what the command itself takes`, {
    skip,
  }, async () => {
    const env = environment(home, { PATH: `${bin}:/usr/bin:/bin`, PS1: '$ ', PROMPT_EOL_MARK: '' });
    const t = new TestTerminal({ argv, cwd: home, env, cols: 100 });
    t.write(`${load}; echo rea''dy\r`);
    await t.until(/^ready/m, WAIT);
    for (const [typed, completed] of [
      ['nono pol', 'nono policy '],
      ['nono policy show claude', 'nono policy show claude-code '],
      ['nono run --profile=claude', 'nono run --profile=claude-code'],
      ['nono policy groups deny_cred', 'nono policy groups deny_credentials'],
      ['nono run --read proj', 'nono run --read project/'],
      ['nono -s pol', 'nono -s policy '],
      ['nono logs --fol', 'nono logs --follow '],
      ['nono profile diff default claude', 'nono profile diff default claude-code '],
      ['nono why --op readw', 'nono why --op readwrite '],
      ['nono inspect 20260102', 'nono inspect 20260102-030405-7 '],
      ['nono logs night', 'nono logs nightly '],
      ['nono stop run', 'nono stop runs '],
      ['nono hel', 'nono help '],
      ['nono run -p own-', 'nono run -p own-profile.json '],
      ['nono run --profile=own-', 'nono run --profile=own-profile.json'],
      ['nono run --deny spa', 'nono run --deny spaced\\ name.txt'],
      ['nono run --block-command setpri', 'nono run --block-command setpriv '],
      ['nono run --allow-command=setpri', 'nono run --allow-command=setpriv'],
      ['nono run --env HOM', 'nono run --env HOME '],
      ['nono run -r=proj', 'nono run -r=project/'],
      // What divides words for bash divides none for nono.
      ['nono run --allow-connect 10.0.0.1:80 --read-f', 'nono run --allow-connect 10.0.0.1:80 --read-file '],
      [
        'nono run --allow-connect 10.0.0.1:80 -- cat spa',
        'nono run --allow-connect 10.0.0.1:80 -- cat spaced\\ name.txt',
      ],
      ['nono run --read-file spa', 'nono run --read-file spaced\\ name.txt'],
      ['nono run --read-file=spa', 'nono run --read-file=spaced\\ name.txt'],
      ['nono run --read-file "spa', 'nono run --read-file "spaced name.txt"'],
      ['nono run --read-file spaced\\ n', 'nono run --read-file spaced\\ name.txt'],
      ['nono run --read-file ~/spa', 'nono run --read-file ~/spaced\\ name.txt'],
      ['nono run --read=~/proj', 'nono run --read=~/project/'],
      ['nono run -p ./pro', 'nono run -p ./project/'],
      ['nono run -- cat spa', 'nono run -- cat spaced\\ name.txt'],
      ['nono run cat beside', 'nono run cat beside.txt '],
      ['nono wrap -- setpri', 'nono wrap -- setpriv '],
    ] as const) {
      t.write(`${typed}\t`);
      await t.until((screen) => screen.split('\n').some((line) => line.includes(completed.trimEnd())), WAIT);
      // The rest of the line away, and the next one below it.
      t.write('\x15\r');
    }
    t.close();
  });
}
