/** What a program below a terminal has read, so that a test goes on when keys have arrived there and not some time after it typed them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pause, type TestTerminal } from './terminal.ts';

/** As the kernel shortens it. */
const COMM = 15;

/** What is said of a process below /proc, and nothing of one that ended meanwhile. */
function said(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

function below(pid: number): readonly number[] {
  const children = said(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...below(child)]);
}

/** Types, and waits until the program has read `bytes` of it. */
export async function typedTo(terminal: TestTerminal, program: string, text: string, bytes: number): Promise<void> {
  const is = (pid: number): boolean => said(pid, 'comm').trim() === program.slice(0, COMM);
  const reader = below(terminal.pid).find(is);
  assert.ok(reader !== undefined, `${program} runs`);
  const read = (): number => Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${reader}/io`, 'utf8'))?.[1]);
  const before = read();
  terminal.write(text);
  for (const end = Date.now() + 20_000; read() < before + bytes; await pause(2))
    assert.ok(Date.now() < end, `it never happened: ${program} has read ${read() - before} of ${bytes}`);
}
