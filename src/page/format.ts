/** Numbers and times as people read them. */

const MS_PER_SECOND = 1_000;

/** A decimal with separators, exact: `-1234567.5` gives `−1,234,567.5`. */
export function formatDecimal(decimal: string): string {
  const [, sign, whole, fraction] = /^(-?)(\d+)(\.\d+)?$/.exec(decimal) ?? [];
  if (whole === undefined) return decimal;
  return `${sign === '-' ? '−' : ''}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${fraction ?? ''}`;
}

/** An end of an interval: whole where the interval is wide, else with the decimals that its width has. */
export function formatEnd(value: number, width: number): string {
  if (Math.abs(value) >= 1e15) return value.toExponential(3).replace('-', '−');
  const decimals =
    width >= 20 || width === 0 ? 0 : Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(width))));
  const isWhole = width === 0 && Number.isInteger(value);
  return formatDecimal(isWhole ? String(value) : withoutNegativeZero(value.toFixed(decimals)));
}

function withoutNegativeZero(text: string): string {
  return /^-0(\.0+)?$/.test(text) ? text.slice(1) : text;
}

/** As privacy levels are given: three digits. */
export function formatEpsilon(value: number | 'Infinity'): string {
  if (value === 'Infinity') return '∞';
  if (value === 0) return '0';
  return value >= 1000 ? formatDecimal(value.toFixed(0)) : String(Number(value.toPrecision(3)));
}

/** The two largest units: `3 h 12 min`, `45 s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / MS_PER_SECOND));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** How far a clock is off, in whole seconds. */
export function formatSkew(ms: number): string {
  return ms === 0 ? '0 s' : `${formatDuration(Math.abs(ms))} ${ms > 0 ? 'ahead' : 'behind'}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatDecimal(String(count))} ${count === 1 ? one : many}`;
}

/** The beginning of an id tells rounds apart; the whole is in the outcome. */
export function shortId(roundId: string): string {
  return roundId.slice(0, 8);
}

/** `a, b, c and 12 more`. */
export function formatNames(names: readonly string[], shown: number): string {
  if (names.length <= shown) return names.join(', ');
  return `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`;
}

/** `227 to 277`; of an exact total, and of one whose noise nobody knows, that. */
export function intervalWords({
  low,
  high,
  isKnown,
}: {
  readonly low: number;
  readonly high: number;
  readonly isKnown: boolean;
}): string {
  if (!isKnown) return 'not known';
  const width = high - low;
  return width === 0 ? 'exact' : `${formatEnd(low, width)} to ${formatEnd(high, width)}`;
}
