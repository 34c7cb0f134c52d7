/** What stops a written path from being a rule; the caller adds where it is written. */
export class PathProblem extends Error {
  readonly unsupported: boolean;
  constructor(message: string, unsupported = false) {
    super(message);
    this.unsupported = unsupported;
  }
}
