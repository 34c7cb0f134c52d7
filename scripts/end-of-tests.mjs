// Loaded before each test file. A failed test may leave a terminal or a child open, and its file must end all the same; Node's own --test-force-exit ends a file before its
// last results have been read, so that the counts come out too low.
if (process.env.NODE_TEST_CONTEXT?.startsWith('child')) {
  const { after } = await import('node:test');
  // Not a timer that keeps the file alive: it fires only where something else does.
  after(() => void setTimeout(() => process.exit(), 5000).unref());
}
