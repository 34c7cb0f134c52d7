/** What a root child may still do. Everything else leaves the bounding set: modules, mounts, raw devices, raw sockets, tracing. */

/** By bit number, include/uapi/linux/capability.h. */
const kept = {
  CAP_CHOWN: 0,
  CAP_DAC_OVERRIDE: 1,
  CAP_FOWNER: 3,
  CAP_FSETID: 4,
  CAP_KILL: 5,
  CAP_SETGID: 6,
  CAP_SETUID: 7,
  CAP_SETPCAP: 8,
  CAP_NET_BIND_SERVICE: 10,
  CAP_AUDIT_WRITE: 29,
  CAP_SETFCAP: 31,
} as const;

/** Docker's default list without MKNOD, NET_RAW and SYS_CHROOT: each of those three gets around paths or sockets. */
export const keptCapabilities: bigint = Object.values(kept).reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);
