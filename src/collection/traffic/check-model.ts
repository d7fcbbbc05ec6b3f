/** What makes a hidden Markov model usable (spec/counters.md, 6.1), and what makes it doubtful (quirk Q40). */
import { type ListFindings } from '../lists/list-file.js';
import {
  FINISHED,
  PACKET_IN,
  PACKET_OUT,
  pairsOf,
  STREAM_OPENED,
  type SubModel,
  type SubModelKind,
} from './traffic-model.js';

const NEEDED: Readonly<Record<SubModelKind, readonly string[]>> = {
  packets: [PACKET_OUT, PACKET_IN, FINISHED],
  streams: [STREAM_OPENED, FINISHED],
};
/** How many parameters the emission of an observation has; of others the original only warns. */
const PARAMETERS: ReadonlyMap<string, number> = new Map([
  [PACKET_OUT, 4],
  [PACKET_IN, 4],
  [STREAM_OPENED, 4],
  [FINISHED, 1],
]);
/** Sums of probabilities are 1 within this, relatively. */
const SUM_TOLERANCE = 1e-9;

export function checkSubModel(model: SubModel, kind: SubModelKind): ListFindings {
  const faults = [
    ...NEEDED[kind]
      .filter((observation) => !model.observations.includes(observation))
      .map((observation) => `the observation space of the model of ${kind} must have ${observation}`),
    ...unknownNames(model),
    ...wrongParameters(model),
    ...wrongSums(model),
  ];
  return { faults, warnings: doubts(model) };
}

function unknownNames({ states, observations, start, transitions, emissions }: SubModel): string[] {
  const used = new Set([
    ...start.keys(),
    ...transitions.keys(),
    ...emissions.keys(),
    ...pairsOf(transitions).map(({ column }) => column),
  ]);
  const observed = new Set(pairsOf(emissions).map(({ column }) => column));
  return [
    ...[...used]
      .filter((state) => !states.includes(state))
      .map((state) => `state ${state} is not in the state space`),
    ...[...observed]
      .filter((observation) => !observations.includes(observation))
      .map((observation) => `observation ${observation} is not in the observation space`),
  ];
}

function wrongParameters({ emissions }: SubModel): string[] {
  return pairsOf(emissions).flatMap(({ row, column, value }) => {
    const wanted = PARAMETERS.get(column);
    return wanted === undefined || value.length === wanted
      ? []
      : [`the emission of ${column} by ${row} has ${value.length} parameters, not ${wanted}`];
  });
}

function wrongSums({ start, transitions, emissions }: SubModel): string[] {
  const leaving = [...transitions].filter(([state]) => !state.includes('End'));
  return [
    ...(isOne([...start.values()]) ? [] : ['the start probabilities must add up to 1']),
    ...leaving
      .filter(([, row]) => !isOne([...row.values()]))
      .map(([state]) => `the transitions of ${state} must add up to 1`),
    ...[...emissions]
      .filter(([, row]) => !isOne([...row.values()].map(([probability]) => probability ?? 0)))
      .map(([state]) => `the emissions of ${state} must add up to 1`),
  ];
}

function isOne(probabilities: readonly number[]): boolean {
  const sum = probabilities.reduce((total, probability) => total + probability, 0);
  return Math.abs(sum - 1) <= SUM_TOLERANCE * Math.max(1, sum);
}

function doubts({ states, emissions }: SubModel): string[] {
  const others = new Set(pairsOf(emissions).map(({ column }) => column));
  return [
    ...states.flatMap((state) => [
      ...(state === 'START' ? ['a state named START is counted as the start of paths too'] : []),
      ...(state.includes('Dwell') && state.includes('Active')
        ? [`state ${state} is named both Dwell and Active: its delays count as those of Dwell`]
        : []),
      ...(/End./.test(state) ? [`state ${state} has End in its name: its transitions are not checked`] : []),
    ]),
    ...[...others]
      .filter((observation) => !PARAMETERS.has(observation))
      .map((observation) => `observation ${observation} is none that Tor makes`),
  ];
}
