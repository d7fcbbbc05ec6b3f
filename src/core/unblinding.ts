/** The end of a round: reports minus masks are the counts and the noise of the released collectors together. */
import { addVector, newVector, subtractVector, type RingVector } from './ring.js';

/**
 * The sum of the reports less the sum of the masks. Right only if `maskSums` holds, for every holder set, the sum of the
 * masks of exactly these reports; any other gives uniform nonsense, which the check counters show.
 */
export function unblind(
  reports: readonly RingVector[],
  maskSums: readonly RingVector[],
  cells: number,
): RingVector {
  const total = newVector(cells);
  for (const report of reports) addVector(total, report);
  for (const masks of maskSums) subtractVector(total, masks);
  return total;
}
