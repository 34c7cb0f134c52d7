/** The themes that can be asked for. Without one, the 16 colours of the terminal's own palette are used. */
export const themeNames = ['mocha', 'latte', 'frappe', 'macchiato', 'tokyo-night', 'minimal'] as const;

export type ThemeName = (typeof themeNames)[number];

/** Words for the default: which background it stands on. */
export const backgrounds = ['auto', 'dark', 'light'] as const;

export const colourChoices = ['auto', 'always', 'never'] as const;
