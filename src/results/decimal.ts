/** Totals are decimals of any length: sums, differences and ends of intervals are reckoned without rounding. */

/** `units` of 10^-places. */
export type Decimal = { readonly units: bigint; readonly places: number };

/** Of `-?digits[.digits]`, as result files have it. */
export function parseDecimal(text: string): Decimal {
  const [whole, decimals = ''] = text.split('.');
  return { units: BigInt(whole! + decimals), places: decimals.length };
}

export function addDecimals(texts: readonly string[]): string {
  const all = texts.map(parseDecimal);
  const places = Math.max(0, ...all.map((decimal) => decimal.places));
  const units = all.reduce(
    (sum, decimal) => sum + decimal.units * 10n ** BigInt(places - decimal.places),
    0n,
  );
  return toDecimalText({ units, places });
}

export function negated(text: string): string {
  const { units, places } = parseDecimal(text);
  return toDecimalText({ units: -units, places });
}

/** Without zeros that say nothing, and never -0. */
function toDecimalText({ units, places }: Decimal): string {
  if (places === 0) return String(units);
  const digits = String(units < 0n ? -units : units).padStart(places + 1, '0');
  const text = `${digits.slice(0, -places)}.${digits.slice(-places)}`.replace(/\.?0+$/, '');
  return units < 0n ? `-${text}` : text;
}

/** The whole numbers around total ± half. */
export function wholeNumbersAround(total: string, half: number): { low: bigint; high: bigint } {
  const { units, places } = parseDecimal(total);
  const unit = 10n ** BigInt(places);
  const error = BigInt(Math.ceil(half * Number(unit)));
  return { low: floorOf(units - error, unit), high: -floorOf(-units - error, unit) };
}

/** The nearest whole number, halves away from 0. */
export function toWhole(total: string): bigint {
  const { units, places } = parseDecimal(total);
  const unit = 10n ** BigInt(places);
  const half = (2n * (units < 0n ? -units : units) + unit) / (2n * unit);
  return units < 0n ? -half : half;
}

function floorOf(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return quotient * divisor > dividend ? quotient - 1n : quotient;
}

/** With separators, as in -1,048,576.5. */
export function grouped(decimal: string | bigint): string {
  const [whole, ...fraction] = String(decimal).split('.');
  return [whole!.replaceAll(/\B(?=(\d{3})+$)/g, ','), ...fraction].join('.');
}
