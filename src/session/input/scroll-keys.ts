/** Keys while the scrollback is shown. A key without a meaning leads back to the shell, and is not typed there. */
import type { ScrollView } from '../../terminal/scroll-view.ts';
import type { SessionController } from '../controller.ts';
import type { Action } from '../keys/binding.ts';
import { typedCharacter } from './list-keys.ts';

const MAX_QUERY = 200;

const MOVES: Partial<Record<Action, (view: ScrollView) => void>> = {
  down: (view) => view.move(1, 0),
  up: (view) => view.move(-1, 0),
  'cursor-left': (view) => view.move(0, -1),
  'cursor-right': (view) => view.move(0, 1),
  'cursor-home': (view) => view.lineStart(),
  'cursor-end': (view) => view.lineEnd(),
  'page-down': (view) => view.page(1),
  'page-up': (view) => view.page(-1),
  'half-page-down': (view) => view.page(0.5),
  'half-page-up': (view) => view.page(-0.5),
  first: (view) => view.first(),
  last: (view) => view.last(),
  select: (view) => view.toggleSelection(false),
  'select-lines': (view) => view.toggleSelection(true),
};

/** Carries out one key of the scrollback, or of its search line. */
export function scrollKey(session: SessionController, action: Action | undefined, name: string): void {
  const view = session.ui.scroll;
  const move = action === undefined ? undefined : MOVES[action];
  if (view === undefined) session.closeScroll();
  else if (view.typing !== undefined) searchKey(session, view, action, name);
  else if (move !== undefined) move(view);
  else viewKey(session, view, action);
}

function viewKey(session: SessionController, view: ScrollView, action: Action | undefined): void {
  switch (action) {
    case 'filter':
      view.typing = '';
      break;
    case 'next-match':
    case 'previous-match':
      // As after `?` in less: the search went up, and so does n.
      if (!view.jump(action === 'next-match' ? -1 : 1))
        session.say(view.query === '' ? 'no search yet: /' : notFound(view.query));
      break;
    case 'copy':
      if (session.clipboard.copy(!view.selecting && view.link !== undefined ? view.link : view.selected()))
        session.closeScroll();
      break;
    case 'next-link':
    case 'previous-link':
      if (!view.nextLink(action === 'next-link' ? 1 : -1)) session.say('no links');
      break;
    case 'help':
      session.ui.dialog = { kind: 'help', about: 'scroll', filter: '', at: 0 };
      break;
    default:
      session.closeScroll();
  }
}

function notFound(query: string): string {
  return `not found: ${query}`;
}

/** Of one match there is no other to go to. */
function foundText(count: number): string {
  return count === 1 ? '1 found' : `${count} found: n older, N newer`;
}

function searchKey(session: SessionController, view: ScrollView, action: Action | undefined, name: string): void {
  if (view.typing === undefined) return;
  const typed = typedCharacter(name);
  if (action === 'accept-text') {
    const query = view.typing;
    view.typing = undefined;
    view.search(query);
    if (query !== '') session.say(view.found === 0 ? notFound(query) : foundText(view.found));
  } else if (action === 'back') view.typing = undefined;
  else if (action === 'erase') view.typing = Array.from(view.typing).slice(0, -1).join('');
  else if (action === 'erase-all') view.typing = '';
  else if (typed !== undefined && view.typing.length < MAX_QUERY) view.typing += typed;
}
