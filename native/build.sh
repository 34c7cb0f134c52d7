#!/bin/sh
# Builds native/build/ with the system C compiler. CC, CFLAGS and OUT may be set; SANITIZE=1 makes an ASan and UBSan build, ONLY=nono-launch that program and no other.
set -eu
cd "$(dirname "$0")"
out=${OUT:-build}
cc=${CC:-}
if [ -z "$cc" ]; then
  for candidate in cc gcc clang; do
    if command -v "$candidate" >/dev/null 2>&1; then cc=$candidate; break; fi
  done
fi
if [ -z "$cc" ]; then
  echo "nono: no C compiler found; install one (Debian, Ubuntu: apt install gcc libc6-dev; Fedora: dnf install gcc glibc-devel; Alpine: apk add gcc musl-dev linux-headers)" >&2
  exit 1
fi
warnings="-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wformat-nonliteral -Wswitch-default -Wpointer-arith -Wvla
  -Werror=implicit-function-declaration -Werror=incompatible-pointer-types -Werror=int-conversion -Werror=return-type"
flags="-std=gnu17 -O2 -g0 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fno-strict-overflow $warnings"
static="-static"
if [ "${SANITIZE:-}" = 1 ]; then
  flags="-std=gnu17 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer $warnings"
  static=""
fi
flags="$flags -I." # a file is named by its folder, wherever it is included
mkdir -p "$out"
launcher="start/launch start/launch_plan start/guardian start/nested start/front start/request cache/sha256 cache/cache cache/cache_words cache/cache_environment cache/cache_key cache/cache_entry cache/cache_ask cache/cache_search cache/cache_store start/planner_run start/report rules/net_rules plan/plan plan/plan_read rules/pathmap rules/pattern rules/pattern_names rules/bulk_names rules/fold rules/rules rules/rules_decide rules/rules_patterns rules/rules_folded floor/floor floor/floor_known filter/call_table filter/fast-path filter/filter filter/filter_arguments filter/filter_ioctl filter/calls start/limits start/tmpdir start/child caller/caller caller/caller_stat caller/caller_room caller/caller_workers caller/process_table caller/lineage caller/caller_identity caller/identity caller/masks path/resolve caller/caller_directory path/straight loop/answer loop/events path/quick floor/scratch floor/birth_pools floor/birth loop/work exec/swap exec/annex exec/redirect exec/refused floor/owned exec/first_line exec/exec_read exec/exec_chain exec/exec_hold exec/exec open/open_read open/open_how open/open_perform open/broker path/walk path/devices names/names_read names/names_lookup names/names_decide names/names_hold names/names names/names_perform metadata/metadata_read metadata/metadata_object metadata/metadata_hold metadata/metadata metadata/metadata_slow metadata/metadata_perform names/moves caller/others caller/job_control path/watch path/terminals slow/slow slow/slow_server caller/narrowed caller/dumpable sockets/sockets sockets/socket_copy loop/in_time sockets/net_gate sockets/socket_perform sockets/message_copy sockets/messages sockets/messages_many sockets/made_sockets sockets/unix_sockets sockets/socket_hold sockets/name_answers path/may loop/held open/open_hold loop/self loop/inside loop/host_commands start/input_copy start/standard_input start/inherited_sockets start/own_streams loop/supervise_start loop/supervise loop/wire plan/utf8 loop/brief names/changes slow/slow_mounts slow/later_mounts"
# The engine of nono-planner takes longer to compile than all the rest, so it is compiled beside it, and once for each compiler. Without nono-planner every
# start is made by Node.
engine_flags="-std=gnu11 -O3 -g0 -w -funsigned-char -fno-strict-overflow -fstack-protector-strong -DNDEBUG -DQUICKJS_NG_BUILD"
engine=engine-build/$({ $cc --version; echo "$engine_flags"; cat ../third_party/quickjs-ng/SHA256SUMS; } | cksum | cut -d ' ' -f 1)
compile_engine() {
  if [ -d "$engine" ]; then return 0; fi
  mkdir -p engine-build
  work=$(mktemp -d engine-build/work.XXXXXX) || return 1
  for part in quickjs libregexp libunicode dtoa; do
    # shellcheck disable=SC2086
    $cc $engine_flags -c -o "$work/$part.o" "../third_party/quickjs-ng/$part.c" || { rm -rf "$work"; return 1; }
  done
  # Another build may have been quicker.
  mv -T "$work" "$engine" 2>/dev/null || rm -rf "$work"
}
# What a killed build has left; none takes an hour.
find engine-build -maxdepth 1 -name 'work.*' -mmin +60 -exec rm -rf {} + 2>/dev/null || true
compile_engine &
engine_job=$!
sources=""
for name in $launcher; do sources="$sources $name.c"; done
# shellcheck disable=SC2086
link() { # program, sources…
  program=$1; shift
  case ${ONLY:-$program} in "$program") ;; *) return 0 ;; esac
  if [ -n "$static" ] && $cc $flags ${CFLAGS:-} $static -o "$out/$program.tmp" "$@" 2>"$out/$program.log"; then :
  elif ! $cc $flags ${CFLAGS:-} -o "$out/$program.tmp" "$@" 2>"$out/$program.log"; then
    cat "$out/$program.log" >&2
    echo "nono: building native/$program failed; it needs the C library's headers (Debian, Ubuntu: apt install gcc libc6-dev linux-libc-dev)" >&2
    exit 1
  fi
  cat "$out/$program.log" >&2
  rm -f "$out/$program.log"
  mv "$out/$program.tmp" "$out/$program"
}
finish_planner() {
  if ! wait "$engine_job"; then
    echo "nono: the engine of nono-planner cannot be compiled here; starts take longer without it" >&2
    rm -f "$out/nono-planner"
    return 0
  fi
  link nono-planner -Wl,--build-id=sha1 -I../third_party/quickjs-ng planner/*.c plan/utf8.c "$engine"/*.o -lm
}
# shellcheck disable=SC2086
link nono-launch $sources
link nono-search search/search.c search/search_request.c search/search_names.c search/search_keys.c rules/pattern.c rules/pattern_names.c rules/bulk_names.c -pthread
# The fast path's library: one file for glibc and musl, so it is linked against neither.
preload="-std=gnu17 -O2 -g0 -ffreestanding -fno-builtin -fPIC -fvisibility=hidden -fno-stack-protector -fasynchronous-unwind-tables $warnings"
case $($cc -dumpmachine 2>/dev/null) in
  x86_64*) preload="$preload -fcf-protection=full" ;;
  aarch64*) preload="$preload -mbranch-protection=standard" ;;
esac
# shellcheck disable=SC2086
$cc $preload -shared -nostdlib -nostartfiles -Wl,-soname,nono-fast-path.so,-z,now,-z,relro,-z,noexecstack,-z,noseparate-code,--hash-style=both,--eh-frame-hdr,-s \
  -o "$out/nono-fast-path.so.tmp" preload/*.c
mv "$out/nono-fast-path.so.tmp" "$out/nono-fast-path.so"
# A directory to name it through; fast-path.c says why.
mkdir -p "$out/libasan.so"
cp preload/libasan.so.txt "$out/libasan.so/README"
if [ -f terminal/relay.c ]; then link nono-relay terminal/host_words.c terminal/keyboard.c terminal/user_terminal.c terminal/relay.c; fi
if [ -f terminal/attach.c ]; then link nono-attach terminal/attach.c; fi
link nono-keep terminal/keep.c
finish_planner
