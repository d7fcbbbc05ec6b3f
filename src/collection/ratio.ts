/** The ratio of two flows as a bin value (spec/counters.md, 3.1). */

/** Greatest and least binary exponent of a double: they stand for the infinities of a flow in one direction only. */
const ONLY_OUT = 1024;
const ONLY_IN = -1021;

/**
 * log2(outbound / inbound), taken as a quotient of natural logarithms: that is how the original gets it, and where the
 * ratio is a power of two the result lies on the edge of a bin, so that the last bit matters (quirk Q10).
 */
export function flowRatio(inbound: number, outbound: number): number {
  if (inbound === 0) return outbound === 0 ? 0 : ONLY_OUT;
  if (outbound === 0) return ONLY_IN;
  return Math.log(outbound / inbound) / Math.LN2;
}
