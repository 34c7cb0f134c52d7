/** Sessions without a terminal end with the test that started them, also when the runner is killed: a process of its own waits for the end of this one. */
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/** The end of its input is this process's end, however that came. Then the host of every session in those homes is killed, which ends everything inside. */
const WATCH = `
while read -r home; do homes="$homes $home"; done
for home in $homes; do
  for record in "$home"/.local/state/nono/sessions/*.json; do
    grep -q '"status": "running"' "$record" 2>/dev/null || continue
    pid=$(sed -n 's/.*"host_pid": \\([0-9]*\\).*/\\1/p' "$record")
    start=$(sed -n 's/.*"host_start": "\\([0-9]*\\)".*/\\1/p' "$record")
    now=$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -d' ' -f20)
    [ -n "$start" ] && [ "$start" = "$now" ] && kill -9 "$pid"
  done
done
`;

let input: Writable | undefined;

/** Before the first session is started in it. */
export function lifeline(home: string): void {
  if (input === undefined) {
    const watcher = spawn('sh', ['-c', WATCH], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    watcher.unref();
    input = watcher.stdin;
    (input as Writable & { unref?(): void }).unref?.();
  }
  input.write(`${home}\n`);
}
