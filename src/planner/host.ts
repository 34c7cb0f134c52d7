/** What the program around this code can do (native/planner/). Whatever fails gives back its errno, a number, which no answer is. */
type Failure = number;

/** Mode, device, inode, names, owner, size, what it is a device of: of `struct stat`. */
export type Facts = readonly [number, number, number, number, number, number, number];

export interface Host {
  /** Set by the program: makes the plan. Before it is called nothing may be asked of the start, and whoever does gives up. */
  begin: () => void;
  /** The directory of what the build has made, when it was made or now: for what is read of it once. */
  readonly built: string;
  /** RESULT-FD, KIND and so on are taken off: NODE, cli.cjs, the user's words, after the kind of command. */
  readonly words: readonly string[];
  readonly environment: Record<string, string>;
  /** Of this installation, at its real path. */
  readonly dist: string;
  readonly uid: number;
  readonly euid: number;
  readonly pid: number;
  /** uname(2). */
  readonly release: string;
  readonly X_OK: number;
  readonly O_RDONLY: number;
  readonly O_NONBLOCK: number;
  readonly O_NOCTTY: number;
  /** Ends the process: Node makes this plan. */
  giveUp(why: string): never;
  /** Writes the whole result and ends the process. */
  finish(result: Uint8Array): never;
  cwd(): string;
  isTerminal(fd: number): boolean;
  /** Standard output of a program that is given `question`. */
  search(program: string, question: Uint8Array): Uint8Array;
  lstat(path: string): Facts | Failure;
  stat(path: string): Facts | Failure;
  fstat(fd: number): Facts | Failure;
  access(path: string, mode: number): true | Failure;
  readLink(path: string): string | Failure;
  realPath(path: string): string | Failure;
  /** Name and kind (a mode) in turn, sorted by the bytes of the names. */
  readDirectory(path: string): readonly (string | number)[] | Failure;
  open(path: string, flags: number): readonly [number] | Failure;
  close(fd: number): void;
  read(fd: number, into: Uint8Array, at: number, length: number): readonly [number] | Failure;
  readFile(path: string, latin1: boolean): string | Failure;
  /** As JSON.stringify, in a quarter of its time. Undefined: what that one makes of it is not known here. */
  json(value: unknown): string | undefined;
  utf8(text: string): ArrayBuffer;
  /** Of the UTF-8. */
  byteLength(text: string): number;
  latin1(text: string): ArrayBuffer;
  fromUtf8(bytes: Uint8Array): string;
  fromLatin1(bytes: Uint8Array): string;
  isUtf8(bytes: Uint8Array): boolean;
}

export const host = (globalThis as unknown as { host: Host }).host;
