/** Two terminals to look at nono in. */
import type { Palette } from './screen-svg.ts';

export const palettes = {
  dark: {
    background: '#16181d',
    foreground: '#d8dbe2',
    cursor: '#e8c07d',
    ansi: [
      ...['#24272e', '#e06c75', '#7fbf7f', '#d8b365', '#6fa8dc', '#c58fd6', '#64b8bd', '#c5c9d3'],
      ...['#6b7280', '#f28b94', '#98d698', '#ecca84', '#8fc0ee', '#d9aae6', '#85d0d4', '#ffffff'],
    ],
  },
  light: {
    background: '#ffffff',
    foreground: '#1f2328',
    cursor: '#9a6700',
    ansi: [
      ...['#24292f', '#b3202a', '#1a7f37', '#8a6100', '#0550ae', '#8250df', '#1b7c83', '#6e7781'],
      ...['#57606a', '#cf222e', '#2da44e', '#9a6700', '#218bff', '#a475f9', '#3192aa', '#8c959f'],
    ],
  },
} as const satisfies Record<string, Palette>;

export type PaletteName = keyof typeof palettes;
