/** Milliseconds of a clock that nobody sets. `performance.now()` is the same clock, but the first word of `performance` loads node:perf_hooks: 1.5 ms of a start. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
