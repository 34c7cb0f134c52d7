// Which files of a failed run are tried once more, by themselves, when all others have ended.
import { showedNothing } from '../../test/helpers/showed-nothing.ts';

/** More than these are no accident of a busy machine. */
const MOST_FILES = 3;

/**
 * Only where each failure of the whole run says no more than that something was not there in time.
 * @param {import('./run-files.mjs').Failure[]} failures
 * @returns {string[]} the files, none where the run has failed for good
 */
export function secondTry(failures) {
  // What holds failed tests has failed by them, and says nothing of its own.
  const own = failures.filter((failure) => failure.type !== 'subtestsFailed');
  const files = [...new Set(own.map((failure) => failure.file))];
  const accident = own.every((failure) => failure.type === 'testCodeFailure' && showedNothing(failure.message));
  return accident && files.length <= MOST_FILES ? files : [];
}
