/** Seccomp filters that are not nono's, as a container's manager sets them. */

export interface FilterFlags {
  readonly noNewPrivs?: boolean;
  /** Somebody waits for what it notifies of. */
  readonly listened?: boolean;
  /** Those behind it get no listener. */
  readonly refusesListeners?: boolean;
}

/** Words before a command that set a filter first, which allows everything but what is said: without no_new_privs, which root may. `times`: how many. */
export function underFilter(times: number, flags: FilterFlags = {}): readonly string[] {
  const script = `import ctypes, os, platform, sys
libc = ctypes.CDLL(None, use_errno=True)
class Line(ctypes.Structure): _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint)]
class Program(ctypes.Structure): _fields_ = [("length", ctypes.c_ushort), ("lines", ctypes.POINTER(Line))]
seccomp = {"x86_64": 317, "aarch64": 277}[platform.machine()]
allow = Line(6, 0, 0, 0x7fff0000)
# The number of the call, its flags, EPERM.
lines = [Line(0x20, 0, 0, 0), Line(0x15, 0, 3, seccomp), Line(0x20, 0, 0, 24), Line(0x45, 0, 1, 8), Line(6, 0, 0, 0x50001), allow] if ${flags.refusesListeners ? 1 : 0} else [allow]
program = Program(len(lines), (Line * len(lines))(*lines))
if ${flags.noNewPrivs ? 1 : 0}: assert libc.prctl(38, 1, 0, 0, 0) == 0
for i in range(${times}):
    fd = libc.syscall(seccomp, 1, ${flags.listened ? 8 : 0}, ctypes.byref(program))
    assert fd >= 0
if ${flags.listened ? 1 : 0}:
    child = os.fork()
    if child != 0: sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
os.execvp(sys.argv[1], sys.argv[1:])`;
  return ['python3', '-c', script];
}
