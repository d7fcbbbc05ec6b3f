/**
 * A traffic model (spec/counters.md, 6.1): hidden Markov models of the packets of exit streams, and of the streams of
 * exit circuits. Tor finds the likeliest path of a stream or circuit through them; counting the steps of all paths shows
 * how the models should change.
 */

/** An emission's parameters: [probability, mu, sigma, lambda], or of `F` [probability] alone. */
export type Emission = readonly number[];

/** One hidden Markov model. Maps keep the order of the file. */
export type SubModel = {
  readonly states: readonly string[];
  readonly observations: readonly string[];
  readonly start: ReadonlyMap<string, number>;
  readonly transitions: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly emissions: ReadonlyMap<string, ReadonlyMap<string, Emission>>;
};

export type SubModelKind = 'packets' | 'streams';

/** At least one of them is there. */
export type TrafficModel = Readonly<Record<SubModelKind, SubModel | undefined>>;

/** How delays before an observation are distributed, which says what is counted of them. */
export type DelayKind = 'lognormal' | 'exponential' | 'plain';

/** Observations: a packet from the client's side and to it, a stream opened, and the end. */
export const PACKET_OUT = '+';
export const PACKET_IN = '-';
export const STREAM_OPENED = '$';
export const FINISHED = 'F';

export function delayKind(state: string, observation: string): DelayKind {
  if (observation === PACKET_OUT || observation === PACKET_IN) return 'lognormal';
  if (observation !== STREAM_OPENED) return 'plain';
  if (state.includes('Dwell')) return 'lognormal';
  return state.includes('Active') ? 'exponential' : 'plain';
}

/** The pairs of a map of maps. */
export function pairsOf<Value>(
  rows: ReadonlyMap<string, ReadonlyMap<string, Value>>,
): { readonly row: string; readonly column: string; readonly value: Value }[] {
  return [...rows].flatMap(([row, columns]) =>
    [...columns].map(([column, value]) => ({ row, column, value })),
  );
}
