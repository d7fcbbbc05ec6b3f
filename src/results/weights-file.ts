/** What `privcount weights --json` prints: shares of positions, and their range over several consensuses. */
import { z } from 'zod';
import { type Position, type Weight } from './extrapolation.js';
import { parseJson, ResultFileError } from './result-file.js';

const share = z.number().min(0).max(1);
const shares = z.object({
  guard: share,
  middle: share,
  exit: share,
  hsdir2: share,
  hsdir3: share,
  intro: share,
  rend2: share,
  rend3: share,
});
/** Files of earlier versions have the means alone. */
const schema = z.object({ shares, least: shares.optional(), most: shares.optional() });

export type WeightsOfPositions = Readonly<Record<Position, Weight>>;

/** Throws ResultFileError. Shares may be 0: no relay was in that position. */
export function parseWeights(text: string): WeightsOfPositions {
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) throw new ResultFileError('it is not what `privcount weights --json` prints');
  const { shares: means, least = means, most = means } = parsed.data;
  const positions = Object.keys(means) as Position[];
  const wrong = positions.find((each) => least[each] > means[each] || means[each] > most[each]);
  if (wrong !== undefined)
    throw new ResultFileError(`its share of ${wrong} is not between the least and the most of it`);
  return Object.fromEntries(
    positions.map((each) => [each, { mean: means[each], least: least[each], most: most[each] }]),
  ) as Record<Position, Weight>;
}
