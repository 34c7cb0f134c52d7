/** What stops a written path from being a rule; the caller adds where it is written. */
export class PathProblem extends Error {
  readonly unsupported: boolean;
  readonly hint: string | undefined;
  constructor(message: string, { unsupported = false, hint }: { unsupported?: boolean; hint?: string } = {}) {
    super(message);
    this.unsupported = unsupported;
    this.hint = hint;
  }
}
