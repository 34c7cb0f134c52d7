/** What a program below a terminal has read, so that a test goes on when keys have arrived there and not some time after it typed them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pause, type TestTerminal } from './terminal.ts';

/** As the kernel shortens it. */
const COMM = 15;

function below(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...below(child)]);
}

/** Types, and waits until the program has read `bytes` of it. */
export async function typedTo(terminal: TestTerminal, program: string, text: string, bytes: number): Promise<void> {
  const is = (pid: number): boolean => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === program.slice(0, COMM);
  const reader = below(terminal.pid).find(is);
  assert.ok(reader !== undefined, `${program} runs`);
  const read = (): number => Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${reader}/io`, 'utf8'))?.[1]);
  const before = read();
  terminal.write(text);
  for (const end = Date.now() + 20_000; read() < before + bytes; await pause(2))
    assert.ok(Date.now() < end, `it never happened: ${program} has read ${read() - before} of ${bytes}`);
}
