/**
 * The counters that a traffic model adds to a round (spec/counters.md, 6.2). Each has a label, under which the noise file
 * of the model speaks of all counters of its kind.
 */
import { type Bin } from './bins.js';

/** What a sub-model is made of, as far as its counters go. */
export type TrafficSubModel = {
  /** Every (state, observation) that the model gives an emission for. */
  readonly emissions: readonly { readonly state: string; readonly observation: string }[];
  /** Every (from, to) of a probability above 0. */
  readonly transitions: readonly { readonly from: string; readonly to: string }[];
  /** Every state that the model may start in. */
  readonly starts: readonly string[];
};

export type TrafficModelShape = {
  readonly packets?: TrafficSubModel;
  readonly streams?: TrafficSubModel;
};

export type TrafficCounter = {
  readonly name: string;
  readonly label: string;
};

/** All of them are plain counts. */
export const TRAFFIC_BINS: readonly Bin[] = [[0, Infinity]];

const DIRECTIONS: ReadonlySet<string> = new Set(['+', '-']);
const OPENED = '$';

/** The counters of a model with their labels. The wrong label of the original, for streams, is not among them (Q35). */
export function trafficCounters({ packets, streams }: TrafficModelShape): TrafficCounter[] {
  return [
    ...(packets === undefined ? [] : countersOf('ExitStreamTrafficModel', 'StreamCount', packets)),
    ...(streams === undefined ? [] : countersOf('ExitCircuitTrafficModel', 'CircuitCount', streams)),
  ];
}

function countersOf(prefix: string, ownCount: string, model: TrafficSubModel): TrafficCounter[] {
  const fixed = [
    ownCount,
    'EmissionCount',
    'TransitionCount',
    'DelayTime',
    'LogDelayTime',
    'SquaredLogDelayTime',
  ];
  return [
    ...fixed.map((name) => ({ name, label: name })),
    ...model.emissions.flatMap(({ state, observation }) =>
      measuresOf(state, observation).map((measure) => ({
        name: `${measure}_${state}_${observation}`,
        label: `${measure}_<STATE>_<OBS>`,
      })),
    ),
    ...model.transitions.map(({ from, to }) => ({
      name: `TransitionCount_${from}_${to}`,
      label: 'TransitionCount_<SRCSTATE>_<DSTSTATE>',
    })),
    ...model.starts.map((state) => ({
      name: `TransitionCount_START_${state}`,
      label: 'TransitionCount_START_<STATE>',
    })),
  ].map(({ name, label }) => ({ name: prefix + name, label: prefix + label }));
}

/** What is counted of an observation in a state, by how its delays are distributed. */
function measuresOf(state: string, observation: string): string[] {
  if (DIRECTIONS.has(observation) || (observation === OPENED && state.includes('Dwell'))) {
    return ['EmissionCount', 'LogDelayTime', 'SquaredLogDelayTime'];
  }
  if (observation === OPENED && state.includes('Active')) return ['EmissionCount', 'DelayTime'];
  return ['EmissionCount'];
}
