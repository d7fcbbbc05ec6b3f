/** What `privcount weights` prints: the original tool's lines, and noise weights for the relays of a network. */
import { noiseVariance, worstNoiseVariance } from '../core/network.js';
import { type PositionShares } from '../tor/consensus/position-shares.js';

export type ShareLine = {
  readonly position: keyof PositionShares;
  /** How many times each onion address or descriptor is seen in this position. */
  readonly factor: number;
  readonly label: string;
};

/** The lines of PrivCount's compute_fractional_position_weights, in its order and words. */
export const SHARE_LINES: readonly ShareLine[] = [
  { position: 'guard', factor: 1, label: 'guard use mean' },
  { position: 'middle', factor: 1, label: 'middle use mean' },
  { position: 'exit', factor: 1, label: 'exit use mean' },
  {
    position: 'hsdir2',
    factor: 6 * (1 + 1 / 24),
    label: 'hsdir2 spread-weighted service onion address mean (6 stores per onion address, 1/24 overlap)',
  },
  {
    position: 'hsdir2',
    factor: 1,
    label: 'hsdir2 spread-weighted client onion address mean (1 fetch per onion address)',
  },
  { position: 'hsdir3', factor: 1, label: 'hsdir3 relay fraction mean' },
  {
    position: 'hsdir3',
    factor: 8,
    label:
      'hsdir3 approximate service descriptor id mean (4 stores per descriptor id, per onion address, per current/previous SRV)',
  },
  {
    position: 'hsdir3',
    factor: 0.5,
    label: 'hsdir3 approximate client descriptor id mean (0.5 fetches per descriptor id, per onion address)',
  },
  {
    position: 'intro',
    factor: 3,
    label: 'intro2,3 service establish mean (default 3 intro points per onion address, max 10)',
  },
  { position: 'intro', factor: 1, label: 'intro2,3 client introduce mean (1 introduce per onion address)' },
  { position: 'rend2', factor: 1, label: 'rend2 use mean' },
  { position: 'rend3', factor: 1, label: 'rend3 use mean' },
];

/** The mean of each share over several consensuses. */
export function meanShares(shares: readonly PositionShares[]): PositionShares {
  return sharesBy((position) => shares.reduce((sum, each) => sum + each[position], 0) / shares.length);
}

/** The least and the most of each share over several consensuses. */
export function shareRange(shares: readonly PositionShares[]): {
  least: PositionShares;
  most: PositionShares;
} {
  return {
    least: sharesBy((position) => Math.min(...shares.map((each) => each[position]))),
    most: sharesBy((position) => Math.max(...shares.map((each) => each[position]))),
  };
}

function sharesBy(mean: (position: keyof PositionShares) => number): PositionShares {
  return {
    guard: mean('guard'),
    middle: mean('middle'),
    exit: mean('exit'),
    hsdir2: mean('hsdir2'),
    hsdir3: mean('hsdir3'),
    intro: mean('intro'),
    rend2: mean('rend2'),
    rend3: mean('rend3'),
  };
}

export function shareLines(shares: PositionShares): string[] {
  return SHARE_LINES.map(
    ({ position, factor, label }) => `${(shares[position] * factor).toFixed(15)} : ${label}`,
  );
}

export type WeightedRelay = {
  readonly fingerprint: string;
  readonly shares: PositionShares;
  /** The same for every relay: the least noise for the loss that is tolerated. */
  readonly equalWeight: number;
  /** By the relay's share of the position asked for; absent if too few of the relays can take that position. */
  readonly weightByShare?: number;
};

/**
 * Noise weights that leave a variance of 1 when the worst `tolerated` relays are missing (spec/noise.md, "Who is missing"),
 * rounded up to six decimals. Undefined if that many leave no noise.
 */
export function weighRelays(
  relays: readonly { readonly fingerprint: string; readonly shares: PositionShares }[],
  { position, tolerated }: { position: keyof PositionShares; tolerated: number },
): WeightedRelay[] | undefined {
  const equal = scaled(
    relays.map(() => 1),
    tolerated,
  );
  const byShare = scaled(
    relays.map(({ shares }) => Math.sqrt(shares[position])),
    tolerated,
  );
  if (equal === undefined) return undefined;
  return relays.map((relay, at) => ({
    ...relay,
    equalWeight: equal[at]!,
    ...(byShare === undefined ? {} : { weightByShare: byShare[at]! }),
  }));
}

function scaled(weights: readonly number[], tolerated: number): number[] | undefined {
  const left = worstNoiseVariance(weights, tolerated);
  return left === 0 ? undefined : weights.map((weight) => roundedUp(weight / Math.sqrt(left)));
}

function roundedUp(weight: number): number {
  return Math.ceil(weight * 1e6) / 1e6;
}

/** A table of the relays with both kinds of weights, and the excess noise ratio of each kind. */
export function weightLines(relays: readonly WeightedRelay[]): string[] {
  const row = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(40) : cell.padStart(12))).join('  ');
  const fixed = (digits: number, value: number | undefined): string => value?.toFixed(digits) ?? '-';
  const equal = relays.map(({ equalWeight }) => equalWeight);
  const byShare = relays.flatMap(({ weightByShare }) => weightByShare ?? []);
  return [
    row(['fingerprint', 'guard', 'middle', 'exit', 'equal weight', 'by share']),
    ...relays.map(({ fingerprint, shares, equalWeight, weightByShare }) =>
      row([
        fingerprint,
        ...[shares.guard, shares.middle, shares.exit, equalWeight, weightByShare].map((value) =>
          fixed(6, value),
        ),
      ]),
    ),
    row([
      'excess_noise_ratio',
      '',
      '',
      '',
      fixed(4, noiseVariance(equal)),
      fixed(4, byShare.length === 0 ? undefined : noiseVariance(byShare)),
    ]),
  ];
}
