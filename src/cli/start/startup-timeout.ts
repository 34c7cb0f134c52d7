/** `--startup-timeout`: how long the command may take to be started. */
import { NonoError } from '../../platform/errors.ts';

const MAX_SECONDS = 86_400;

/** Undefined when there is no limit. Throws NonoError for what is no number of seconds. */
export function startupSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && seconds > 0 && seconds <= MAX_SECONDS) return seconds;
  throw new NonoError(
    'usage',
    `--startup-timeout: '${text}' is not a number of seconds (more than 0, at most ${MAX_SECONDS})`,
  );
}
