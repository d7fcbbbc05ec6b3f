/**
 * Another accountant than the product's: the distribution of the privacy loss of each counter on a grid, convolved one after
 * another. It knows nothing of mu, of the normal distribution function's tails, or that losses of Gaussians add up to one of a
 * Gaussian.
 */

/** A counter that one person moves by `move`, in L2, with noise of this standard deviation. */
export type Moved = { readonly move: number; readonly sigma: number };

/** The grid of losses: cell i is the loss (i - ORIGIN) * STEP. */
const STEP = 1e-3;
const CELLS = 4001;
const ORIGIN = 2000;

/**
 * The loss of one counter that one person moves by `move`: log p(x) / q(x) at x drawn from p, for p and q the densities of
 * N(move, sigma^2) and N(0, sigma^2). Each part of x goes to the two nearest cells such that its mean loss stays.
 */
function lossOf({ move, sigma }: Moved): Float64Array {
  const losses = new Float64Array(CELLS);
  const parts = 4000;
  let total = 0;
  for (let part = 0; part < parts; part += 1) {
    const z = ((part + 0.5) / parts) * 16 - 8;
    const x = move + z * sigma;
    const mass = Math.exp((-z * z) / 2);
    const loss = (x * x - (x - move) ** 2) / (2 * sigma * sigma);
    const place = loss / STEP + ORIGIN;
    const cell = Math.floor(place);
    if (cell < 0 || cell + 1 >= CELLS) continue;
    losses[cell]! += mass * (cell + 1 - place);
    losses[cell + 1]! += mass * (place - cell);
    total += mass;
  }
  return losses.map((mass) => mass / total);
}

function convolved(left: Float64Array, right: Float64Array): Float64Array {
  const sum = new Float64Array(CELLS);
  const used = Array.from(right.entries()).filter(([, mass]) => mass > 1e-18);
  left.forEach((mass, at) => {
    if (mass < 1e-18) return;
    for (const [cell, other] of used) {
      const place = at + cell - ORIGIN;
      if (place >= 0 && place < CELLS) sum[place]! += mass * other;
    }
  });
  return sum;
}

/** The least epsilon at delta of counters with this noise, all moved at once. */
export function accountedEpsilon(counters: readonly Moved[], delta: number): number {
  const loss = counters.map(lossOf).reduce(convolved);
  const deltaAt = (epsilon: number): number =>
    loss.reduce((sum, mass, cell) => {
      const above = (cell - ORIGIN) * STEP - epsilon;
      return above > 0 ? sum - mass * Math.expm1(-above) : sum;
    }, 0);
  let [low, high] = [0, 2];
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (deltaAt(middle) <= delta) high = middle;
    else low = middle;
  }
  return high;
}

/** The probability that the loss of one counter passes epsilon, straight from its density. */
export function lossAbove({ move, sigma }: Moved, epsilon: number): number {
  const parts = 200_000;
  let [above, total] = [0, 0];
  for (let part = 0; part < parts; part += 1) {
    const z = ((part + 0.5) / parts) * 20 - 10;
    const mass = Math.exp((-z * z) / 2);
    total += mass;
    if ((move * z) / sigma + move ** 2 / (2 * sigma ** 2) > epsilon) above += mass;
  }
  return above / total;
}
