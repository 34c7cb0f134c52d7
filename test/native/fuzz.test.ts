import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { NetRule } from '../../src/sandbox/linux/net-rule.ts';
import { encodePlan } from '../../src/sandbox/linux/plan-format.ts';
import { encodeCommand, type SupervisorCommand } from '../../src/sandbox/linux/wire.ts';
import { buildDirectory, driver, RULES } from './driver.ts';

const SECONDS = Number(process.env['NONO_FUZZ_SECONDS'] ?? 5);

const netRule: NetRule = {
  id: 5,
  verdict: 'allow',
  operations: 3,
  protocols: 1,
  family: 0,
  prefix: 0,
  address: new Uint8Array(16),
  firstPort: 1,
  lastPort: 65535,
};
const plan = encodePlan({
  options: { flags: 25 + 64, mode: 'ask', minimumAbi: 6, capabilities: 0xffn },
  floor: [
    { path: '/usr', rights: 7 },
    { path: '/', rights: 255 },
  ],
  rules: [
    { id: 1, verdict: 'allow', kind: 'tree', access: 'readwrite', path: '/home/u' },
    { id: 2, verdict: 'deny', kind: 'exact', access: 'read', path: '/home/u/.ssh' },
    { id: 3, verdict: 'override', kind: 'exact', access: 'write', path: '/home/u/.ssh/x' },
  ],
  net: [
    netRule,
    { ...netRule, verdict: 'deny', family: 4, prefix: 8, address: Uint8Array.of(10, ...Array(15).fill(0)) },
  ],
  env: ['A=b', 'PATH=/usr/bin'],
  cwd: '/home/u',
});
/** Every kind of record; addresses that carry another one (6to4, NAT64) and rules that lift each other. */
const everything = encodePlan({
  options: { flags: 1 + 64, mode: 'observe', minimumAbi: 1, capabilities: 0n },
  floor: [],
  rules: [
    { id: 1, verdict: 'deny', kind: 'pattern', access: 'all', guard: true, path: '/**/.git/hooks' },
    { id: 2, verdict: 'deny', kind: 'pattern', access: 'write', guard: 'deep', path: '/home/**/x' },
    { id: 3, verdict: 'deny', kind: 'tree', access: 'all', fixed: true, path: '/' },
  ],
  net: [
    { ...netRule, id: 1, verdict: 'deny', family: 4, prefix: 8, address: Uint8Array.of(10, ...Array(15).fill(0)) },
    { ...netRule, id: 2, family: 6, prefix: 16, address: Uint8Array.of(0x20, 2, ...Array(14).fill(0)) },
    {
      ...netRule,
      id: 3,
      family: 6,
      prefix: 128,
      address: Uint8Array.of(0, 0x64, 0xff, 0x9b, ...Array(8).fill(0), 10, 0, 0, 1),
    },
    {
      ...netRule,
      id: 4,
      verdict: 'override',
      family: 6,
      prefix: 20,
      address: Uint8Array.of(0x20, 2, ...Array(14).fill(0)),
    },
    { ...netRule, id: 5, firstPort: 443, lastPort: 443, protocols: 1 },
  ],
  births: [
    { kind: 'pool', rights: 31, place: '/home/u/.local', tree: '/home/u' },
    { kind: 'bulk', rights: 255, place: '/home/u/.local', tree: '/home/u/x', few: true },
    { kind: 'annex', rights: 5, place: '/home/u/.local', tree: '/' },
  ],
  bulk: ['node_modules', '.git/objects'],
  closed: ['.git/objects'],
  env: [],
  limits: { memory: 1 << 20, processes: 9, cpuSeconds: 1, fileSize: 2, openFiles: 3 },
  tmpdir: '/tmp/t',
  commands: ['sudo', '/usr/bin/su'],
  owned: ['/tmp'],
  self: '{"policy":1}',
  preload: '/usr/lib/fast.so',
});
const commands: SupervisorCommand[] = [
  { type: 'verdict', holdId: 7n, allow: true },
  { type: 'add-rule', id: 9, verdict: 'allow', kind: 'tree', access: 'read', path: '/home/u/x' },
  { type: 'remove-rule', id: 9 },
  { type: 'add-net-rule', rule: netRule },
  { type: 'remove-net-rule', id: 5 },
  { type: 'set-mode', mode: 'deny' },
  { type: 'terminate', signal: 15 },
];
/** An entry as native/cache/cache_entry.c writes it; the fuzzer puts the sum right. */
function cacheSeeds(bytes: Buffer): Buffer[] {
  const records = [
    'k/etc\0d\0e/x\x000\0l/bin\0=usr/bin\0d/a\0+fb/dc/\0n\0/node\0o\0said\0vHOME\0\0qA\0\0hHOME\0\0',
    'c/a\0=text\0x/b\x001\0i/c\x001:2:3\0',
    'a0\0sh\0a1\0-c\0p/dev/pts\0+c0/\0u/tmp\0-\0r/bin\0=/usr/bin\0sPx\nR/\n\0f/x\n\0b\0about\0t\0/tmp/x\0w\0/home\0',
  ];
  return records.map((record) => {
    const env = 'iHOME\0vA=b\0';
    const head = Buffer.alloc(8 + 8 + 2 * 32 + 16);
    head.write('NONOPCA3', 'latin1');
    for (const [i, value] of [1, record.length, env.length, bytes.length].entries())
      head.writeUInt32LE(value, 80 + 4 * i);
    return Buffer.concat([head, Buffer.from(record), Buffer.from(env), bytes]);
  });
}
const targets: Record<string, { parts: string[]; seeds: Buffer[] }> = {
  plan: {
    parts: ['plan', 'report', 'net_rules', 'pathmap', 'bulk_names'],
    seeds: [
      plan,
      everything,
      encodePlan({
        options: { flags: 0, mode: 'deny', minimumAbi: 0, capabilities: 0n },
        floor: [],
        rules: [],
        env: [],
      }),
    ],
  },
  cache: {
    parts: ['cache_entry', 'sha256'],
    seeds: cacheSeeds(plan),
  },
  request: {
    parts: ['request', 'report'],
    seeds: [Buffer.from('\x02true\0-x\0'), Buffer.from('\x01sh\0'), Buffer.from('\x03a\0\0b\0')],
  },
  wire: {
    parts: ['wire', 'net_rules', 'pathmap'],
    seeds: [Buffer.concat(commands.map(encodeCommand)), ...commands.map(encodeCommand)],
  },
  pattern: {
    parts: RULES,
    seeds: [
      '/**/.env\0a/b/.env',
      '/a/{b}/[!a-z]*?\0a/b/c',
      '/**/x/**/*y*z\0x/xyz/ayaz',
      '/**/.git/hooks/**\0a/node_modules/.git/hooks/x',
      '/a/**/b\0a/.git/objects/b',
      '/**/[a-]x\\\\*\0b/b/-x*',
    ].map((text) => Buffer.from(text)),
  },
  resolve: {
    parts: [
      'resolve',
      'caller',
      'caller_stat',
      'caller_workers',
      'lineage',
      'process_table',
      'slow_mounts',
      'later_mounts',
      'floor_known',
      'wire',
      'net_rules',
      'pathmap',
    ],
    seeds: [Buffer.from(Array.from({ length: 12 }, (_, i) => (i * 7) % 256)), Buffer.from([0, 0, 22, 23, 29])],
  },
  address: {
    parts: ['net_rules'],
    seeds: [
      [2, 0, 1, 187, 10, 0, 0, 1],
      [2, 0, 0, 53, 0, 0, 0, 0],
      [10, 0, 1, 187, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1],
      [10, 0, 0, 80, 9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ].map((bytes) => Buffer.concat([Buffer.from(bytes), Buffer.alloc(28 - bytes.length)])),
  },
  rules: {
    parts: RULES,
    seeds: [Buffer.from(Array.from({ length: 60 }, (_, i) => (i * 37) % 256))],
  },
};

const probe = spawnSync('clang', ['-fsanitize=fuzzer', '-x', 'c', '-', '-o', '/dev/null'], {
  input:
    '#include <stddef.h>\nint LLVMFuzzerTestOneInput(const unsigned char *d, size_t n){return (d == 0) * (int)n * 0;}',
});
const hasLibFuzzer = probe.status === 0;

const asked = process.env['NONO_FUZZ_TARGETS']?.split(',');

const unknown = asked?.filter((name) => targets[name] === undefined) ?? [];
if (unknown.length > 0)
  throw new Error(`no such fuzzer: ${unknown.join(', ')}; there are ${Object.keys(targets).join(', ')}`);

/** In npm test two other files run beside them; for longer only the sanitizers' run does, which waits most of the time. */
const AT_A_TIME = SECONDS > 5 ? 3 : 2;

describe('fuzzers', { concurrency: AT_A_TIME }, () => {
  for (const [name, { parts, seeds }] of Object.entries(targets)) {
    if (asked && !asked.includes(name)) continue;
    test(`${SECONDS} s of random input to ${name}${hasLibFuzzer ? '' : ', without libFuzzer'}`, async () => {
      const corpus = join(buildDirectory(), `corpus-${name}`);
      mkdirSync(corpus);
      const files = seeds.map((_, i) => join(corpus, `seed${i}`));
      for (const [i, file] of files.entries()) writeFileSync(file, seeds[i] ?? '');
      const source = `fuzz/fuzz_${name}.c`;
      const program = hasLibFuzzer
        ? driver(source, parts, ['-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=all'], 'clang')
        : driver(
            source,
            [...parts, '../test/native/fuzz/seeded_main'],
            ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
          );
      const args = hasLibFuzzer
        ? [`-max_total_time=${SECONDS}`, '-max_len=4096', '-verbosity=0', corpus]
        : [String(SECONDS), '1', ...files];
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: buildDirectory() });
      // It ends by the clock, and takes what the tests beside it leave: those wait for a screen or an end that must come in time.
      if (child.pid !== undefined) setPriority(child.pid, 10);
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          said += chunk;
        });
      const [code] = await once(child, 'close');
      assert.equal(code, 0, said.slice(-4000));
    });
  }
});
