/** `npm run bench [-- --quick] [-- --only TOPIC] [-- --table TEXT] [-- --size COLSxROWS] [-- --json FILE]`: prints one table per measurement. How to read them: docs/bench.md. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { installationRoot } from '../../src/platform/installation.ts';
import type { Size } from '../../src/terminal/geometry.ts';
import { compiled } from './compile.ts';
import { describeMachine, load } from './machine.ts';
import { oneCall } from './one-call.ts';
import { start } from './start.ts';
import { formatTable, formatVerdict } from './table.ts';
import { terminal } from './terminal/topic.ts';
import type { Bench, Table, Topic } from './topic.ts';
import { wholeCommand } from './whole-command.ts';
import { wholeProgram } from './whole-program.ts';
import { makeWorkspace } from './workspace.ts';

const topics: readonly Topic[] = [wholeCommand, wholeProgram, oneCall, start, terminal];
const QUICK_ROUNDS = 3;
const SIZES: readonly Size[] = [
  { cols: 120, rows: 40 },
  { cols: 80, rows: 24 },
  { cols: 200, rows: 60 },
];
/** Below this `nono shell` shows no list. */
const SMALLEST: Size = { cols: 80, rows: 24 };

function usage(problem: string): never {
  process.stderr.write(
    `bench: ${problem}\nusage: npm run bench -- [--quick] [--only TOPIC]... [--table TEXT]... [--size COLSxROWS]... [--json FILE]\n`,
  );
  for (const topic of topics) process.stderr.write(`  ${topic.name.padEnd(16)} ${topic.what}\n`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        quick: { type: 'boolean' },
        only: { type: 'string', multiple: true },
        table: { type: 'string', multiple: true },
        size: { type: 'string', multiple: true },
        json: { type: 'string' },
      },
    }).values;
  } catch (error) {
    return usage((error as Error).message);
  }
}

function readSize(text: string): Size {
  const [, cols, rows] = /^(\d{2,3})x(\d{2,3})$/.exec(text) ?? [];
  const size = { cols: Number(cols), rows: Number(rows) };
  if (!(size.cols >= SMALLEST.cols && size.rows >= SMALLEST.rows))
    usage(`'${text}' is no size from ${SMALLEST.cols}x${SMALLEST.rows} to 999x999`);
  return size;
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text.slice(0, 100)}`);
}

const args = readArguments();
const unknown = args.only?.find((name) => !topics.some((topic) => topic.name === name));
if (unknown !== undefined) usage(`no topic '${unknown}'`);
const chosen = topics.filter((topic) => args.only === undefined || args.only.includes(topic.name));
const workspace = makeWorkspace();
process.on('exit', () => workspace.remove());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
const machine = describeMachine(installationRoot());
const quick = args.quick ?? false;
const stopwatch = compiled('stopwatch', machine, workspace.directory);
if (stopwatch.skip !== undefined) {
  process.stderr.write(`bench: ${stopwatch.skip}\n`);
  process.exit(1);
}
const bench: Bench = {
  machine,
  workspace,
  stopwatch: stopwatch.path,
  quick,
  sizes: args.size?.map(readSize) ?? (quick ? SIZES.slice(0, 1) : SIZES),
  progress,
  wanted: (title) => args.table === undefined || args.table.some((text) => title.includes(text)),
  rounds: (usual) => (quick ? Math.min(QUICK_ROUNDS, usual) : usual),
};

process.stdout.write(
  `${machine.description}, ${load()} before${quick ? ', quick: few rounds, trust orderings only' : ''}\n\n`,
);
const tables: Table[] = [];
for (const topic of chosen) {
  for await (const table of topic.run(bench)) {
    progress('');
    tables.push(table);
    process.stdout.write(`${formatTable(table)}\n`);
  }
}
progress('');
process.stdout.write(`${formatVerdict(tables)}${load()} at the end, this benchmark's own included\n`);
if (args.json !== undefined) {
  writeFileSync(args.json, `${JSON.stringify({ machine: machine.description, quick, tables }, null, 2)}\n`);
}
process.exit(0);
