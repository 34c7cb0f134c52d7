/** Keys that change where the list is and how large. Pure: a wish in, a wish out. */
import type { Size } from '../../terminal/geometry.ts';
import type { Action } from '../keys/binding.ts';
import { defaultWish, type LayoutWish, layoutFor } from '../screen/layout.ts';

const COLUMNS = 4;

/** The list in another size, in columns or in rows. What does not fit changes nothing: the next step in the other direction is seen at once. */
export function withListSize(wish: LayoutWish, size: Size, wanted: number): LayoutWish {
  const { split } = layoutFor(size, wish);
  if (split !== 'right' && split !== 'bottom') return wish;
  const asked = { ...wish, chosenOn: size, [split === 'right' ? 'columns' : 'rows']: Math.max(1, wanted) };
  const { list } = layoutFor(size, asked);
  return { ...asked, ...(split === 'right' ? { columns: list.width } : { rows: list.height }) };
}

function resized(wish: LayoutWish, size: Size, by: 1 | -1): LayoutWish {
  const { split, list } = layoutFor(size, wish);
  return withListSize(wish, size, split === 'right' ? list.width + COLUMNS * by : list.height + by);
}

/** Undefined for what is no key of the layout. */
export function changedLayout(wish: LayoutWish, action: Action | undefined, size: Size): LayoutWish | undefined {
  switch (action) {
    case 'zoom':
      return { ...wish, zoom: wish.zoom === 'none' ? 'shell' : 'none' };
    case 'zoom-list':
      return { ...wish, zoom: wish.zoom === 'list' ? 'none' : 'list' };
    case 'hide-list':
      return { ...wish, zoom: 'none', hidden: !wish.hidden };
    case 'split-right':
      return { ...wish, zoom: 'none', hidden: false, split: 'right' };
    case 'split-bottom':
      return { ...wish, zoom: 'none', hidden: false, split: 'bottom' };
    case 'larger-list':
      return resized({ ...wish, zoom: 'none', hidden: false }, size, 1);
    case 'smaller-list':
      return resized({ ...wish, zoom: 'none', hidden: false }, size, -1);
    case 'reset-layout':
      return defaultWish;
    default:
      return undefined;
  }
}
