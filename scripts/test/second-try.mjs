// Which files of a failed run are tried once more, by themselves, when all others have ended.
import { relative } from 'node:path';
import { showedNothing } from '../../test/helpers/showed-nothing.ts';

/** More than these are no accident of a busy machine. */
const MOST_FILES = 3;

/** What is tested here is what holds programs in: there one wrong answer in a thousand is a hole. */
const holds = /^test\/(native|escape|policy|planner|e2e\/policy)\/|attack/;

function accident(root, { file, type, message }) {
  if (type === 'testTimeoutFailure') return true;
  return type === 'testCodeFailure' && (showedNothing(message) || !holds.test(relative(root, file)));
}

/**
 * Where each failure of the whole run says no more than that something was not there in time, or is about a screen, a text, the order of things: with two other files beside it
 * a process of this one may have waited for a second where it was given half of one.
 * @param {string} root
 * @param {import('./run-files.mjs').Failure[]} failures
 * @returns {string[]} the files, none where the run has failed for good
 */
export function secondTry(root, failures) {
  // What holds failed tests has failed by them, and says nothing of its own.
  const own = failures.filter((failure) => failure.type !== 'subtestsFailed');
  const files = [...new Set(own.map((failure) => failure.file))];
  return own.every((failure) => accident(root, failure)) && files.length <= MOST_FILES ? files : [];
}
