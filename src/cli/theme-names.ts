/** The themes that can be asked for. Without one, the 16 colours of the terminal's own palette are used. */
export const themeNames = ['mocha', 'latte', 'frappe', 'macchiato', 'tokyo-night', 'minimal'] as const;

export type ThemeName = (typeof themeNames)[number];
