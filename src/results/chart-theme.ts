/** What charts look like: on paper and light screens, and on dark ones. */

export type ChartTheme = {
  readonly background: string;
  readonly text: string;
  readonly caption: string;
  readonly grid: string;
  /** Of intervals and outlines. */
  readonly line: string;
  /** One an experiment. */
  readonly colours: readonly string[];
};

export type ThemeName = 'light' | 'dark';

/** Colours that people with any colour vision tell apart (M. Okabe and K. Ito, "Color Universal Design", 2002). */
export const COLOURS = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#d55e00',
  '#f0e442',
  '#000000',
] as const;

/** The last one, black, would not be seen on a dark ground. */
const DARK_COLOURS = [...COLOURS.slice(0, -1), '#ffffff'];

export const THEMES: Readonly<Record<ThemeName, ChartTheme>> = {
  light: {
    background: '#ffffff',
    text: '#1a1a1a',
    caption: '#444444',
    grid: '#e4e4e4',
    line: '#222222',
    colours: COLOURS,
  },
  dark: {
    background: '#14171c',
    text: '#f0f0f0',
    caption: '#c4c8cf',
    grid: '#31363f',
    line: '#f5f5f5',
    colours: DARK_COLOURS,
  },
};
