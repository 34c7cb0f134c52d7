/** System calls: other ABIs, unknown numbers, io_uring, filters and sandboxes of one's own, floods; and the supervisor's ways to fail. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Topic } from '../model.ts';
import type { World } from '../world.ts';
import { supervisorOf } from './lifetime.ts';

const sanitized = `#include <stdio.h>
int main(int argc, char **argv) { char t[99]; FILE *f = fopen(argv[argc - 1], "r"); if (f != 0 && fgets(t, sizeof t, f) != 0) puts(t); return 0; }
`;

/** Less than a byte for each call. */
const MOST_GROWTH_KIB = 48;
const FLOODS = 4;

/** KiB that are the process's own, in memory or swapped out: pages of its program come and go as the kernel likes. */
function ownMemory(status: string): number {
  const of = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return of('RssAnon') + of('VmSwap');
}

/**
 * Looks at the supervisor's memory after each flood. A queue that the host is late to read takes memory once, in whichever flood it is;
 * what is lost with calls takes it in each.
 */
async function watchMemory(world: World): Promise<void> {
  let said = 'there is no supervisor that stays as it was';
  world.services.push({ kind: 'received', said: '', heard: () => said, end: () => {} });
  const resident: number[] = [];
  for (let flood = 1; flood <= FLOODS; flood++) {
    for (const until = performance.now() + 30_000; performance.now() < until; await setTimeout(20))
      if (existsSync(join(world.work, `flooded${flood}`))) break;
    const supervisor = supervisorOf(world);
    if (supervisor === undefined) return;
    resident.push(ownMemory(readFileSync(`/proc/${supervisor}/status`, 'utf8')));
    world.write(`work/go${flood}`, '');
  }
  const grown = resident.slice(1).map((size, i) => size - (resident[i] ?? 0));
  said = Math.min(...grown) <= MOST_GROWTH_KIB ? '' : `the supervisor grew by ${grown.join(', ')} KiB`;
}

