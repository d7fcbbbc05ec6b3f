/**
 * Counting of paths through a model (spec/counters.md, 6.3). Hot path: states and observations are numbers, and each pair
 * of them has its program. Names that the model does not have reach only the counters without a name.
 */
import { fromLatin1 } from '../../tor/events/ascii.js';
import { keyTable } from '../../tor/events/key-table.js';
import { Adder, type Addition, type AdderTarget, NO_VALUE, ONE, type Program } from '../adder.js';
import { MODEL_PREFIXES, PATH_COUNTS } from './model-counters.js';
import {
  delayKind,
  FINISHED,
  PACKET_IN,
  PACKET_OUT,
  STREAM_OPENED,
  type SubModel,
  type SubModelKind,
} from './traffic-model.js';
import { type FindName, QUOTE, SKIPPED, ViterbiPath } from './viterbi-path.js';

const AMOUNTS = { logDelay: 1, squaredLogDelay: 2, delay: 3 } as const;
const AMOUNT_COUNT = 4;

/** States that no model has, one for each kind of delay that the name of an unknown state may stand for. */
const UNKNOWN_STATES = ['(unknown)', '(unknown)Dwell', '(unknown)Active'] as const;
const UNKNOWN_OBSERVATION = '(unknown)';

export class PathCounter {
  readonly #adder: Adder;
  readonly #path: ViterbiPath;
  readonly #states: number;
  readonly #observations: number;
  readonly #paths: Program;
  /** By state and observation, by state, and by state and next state. */
  readonly #emissions: readonly Program[];
  readonly #starts: readonly Program[];
  readonly #transitions: readonly Program[];

  constructor(target: AdderTarget, kind: SubModelKind, model: SubModel) {
    const adder = new Adder(target, { amounts: AMOUNT_COUNT, values: 0 });
    const prefix = MODEL_PREFIXES[kind];
    const states = [...model.states, ...UNKNOWN_STATES];
    const observations = [
      ...new Set([PACKET_OUT, PACKET_IN, STREAM_OPENED, FINISHED, ...model.observations]),
    ];
    const compile = (...additions: readonly Addition[]): Program => adder.compile(additions);
    const plain = (measure: string): Addition => ({ name: prefix + measure, adds: ONE, at: NO_VALUE });
    this.#adder = adder;
    this.#path = new ViterbiPath({
      state: findState(model.states),
      observation: findOr(observations, observations.length),
    });
    observations.push(UNKNOWN_OBSERVATION);
    this.#states = states.length;
    this.#observations = observations.length;
    this.#paths = compile(plain(PATH_COUNTS[kind]));
    this.#emissions = states.flatMap((state) =>
      observations.map((observation) => compile(...emission(prefix, state, observation))),
    );
    this.#starts = states.map((state) => compile(plain(`TransitionCount_START_${state}`)));
    // Of the many pairs of states few are counters; the others share a program.
    const unnamed = compile(plain('TransitionCount'));
    this.#transitions = states.flatMap((from) =>
      states.map((to) => {
        const named = plain(`TransitionCount_${from}_${to}`);
        return target.layout.byName.has(named.name) ? compile(plain('TransitionCount'), named) : unnamed;
      }),
    );
  }

  /** Counts the path that the slice is; false, and nothing counted, if it is none. */
  count(bytes: Uint8Array, start: number, end: number): boolean {
    const path = this.#path;
    if (!path.read(bytes, start, end)) return false;
    this.#adder.run(this.#paths);
    for (let step = 0; step < path.length; step += 1) {
      const state = path.state(step);
      if (state === SKIPPED) continue;
      this.#setDelay(path.delay(step));
      this.#adder.run(this.#emissions[state * this.#observations + path.observation(step)]!);
      if (step === 0) this.#adder.run(this.#starts[state]!);
      const next = path.state(step + 1);
      if (next !== SKIPPED) this.#adder.run(this.#transitions[state * this.#states + next]!);
    }
    return true;
  }

  wipe(): void {
    this.#path.wipe();
    this.#adder.wipe();
  }

  /** The logarithm is rounded to the nearest whole number (quirk Q34), and is 0 of delays below 1. */
  #setDelay(delay: number): void {
    const logDelay = delay < 1 ? 0 : Math.round(Math.log(delay));
    this.#adder.setAmount(AMOUNTS.logDelay, logDelay, 0);
    this.#adder.setAmount(AMOUNTS.squaredLogDelay, logDelay * logDelay, 0);
    this.#adder.setInteger(AMOUNTS.delay, delay);
  }
}

/** What a step adds to, without a name and with those of its state and observation. */
function emission(prefix: string, state: string, observation: string): Addition[] {
  const both = (measure: string, adds: number): Addition[] =>
    [measure, `${measure}_${state}_${observation}`].map((name) => ({
      name: prefix + name,
      adds,
      at: NO_VALUE,
    }));
  const kind = delayKind(state, observation);
  return [
    ...both('EmissionCount', ONE),
    ...(kind === 'lognormal'
      ? [...both('LogDelayTime', AMOUNTS.logDelay), ...both('SquaredLogDelayTime', AMOUNTS.squaredLogDelay)]
      : []),
    ...(kind === 'exponential' ? both('DelayTime', AMOUNTS.delay) : []),
  ];
}

/** The key's number, or the number of none. */
function findOr(keys: readonly string[], none: number): FindName {
  const table = keyTable(keys);
  return (bytes, start, end) => {
    const guess = table.guess(bytes, start, end + 1, QUOTE);
    const key = guess < 0 ? table.find(bytes, start, end) : guess;
    return key < 0 ? none : key;
  };
}

/** Unknown states are told apart by what their names say of delays. */
function findState(states: readonly string[]): FindName {
  const find = findOr(states, states.length);
  return (bytes, start, end) => {
    const state = find(bytes, start, end);
    if (state < states.length) return state;
    const kind = delayKind(fromLatin1(bytes, start, end), STREAM_OPENED);
    return states.length + ['plain', 'lognormal', 'exponential'].indexOf(kind);
  };
}
