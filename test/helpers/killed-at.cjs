/** Preloaded into a process that is to be killed at the Nth call that changes a file: KILL_AT=N, before the call (KILL_WHEN=before) or right after it. */
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const at = Number(process.env.KILL_AT);
const before = process.env.KILL_WHEN === 'before';
let calls = 0;
let inside = false;

function end() {
  process.kill(process.pid, 'SIGKILL');
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}

for (const name of [
  'openSync',
  'writeSync',
  'writeFileSync',
  'fsyncSync',
  'linkSync',
  'renameSync',
  'unlinkSync',
  'rmSync',
  'appendFileSync',
  'fchmodSync',
  'truncateSync',
]) {
  const call = fs[name];
  fs[name] = (...args) => {
    // Below the directory that the test is about.
    const counts =
      typeof args[0] === 'number' ? args[0] > 2 : String(args[0]).startsWith(process.env.KILL_BELOW ?? '/');
    // Calls that another one makes are no steps of their own.
    if (!counts || inside) return call(...args);
    calls += 1;
    inside = true;
    const chosen = calls === at;
    if (chosen && before) end();
    const half = chosen && name === 'writeFileSync';
    // Half of what is to be written is what a crash leaves of it.
    try {
      const result = half
        ? call(args[0], String(args[1]).slice(0, String(args[1]).length / 2), args[2])
        : call(...args);
      if (chosen) end();
      return result;
    } finally {
      inside = false;
    }
  };
}
syncBuiltinESMExports();