export const calls: readonly Topic[] = [
  {
    id: 'call',
    title: 'Calls that a filter may not know',
    attempts: [
      { id: 'call-io-uring', title: 'io_uring', breach: 'leak', script: '"$T" uring "$D/key"; "$T" uring "$A/key"' },
      {
        id: 'call-i386',
        title: 'i386 calls',
        breach: 'leak',
        script: '"$TS" i386 "$D/key"; "$T" i386 "$A/key"; "$T" every-open "$A/key"',
      },
      {
        id: 'call-x32',
        title: 'x32 calls',
        breach: 'leak',
        script: '"$T" x32 "$D/key"; "$T" x32 "$A/key"; "$T" every-open "$A/key"',
      },
      {
        id: 'call-numbers',
        title: 'every number up to 600 with a path in it',
        breach: 'leak',
        seconds: 60,
        script:
          'mkdir empty; cd empty; "$T" numbers "$D/key" | head -c 100000 | grep -a SECRET-; "$T" numbers "$A/key" | head -c 100000 | grep -a SECRET-; chmod -R u+rwX .',
      },
      {
        id: 'call-copies',
        title: 'sendfile, splice, mmap and the loader on what was never opened',
        breach: 'leak',
        script: '"$T" copies "$D/key"; "$T" copies "$A/key"; "$T" copies "$D/tool"',
      },
      {
        id: 'call-own-filter',
        title: 'a filter of one’s own on top, and a listener of one’s own',
        breach: 'leak',
        script: '"$T" own-filter "$D/key"; "$T" own-filter "$A/key"; "$T" trace-filter "$D/key"',
      },
      {
        id: 'call-nest',
        title: 'layers of Landlock of one’s own',
        breach: 'leak',
        script: '"$T" nest "$D/key"; "$T" nest "$A/key"',
      },
      {
        id: 'call-nested-session',
        title: 'a session inside the session, with wider grants',
        breach: 'leak',
        own: true,
        seconds: 30,
        setup: (w) => ({ NONO: w.nono() }),
        policy: { read: ['$NONOROOT'] },
        script:
          'cat "$A/key" 2>/dev/null & "$NONO" run -s --allow "$A" --allow "$W" --override-deny "$D" -- cat "$A/key" "$D/key"; "$NONO" wrap -s --allow "$A" --allow "$D" -- cat "$A/key" "$D/key"; wait',
      },
    ],
  },
  {
    id: 'flood',
    title: 'Floods and exhaustion',
    attempts: [
      {
        id: 'flood-threads',
        title: 'denied calls from thirty threads',
        breach: 'leak',
        script: '"$T" flood "$D/key" 30 800 | head -c 2000; "$T" flood "$A/key" 30 800 | head -c 2000',
      },
      {
        id: 'flood-processes',
        title: 'six hundred processes at once',
        breach: 'leak',
        seconds: 30,
        script: '"$T" many "$A/key" 300 | head -c 4000; "$T" many "$D/key" 300 | head -c 4000',
      },
      {
        id: 'flood-memory',
        title: 'the same for seconds, again and again: the supervisor may keep nothing of a call',
        breach: 'received',
        own: true,
        alone: true,
        seconds: 60,
        meanwhile: watchMemory,
        script:
          'echo $$ >pid; [ -n "$OUTSIDE" ] && exec touch flooded1; for i in 1 2 3 4; do for t in "$A/key" "$D/key"; do "$TS" flood "$t" 8 1000 >/dev/null 2>&1; done; touch flooded$i; while ! [ -e go$i ]; do sleep 0.05; done; done',
      },
      {
        id: 'flood-descriptors',
        title: 'the caller without a free descriptor',
        breach: 'leak',
        script: '"$T" few-descriptors "$D/key"; "$T" few-descriptors "$A/key"; ulimit -n 4; cat "$D/key"; cat "$A/key"',
      },
    ],
  },
  {
    id: 'signals',
    title: 'Signals during a trapped call',
    attempts: [
      {
        id: 'signals-repeat',
        title: 'no call is made twice, and no errno that programs do not know is seen',
        breach: 'leak',
        race: true,
        own: true,
        setup: (w) => {
          w.ignored.add(w.write('floor/token', w.secret));
        },
        // The control is the other way round: `lenient` takes a repeated call for an error that never happened.
        script:
          'for d in "$W" "$F"; do mkdir "$d/storm"; "$T" race-signals "$d/storm" "$((SECONDS_MS / 2))" >out; cat out; [ "$(cat out)" = "odd 0 repeated 0" ] || cat "$F/token"; done; [ "$OUTSIDE" ] && cat "$F/token"; :',
      },
    ],
  },
  {
    id: 'mark',
    title: 'The mark of the fast path, forged',
    attempts: [
      {
        id: 'mark-open',
        title: 'opens of what is denied or not granted',
        breach: 'leak',
        script: 'for t in "$D/key" "$A/key"; do "$T" marked-open "$t"; "$TS" marked-open "$t"; done',
      },
      {
        id: 'mark-names',
        title: 'calls on names',
        breach: 'leak',
        script:
          'mkdir mine; "$T" marked-names "$D" mine; "$TS" marked-names "$A" mine; cat mine/key; "$T" marked-names "$W/sub/deep" mine; cat mine/denied/key marked-directory/denied/key',
      },
      {
        id: 'mark-write',
        title: 'writing, making and removing',
        breach: 'changed',
        script:
          'mkdir mine; for t in "$D" "$A" "$R"; do "$T" marked-names "$t" mine; "$T" marked-create "$t/made"; done; "$T" marked-create "$L"; "$T" marked-open "$R/file"',
      },
      {
        id: 'mark-ancestor',
        title: 'an ancestor of a denied path is moved',
        breach: 'changed',
        script:
          'mkdir mine; "$T" marked-names "$W/sub" mine; "$T" marked-names "$W/sub/deep" mine; "$T" marked-names "$D" mine',
      },
      {
        id: 'mark-race',
        title: 'the name of a marked call is rewritten',
        breach: 'leak',
        race: true,
        script:
          '"$T" race-marked "$F/plain" "$D/key" $SECONDS_MS & "$T" race-marked "$W/plain" "$A/key" $SECONDS_MS; wait',
      },
      {
        id: 'mark-sanitized',
        title: 'a program with a sanitizer in it, which the library that sets the mark is kept out of',
        breach: 'leak',
        needs: ['compiler'],
        setup: (w) => {
          const source = w.write('sanitized.c', sanitized);
          const built = spawnSync('cc', ['-fsanitize=address', '-o', join(w.work, 'sanitized'), source]);
          if (built.status !== 0) throw new Error(String(built.stderr));
        },
        script:
          'for t in "$D/key" "$A/key"; do ./sanitized "$t"; done; export LD_PRELOAD=; for t in "$D/key" "$A/key"; do ./sanitized "$t"; done',
      },
      {
        id: 'mark-without',
        title: 'the preload taken away, or replaced',
        breach: 'leak',
        script:
          'env -u LD_PRELOAD cat "$D/key" "$A/key"; LD_PRELOAD=/nothing cat "$D/key"; env -i /bin/cat "$A/key"; LD_PRELOAD="$TOOLS/none.so" cat "$A/key"',
      },
    ],
  },
  {
    id: 'execute',
    title: 'Programs that are denied, started another way',
    attempts: [
      {
        id: 'execute-script',
        title: 'a denied script by its interpreter, env, find, a #! line',
        breach: 'leak',
        script:
          '"$D/tool"; sh "$D/tool"; . "$D/tool"; env -S "$D/tool"; env "$D/tool"; find "$D" -exec {} \\;; find "$D" -name tool -exec sh {} \\;; printf "#!%s\\n" "$D/tool" >mine; chmod +x mine; ./mine; printf "#!/usr/bin/env -S sh %s\\n" "$D/tool" >mine2; chmod +x mine2; ./mine2; sh -c ". $D/tool"; bash -c "cat <($D/tool)"; xargs -a /dev/null "$D/tool"; echo "$D/tool" | xargs -I{} sh {}; sh <"$D/tool"; perl "$D/tool"; nice "$D/tool"; timeout 1 "$D/tool"',
      },
      {
        id: 'execute-copy',
        title: 'copied, renamed, linked, in a memfd',
        breach: 'leak',
        script:
          'cp "$D/tool" mine; ./mine; ln "$D/tool" l; ./l; ln -s "$D/tool" s; ./s; mv "$D/tool" m; ./m; "$T" from-memory "$D/tool"; "$T" execute-descriptor "$D/tool"',
      },
      {
        id: 'execute-busybox',
        title: 'by the applets of busybox',
        breach: 'leak',
        needs: ['busybox'],
        script:
          'for t in "$D" "$A"; do busybox cat "$t/key"; busybox sh -c "cat $t/key"; busybox cp "$t/key" "$F/got"; busybox tar -cf - "$t"; done; busybox sh "$D/tool"; busybox sh -c ". $D/tool"; busybox env "$D/tool"; busybox find "$D" -name tool -exec {} \\;; ln -s /bin/busybox cat; ./cat "$D/key"; cp /bin/busybox mine; ./mine head "$D/key"; ./mine dd if="$A/key"; ./mine ln "$A/key" h; ./mine mv "$D/key" m; cat h m',
      },
      {
        id: 'execute-loader',
        title: 'a denied program by the loader',
        breach: 'leak',
        setup: (w) => {
          w.program('work/sub/deep/denied/reader');
          w.ignored.add(w.write('work/token', w.secret));
        },
        script:
          'for ld in /lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1; do "$ld" "$D/reader" as-owner "$W/token"; done; "$D/reader" as-owner "$W/token"; "$T" execute-descriptor "$D/reader" as-owner "$W/token"; cd "$D"; ./reader as-owner "$W/token"',
      },
      {
        id: 'execute-not-granted',
        title: 'a program where nothing is granted',
        breach: 'leak',
        setup: (w) => {
          w.program('away/reader');
          w.ignored.add(w.write('work/token', w.secret));
        },
        script:
          '"$A/reader" as-owner "$W/token"; "$T" execute-descriptor "$A/reader" as-owner "$W/token"; /lib64/ld-linux-x86-64.so.2 "$A/reader" as-owner "$W/token"; cp "$A/reader" r; ./r as-owner "$W/token"',
      },
    ],
  },
];
