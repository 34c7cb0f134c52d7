/** What `why` suggests lifts what it says is denied: the flag, and the edit of the profile, each tried. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { nono } from '../../helpers/run.ts';
import { makeHome, rootSkip, type TestUser, users } from '../../helpers/users.ts';

const user = users[0] as TestUser;
const home = makeHome(user);
const cwd = join(home, 'project');
mkdirSync(join(home, 'a b'));

interface Answer {
  readonly status: string;
  readonly suggested_flag?: string;
  readonly profile_edit?: {
    readonly file: string;
    readonly profile: string;
    readonly creates: boolean;
    readonly changes: readonly ({ readonly key: string } & (
      | { readonly op: 'add'; readonly entry: unknown }
      | { readonly op: 'set'; readonly value: unknown }
    ))[];
  };
}

const ask = (args: readonly string[]): Answer =>
  JSON.parse(nono(user, ['why', '--json', ...args], { cwd, home }).stdout);

/** As a shell takes them; nothing here holds a quote of its own. */
const words = (text: string): string[] =>
  [...text.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

/** The profile that the edit makes of one that extends `default`. */
function edited(edit: NonNullable<Answer['profile_edit']>): string {
  const profile: Record<string, Record<string, unknown>> = {};
  for (const change of edit.changes) {
    const [section = '', key = ''] = change.key.split('.');
    profile[section] ??= {};
    const keys = profile[section];
    if (change.op === 'set') keys[key] = change.value;
    else keys[key] = [...((keys[key] as unknown[] | undefined) ?? []), change.entry];
  }
  return JSON.stringify({ extends: 'default', ...profile });
}

const net = ['--block-net', '--host'];
const questions: readonly { readonly asked: readonly string[]; readonly flag?: false }[] = [
  { asked: ['--path', join(home, 'a b'), '--op', 'write'] },
  { asked: ['--path', join(home, '.ssh/id_ed25519')] },
  { asked: [...net, '192.0.2.1'] },
  { asked: [...net, '192.0.2.1', '--udp', '--port', '53'] },
  // A name with two addresses, of which a program may take either.
  { asked: [...net, 'localhost', '--port', '8080'] },
  { asked: [...net, 'localhost', '--port', '8080', '--listen'] },
  // A name that has no address anywhere.
  { asked: [...net, 'nowhere.invalid'] },
  { asked: ['--unix-socket', '/run/nowhere.sock'] },
  { asked: ['--env-var', 'GITHUB_TOKEN'] },
  { asked: ['--command', 'rm'] },
  { asked: ['--scope', 'signal'], flag: false },
  { asked: ['--scope', 'abstract-unix-socket'], flag: false },
];

for (const { asked, flag } of questions)
  test(asked.join(' '), () => {
    const found = ask(asked);
    assert.equal(found.status, 'denied');
    if (flag === false) assert.equal(found.suggested_flag, undefined);
    else assert.equal(ask([...asked, ...words(found.suggested_flag ?? '')]).status, 'allowed', found.suggested_flag);
    const edit = found.profile_edit;
    assert.ok(edit);
    assert.deepEqual([edit.profile, edit.creates], ['default-local', true]);
    mkdirSync(dirname(edit.file), { recursive: true });
    writeFileSync(edit.file, edited(edit));
    try {
      assert.equal(ask([...asked, '-p', edit.profile]).status, 'allowed', JSON.stringify(edit.changes));
    } finally {
      rmSync(edit.file);
    }
  });

test('what the permissions refuse anyway is said, whatever the rules say', { skip: rootSkip }, () => {
  const ordinary = users.find(({ uid }) => uid !== 0) as TestUser;
  const at = makeHome(ordinary);
  const told = (who: TestUser, ...args: readonly string[]): boolean =>
    /^ {2}Details: its permissions refuse it to you, with or without nono$/m.test(
      nono(who, ['why', ...args], { cwd: join(at, 'project'), home: at }).stdout,
    );
  for (const flags of [[], ['--read-file', '/etc/shadow']]) {
    assert.ok(told(ordinary, '--path', '/etc/shadow', ...flags));
    assert.ok(!told(user, '--path', '/etc/shadow', ...flags));
  }
  assert.ok(told(ordinary, '--path', '/etc/hosts', '--op', 'write'));
  assert.ok(!told(ordinary, '--path', '/etc/hosts'));
});
