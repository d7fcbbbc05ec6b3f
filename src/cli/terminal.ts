/** Whether a stream is a terminal that can be drawn on, and text that fits it. */

export type OutputStream = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

/** A terminal whose lines may be drawn again. Its size is asked for each time: it changes while it is drawn on. */
export type Terminal = {
  readonly stream: OutputStream;
  readonly hasColours: boolean;
  columns(): number;
  rows(): number;
};

/** What a terminal has that does not say. */
const COLUMNS = 80;
const ROWS = 24;
/** Wide letters begin here, Hangul first; some above are narrow, and a line that is too short does no harm. */
const WIDE_FROM = 0x1100;
const CUT = '...';

/** Undefined for files and pipes, terminals that can't move their cursor, and machines that collect what is printed. */
export function terminalOn(
  stream: OutputStream,
  env: Readonly<Record<string, string | undefined>>,
): Terminal | undefined {
  const isCi = (env['CI'] ?? '') !== '' && env['CI'] !== 'false';
  if (stream.isTTY !== true || env['TERM'] === 'dumb' || isCi) return undefined;
  return {
    stream,
    // As no-color.org has it: a value that is not empty turns colours off.
    hasColours: (env['NO_COLOR'] ?? '') === '',
    columns: () => sizeOr(stream.columns, COLUMNS),
    rows: () => sizeOr(stream.rows, ROWS),
  };
}

function sizeOr(size: number | undefined, otherwise: number): number {
  return size === undefined || size < 1 ? otherwise : size;
}

/** The text without what would move the cursor, change colours, or turn the direction of writing. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

/** Printable, in at most so many columns. */
export function fitted(text: string, columnsMax: number): string {
  const whole = printable(text);
  const rest = columnsOf(whole) <= columnsMax ? Infinity : Math.max(0, columnsMax - CUT.length);
  if (rest === Infinity) return whole;
  let columns = 0;
  let cut = '';
  for (const character of whole) {
    columns += columnsOf(character);
    if (columns > rest) break;
    cut += character;
  }
  return `${cut}${CUT}`.slice(0, columnsMax);
}

function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += character.codePointAt(0)! >= WIDE_FROM ? 2 : 1;
  return columns;
}

/** How much of something is done, as a bar of so many columns. ASCII, which every terminal has. */
export function barOf(part: number, columns: number): string {
  const inside = Math.max(1, columns - 2);
  const done = Math.round(Math.min(1, Math.max(0, part)) * inside);
  return `[${'#'.repeat(done)}${'-'.repeat(inside - done)}]`;
}
