/** From what the user typed to one session: an id, the beginning of one, or a name. */
import { nearest } from '../config/nearest.ts';
import { NonoError } from '../platform/errors.ts';
import { visibleText } from '../terminal/visible-text.ts';
import type { SessionRecord } from './session-record.ts';

/** Throws NonoError for none and for several. Whatever is typed, only ids that the registry lists become part of a path. */
export function findSession(sessions: readonly SessionRecord[], typed: string): SessionRecord {
  if (typed === '' || /[/\0]|\.\./.test(typed)) {
    throw new NonoError('usage', `not a session id: ${visibleText(typed)}`, { hint: 'nono ps --all lists them' });
  }
  const exact = sessions.find((session) => session.session_id === typed);
  if (exact !== undefined) return exact;
  const named = sessions.filter((session) => session.name === typed);
  // A name is used again when its session has ended.
  const running = named.filter((session) => session.status !== 'exited');
  const found =
    running.length > 0
      ? running
      : named.length > 0
        ? named.slice(0, 1)
        : sessions.filter(
            (session) => session.session_id.startsWith(typed) || session.session_id.endsWith(`-${typed}`),
          );
  const [only, second] = found;
  if (only !== undefined && second === undefined) return only;
  if (only !== undefined) {
    const ids = found.slice(0, 4).map((session) => session.session_id);
    throw new NonoError(
      'session-ambiguous',
      `${visibleText(typed)} is more than one session: ${ids.join(', ')}${found.length > 4 ? ' …' : ''}`,
      { hint: 'give the whole id' },
    );
  }
  const meant = nearest(
    typed,
    sessions.flatMap((session) => [session.session_id, ...(session.name === null ? [] : [session.name])]),
  );
  throw new NonoError('session-not-found', `Session not found: ${visibleText(typed)}`, {
    hint: meant === undefined ? 'nono ps --all lists them' : `did you mean ${meant}?`,
  });
}
