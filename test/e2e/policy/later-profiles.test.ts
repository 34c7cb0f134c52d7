/** The profiles of the original's later versions, with the tools they are for. A tool that is not installed is a counted skip. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { nono } from '../../helpers/run.ts';
import { environment, makeHome, rootSkip, users } from '../../helpers/users.ts';

test('the root half', { skip: rootSkip }, () => {});

interface Case {
  readonly profile: string;
  /** What must be installed. */
  readonly tool: string;
  readonly script: string;
  readonly shows: RegExp;
}

const files: Readonly<Record<string, string>> = {
  'A.java': `import java.util.concurrent.*;
    public class A { public static void main(String[] a) throws Exception {
      java.nio.file.Files.createTempFile("x", ".y");
      System.out.println("java " + Executors.newFixedThreadPool(2).submit(() -> 42).get());
      System.exit(0); } }`,
  'pom.xml':
    '<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>a</artifactId><version>1</version><packaging>pom</packaging></project>',
  'b.ts': 'const n: number = 42; console.log("bun", n);',
  'dep/package.json': '{ "name": "dep", "version": "1.0.0", "main": "i.js" }',
  'dep/i.js': 'module.exports = 7;',
  'package.json': '{ "dependencies": { "dep": "file:./dep" } }',
  'a.test.ts': 'import { test, expect } from "bun:test"; test("a", () => expect(require("dep")).toBe(7));',
  'mise.toml': '[tasks.t]\nrun = "echo task $((6 * 7))"\n',
};

const cases: readonly Case[] = [
  { profile: 'java-dev', tool: 'javac', script: 'javac A.java && java A', shows: /^java 42$/m },
  { profile: 'java-dev', tool: 'java', script: 'java A.java', shows: /^java 42$/m },
  {
    profile: 'java-dev',
    tool: 'mvn',
    script: 'mvn -q -B -o -Dmaven.repo.local=repo validate && echo valid',
    shows: /valid/,
  },
  { profile: 'bun-dev', tool: 'bun', script: 'bun run b.ts', shows: /^bun 42$/m },
  { profile: 'bun-dev', tool: 'bun', script: 'bun install && bun test', shows: /1 pass/ },
  {
    profile: 'mise-dev',
    tool: 'mise',
    script: 'mise --version && MISE_TRUSTED_CONFIG_PATHS=$PWD mise run t',
    shows: /^task 42$/m,
  },
  { profile: 'linux-host-compat', tool: 'sh', script: 'ls /sys /run /tmp && echo seen', shows: /^seen$/m },
];

/** Where their installers put them, in the home. */
const places: Readonly<Record<string, string>> = { bun: '.bun/bin/bun', mise: '.local/bin/mise' };

const found = (tool: string): string =>
  spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
const missing = (tool: string): string | false => (found(tool) === '' ? `${tool} is not installed` : false);

for (const user of users)
  describe(`as ${user.name}`, { timeout: 120_000 }, () => {
    const home = makeHome(user);
    const project = join(home, 'project');
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(project, name)), { recursive: true });
      writeFileSync(join(project, name), text);
    }
    for (const [tool, place] of Object.entries(places)) {
      if (missing(tool) !== false) continue;
      mkdirSync(dirname(join(home, place)), { recursive: true });
      copyFileSync(found(tool), join(home, place));
    }
    const PATH = `${join(home, '.bun/bin')}:${join(home, '.local/bin')}:${environment(home)['PATH']}`;
    spawnSync('chown', ['-R', `${user.uid}:${user.uid}`, home]);
    for (const { profile, tool, script, shows } of cases)
      test(`${profile}: ${script}`, { skip: missing(tool) }, () => {
        const args = [
          'run',
          '-s',
          '-p',
          profile,
          '--allow-cwd',
          ...(profile === 'linux-host-compat' ? ['--read', '.'] : []),
        ];
        const done = nono(user, [...args, '--', 'sh', '-c', script], { cwd: project, home, env: { PATH } });
        assert.equal(done.code, 0, done.stderr);
        assert.match(`${done.stdout}${done.stderr}`, shows);
      });
    for (const profile of ['java-dev', 'bun-dev', 'mise-dev', 'linux-host-compat'])
      test(`${profile}: what stays closed`, () => {
        const script =
          'cat ~/.ssh/id_ed25519; echo x > ~/planted; mkdir -p .git/hooks && echo x > .git/hooks/pre-commit';
        const done = nono(user, ['run', '-s', '-p', profile, '--allow-cwd', '--', 'sh', '-c', script], {
          cwd: project,
          home,
        });
        assert.doesNotMatch(done.stdout, /SECRET/);
        assert.ok((done.stderr.match(/Permission denied/g)?.length ?? 0) >= 3, done.stderr);
      });
  });
