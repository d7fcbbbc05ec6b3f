/**
 * From what some relays saw to the whole network: a total divided by those relays' share of the position that sees it. The
 * interval holds the noise, and the range of the share over the time of the round; it can't hold that users of these relays
 * may differ from those of others.
 */
import { type PositionShares } from '../tor/consensus/position-shares.js';
import { type Estimate } from './estimate.js';

/** Of all observations in one position, from 0 (not included) to 1. */
export type Weight = {
  readonly mean: number;
  /** Over the consensuses of the time; the mean, where only that is known. */
  readonly least: number;
  readonly most: number;
};

/** Guarantee: if `estimate` holds the true total and the weight is in its range, the result holds the extrapolated one. */
export function extrapolate(
  { value, low, high }: Estimate,
  { mean, least, most }: Weight,
): Omit<Estimate, 'error'> {
  const from = Math.min(low / least, low / most);
  const to = Math.max(high / least, high / most);
  const whole = value / mean;
  return {
    value: whole,
    low: from,
    high: to,
    isNoisy: from <= 0 && to >= 0 && from < to,
    isPossiblyZero: from <= 0,
  };
}

export type Position = keyof PositionShares;

/** By the beginnings of counters' names. What other counters see is in several positions, or in none. */
const POSITIONS: readonly (readonly [begin: string, position: Position])[] = [
  ['Exit', 'exit'],
  ['Entry', 'guard'],
  ['Mid', 'middle'],
  ['HSDir2', 'hsdir2'],
  ['HSDir3', 'hsdir3'],
  ['Intro', 'intro'],
  ['Rend2', 'rend2'],
  ['Rend3', 'rend3'],
];

/** The position in which relays see what is counted; undefined if the name does not say. */
export function positionOf(counter: string): Position | undefined {
  return POSITIONS.find(([begin]) => counter.startsWith(begin))?.[1];
}

/**
 * Whether things are counted that several relays see, each once: addresses of clients. No share says how many of them the
 * whole network has, as ten times the relays do not see ten times the addresses.
 */
export function isOfThingsSeenTwice(counter: string): boolean {
  return counter.includes('ClientIP');
}
