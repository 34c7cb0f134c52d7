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
mkdir -p "$out"
launcher="launch launch_plan guardian nested front request sha256 cache cache_words cache_environment cache_key cache_entry cache_ask cache_search cache_store planner_run report net_rules plan plan_read pathmap pattern pattern_names bulk_names fold rules rules_decide rules_patterns rules_folded floor floor_known call_table fast-path filter filter_arguments calls limits tmpdir child caller caller_stat caller_workers process_table lineage caller_identity identity masks resolve caller_directory straight answer events quick scratch birth_pools birth work swap annex redirect refused owned first_line exec_read exec_chain exec_hold exec open_read open_how open_perform broker walk devices names_read names_lookup names_decide names_hold names names_perform metadata_read metadata_object metadata_hold metadata metadata_slow metadata_perform moves others job_control watch terminals slow slow_server narrowed dumpable sockets socket_copy in_time net_gate socket_perform message_copy messages messages_many made_sockets unix_sockets socket_hold name_answers may held open_hold self inside host_commands input_copy standard_input supervise_start supervise wire utf8 brief changes slow_mounts later_mounts"
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
  link nono-planner -I../third_party/quickjs-ng planner/*.c utf8.c "$engine"/*.o -lm
}
# shellcheck disable=SC2086
link nono-launch $sources
link nono-search search.c search_request.c search_names.c search_keys.c pattern.c pattern_names.c bulk_names.c -pthread
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
if [ -f relay.c ]; then link nono-relay host_words.c keyboard.c relay.c; fi
if [ -f attach.c ]; then link nono-attach attach.c; fi
link nono-keep keep.c
finish_planner
