/** What a launcher that has got its plan is to the host, however it was started. */
export interface Connection {
  /** Pid of the guardian. */
  readonly pid: number | undefined;
  write(data: Buffer): void;
  /** Hangs up: the supervisor then denies what is held and kills everything inside. */
  close(): void;
  /** `data` for what the supervisor says; `ended` once, after the last of it and when the guardian is gone, with what went wrong if it never was. */
  listen(data: (chunk: Buffer) => void, ended: (error?: Error) => void): void;
}
