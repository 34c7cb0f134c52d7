import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { WhileLocked } from '../../../src/config/file-lock.ts';
import { NonoError } from '../../../src/platform/errors.ts';
import { decide } from '../../../src/policy/decide/decide.ts';
import { decideNetwork, netAccess } from '../../../src/policy/decide/decide-network.ts';
import { type NetEndpoint, parseEndpoints } from '../../../src/policy/decide/net-endpoint.ts';
import { lineDiff } from '../../../src/policy/profile/line-diff.ts';
import { createProfileSaver } from '../../../src/policy/profile/profile-saver.ts';
import {
  type PathToSave,
  previewRule,
  type RuleToSave,
  removeRule,
  type SaveTarget,
  saveRules,
  undoRule,
} from '../../../src/policy/profile/save-rule.ts';
import { resolveIn, temporary } from '../support.ts';

const profiles = '.config/nono/profiles';

interface Fixture {
  readonly home: string;
  readonly env: { HOME: string };
  readonly target: SaveTarget;
  readonly file: string;
  text(): string;
}

function fixture(t: TestContext, profile = 'p', content?: string, tree: Record<string, string | null> = {}): Fixture {
  const home = temporary(t, {
    ...tree,
    ...(content === undefined ? {} : { [`${profiles}/${profile}.jsonc`]: content }),
  });
  const env = { HOME: home };
  const policy = resolveIn(home, { profile });
  const file = policy.profileFile ?? join(home, profiles, `${profile}-local.jsonc`);
  return { home, env, target: policy, file, text: () => readFileSync(file, 'utf8') };
}

function rule(
  home: string,
  path: string,
  access: PathToSave['access'],
  kind: PathToSave['kind'] = 'file',
  override = false,
): PathToSave {
  return { path: join(home, path), access, kind, override };
}

const NEVER: WhileLocked = {
  waiting: () => assert.fail('nobody has the lock'),
  signal: new AbortController().signal,
};

const saveRule = (target: SaveTarget, one: RuleToSave, env: Fixture['env']) => saveRules(target, [one], NEVER, env);

test('approving under a built-in profile makes its continuation, which then grants', async (t) => {
  const { home, env, target, text, file } = fixture(t, 'default', undefined, { 'notes.txt': 'n' });
  const wanted = rule(home, 'notes.txt', 'read');
  const preview = previewRule(target, wanted, env);
  assert.equal(preview.creates, true);
  assert.deepEqual(readdirSync(home), ['notes.txt'], 'a preview touches nothing');
  const saved = await saveRule(target, wanted, env);
  assert.deepEqual(
    { profile: saved.profile, file: saved.file, creates: saved.creates, changes: saved.changes },
    {
      profile: 'default-local',
      file,
      creates: true,
      changes: true,
    },
  );
  assert.deepEqual(saved.diff, preview.diff);
  assert.ok(saved.diff.every((line) => line.startsWith('+ ')));
  assert.match(text(), /"read_file": \[\s+"~\/notes\.txt"\s+\]/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(join(home, profiles)).mode & 0o777, 0o700);
  const next = resolveIn(home, { preferLocal: true });
  assert.equal(next.profile, 'default-local');
  assert.equal(decide(next, { path: join(home, 'notes.txt'), access: 'read' }).verdict, 'allow');
  assert.equal(decide(next, { path: join(home, 'notes.txt'), access: 'write' }).verdict, 'deny');
  // From then on that file is the one in use.
  await saveRule(next, rule(home, 'more', 'readwrite', 'tree'), env);
  assert.match(text(), /"allow": \[\s+"~\/more"\s+\]/);
  // And a session still under the built-in one adds to it too.
  await saveRule(target, rule(home, 'third', 'write', 'tree'), env);
  assert.match(text(), /~\/notes\.txt[\s\S]*~\/more[\s\S]*~\/third/);
});

test('what was taken back leaves no profile where there was none, unless it was edited', async (t) => {
  const { home, env, target, text, file } = fixture(t, 'default');
  const first = await saveRule(target, rule(home, 'a', 'read'), env);
  const one = text();
  const second = await saveRule(target, rule(home, 'b', 'write', 'tree'), env);
  await undoRule(second, NEVER);
  assert.equal(text(), one);
  await undoRule(first, NEVER);
  assert.deepEqual(readdirSync(join(home, profiles)), []);
  assert.equal(resolveIn(home, { preferLocal: true }).profile, 'default');
  // Under a profile that was taken back by another session, it is what it was.
  const local = { ...target, profile: 'default-local', profileFile: file };
  await saveRule(local, rule(home, 'c', 'read'), env);
  assert.match(text(), /"extends": "default"/);
  rmSync(file);
  const edited = await saveRule(target, rule(home, 'a', 'read'), env);
  writeFileSync(file, `// mine\n${text()}`);
  await undoRule(edited, NEVER);
  assert.match(text(), /^\/\/ mine\n/);
  assert.doesNotMatch(text(), /~\/a/);
});

