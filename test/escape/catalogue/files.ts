/** Reaching the content of a denied file, or writing it, by another way to name it. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, linkSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Topic } from '../model.ts';
import { mountedBefore, spelledBefore } from '../mounted.ts';
import { accomplice } from '../outside.ts';
import type { World } from '../world.ts';
import { afterwards } from './meanwhile.ts';

const domainName = '/proc/sys/kernel/domainname';

const CARRIED = ['one', 'two', 'three', 'four'];

/** What is denied stays where it is: elsewhere it would be removed. */
function removedLater(world: World): void {
  const gone = (name: string): boolean => !existsSync(join(world.work, name, '.sealed'));
  const heard = (): string => (world.variables['MADE'] === undefined ? '' : CARRIED.filter(gone).join(' '));
  world.services.push({ kind: 'received', said: '', heard, end: () => {} });
}

export const files: readonly Topic[] = [
  {
    id: 'symlink',
    title: 'Symbolic links in a granted directory that lead outside or to what is denied',
    attempts: [
      {
        id: 'symlink-read',
        title: 'read through a link to a file',
        breach: 'leak',
        script: 'for t in "$A/key" "$D/key"; do for d in "$W" "$F"; do ln -sf "$t" "$d/l"; cat "$d/l"; done; done',
      },
      {
        id: 'symlink-write',
        title: 'write through a link to a file',
        breach: 'changed',
        script:
          'for t in "$A/key" "$D/key"; do for d in "$W" "$F"; do ln -sf "$t" "$d/l"; echo x >>"$d/l"; echo x >"$d/l"; done; done',
      },
      {
        id: 'symlink-create',
        title: 'create through a dangling link',
        breach: 'changed',
        script:
          'for t in "$A/new" "$D/new" "$L"; do for d in "$W" "$F"; do ln -sfn "$t" "$d/l"; echo planted >"$d/l"; mkdir "$d/l/"; "$T" every-write "$d/l"; done; done',
      },
      {
        id: 'symlink-directory',
        title: 'a link in the middle of the path',
        breach: 'leak',
        script:
          'for t in "$A" "$D"; do for d in "$W" "$F"; do ln -sfn "$t" "$d/d"; cat "$d/d/key" "$d/d/./key" "$d/d/../denied/key" "$d/d/../away/key"; ls "$d/d"; done; done',
      },
      {
        id: 'symlink-chain',
        title: 'a chain of links, relative and through /proc',
        breach: 'leak',
        script:
          'cd "$F"; ln -s "$W/sub/deep" one; ln -s one/denied two; ln -s two/key three; ln -s "/proc/self/root$D/key" four; ln -s /proc/self/cwd five; ln -s "five/../work/sub/deep/denied" six; cat three four six/key',
      },
      {
        id: 'symlink-copy',
        title: 'tools that follow links when they copy',
        breach: 'leak',
        script:
          'ln -s "$D" d; ln -s "$A" a; cp -rL d c1; cp -rL a c2; tar -chf t.tar d a; cat d/key a/key >c3; tar -xOf t.tar',
      },
      {
        id: 'symlink-host',
        title: 'links that lay there before the start',
        breach: 'leak',
        setup: (w) => {
          symlinkSync(join(w.away, 'key'), join(w.floor, 'before'));
          symlinkSync(w.denied, join(w.work, 'before'));
        },
        script: 'cat "$F/before" "$W/before/key"',
      },
      {
        id: 'symlink-host-write',
        title: 'writing through links that lay there before the start',
        breach: 'changed',
        setup: (w) => {
          symlinkSync(join(w.away, 'key'), join(w.floor, 'before'));
          symlinkSync(w.denied, join(w.work, 'before'));
        },
        script: 'echo x >>"$F/before"; echo x >>"$W/before/key"; touch "$W/before/new"; rm -f "$W/before/key"',
      },
    ],
  },
  {
    id: 'hard-link',
    title: 'Hard links to what is denied',
    attempts: [
      {
        id: 'hard-link-make',
        every: true,
        title: 'make one, by every call',
        breach: 'leak',
        script:
          'for t in "$D/key" "$A/key"; do for d in "$W" "$F"; do "$T" link "$t" "$d/h"; cat "$d/h"; rm -f "$d/h"; done; done',
      },
      {
        id: 'hard-link-count',
        title: 'make one, and leave the inode changed',
        breach: 'changed',
        script: 'for t in "$D/key" "$A/key" "$R/file"; do for d in "$W" "$F"; do ln "$t" "$d/h"; done; done',
      },
      {
        id: 'hard-link-into',
        every: true,
        title: 'put a file of one’s own where writing is denied',
        breach: 'changed',
        script:
          'for t in "$D" "$A" "$R"; do "$T" link "$W/plain" "$t/planted"; "$T" link "$F/plain" "$t/planted"; done; "$T" link "$W/plain" "$L"',
      },
      {
        id: 'hard-link-read-only',
        every: true,
        title: 'write a read-only file by a second name',
        breach: 'changed',
        script: 'for d in "$W" "$F"; do "$T" link "$R/file" "$d/h"; echo x >>"$d/h"; chmod 777 "$d/h"; done',
      },
      {
        id: 'hard-link-before',
        title: 'a second name of a denied file that was there before the start is named',
        breach: 'leak',
        named: /is the same file as .*denies/,
        setup: (w) => {
          linkSync(join(w.denied, 'key'), join(w.work, 'alias'));
          w.ignored.add(join(w.work, 'alias'));
        },
        script: 'cat alias',
        own: true,
        alone: true,
      },
    ],
  },
  {
    id: 'rename',
    title: 'Moving what is denied, or what lies above it',
    attempts: [
      {
        id: 'rename-denied',
        every: true,
        title: 'the denied directory itself',
        breach: 'leak',
        script:
          'for d in "$W" "$F"; do "$T" rename "$D" "$d/moved"; cat "$d/moved/key"; "$T" rename "$D/key" "$d/key"; cat "$d/key"; done',
      },
      {
        id: 'rename-ancestor',
        every: true,
        title: 'a directory above it',
        breach: 'leak',
        script:
          '"$T" rename "$W/sub/deep" "$W/sub/other"; cat "$W/sub/other/denied/key"; "$T" rename "$W/sub" "$W/elsewhere"; cat "$W/elsewhere/deep/denied/key" "$W/elsewhere/other/denied/key"; "$T" rename "$W/sub" "$F/elsewhere"; cat "$F/elsewhere/deep/denied/key"',
      },
      {
        id: 'rename-granted',
        title: 'the granted directory itself',
        breach: 'leak',
        script: '"$T" rename "$W" "$B/other"; cat "$B/other/sub/deep/denied/key"',
      },
      {
        id: 'rename-recreate',
        title: 'move it away and put another in its place',
        breach: 'changed',
        script:
          '"$T" rename "$W/sub/deep" "$W/sub/other"; mkdir -p "$D"; echo planted >"$D/key"; "$T" rename "$W/sub" "$W/other"; mkdir -p "$D"; echo planted >"$D/key"',
      },
      {
        id: 'rename-over',
        title: 'put something over it',
        breach: 'changed',
        script:
          'mkdir mine; echo planted >mine/key; "$T" rename plain "$D/key"; "$T" rename mine "$D"; "$T" exchange plain "$D/key"; "$T" exchange mine "$D"; "$T" exchange mine "$W/sub/deep"; "$T" exchange mine "$W/sub"; mv -T mine "$W/sub/deep/denied"',
      },
      {
        id: 'rename-exchange',
        title: 'exchange it, or what is above it, with a directory of one’s own',
        breach: 'leak',
        script:
          'mkdir -p x y; "$T" exchange x "$D"; cat x/key; "$T" exchange y "$W/sub/deep"; cat y/denied/key; mkdir z; "$T" exchange z "$W/sub"; cat z/deep/denied/key',
      },
      {
        id: 'rename-descriptor',
        every: true,
        title: 'by descriptors of the directories',
        breach: 'leak',
        script:
          '"$T" rename-at "$D" key "$W" got; cat got; "$T" rename-at "$W/sub/deep" denied "$W" gotten; cat gotten/key; "$T" rename-at "$A" key "$F" got; cat "$F/got"',
      },
      {
        id: 'rename-outside',
        title: 'take a file from where nothing is granted, or put one there',
        breach: 'changed',
        script:
          '"$T" rename "$A/key" "$W/got"; "$T" rename "$A/dir" "$F/got"; "$T" rename "$F/plain" "$A/planted"; "$T" exchange "$F/plain" "$A/key"; "$T" rename "$R/file" "$F/got"',
      },
      {
        id: 'rename-away-from',
        every: true,
        title: 'empty the denied directory',
        breach: 'changed',
        script:
          '"$T" remove "$D/key"; "$T" remove "$D/tool"; "$T" remove "$D"; "$T" remove "$A/key"; "$T" remove "$A/dir/key"; rm -rf "$W/sub/deep" "$A" "$R"',
      },
      {
        id: 'rename-by-itself',
        title: 'a directory that is granted by itself is moved with all that lies in it',
        breach: 'leak',
        policy: { allowFile: ['$A/dir'] },
        own: true,
        script:
          'mkdir mine; "$T" exchange "$A/dir" mine; "$T" exchange mine "$A/dir"; "$T" exchange "$F/plain" "$A/dir"; "$T" rename "$A/dir" "$F/got"; "$T" rename "$A/dir" "$W/got"; mv "$A/dir" "$W/moved"; cat */key "$F"/*/key',
      },
    ],
  },
  {
    id: 'proc',
    title: 'Links of /proc and /dev to files, roots and working directories',
    attempts: [
      {
        id: 'proc-root',
        title: '/proc/*/root and cwd of oneself',
        breach: 'leak',
        script:
          'for t in "$D/key" "$A/key"; do for p in self thread-self self/task/$$ $$ 1; do cat "/proc/$p/root$t" "/proc/$p/cwd/$(realpath --relative-to=. "$t")"; done; cat "/dev/fd/../../../..$t" "/proc/self/root/proc/self/root$t"; done',
      },
      {
        id: 'proc-fd',
        title: 'an O_PATH descriptor opened again',
        breach: 'leak',
        script: '"$T" reopen "$D/key"; "$T" reopen "$A/key"; "$T" clone-files "$D/key"',
      },
      {
        id: 'proc-fd-write',
        title: 'a read-only descriptor opened again for writing',
        breach: 'changed',
        script:
          'exec 5<"$R/file"; echo x >/proc/self/fd/5; echo x >/dev/fd/5; echo x >>/proc/$$/fd/5; truncate -s 1 /proc/self/fd/5',
      },
      {
        id: 'proc-victim',
        title: 'root, cwd and descriptors of a process outside',
        breach: 'leak',
        script:
          'cat /proc/$VICTIM/cwd/key "/proc/$VICTIM/root$D/key" "/proc/$VICTIM/root$A/key" /proc/$VICTIM/fd/4 /proc/$VICTIM/environ /proc/$VICTIM/task/$VICTIM/cwd/key; for f in /proc/$VICTIM/fd/*; do timeout 1 cat <"$f"; done; cd /proc/$VICTIM/cwd && cat key; cd "/proc/$VICTIM/root$A" && cat key; ls /proc/$VICTIM/map_files/; cat /proc/$VICTIM/map_files/*',
      },
      {
        id: 'proc-all',
        title: 'root, cwd and descriptors of every process there is',
        breach: 'leak',
        seconds: 20,
        script:
          'for p in /proc/[0-9]*; do cat "$p/environ" "$p/cwd/key" "$p/root$A/key" 2>/dev/null | grep -a SECRET- | head -c 200; done',
      },
      {
        id: 'proc-victim-write',
        title: 'entries of a process outside written',
        breach: 'victim',
        script: '"$T" proc-write $VICTIM',
      },
    ],
  },
  {
    id: 'not-yet',
    title: 'A denied path that does not exist yet',
    attempts: [
      {
        id: 'not-yet-make',
        every: /^mknod (char|block)$/,
        title: 'made, by every call that makes a name',
        breach: 'changed',
        script:
          'for i in 1 2 3; do "$T" make "$L"; done; mkdir -p "$L/a/b"; echo x >"$L/a/b/c"; ln -s /etc "$L"; cp -r sub "$L"; mv sub/plain "$L"; rm -rf "$L"; "$T" bind-unix "$L"; "$T" every-write "$L"',
      },
      {
        id: 'not-yet-tmpfile',
        every: true,
        title: 'an unnamed file linked there',
        breach: 'changed',
        script: '"$T" tmpfile "$W" later; "$T" tmpfile "$D" new; "$T" tmpfile "$A" new',
      },
      {
        id: 'not-yet-above',
        title:
          'a directory above it that does not exist either: carried there with the file in it, exchanged, a link to where the file is',
        breach: 'changed',
        setup: (w) => {
          w.watched.push(join(w.work, 'new/er/secret'));
        },
        policy: { deny: ['$W/new/er/secret'] },
        script:
          'mkdir -p a/er "$F/b/er" c/er; for d in a "$F/b" c; do echo evil >"$d/er/secret"; done; mv -T a new; mv -T "$F/b" new; mv new gone; ln -s "$F/b" new; mv new gone2; mkdir new; mv -T c/er new/er; mv -T "$F/b/er" new/er; ln -s "$F/b/er" new/er; rmdir new; mkdir -p new/er; echo evil >new/er/secret; mkdir new/er/secret; "$T" exchange new c; "$T" exchange new/er c/er; "$T" exchange new/er "$F/b/er"; mv new gone3; mv -T c new',
      },
      {
        id: 'not-yet-appears',
        title: 'read when somebody outside makes it meanwhile',
        breach: 'leak',
        script:
          'touch ready; while ! [ -e go ]; do sleep 0.05; done; cat "$L" "$L/key"; cat "$W/./later/key"; cd "$L" && cat key',
        meanwhile: afterwards((w) => {
          w.write('work/later/key', w.secret, 0o600);
          w.own(join(w.work, 'later'));
        }),
        setup: (w) => {
          w.watched.splice(w.watched.indexOf(w.later), 1);
          w.ignored.add(w.later);
        },
      },
      {
        id: 'not-yet-appears-write',
        title: 'written when somebody outside makes it meanwhile',
        breach: 'changed',
        script:
          'touch ready; while ! [ -e go ]; do sleep 0.05; done; echo overwritten >"$L/key"; touch "$L/key2"; rm -rf "$L"',
        meanwhile: afterwards(async (w) => {
          w.write('work/later/key', w.secret, 0o600);
          w.own(join(w.work, 'later'));
          await w.look();
        }),
      },
      {
        id: 'not-yet-carried',
        title: 'made by somebody outside under a denied name, then carried into a directory that is on the floor',
        breach: 'leak',
        policy: { denyPattern: ['**/.sealed'] },
        setup: (w) => {
          w.ignored.add(join(w.work, 'came'));
        },
        script:
          'mkdir -p born/sub other next; touch ready; while ! [ -e go ]; do sleep 0.05; done; "$T" exchange born other; mv -T came other/sub/came; cat other/sub/came/.sealed; "$T" exchange came/in other/sub; cat other/sub/.sealed; mv came next/came; cat next/came/.sealed',
        meanwhile: afterwards((w) => {
          for (const name of ['came/.sealed', 'came/in/.sealed']) w.write(`work/${name}`, w.secret, 0o600);
          for (const name of ['came', 'came/.sealed', 'came/in', 'came/in/.sealed']) w.own(join(w.work, name));
        }),
      },
      {
        id: 'not-yet-removed',
        title:
          'made by somebody outside under a denied name, then carried where nono itself removes everything: the session’s $TMPDIR, and what looks like that of a killed one',
        breach: 'received',
        policy: { denyPattern: ['**/.sealed'], flags: ['--strict-deny'] },
        setup: removedLater,
        own: true,
        script:
          'touch ready; while ! [ -e go ]; do sleep 0.05; done; P=$TMPDIR; [ -z "$OUTSIDE" ] || P=$(mktemp -d); old=$(dirname "$P")/nono-tmp-0000001-000000000001-AAAAA; mkdir -m 700 "$old"A "$P/x"; mv one "$P/"; mv two "$old"A/; mv -T three "$old"B; touch -d @1 "$old"[AB]; "$T" exchange four "$P/x"; [ -z "$OUTSIDE" ] || rm -rf "$P" "$old"[AB]',
        meanwhile: afterwards((w) => {
          w.variables['MADE'] = 'yes';
          for (const name of CARRIED) {
            w.write(`work/${name}/.sealed`, 'sealed', 0o600);
            w.own(join(w.work, name));
          }
        }),
      },
      {
        id: 'not-yet-closed',
        title:
          'below a directory of the user’s own that nobody could look into at the start, opened by a change of its mode',
        breach: 'leak',
        policy: { denyPattern: ['**/.sealed'] },
        setup: (w) => {
          const modes = { shut: 0, listed: 0o444, entered: 0o111 };
          for (const name of Object.keys(modes)) w.ignored.add(w.write(`work/${name}/sub/.sealed`, w.secret, 0o600));
          const close = (): void => {
            for (const [name, mode] of Object.entries(modes)) chmodSync(join(w.work, name), mode);
          };
          const open = (): void => {
            for (const name of Object.keys(modes)) chmodSync(join(w.work, name), 0o755);
          };
          w.afterOwning.push(close);
          // Else an ordinary user could not remove them.
          w.services.push({ kind: 'received', said: '', heard: () => '', end: open });
        },
        script:
          'chmod 755 shut listed entered; for d in shut listed entered; do cat $d/sub/.sealed; mv $d/sub over; cat over/.sealed; done',
      },
    ],
  },
  {
    id: 'descriptor',
    title: 'Relative to descriptors, by openat2, by handle',
    attempts: [
      {
        id: 'descriptor-at',
        title: 'relative to a descriptor of the denied directory, and from inside it',
        breach: 'leak',
        script:
          '"$T" at "$D" key; "$T" at "$A" key; "$T" at "$W/sub/deep" denied/key; "$T" at "$A/dir" ../key; "$T" at / "./$A/key"',
      },
      {
        id: 'descriptor-every-open',
        title: 'every call and flag that opens',
        breach: 'leak',
        script: '"$T" every-open "$D/key"; "$T" every-open "$A/key"; cd "$D"; "$T" every-open key',
      },
      {
        id: 'descriptor-every-write',
        title: 'every call and flag that opens for writing',
        breach: 'changed',
        script:
          'for f in "$D/key" "$A/key" "$R/file" "$L" "$A/new" "$R/new"; do "$T" every-write "$f"; done; cd "$D"; "$T" every-write key',
      },
      {
        id: 'descriptor-handle',
        title: 'by file handle',
        breach: 'leak',
        users: ['root'],
        script: '"$T" by-handle "$D/key"; "$T" by-handle "$A/key"',
      },
      {
        id: 'descriptor-static',
        title: 'a static program, past every library',
        breach: 'leak',
        script:
          '"$TS" every-open "$D/key"; "$TS" at "$A" key; env -i "$TS" every-open "$A/key"; LD_PRELOAD= "$T" every-open "$D/key"',
      },
    ],
  },
  {
    id: 'spelling',
    title: 'Other spellings of a path',
    attempts: [
      {
        id: 'spelling-text',
        title: 'slashes, dots, trailing slashes',
        breach: 'leak',
        script:
          'for t in "$D" "$A"; do cat "/$t/key" "//$t//key" "/./$t/./key" "$t/../$(basename "$t")/key" "/proc/..$t/key" "$t//.//key" "/usr/../$t/key" "$W/sub/../../$(basename "$B")/work/sub/deep/denied/key"; cat "$t/key/"; done; cd /; cat "./$D/key"',
      },
      {
        id: 'spelling-long',
        title: 'every length around PATH_MAX',
        breach: 'leak',
        script: '"$T" long "$D" key | head -c 3000; "$T" long "$A" key | head -c 3000',
      },
      {
        id: 'spelling-memory',
        title: 'a name in odd memory, and callers that cannot be read',
        breach: 'leak',
        script: '"$T" odd-memory "$D/key"; "$T" odd-memory "$A/key"; "$T" few-descriptors "$A/key"',
      },
      {
        id: 'spelling-write',
        title: 'written in other spellings',
        breach: 'changed',
        script:
          'for t in "$D" "$A"; do echo x >"/$t/new"; echo x >"$t/./new"; mkdir "$t/dir2/" "$t//dir3"; done; mkdir "$L/" "$L/."; cd sub/deep; mkdir ./../../later; mkdir ../../later/',
      },
    ],
  },
  {
    id: 'replace',
    title: 'Atomic replacing of a granted file',
    attempts: [
      {
        id: 'replace-inode',
        title: 'a granted file in a directory that is not: replaced, moved, linked',
        breach: 'changed',
        policy: { allowFile: ['$A/dir/one'] },
        setup: (w) => {
          w.write('away/dir/one', 'granted\n');
          // The file itself is granted: it may be removed and replaced, its neighbours may not come or go.
          const at = w.watched.indexOf(w.away);
          w.watched.splice(
            at,
            1,
            ...['key', 'dir/key', 'dir/two', 'dir/three', 'dir/one.tmp'].map((n) => join(w.away, n)),
          );
        },
        script:
          'echo mine >mine; "$T" rename mine "$A/dir/one"; mv "$A/dir/one" "$A/dir/two"; "$T" exchange plain "$A/dir/one"; ln "$A/dir/one" "$A/dir/three"; rm -f "$A/dir/one"; echo x >"$A/dir/one.tmp"',
      },
      {
        id: 'replace-by-link',
        title: 'somebody outside puts a link to a denied file in the granted one’s place',
        breach: 'leak',
        policy: { allowFile: ['$A/dir/one'] },
        setup: (w) => {
          w.write('away/dir/one', 'granted\n');
          w.watched.splice(w.watched.indexOf(w.away), 1);
        },
        script: 'touch ready; while ! [ -e go ]; do sleep 0.05; done; cat "$A/dir/one"',
        meanwhile: afterwards((w) => {
          symlinkSync(join(w.denied, 'key'), join(w.away, 'dir/next'));
          renameSync(join(w.away, 'dir/next'), join(w.away, 'dir/one'));
        }),
      },
    ],
  },
  {
    id: 'mount',
    title: 'Mounts, in a nested user namespace and from before the start',
    attempts: [
      {
        id: 'mount-tools',
        title: 'bind, overlay, tmpfs and proc by unshare and mount',
        breach: 'leak',
        needs: ['userns'],
        script:
          'mkdir m; unshare -Urm sh -c \'mount --bind "$D" m && cat m/key; mount -t tmpfs none m && mount --bind "$A" m && cat m/key; mount -t overlay overlay -o lowerdir="$D":/usr m && cat m/key\'; unshare -Urmpf sh -c \'mount -t proc proc m && cat "m/1/root$A/key"\'',
      },
      {
        id: 'mount-calls',
        title: 'the same by system calls, the newer mount calls too',
        breach: 'leak',
        needs: ['userns'],
        script: '"$T" unshare-read "$D" m; "$T" unshare-read "$A" m2',
      },
      {
        id: 'mount-enter',
        title: 'the mounts of a container of the user, where a denied directory lies below a granted one',
        breach: 'leak',
        needs: ['userns'],
        own: true,
        setup: async (w) => ({
          INSIDE: (await accomplice(w, ['container', w.denied, join(w.floor, 'm')])).said,
          APART: (await accomplice(w, ['container', w.away, join(w.floor, 'm2')])).said,
        }),
        script:
          '"$T" enter-mounts $INSIDE "$F/m/key"; "$T" enter-mounts $APART "$F/m2/key"; nsenter -t $INSIDE -U -m --preserve-credentials cat "$F/m/key"',
      },
      {
        id: 'mount-over',
        title: 'mounted without a namespace',
        breach: 'leak',
        users: ['root'],
        alone: true,
        script:
          'mkdir m; mount --bind "$A" m && cat m/key; umount m; unshare -m sh -c \'mount --bind "$D" m && cat m/key\'; chroot "$A" /nothing',
      },
      {
        id: 'mount-twice',
        title: 'a denied directory that was mounted at a second place before the start, below a granted one',
        breach: 'leak',
        needs: ['mounts'],
        setup: (w) => mountedBefore(w, 'floor/second', '--bind', w.denied),
        script: 'cat "$F/second/key"; cd "$F/second"; cat key; "$T" every-open "$F/second/key"; "$TS" every-open key',
      },
      {
        id: 'mount-twice-write',
        title: 'the same, written',
        breach: 'changed',
        needs: ['mounts'],
        setup: (w) => mountedBefore(w, 'floor/second', '--bind', w.denied),
        script:
          'echo evil >"$F/second/key"; echo evil >"$F/second/made"; rm "$F/second/tool"; mv "$F/second/key" "$F/"; chmod 777 "$F/second/key" "$F/second"',
      },
      {
        id: 'mount-twice-above',
        title: 'the same of a directory above it',
        breach: 'leak',
        needs: ['mounts'],
        setup: (w) => mountedBefore(w, 'floor/second', '--bind', join(w.work, 'sub')),
        script:
          'cat "$F/second/deep/denied/key"; mv "$F/second/deep" "$F/second/other" && cat "$F/second/other/denied/key"',
      },
      {
        id: 'mount-spelled',
        title:
          'a file system on which short names, dots at the end, capitals and letters composed otherwise are the same name',
        breach: 'leak',
        needs: ['mounts'],
        policy: { deny: ['$B/floor/fat/private.text', '$B/floor/fat/private.dir', '$B/floor/fat/café.text'] },
        setup: (w) => spelledBefore(w, 'floor/fat'),
        script:
          'cd "$F/fat"; for f in café.text café.text private.text PRIVATE.TEXT private.text. "private.text " PRIVAT~1.TEX privat~1.tex. private.dir/key private.dir./key PRIVAT~1.DIR/key; do cat "$f"; "$T" every-open "$f"; "$T" marked-open "$PWD/$f"; "$TS" every-open "$f"; done; cd PRIVAT~1.DIR && cat key; cd "$F/fat"; mv PRIVAT~1.DIR other',
      },
      {
        id: 'mount-devices',
        title: 'a second mount of the devices below a granted directory, with a disk that holds the secret',
        breach: 'leak',
        users: ['root'],
        needs: ['mounts'],
        setup: (w) => {
          const loop = spawnSync('losetup', ['-f', '--show', w.write('away/disk', w.secret.padEnd(512))], {
            encoding: 'utf8',
          });
          if (loop.status !== 0) throw new Error(loop.stderr);
          const disk = loop.stdout.trim();
          const end = (): void => void spawnSync('losetup', ['-d', disk]);
          w.services.push({ kind: 'received', said: '', heard: () => '', end });
          mountedBefore(w, 'floor/dev', '--bind', '/dev');
          return { DISK: join(w.floor, 'dev', basename(disk)) };
        },
        script: 'head -c 512 "$DISK"; "$T" every-open "$DISK"; "$TS" every-open "$DISK"',
      },
      {
        id: 'mount-kernel',
        title: 'a second mount of proc below a granted directory, by which root controls the kernel',
        breach: 'received',
        users: ['root'],
        needs: ['mounts'],
        exclusive: true,
        setup: (w) => {
          const before = readFileSync(domainName, 'utf8');
          w.services.push({
            kind: 'received',
            said: '',
            heard: () => (readFileSync(domainName, 'utf8') === before ? '' : 'the kernel took another domain name'),
            end: () => writeFileSync(domainName, before),
          });
          return mountedBefore(w, 'floor/proc', '-t', 'proc', 'proc');
        },
        script: 'echo evil >"$F/proc/sys/kernel/domainname"',
      },
    ],
  },
];
