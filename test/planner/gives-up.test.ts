/** A planner that is broken, hostile, slow or not there costs time and nothing else: Node makes the start. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { difference } from '../helpers/difference.ts';
import { CachedInstallation } from '../helpers/plan-cache.ts';
import { type TestUser, users } from '../helpers/users.ts';

const user = users.at(-1) as TestUser;
const lines: readonly (readonly string[])[] = [
  ['wrap', '-s', '--allow-cwd', '--', 'cat', 'secret', '../outside'],
  ['run', '-s', '--allow-cwd', '--', 'cat', 'secret', '../outside'],
];

/** Where an image says which program it is of (native/planner/image.c). */
const PROGRAM = 8;

function prepared(): CachedInstallation {
  const at = new CachedInstallation(user, { planner: true });
  at.write('project/secret', 'granted\n');
  at.write('outside', 'not granted\n');
  return at;
}

/** In the place of the planner; descriptor 9 is the result. */
const broken: readonly (readonly [string, string])[] = [
  ['says nothing', 'exit 0'],
  ['fails', 'exit 1'],
  ['is killed', 'kill -9 $$'],
  ['answers what is no plan', 'echo no plan at all, but some forty bytes of text >&9'],
  [
    'answers the beginning of one',
    `printf 'NONOARGV\\002\\000\\000\\000\\001\\000\\000\\000\\005\\000\\000\\000\\000\\000\\000\\000true\\000' >&9`,
  ],
  ['never ends', 'exec sleep 600'],
  ['never ends and cannot be told to', 'trap "" TERM INT; kill -STOP $$'],
];

for (const [what, script] of broken)
  test(`one that ${what}`, () => {
    const at = prepared();
    // The number of the result has two digits, which the shell takes for a word.
    at.replacePlanner(`#!/bin/bash\nexec 9>&"$1"\n${script}\n`);
    for (const line of lines) {
      at.forget();
      const start = at.start(line);
      assert.equal(start.hit, false);
      assert.equal(start.stdout, 'granted\n');
      assert.match(start.stderr, /outside.*ermission denied/);
    }
  });

test('one that answers with the plan of another start', () => {
  const at = prepared();
  // Everything is allowed by that plan; its words and its questions are those of another line.
  const other = ['wrap', '-s', '--allow', '~', '--', 'cat', 'secret', '../outside'];
  const script = `#!/bin/sh\nexec "$0.real" "$1" wrap "$3" "$4" ${other.map((word) => `'${word}'`).join(' ')}\n`;
  const real = `${at.planner}.real`;
  writeFileSync(real, at.replacePlanner(script), { mode: 0o755 });
  chmodSync(real, 0o755);
  for (const line of lines) {
    at.forget();
    const start = at.start(line);
    assert.equal(start.hit, false, line.join(' '));
    assert.match(start.stderr, /outside.*ermission denied/);
  }
});

test('without its bytecode, and with one that is cut short', () => {
  const at = prepared();
  const bytecode = join(at.installation, 'dist/planner.bytecode');
  rmSync(join(at.installation, 'dist/planner.image'), { force: true });
  writeFileSync(bytecode, 'no bytecode');
  assert.equal(at.start(lines[0] as readonly string[]).hit, false);
  rmSync(bytecode);
  at.forget();
  const start = at.start(lines[0] as readonly string[]);
  assert.equal(start.hit, false);
  assert.equal(start.stdout, 'granted\n');
});

/** Whether a program lies where it was linked for and uses no libraries: elf(5), ET_EXEC without PT_INTERP. */
function standsAlone(program: string): boolean {
  const elf = readFileSync(program);
  const headers = Number(elf.readBigUInt64LE(0x20));
  const types = Array.from({ length: elf.readUInt16LE(0x38) }, (_, i) =>
    elf.readUInt32LE(headers + i * elf.readUInt16LE(0x36)),
  );
  return elf.readUInt16LE(0x10) === 2 && !types.includes(3);
}

test('an image that is cut short is none, and without one of this program the bytecode makes the same plans', (t) => {
  const at = prepared();
  const image = join(at.installation, 'dist/planner.image');
  if (!standsAlone(`${at.planner}-engine`)) return t.skip('the planner is not static, so no image is made');
  const whole = readFileSync(image);
  for (const size of [whole.length - 1, whole.length >> 1, 100, 8, 0]) {
    writeFileSync(image, whole.subarray(0, size));
    at.forget();
    const start = at.start(lines[0] as readonly string[]);
    // Less than its head says of no program what it is.
    assert.equal(start.hit, size <= 8, `${size}`);
    assert.equal(start.stdout, 'granted\n');
  }
  const ofAnother = Buffer.from(whole);
  ofAnother.writeUInt8(ofAnother.readUInt8(PROGRAM) ^ 1, PROGRAM);
  for (const other of [ofAnother, undefined]) {
    if (other === undefined) rmSync(image);
    else writeFileSync(image, other);
    for (const line of lines) {
      const [planner, node] = at.plannedTwice(line);
      assert.equal(difference(planner, node), '');
    }
  }
});

test('errors, questions and dry runs are told by Node', () => {
  const at = prepared();
  const told: readonly (readonly [readonly string[], RegExp])[] = [
    [['wrap', '-s', '--', 'true'], /CWD access requires --allow-cwd/],
    [['run', '-p', 'no-such-profile', '--', 'true'], /no-such-profile/],
    [['wrap', '--allow', '/no/such/place', '--dry-run', '--', 'true'], /dry-run/],
    [['run', '--no-such-flag', '--', 'true'], /no-such-flag/],
    [['wrap', '--allow-cwd'], /needs a command/],
    [['run', '-s', '--allow-cwd', '--', 'rm', '-rf', 'x'], /blocked/],
  ];
  for (const [line, text] of told) {
    const start = at.start(line);
    assert.equal(start.hit, false, line.join(' '));
    assert.match(start.stderr, text);
    assert.deepEqual(at.entries(), [], line.join(' '));
  }
});

test('what is typed before a question is on the screen is its answer', async () => {
  const at = prepared();
  at.profile('asks', { workdir: { access: 'read' } });
  const terminal = at.atTerminal(['run', '-p', 'asks', '--', 'cat', 'secret']);
  terminal.write('y\r');
  await terminal.untilEnd();
  assert.match(await terminal.text(), /Share .* with read access\?/);
  assert.match(await terminal.text(), /^granted$/m);
});

test('nothing is left behind, and nothing is made but the entry', () => {
  const at = prepared();
  const before = readdirSync(at.project);
  // From the second on it is a hit of the cache, unless the machine was so busy that Node made the first.
  const start = at.untilHit(['run', '-s', '--allow-cwd', '--', 'sh', '-c', 'echo "$TMPDIR"; test -d "$TMPDIR"']);
  assert.equal(start.code, 0);
  assert.equal(existsSync(start.stdout.trim()), false);
  assert.equal(at.entries().length, 1);
  assert.deepEqual(readdirSync(at.project), before);
});
