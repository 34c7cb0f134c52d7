/** `npm test` tries a file again only where something was not there in time: run on files made for it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { root } from '../helpers/users.ts';

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** Runs files with these bodies. `tries` in one counts from 1. */
function run(...bodies: readonly string[]): { code: number | null; said: string } {
  const directory = mkdtempSync(join(tmpdir(), 'nono-second-try-'));
  directories.push(directory);
  const files = bodies.map((body, i) => {
    const file = join(directory, `file${i}.test.mjs`);
    writeFileSync(
      file,
      `import { appendFileSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
appendFileSync('${file}.tries', '.');
const tries = readFileSync('${file}.tries').length;
describe('suite', () => test('case', () => { ${body} }));
`,
    );
    return relative(root, file);
  });
  const env: NodeJS.ProcessEnv = { ...process.env };
  delete env['NODE_TEST_CONTEXT'];
  const done = spawnSync(process.execPath, [join(root, 'scripts/test.mjs'), '--only-tests', ...files], {
    env,
    encoding: 'utf8',
  });
  return { code: done.status, said: done.stdout + done.stderr };
}

const late = `throw new Error('the screen never showed x:\\n\\n')`;
const wrong = `throw new Error('1 !== 2')`;

describe('npm test', () => {
  test('passes where what was late is there at the second try, and says so', () => {
    const { code, said } = run(`if (tries === 1) ${late}`, '');
    assert.equal(code, 0, said);
    assert.match(said, /second tries: 1\b[^\n]*\n +\S*file0\.test\.mjs\n/);
  });
  test('fails where it is late again', () => {
    const { code, said } = run(late);
    assert.equal(code, 1, said);
    assert.match(said, /second tries: 1/);
  });
  test('tries nothing again where anything else has failed', () => {
    for (const bodies of [
      [`if (tries === 1) ${wrong}`],
      [`if (tries === 1) ${late}`, `if (tries === 1) ${wrong}`],
      Array.from({ length: 4 }, () => `if (tries === 1) ${late}`),
      ['process.exit(3)'],
    ]) {
      const { code, said } = run(...bodies);
      assert.equal(code, 1, said);
      assert.doesNotMatch(said, /second tries/);
    }
  });
});
