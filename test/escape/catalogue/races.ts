/** Something changes between the supervisor's look and the kernel's act. */
import { join } from 'node:path';
import type { Attempt, Topic } from '../model.ts';
import { listener } from '../outside.ts';

const race = (
  id: string,
  title: string,
  breach: Attempt['breach'],
  script: string,
  more: Partial<Attempt> = {},
): Attempt => ({ id, title, breach, script, race: true, ...more });
const good = (w: { write(name: string, text: string): string }): void => {
  w.write('work/good/key', 'harmless\n');
  w.write('floor/good/key', 'harmless\n');
};

export const races: readonly Topic[] = [
  {
    id: 'race',
    title: 'Races between the look and the act',
    attempts: [
      race(
        'race-text',
        'the name is rewritten by another thread',
        'leak',
        '"$T" race-text "$W/plain" "$D/key" $SECONDS_MS & "$T" race-text "$F/plain" "$A/key" $SECONDS_MS; wait',
      ),
      race(
        'race-text-static',
        'the same in a static program',
        'leak',
        '"$TS" race-text "$W/plain" "$D/key" $SECONDS_MS & "$TS" race-text "$F/plain" "$D/key" $SECONDS_MS; wait',
      ),
      race(
        'race-parent',
        'the name is rewritten by another process, in memory that nobody shares, at the end of a page',
        'leak',
        '"$T" race-parent "$W/plain" "$D/key" $SECONDS_MS & "$T" race-parent "$F/plain" "$A/key" $SECONDS_MS; wait',
      ),
      race(
        'race-flags',
        'openat2’s flags change from O_PATH to reading',
        'leak',
        '"$T" race-flags "$D/key" $SECONDS_MS & "$T" race-flags "$A/key" $SECONDS_MS; wait',
      ),
      race(
        'race-write',
        'openat2’s flags change from reading to writing',
        'changed',
        '"$T" race-write "$R/file" $SECONDS_MS',
      ),
      race(
        'race-link',
        'a symbolic link changes its target',
        'leak',
        '"$T" race-link "$F/l" "$W/plain" "$D/key" "" $SECONDS_MS & "$T" race-link "$W/l" "$F/plain" "$A/key" "" $SECONDS_MS; wait',
      ),
      race(
        'race-link-directory',
        'a link in the middle changes its target',
        'leak',
        '"$T" race-link "$F/l" "$W/good" "$D" /key $SECONDS_MS & "$T" race-link "$W/l" "$F/good" "$A" /key $SECONDS_MS; wait',
        { setup: good },
      ),
      race(
        'race-link-write',
        'the same, for writing',
        'changed',
        '"$T" race-link "$F/l" "$W/plain" "$R/file" "" $SECONDS_MS write & "$T" race-link "$W/l" "$F/plain" "$A/new" "" $SECONDS_MS write; wait',
      ),
      race(
        'race-bind',
        'a link on the way to a socket’s file leads to the denied directory below for a moment',
        'changed',
        '"$T" race-bind "$F/l" "$W/sub/deep" "$D" $SECONDS_MS',
      ),
      race(
        'race-directories',
        'two directories change places',
        'leak',
        'mkdir x; ln -s "$D" x/in; mkdir y; mkdir y/in; echo harmless >y/in/key; "$T" race-directories "$W/x" "$W/y" in/key $SECONDS_MS',
        { setup: good },
      ),
      race(
        'race-dirfd',
        'the number of a directory descriptor changes its meaning',
        'leak',
        '"$T" race-dirfd "$W/good" "$D" key $SECONDS_MS & "$T" race-dirfd "$F/good" "$A" key $SECONDS_MS; wait',
        { setup: good },
      ),
      race(
        'race-cwd',
        'the working directory changes',
        'leak',
        '"$T" race-cwd "$W/good" "$D" key $SECONDS_MS & "$T" race-cwd "$F/good" "$A" key $SECONDS_MS; wait',
        { setup: good },
      ),
      race(
        'race-names',
        'the name that is linked, renamed, changed or truncated is rewritten',
        'changed',
        '"$T" race-names "$W/plain" "$D/key" $SECONDS_MS & (cd "$F"; "$T" race-names "$F/plain" "$A/key" $SECONDS_MS); wait',
      ),
      race(
        'race-exec',
        'the program is another one when it starts',
        'leak',
        '"$T" race-exec /bin/true "$D/tool" $SECONDS_MS',
      ),
      race(
        'race-unix',
        'the address of a unix socket changes',
        'received',
        '"$T" race-address unix "$W/none" "$A/socket" $SECONDS_MS',
        {
          setup: async (w) => {
            await listener(w, 'unix', join(w.away, 'socket'));
          },
        },
      ),
      race(
        'race-unix-datagram',
        'the address of a unix datagram changes',
        'received',
        '"$T" race-address unix-dgram "$W/none" "$A/socket" $SECONDS_MS',
        {
          setup: async (w) => {
            await listener(w, 'unix-dgram', join(w.away, 'socket'));
          },
        },
      ),
    ],
  },
];
