/** What `nono` without arguments shows on a terminal, and what its keys do. Pure: keys in, a new state or a wish out. */
import type { Action } from '../session/keys/binding.ts';
import type { Size } from '../terminal/geometry.ts';
import { itemOnPage } from './home-list.ts';
import { homeRows, homeWidth, pageRows } from './home-page.ts';

export interface HomeItem {
  readonly section: 'start' | 'running' | 'recent' | 'profiles' | 'groups';
  readonly title: string;
  readonly about: string;
  /** Of `about`, what a filter looks in, where that is not all of it. */
  readonly searched?: string;
  readonly opens:
    | { readonly kind: 'shell'; readonly directory: string | undefined; readonly profile: string | undefined }
    | { readonly kind: 'page'; readonly words: readonly string[] };
  /** The words of nono that describe it. */
  readonly details: readonly string[] | undefined;
}

export interface HomePage {
  readonly title: string;
  readonly lines: readonly string[];
  readonly scroll: number;
  /** What the list was filtered by, and where it was. */
  readonly list: { readonly filter: string; readonly at: number };
}

export interface HomeState {
  readonly items: readonly HomeItem[];
  readonly at: number;
  readonly filter: string;
  readonly filtering: boolean;
  readonly page: HomePage | undefined;
}

/** What the edge has to do. */
export type HomeWish =
  | { readonly kind: 'quit' }
  | { readonly kind: 'keys' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'shell'; readonly directory: string | undefined; readonly profile: string | undefined }
  | { readonly kind: 'page'; readonly words: readonly string[] };

export function homeState(items: readonly HomeItem[]): HomeState {
  return { items, at: 0, filter: '', filtering: false, page: undefined };
}

export function shownItems({ items, filter }: HomeState): readonly HomeItem[] {
  const wanted = filter.toLowerCase();
  const words = ({ title, about, searched = about, section }: HomeItem): string => `${title} ${searched} ${section}`;
  return items.filter((item) => words(item).toLowerCase().includes(wanted));
}

/** The chosen one; none where a page is shown. */
export function chosenItem(state: HomeState): HomeItem | undefined {
  return state.page === undefined ? shownItems(state)[state.at] : undefined;
}

export interface HomeStep {
  readonly state: HomeState;
  readonly wish?: HomeWish;
}

const STEPS: Partial<Record<Action, (rows: number) => number>> = {
  down: () => 1,
  up: () => -1,
  'page-down': (rows) => rows,
  'page-up': (rows) => -rows,
  first: () => Number.MIN_SAFE_INTEGER,
  last: () => Number.MAX_SAFE_INTEGER,
};

const PAGES: ReadonlySet<Action> = new Set<Action>(['page-down', 'page-up']);

function moved(state: HomeState, action: Action, by: number, size: Size): HomeState {
  const clamp = (value: number, most: number): number => Math.min(Math.max(0, most), Math.max(0, value + by));
  const { page } = state;
  if (page === undefined) {
    const items = shownItems(state);
    const last = items.length - 1;
    // Items have more than one row each: a page is as many of them as are on the screen.
    const at = PAGES.has(action) ? itemOnPage(items, state.at, by, homeWidth(size)) : state.at + by;
    return { ...state, at: Math.min(Math.max(0, last), Math.max(0, at)) };
  }
  // Never beyond what fills the last screen: the way back up begins at once.
  const most = Math.max(0, pageRows(page.lines, state.filter, size).length - homeRows(size));
  return { ...state, page: { ...page, scroll: clamp(Math.min(page.scroll, most), most) } };
}

function filtered(state: HomeState, filter: string): HomeState {
  const page = state.page && { ...state.page, scroll: 0 };
  return { ...state, filter, at: 0, page };
}

function filterKey(state: HomeState, action: Action | undefined, typed: string | undefined): HomeStep {
  if (action === 'accept-text') return { state: { ...state, filtering: false } };
  if (action === 'back') return { state: filtered({ ...state, filtering: false }, '') };
  if (action === 'erase') return { state: filtered(state, Array.from(state.filter).slice(0, -1).join('')) };
  if (action === 'erase-all') return { state: filtered(state, '') };
  return { state: typed === undefined || state.filter.length > 100 ? state : filtered(state, state.filter + typed) };
}

function back(state: HomeState): HomeStep {
  if (state.filter !== '') return { state: filtered(state, '') };
  if (state.page !== undefined) return { state: { ...state, ...state.page.list, page: undefined } };
  return { state, wish: { kind: 'quit' } };
}

/** `typed`: the character of the key, if it is one. */
export function homeKey(state: HomeState, action: Action | undefined, typed: string | undefined, size: Size): HomeStep {
  if (state.filtering) return filterKey(state, action, typed);
  const step = action === undefined ? undefined : STEPS[action]?.(homeRows(size));
  if (action !== undefined && step !== undefined) return { state: moved(state, action, step, size) };
  if (action === 'filter') return { state: { ...state, filtering: true } };
  if (action === 'back') return back(state);
  if (action === 'help') return { state, wish: { kind: 'keys' } };
  if (action === 'suspend') return { state, wish: { kind: 'suspend' } };
  if (action === 'quit') return { state, wish: { kind: 'quit' } };
  const item = chosenItem(state);
  if (item === undefined) return { state };
  if (action === 'open-item') return { state, wish: item.opens };
  if (action === 'details' && item.details !== undefined) return { state, wish: { kind: 'page', words: item.details } };
  return { state };
}

export function withPage(state: HomeState, title: string, text: string): HomeState {
  const lines = text.replace(/\n+$/, '').split('\n');
  return {
    ...state,
    filter: '',
    filtering: false,
    page: { title, lines, scroll: 0, list: { filter: state.filter, at: state.at } },
  };
}