const original = `{
  // mine
  "extends": "default",
  "filesystem": {
    "read": [
      "~/docs", // reference
      "$WORKDIR/data"
    ],
    "read_file": ["~/a.txt"]
  }
}
`;

test('a user profile is edited in place, comments and order kept', async (t) => {
  const { home, env, target, text } = fixture(t, 'p', original);
  const saved = await saveRule(target, rule(home, 'src', 'read', 'tree'), env);
  assert.equal(text(), original.replace('"$WORKDIR/data"', '"$WORKDIR/data",\n      "~/src"'));
  assert.deepEqual(saved.diff, [
    '      "read": [',
    '        "~/docs", // reference',
    '-       "$WORKDIR/data"',
    '+       "$WORKDIR/data",',
    '+       "~/src"',
    '      ],',
    '      "read_file": ["~/a.txt"]',
  ]);
  await undoRule(saved, NEVER);
  assert.equal(text(), original);
  await saveRule(target, { path: '/srv/x y', access: 'write', kind: 'file' }, env);
  assert.match(text(), /"write_file": \[\s+"\/srv\/x y"\s+\]/);
});

test('a read that gains write moves to allow; what is granted already changes nothing', async (t) => {
  const { home, env, target, text } = fixture(t, 'p', original);
  const upgraded = await saveRule(target, rule(home, 'docs', 'write', 'tree'), env);
  assert.ok(
    !/"~\/docs", \/\/ reference/.test(text()) && /\/\/ reference/.test(text()),
    'the entry moved, the comment stays',
  );
  assert.match(text(), /"allow": \[\s+"~\/docs"\s+\]/);
  for (const again of [
    rule(home, 'docs', 'read', 'tree'),
    rule(home, 'docs', 'readwrite', 'tree'),
    rule(home, 'docs/deep/file', 'write'),
    rule(home, 'data/x', 'read'),
    rule(home, 'a.txt', 'read'),
  ]) {
    const before = text();
    assert.equal((await saveRule(target, again, env)).changes, false, again.path);
    assert.equal(previewRule(target, again, env).diff.length, 0);
    assert.equal(text(), before);
  }
  await undoRule(upgraded, NEVER);
  assert.match(text(), /"read": \[[\s\S]*"~\/docs"/);
  assert.ok(!/"allow": \[\s*"~\/docs"/.test(text()));
  await saveRule(target, rule(home, 'a.txt', 'write'), env);
  assert.match(text(), /"allow_file": \[\s+"~\/a\.txt"\s+\]/);
  assert.match(text(), /"read_file": \[\]/);
});

test('removeRule takes away one access and leaves the other', async (t) => {
  const { home, env, target, text } = fixture(
    t,
    'p',
    '{ "filesystem": { "allow": ["~/x"], "allow_file": ["~/f"] }, "policy": { "override_deny": ["~/f"] } }',
  );
  await removeRule(target, rule(home, 'x', 'write', 'tree'), NEVER, env);
  assert.match(text(), /"allow": \[\].*"read": \[\s*"~\/x"\s*\]/s);
  const removed = await removeRule(target, rule(home, 'f', 'readwrite', 'file', true), NEVER, env);
  assert.ok(!text().includes('~/f'));
  assert.equal((await removeRule(target, rule(home, 'f', 'read'), NEVER, env)).changes, false);
  await undoRule(removed, NEVER);
  assert.match(text(), /"allow_file": \[\s*"~\/f"\s*\]/);
});

test('an override is saved with its grant, in the spelling that the profile uses', async (t) => {
  for (const [content, place, warned] of [
    // Of what nono wrote itself no start warns.
    ['{}', /"filesystem": \{[^}]*"bypass_protection": \[\s+"~\/\.ssh\/config"/, 0],
    [
      '{ "filesystem": { "read": ["~/.aws"] }, "policy": { "override_deny": ["~/.aws"] } }',
      /"override_deny": \["~\/\.aws", "~\/\.ssh\/config"\]/,
      1,
    ],
    [
      '{ "filesystem": { "read": ["~/.aws"], "bypass_protection": ["~/.aws"] } }',
      /"bypass_protection": \["~\/\.aws", "~\/\.ssh\/config"\]/,
      0,
    ],
  ] as const) {
    const { home, env, target, text } = fixture(t, 'p', content, { '.ssh/config': '', '.aws/x': '' });
    const saved = await saveRule(target, rule(home, '.ssh/config', 'read', 'file', true), env);
    assert.match(text(), place);
    const policy = resolveIn(home, { profile: 'p' });
    assert.equal(policy.warnings.filter((line) => line.includes('old spelling')).length, warned);
    assert.equal(decide(policy, { path: join(home, '.ssh/config'), access: 'read' }).verdict, 'allow');
    assert.equal(decide(policy, { path: join(home, '.ssh/id'), access: 'read' }).verdict, 'deny');
    await undoRule(saved, NEVER);
    assert.ok(!text().includes('.ssh'));
  }
});

test('the same path under another name is not saved twice', async (t) => {
  const { home, env, target } = fixture(t, 'p', '{ "filesystem": { "read": ["$HOME/real", "~/link"] } }', {
    'real/x': '',
    'other/y': '',
    link: '-> other',
  });
  assert.equal((await saveRule(target, rule(home, 'real', 'read', 'tree'), env)).changes, false);
  assert.equal((await saveRule(target, rule(home, 'other', 'read', 'tree'), env)).changes, false);
});

test("the article's profile, which has no indentation, stays as it is", async (t) => {
  const flat = '{\n"meta": {\n"name": "p"\n},\n"filesystem": {},\n"network": { "block": false }\n}\n';
  const { home, env, target, text } = fixture(t, 'p', flat);
  await saveRule(target, rule(home, 'x', 'read', 'tree'), env);
  assert.equal(text(), flat.replace('"filesystem": {}', '"filesystem": {\n"read": [\n  "~/x"\n]\n}'));
});

test('paths that a profile cannot say are refused, and nothing is written', async (t) => {
  const { home, env, target, text } = fixture(t, 'p', '{}');
  for (const path of ['a*b', '$HOME', 'bad\uFFFD']) {
    await assert.rejects(
      () => saveRule(target, rule(home, path, 'read'), env),
      (error) => error instanceof NonoError && error.code === 'path-invalid',
    );
  }
  assert.equal(text(), '{}');
});

test('whatever a name is made of, the next start grants that object and no other, or nothing is saved', async (t) => {
  const pieces =
    `a,A,.,..., ,~,$,$HOME,$home,\${HOME},\\,\\\\,",',\n,\r,\t,\x1b,\x7f,\u0085,\u2028,\u202e,?,[a],{a,b},*,#,//x,%2e,:,;,&,!,^,@,-,é,e\u0301,漢,\ud83d\ude00`
      .split(',')
      .concat(',', '/*', '*/');
  let seed = 7;
  const random = (n: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor(seed / 65536) % n;
  };
  const part = (): string => {
    const text = Array.from({ length: 1 + random(4) }, () => pieces[random(pieces.length)]).join('');
    return text.replaceAll('/', '').replace(/^\.{1,2}$/, 'dots') || 'x';
  };
  let saved = 0;
  for (let round = 0; round < 150; round += 1) {
    const name = random(2) === 0 ? part() : `${part()}/${part()}`;
    const kind = random(3) === 0 ? 'tree' : 'file';
    const { home, env, target } = fixture(t, 'p', '{}', { [kind === 'tree' ? `${name}/in` : name]: '' });
    const before = resolveIn(home, { profile: 'p' });
    const wanted = rule(home, name, 'read', kind);
    try {
      await saveRule(target, wanted, env);
    } catch (error) {
      assert.ok(error instanceof NonoError && error.code === 'path-invalid', JSON.stringify(name));
      continue;
    }
    saved += 1;
    const next = resolveIn(home, { profile: 'p' });
    const fresh = next.rules.filter((one) => !before.rules.some((old) => old.path === one.path && old.raw === one.raw));
    assert.deepEqual(
      fresh.map(({ verdict, path, access, kind: how }) => ({ verdict, path, access, how })),
      [{ verdict: 'allow', path: wanted.path, access: 'read', how: kind === 'tree' ? 'tree' : 'exact' }],
      JSON.stringify(name),
    );
  }
  assert.ok(saved > 60, `${saved} were saved`);
});

test('a profile that was broken meanwhile is not made worse', async (t) => {
  const { home, env, target } = fixture(t, 'p', '{}');
  temporary(t);
  const broken = { ...target, profileFile: join(home, 'broken.json') };
  assert.throws(() => previewRule({ ...broken, profileFile: home }, rule(home, 'x', 'read'), env), /is a directory/);
  await assert.rejects(
    () => saveRule({ ...target, profileFile: '/dev/null' }, rule(home, 'x', 'read'), env),
    /not an ordinary file/,
  );
  assert.equal((await saveRule(broken, rule(home, 'x', 'read'), env)).creates, true);
});

test('a session saves, shows and takes back through one door', async (t) => {
  const { home, env, target, text } = fixture(t, 'p', '{\n  "extends": "default"\n}\n', { 'dir/x': '', '.ssh/id': '' });
  const before = text();
  const saver = createProfileSaver(target, env);
  const listing = { verdict: 'allow', kind: 'exact', access: 'read', path: join(home, 'dir') } as const;
  assert.deepEqual(saver.preview([listing])[0], target.profileFile);
  assert.ok(saver.preview([listing]).some((line) => line.startsWith('+ ') && line.includes('~/dir')));
  const other = { ...listing, path: join(home, 'dir/x') };
  const both = saver.preview([listing, other]);
  assert.equal(both.filter((line) => line === target.profileFile).length, 1);
  assert.ok(
    both.some((line) => line.includes('"~/dir"')) && both.some((line) => line.includes('"~/dir/x"')),
    both.join('\n'),
  );
  const saved = await saver.save([listing], NEVER);
  assert.deepEqual(saved, { file: target.profileFile, profile: 'p', rules: [listing] });
  const policy = resolveIn(home, { profile: 'p' });
  assert.equal(decide(policy, { path: join(home, 'dir'), access: 'read' }).verdict, 'allow');
  assert.equal(decide(policy, { path: join(home, 'dir/x'), access: 'read' }).verdict, 'deny');
  assert.equal(saver.preview([listing]).length, 1);
  await saver.undo(saved, NEVER);
  assert.ok(!text().includes('dir'));
  const lifted = await saver.save(
    [{ verdict: 'override', kind: 'exact', access: 'read', path: join(home, '.ssh/id') }],
    NEVER,
  );
  assert.match(text(), /bypass_protection/);
  await saver.undo(lifted, NEVER);
  assert.ok(!text().includes('.ssh') && text().startsWith(before.slice(0, 20)));
  await assert.rejects(
    saver.save([{ verdict: 'allow', kind: 'exact', access: 'read', path: '/a*' }], NEVER),
    NonoError,
  );
});

test('lineDiff shows changes with a little around them', () => {
  assert.deepEqual(lineDiff('', 'a\nb\n'), ['+ a', '+ b']);
  assert.deepEqual(lineDiff('a\n', 'a\n'), []);
  assert.deepEqual(lineDiff('1\n2\n3\n4\n5\n6\n7\n', '1\n2\n3\nx\n5\n6\n7\n'), [
    '  2',
    '  3',
    '- 4',
    '+ x',
    '  5',
    '  6',
  ]);
});

describe('addresses and sockets', () => {
  const endpoint = (text: string) => parseEndpoints(text, 0)[0] as NetEndpoint;

  test('the key that says exactly this, the original one where there is one; the comments stay', async (t) => {
    const { env, target, text } = fixture(
      t,
      'p',
      '{\n  // mine\n  "network": {\n    "block": true // always\n  }\n}\n',
    );
    const save = (operation: 'connect' | 'bind', where: string) =>
      saveRule(target, { operation, endpoint: endpoint(where) }, env);
    await save('connect', '*:443');
    await save('bind', '*:8080');
    await save('connect', '192.0.2.1:22');
    await save('connect', 'udp://[2001:db8::1]:53');
    await save('bind', '0.0.0.0/0:80');
    const value = JSON.parse(text().replace(/\/\/.*/g, (c) => (/mine|always/.test(c) ? '' : c)));
    assert.deepEqual(value.network, {
      block: true,
      connect_port: [443],
      listen_port: [8080],
      allow_connect: ['192.0.2.1:22', 'udp://[2001:db8::1]:53'],
      allow_listen: ['0.0.0.0/0:80'],
    });
    assert.match(text(), /\/\/ mine/);
    assert.match(text(), /\/\/ always/);
  });

  test('what is granted already changes nothing', async (t) => {
    const before =
      '{ "network": { "open_port_range": [[3000, 3010]], "connect_port": [443], "allow_connect": ["10.0.0.0/8:*"] } }';
    const { env, target, text } = fixture(t, 'p', before);
    for (const [operation, where] of [
      ['connect', '127.0.0.1:3005'],
      ['bind', '[::1]:3000'],
      ['connect', '1.2.3.4:443'],
      ['connect', '10.9.9.9:22'],
    ] as const)
      assert.equal((await saveRule(target, { operation, endpoint: endpoint(where) }, env)).changes, false, where);
    assert.equal(text(), before);
  });

  test('undo and remove leave the text as it was', async (t) => {
    const before = '{\n  "network": { "block": true, "connect_port": [22] }\n}\n';
    const { env, target, text } = fixture(t, 'p', before);
    const saved = await saveRule(target, { operation: 'connect', endpoint: endpoint('*:443') }, env);
    assert.match(text(), /"connect_port": \[22, 443\]/);
    await undoRule(saved, NEVER);
    assert.equal(text(), before);
    await saveRule(target, { operation: 'connect', endpoint: endpoint('*:443') }, env);
    await removeRule(target, { operation: 'connect', endpoint: endpoint('*:443') }, NEVER, env);
    assert.equal(text(), before);
  });

  test('a saved grant is decided so by the next session, a metadata service too once it was typed', async (t) => {
    const { home, env, target } = fixture(t, 'p', '{ "network": { "block": true } }');
    const asked = (address: string) => {
      const access = netAccess('connect', 'tcp', address, 80);
      assert.ok(access);
      return decideNetwork(resolveIn(home, { profile: 'p' }).netRules ?? [], access).verdict;
    };
    assert.deepEqual([asked('192.0.2.1'), asked('169.254.169.254')], ['deny', 'deny']);
    const saver = createProfileSaver(target, env);
    for (const where of ['192.0.2.1:80', '169.254.169.254:80'])
      await saver.save([{ verdict: 'override', operation: 'connect', endpoint: endpoint(where) }], NEVER);
    assert.deepEqual([asked('192.0.2.1'), asked('169.254.169.254'), asked('192.0.2.2')], ['allow', 'allow', 'deny']);
  });

  test('a socket, and all of a directory', async (t) => {
    const { home, env, target, text } = fixture(t, 'p', '{}');
    const socket = rule(home, 'run/a.sock', 'connect');
    await saveRule(target, socket, env);
    assert.equal((await saveRule(target, socket, env)).changes, false);
    assert.deepEqual(JSON.parse(text()), { filesystem: { unix_socket: ['~/run/a.sock'] } });
    const verdict = (path: string) =>
      decide(resolveIn(home, { profile: 'p' }), { path: join(home, path), access: 'connect' }).verdict;
    assert.deepEqual([verdict('run/a.sock'), verdict('run/b.sock')], ['allow', 'deny']);
    await saveRule(target, rule(home, 'run', 'connect', 'tree'), env);
    assert.equal(verdict('run/b.sock'), 'allow');
    await removeRule(target, socket, NEVER, env);
    assert.deepEqual(JSON.parse(text()).filesystem.unix_socket ?? [], []);
  });
});

test('several rules are one change of the file: all, or none, and one way back', async (t) => {
  const { home, env, target, text } = fixture(t, 'p', '{\n  "extends": "default"\n}\n', { 'a/x': '', 'b/y': '' });
  const before = text();
  const saver = createProfileSaver(target, env);
  const side = (name: string) =>
    ({ verdict: 'allow', kind: 'exact', access: 'write', path: join(home, name) }) as const;
  const saved = await saver.save([side('a/x'), side('b/y')], NEVER);
  const policy = resolveIn(home, { profile: 'p' });
  for (const name of ['a/x', 'b/y'])
    assert.equal(decide(policy, { path: join(home, name), access: 'write' }).verdict, 'allow', name);
  await saver.undo(saved, NEVER);
  assert.ok(!text().includes('a/x') && !text().includes('b/y'));
  const now = text();
  await assert.rejects(saver.save([side('a/x'), { ...side('b/y'), path: '/b*' }], NEVER), NonoError);
  assert.equal(text(), now, 'not the first one alone');
  assert.ok(now.startsWith(before.slice(0, 20)));
});
