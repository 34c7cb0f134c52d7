// Loaded before each test file. A failed test may leave a terminal or a child open, and its file must end all the same; Node's own --test-force-exit ends a file before its
// last results have been read, so that the counts come out too low.
import { appendFileSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Processor time of this file and of what it has waited for, in hundredths of a second: what others adopted is not in it. */
function keepTimes(times) {
  const [user, system, childrenUser, childrenSystem] = readFileSync('/proc/self/stat', 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
    .slice(11, 15)
    .map(Number);
  appendFileSync(times, `${user + childrenUser} ${system + childrenSystem} ${process.argv[1]}\n`);
}

if (process.env.NODE_TEST_CONTEXT?.startsWith('child')) {
  const { after } = await import('node:test');
  // Not a timer that keeps the file alive: it fires only where something else does.
  after(() => void setTimeout(() => process.exit(), 5000).unref());
  const times = new URL(import.meta.url).searchParams.get('times');
  // What a thread takes is in what its process took.
  if (times !== null && isMainThread) process.on('exit', () => keepTimes(times));
}
