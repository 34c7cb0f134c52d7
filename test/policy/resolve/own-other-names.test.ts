import assert from 'node:assert/strict';
import { linkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decide } from '../../../src/policy/decide/decide.ts';
import { nodeFileSystem } from '../../../src/policy/plan/file-system.ts';
import { resolveIn, temporary } from '../support.ts';

const tree = {
  'home/.config/nono/profiles/mine.jsonc': '{}',
  'store/other': '',
  'inst/package.json': '{}',
  'inst/bin/nono': '',
  'inst/dist/cli.cjs': '',
  'inst/dist/run.js': '',
  'inst/native/build/nono-launch': '',
};

function resolveWith(dir: string, fs = nodeFileSystem()) {
  const grants = [{ flag: '--allow', path: join(dir, 'store'), access: 'readwrite', expect: 'directory' } as const];
  const policy = resolveIn(join(dir, 'home'), { grants }, { fs, installation: join(dir, 'inst') });
  return (name: string, access: 'read' | 'write'): string => {
    const decision = decide(policy, { path: join(dir, 'store', name), access });
    if (decision.verdict === 'allow') return 'allow';
    return decision.reason === 'denied-by-rule' ? `denied: ${decision.rule.why}` : decision.reason;
  };
}

test('what a package manager linked from its store into the installation is not written in the store', (t) => {
  const dir = temporary(t, tree);
  for (const file of ['bin/nono', 'dist/cli.cjs', 'dist/run.js', 'native/build/nono-launch'])
    linkSync(join(dir, 'inst', file), join(dir, 'store', file.replaceAll('/', '-')));
  const verdict = resolveWith(dir);
  for (const name of ['bin-nono', 'dist-cli.cjs', 'dist-run.js', 'native-build-nono-launch']) {
    assert.match(verdict(name, 'write'), /^denied: it is the same file as \S+inst/, name);
    assert.equal(verdict(name, 'read'), 'allow');
  }
  assert.equal(verdict('other', 'write'), 'allow');
});

test('nor a profile that is linked from elsewhere; two names within the settings are none', (t) => {
  const dir = temporary(t, tree);
  const profile = join(dir, 'home/.config/nono/profiles/mine.jsonc');
  linkSync(profile, join(dir, 'home/.config/nono/profiles/also.jsonc'));
  assert.equal(resolveWith(dir)('mine', 'write'), 'allow');
  linkSync(profile, join(dir, 'store/mine'));
  assert.match(resolveWith(dir)('mine', 'write'), /^denied: it is the same file as \S+profiles/);
});

test('a search that does not end starts nothing', (t) => {
  const dir = temporary(t, { ...tree, outside: null });
  linkSync(join(dir, 'home/.config/nono/profiles/mine.jsonc'), join(dir, 'outside/mine'));
  assert.equal(resolveWith(dir)('other', 'write'), 'allow', 'a name where nothing may be written is none');
  const many = Array.from({ length: 200_001 }, (_, i) => ({ name: `${i}`, kind: 'file' as const }));
  const real = nodeFileSystem();
  const store = join(dir, 'store');
  // What the kernel says of names that are not there; asked 200,000 times it would be most of the test.
  const endless = {
    ...real,
    scan: (path: string) => (path === store ? many : real.scan(path)),
    identity: (path: string) => (path.startsWith(`${store}/`) ? undefined : real.identity?.(path)),
  };
  assert.throws(() => resolveWith(dir, endless), /mine\.jsonc is nono's own and has another name/);
});
