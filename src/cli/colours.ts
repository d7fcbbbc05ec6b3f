/** Colours as operators write them: the letters that PrivCount's plot takes, some names, and digits. */

/** The letters draw what they drew in PrivCount. */
const NAMED: Readonly<Record<string, string>> = {
  k: '#000000',
  r: '#d62728',
  b: '#1f77b4',
  g: '#2ca02c',
  c: '#17becf',
  m: '#c51b8a',
  y: '#bcbd22',
  black: '#000000',
  gray: '#808080',
  red: '#ff0000',
  orange: '#ffa500',
  yellow: '#ffff00',
  green: '#008000',
  blue: '#0000ff',
  purple: '#800080',
  white: '#ffffff',
};

/** `#rrggbb`; undefined for what is no colour. */
export function parseColour(text: string): string | undefined {
  if (Object.hasOwn(NAMED, text)) return NAMED[text];
  if (/^#[0-9a-fA-F]{6}$/.test(text)) return text.toLowerCase();
  const [, r, g, b] = /^#([0-9a-fA-F])([0-9a-fA-F])([0-9a-fA-F])$/.exec(text) ?? [];
  return b === undefined ? undefined : `#${r!}${r!}${g!}${g!}${b}${b}`.toLowerCase();
}
