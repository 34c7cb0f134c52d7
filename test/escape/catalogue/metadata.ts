/** Mode, owner, times, extended attributes, inode flags: what Landlock does not look at. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { Topic } from '../model.ts';
import { btrfsBefore } from '../mounted.ts';
import type { World } from '../world.ts';

export const metadata: readonly Topic[] = [
  {
    id: 'metadata',
    title: 'Metadata of what may only be read, or not even that',
    attempts: [
      {
        id: 'metadata-denied',
        title: 'of a denied file and directory, by path',
        breach: 'changed',
        script: '"$T" metadata "$D/key"; "$T" metadata "$D"',
      },
      {
        id: 'metadata-away',
        title: 'of what is not granted, by path',
        breach: 'changed',
        script: '"$T" metadata "$A/key"; "$T" metadata "$A"',
      },
      {
        id: 'metadata-read-only',
        title: 'of what is granted for reading, by path',
        breach: 'changed',
        script: '"$T" metadata "$R/file"; "$T" metadata "$R"',
      },
      {
        id: 'metadata-descriptor',
        title: 'of what is granted for reading, by a descriptor',
        breach: 'changed',
        script: '"$T" metadata-descriptor "$R/file"; "$T" metadata-descriptor "$R"',
      },
      {
        id: 'metadata-path-descriptor',
        title: 'by an O_PATH descriptor of what is denied',
        breach: 'changed',
        script: '"$T" metadata-descriptor "$D/key"; "$T" metadata-descriptor "$D"; "$T" metadata-descriptor "$A/key"',
      },
      {
        id: 'metadata-at',
        title: 'relative to a directory, and from inside it',
        breach: 'changed',
        script: '"$T" metadata-at "$D" key; "$T" metadata-at "$A" key; "$T" metadata-at "$R" file',
      },
      {
        id: 'metadata-link',
        title: 'through a symbolic link',
        breach: 'changed',
        script:
          'for t in "$D/key" "$A/key" "$R/file"; do ln -sfn "$t" "$F/l"; "$T" metadata "$F/l"; ln -sfn "$t" "$W/l"; "$T" metadata "$W/l"; done',
      },
      {
        id: 'metadata-proc',
        title: 'through /proc/self/fd and /proc/self/root',
        breach: 'changed',
        script:
          'for t in "$D/key" "$A/key" "$R/file"; do "$T" metadata "/proc/self/root$t"; "$T" metadata "/proc/self/cwd/../../../../../../../..$t"; done',
      },
      {
        id: 'metadata-static',
        title: 'by a static program',
        breach: 'changed',
        script: 'for t in "$D/key" "$A/key" "$R/file"; do "$TS" metadata "$t"; "$TS" metadata-descriptor "$t"; done',
      },
      {
        id: 'metadata-tools',
        title: 'by the usual tools',
        breach: 'changed',
        script:
          'for t in "$D/key" "$A/key" "$R/file" "$R"; do chmod 777 "$t"; chmod u+s "$t"; chown 65534 "$t"; touch -d 2001-01-01 "$t"; touch "$t"; chattr +d "$t"; setfacl -m o::rwx "$t"; truncate -s 0 "$t"; done; chmod -R 777 "$W" "$A" "$R"',
      },
      {
        id: 'metadata-dumpable',
        title: 'by a caller that cannot be read',
        breach: 'changed',
        script:
          '"$T" undumpable metadata "$A/key"; "$T" undumpable metadata "$R/file"; "$T" undumpable metadata-descriptor "$R/file"',
      },
      {
        id: 'metadata-memory',
        title: 'by names in memory that nobody else can read',
        breach: 'changed',
        script: 'for t in "$D/key" "$A/key" "$R/file"; do "$T" metadata-memory "$t"; done',
      },
      {
        id: 'metadata-open-up',
        title: 'a parent outside is opened for everybody',
        breach: 'changed',
        setup: (w) => chmodSync(w.away, 0o700),
        script: 'chmod 777 "$A"; chmod 777 "$A/dir"; chmod a+r "$A/key"',
      },
      ...['D/key', 'A/key', 'R/file', 'D'].map((path, i) => ({
        id: `metadata-attributes-${i + 1}`,
        title: `extended attributes of \`$${path}\` removed, by every call`,
        breach: 'leak' as const,
        setup: (w: World): void => {
          w.ignored.add(w.write('floor/token', w.secret));
        },
        script: `"$T" without-attributes "$${path}" "$F/token"`,
      })),
      {
        id: 'metadata-btrfs',
        every: true,
        title: 'where a btrfs subvolume was received from, and which blocks a file shares, by a descriptor for reading',
        breach: 'received',
        needs: ['mounts', 'btrfs'],
        setup: (w) => btrfsBefore(w, 'ro/disk'),
        script: '"$T" btrfs "$R/disk/sub" "$R/disk/sub/file"',
      },
      {
        id: 'metadata-home',
        title: 'of the directory above everything',
        breach: 'changed',
        setup: (w) => {
          w.watched.push(join(w.base, 'marker'));
          w.write('marker', 'x');
        },
        script: 'cd ..; chmod 700 . marker; touch -d 2001-01-01 marker; chmod 777 ../*/marker',
      },
    ],
  },
];
