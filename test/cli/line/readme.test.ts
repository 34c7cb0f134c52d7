/** The commands of the README's "Use" do what it says of them on a machine of today: a line that is refused, or misspelt, is found here and not by a reader. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { environment, installationFor, makeHome, root, type TestUser, users } from '../../helpers/users.ts';

const user = users.at(-1) as TestUser;
const home = makeHome(user);
const project = join(home, 'project');
const programs = join(home, 'programs');
for (const directory of [project, programs]) mkdirSync(directory, { recursive: true });
for (const name of ['tool', 'server']) writeFileSync(join(project, name), '#!/bin/sh\n', { mode: 0o755 });
writeFileSync(join(programs, 'claude'), '#!/bin/sh\n', { mode: 0o755 });

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const block = (language: string): string =>
  readme.slice(readme.indexOf('## Use')).split(`\`\`\`${language}\n`)[1]?.split('```')[0] ?? '';

function shell(line: string): { status: number | null; stdout: string; stderr: string } {
  const PATH = `${join(installationFor(user), 'bin')}:${programs}:${process.env['PATH']}`;
  const [program = '', ...rest] = [...user.prefix, 'bash', '-c', line];
  return spawnSync(program, rest, { cwd: project, env: environment(home, { PATH }), encoding: 'utf8' });
}

describe('the README', () => {
  for (const line of block('sh')
    .split('\n')
    .filter((text) => text !== '')) {
    const command = line.replace(/\s+#.*/, '');
    test(command, () => {
      const done = shell(command.replace(/^nono (run|wrap|shell) /, 'nono $1 --dry-run '));
      assert.equal(done.status, 0, done.stderr);
    });
  }

  test('its profile is valid', () => {
    writeFileSync(join(project, 'readme.jsonc'), block('jsonc'));
    const done = shell('nono profile validate ./readme.jsonc');
    assert.equal(done.status, 0, done.stdout + done.stderr);
  });
});
