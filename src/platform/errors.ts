/** Every failure nono itself reports, as one closed table: code → exit code. docs/exit-codes.md is generated from it. */

export const errorCodes = {
  usage: { exit: 2, meaning: 'the command line, a variable or config.toml is wrong' },
  'nothing-asked': { exit: 1, meaning: '`nono why` was not told what to check' },
  'profile-not-found': { exit: 1, meaning: 'no profile has that name' },
  'profile-invalid': { exit: 1, meaning: 'a profile file cannot be read, parsed or understood' },
  'group-not-found': { exit: 1, meaning: 'a profile names a policy group that does not exist' },
  'policy-invalid': { exit: 1, meaning: 'profile and flags together make no enforceable policy' },
  'path-invalid': { exit: 1, meaning: 'a path given on the command line cannot be used' },
  'command-blocked': { exit: 1, meaning: 'the command is refused by a policy group before it starts' },
  'not-supported': { exit: 1, meaning: 'a profile or flag asks for a protection this version cannot enforce' },
  'kernel-unsupported': { exit: 1, meaning: 'the kernel lacks a protection that was asked for' },
  'sandbox-setup': {
    exit: 126,
    meaning: 'the sandbox could not be set up, or the command could not be executed in it',
  },
  'command-not-found': { exit: 127, meaning: 'the command does not exist' },
  'supervisor-lost': { exit: 1, meaning: 'the supervisor ended before the command did; everything inside was ended' },
  cancelled: { exit: 1, meaning: 'a question was answered with no, or an editor was left without a valid profile' },
  'session-not-found': { exit: 1, meaning: 'no session has that id or name' },
  'session-ambiguous': { exit: 1, meaning: 'several sessions begin with that id or have that name' },
  'session-state': {
    exit: 1,
    meaning:
      'the session is not in a state in which that can be done (it has ended, has a terminal, or does not answer)',
  },
  installation: { exit: 1, meaning: 'a part of the installation is missing' },
  io: { exit: 1, meaning: 'a file of nono itself could not be read or written' },
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** One clear line for the user: what failed, on which object (`message`), and what to do (`hint`). */
export class NonoError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'NonoError';
    this.code = code;
    this.hint = options.hint;
  }
  /** By shape: each bundle has its own copy of the class, and a profile is parsed in another one than where its error is caught. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'NonoError' && Object.hasOwn(errorCodes, Object(value).code);
  }
  get exitCode(): number {
    return errorCodes[this.code].exit;
  }
}

/** Somebody pressed Ctrl-C before the command ran: end as a command would that is interrupted. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
