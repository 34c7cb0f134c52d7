/** What is done about something wrong in a file of the user's. */
import type { NonoError } from '../platform/errors.ts';

/** Thrown, unless somebody collects everything that is wrong: then it returns, and what is wrong is left out. */
export type Complain = (error: NonoError) => void;

export const thrown: Complain = (error) => {
  throw error;
};
