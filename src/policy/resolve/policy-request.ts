/** What a command line and a machine say of a policy, before it is resolved. */
import type { NonoDirectories } from '../../config/directories.ts';
import type { AccessName } from '../../sandbox/linux/constants.ts';
import type { BuiltinData } from '../groups/builtin.ts';
import type { Platform } from '../groups/groups.ts';
import type { FileSystem } from '../plan/file-system.ts';
import type { WrittenLimits } from '../profile/limits.ts';
import type { NetForm, SocketExtent } from '../profile/profile-network.ts';
import type { ProfileStore } from '../profile/profile-store.ts';
import type { Environment } from './variables.ts';

/** One grant of the command line, as typed. */
export interface FlagGrant {
  /** As the user typed the flag, for messages: `--read`. */
  readonly flag: string;
  readonly path: string;
  readonly access: AccessName;
  readonly expect: 'directory' | 'file';
}

/** One port or endpoint of the command line. */
export interface FlagNet {
  readonly flag: string;
  readonly form: NetForm;
  readonly text: string;
}

/** One unix socket, or directory of sockets, of the command line. */
export interface FlagSocket {
  readonly flag: string;
  readonly path: string;
  readonly extent: SocketExtent;
  readonly bind: boolean;
}

export interface PolicyRequest {
  /** `--profile`: a name or a file. Undefined: the default profile. */
  readonly profile?: string | undefined;
  /** Absolute: a capability manifest (`--config`) in place of a profile. Nothing else grants beside it. */
  readonly manifest?: string;
  /** False for `wrap`, which leaves nobody to refuse new names. */
  readonly supervised?: boolean;
  /** `--extends`: profiles beneath the one in use, left to right. */
  readonly extraBases?: readonly string[];
  /** Use `<name>-local`, which saved approvals create, in place of a built-in profile. */
  readonly preferLocal?: boolean;
  readonly grants?: readonly FlagGrant[];
  /** `--allow-gpu`. */
  readonly allowGpu?: boolean;
  readonly overrideDeny?: readonly string[];
  /** `--deny`: paths and patterns. */
  readonly denies?: readonly string[];
  readonly allowCwd?: boolean;
  readonly allowCommands?: readonly string[];
  readonly blockCommands?: readonly string[];
  readonly blockNetwork?: boolean;
  readonly limits?: WrittenLimits;
  /** Groups grant nothing of /tmp. */
  readonly privateTmp?: boolean;
  readonly strict?: boolean;
  /** `--allow-net`: open, whatever the profile says. */
  readonly allowNetwork?: boolean;
  readonly network?: readonly FlagNet[];
  readonly sockets?: readonly FlagSocket[];
  /** System V IPC and message queues. */
  readonly allowIpc?: boolean;
  readonly allowKeyring?: boolean;
  /** `--env`: a name, or NAME=VALUE. */
  readonly environment?: readonly string[];
  /** `--suppress-save-prompt`: paths that are not offered for saving. */
  readonly neverOffered?: readonly string[];
  /** Absolute: where nono's own log goes, which is never written from inside. */
  readonly logFile?: string;
  /** Absolute: where the command works. */
  readonly workdir: string;
  /** Absolute: where relative paths of flags start. The workdir if not given. */
  readonly cwd?: string;
}

export interface PolicyContext {
  readonly fs: FileSystem;
  readonly builtin: BuiltinData;
  readonly store: ProfileStore;
  readonly directories: NonoDirectories;
  readonly env: Environment;
  readonly uid: number;
  readonly platform: Platform;
  /** Root of nono's own installation, kept from being written. */
  readonly installation?: string | undefined;
  /** The Node.js that runs it. */
  readonly interpreter?: string | undefined;
}
