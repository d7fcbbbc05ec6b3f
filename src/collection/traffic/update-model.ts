/**
 * A traffic model brought up to date with a round's totals (spec/counters.md, 6.5): the old parameters and what was observed,
 * half each. Where the original fails or forgets, this does not: a state whose exponential delays were not observed keeps
 * its lambda (quirk Q39), the probabilities of observations without a delay are updated too (quirk Q38), and a state of
 * which nothing is known any more, neither from before nor from the round, keeps its probabilities instead of having none.
 */
import { MODEL_PREFIXES } from './model-counters.js';
import {
  delayKind,
  type Emission,
  type SubModel,
  type SubModelKind,
  type TrafficModel,
} from './traffic-model.js';

/** How much of the old remains, 0 to 1, of transitions and of emissions. */
export type Inertia = { readonly transitions: number; readonly emissions: number };

const DEFAULT_INERTIA: Inertia = { transitions: 0.5, emissions: 0.5 };

/** Below this variance of the logarithm of delays sigma is the least (quirk Q37). */
const VARIANCE_MIN = 0.1;
const SIGMA_MIN = 0.01;

/** The totals of a round's counters by name, which noise may have made negative or broken; some may be missing. */
export type Totals = ReadonlyMap<string, number>;

export function updateTrafficModel(
  model: TrafficModel,
  totals: Totals,
  inertia = DEFAULT_INERTIA,
): TrafficModel {
  const update = (kind: SubModelKind): SubModel | undefined =>
    model[kind] && new Update(kind, model[kind], totals, inertia).apply();
  return { packets: update('packets'), streams: update('streams') };
}

class Update {
  readonly #prefix: string;
  readonly #model: SubModel;
  readonly #totals: Totals;
  readonly #inertia: Inertia;

  constructor(kind: SubModelKind, model: SubModel, totals: Totals, inertia: Inertia) {
    this.#prefix = MODEL_PREFIXES[kind];
    this.#model = model;
    this.#totals = totals;
    this.#inertia = inertia;
  }

  apply(): SubModel {
    const { start, transitions, emissions } = this.#model;
    return {
      ...this.#model,
      start: this.#mix(start, 'START'),
      transitions: new Map([...transitions].map(([state, row]) => [state, this.#mix(row, state)])),
      emissions: new Map([...emissions].map(([state, row]) => [state, this.#emit(state, row)])),
    };
  }

  #count(measure: string, ...names: readonly string[]): number {
    return Math.max(0, this.#totals.get(`${this.#prefix}${measure}_${names.join('_')}`) ?? 0);
  }

  /** The probabilities of what follows a state, or the start. */
  #mix(row: ReadonlyMap<string, number>, from: string): Map<string, number> {
    const weight = this.#inertia.transitions;
    const observed = normal([...row.keys()].map((to) => this.#count('TransitionCount', from, to)));
    const old = [...row.values()];
    const mixed = old.map((probability, at) => weight * probability + (1 - weight) * observed[at]!);
    const scaled = rescaled(mixed, old);
    return new Map([...row.keys()].map((to, at) => [to, scaled[at]!]));
  }

  #emit(state: string, row: ReadonlyMap<string, Emission>): Map<string, Emission> {
    const weight = this.#inertia.emissions;
    const observations = [...row.keys()];
    const observed = normal(
      observations.map((observation) => this.#count('EmissionCount', state, observation)),
    );
    const old = [...row.values()].map(([probability]) => probability ?? 0);
    const mixed = old.map((probability, at) => weight * probability + (1 - weight) * observed[at]!);
    const probabilities = rescaled(mixed, old);
    return new Map(
      [...row].map(([observation, emission], at) => [
        observation,
        [probabilities[at]!, ...this.#delayParameters(state, observation, emission)],
      ]),
    );
  }

  /** Mu, sigma and lambda; what else there is of other observations stays. */
  #delayParameters(state: string, observation: string, [, ...old]: Emission): number[] {
    const [mu = 0, sigma = 0, lambda = 0] = old;
    const weight = this.#inertia.emissions;
    const steps = this.#count('EmissionCount', state, observation);
    switch (delayKind(state, observation)) {
      case 'lognormal': {
        const mean = quotient(this.#count('LogDelayTime', state, observation), steps);
        const meanOfSquares = quotient(this.#count('SquaredLogDelayTime', state, observation), steps);
        const variance = meanOfSquares > 0 ? meanOfSquares - mean * mean : 0;
        const spread = variance < VARIANCE_MIN ? SIGMA_MIN : Math.sqrt(variance);
        return [weight * mu + (1 - weight) * mean, weight * sigma + (1 - weight) * spread, 0];
      }
      case 'exponential': {
        const rate = quotient(steps, this.#count('DelayTime', state, observation));
        return [0, 0, rate > 0 && lambda > 0 ? 1 / (weight / lambda + (1 - weight) / rate) : lambda];
      }
      case 'plain':
        return [...old];
    }
  }
}

/** 0 unless both are positive. */
function quotient(dividend: number, divisor: number): number {
  return dividend > 0 && divisor > 0 ? dividend / divisor : 0;
}

/** Divided by their sum; all 0 if that is 0. */
function normal(counts: readonly number[]): number[] {
  const sum = counts.reduce((total, count) => total + count, 0);
  return counts.map((count) => (sum > 0 ? count / sum : 0));
}

/** Divided by their sum; if that is 0 others take their place. */
function rescaled(probabilities: readonly number[], otherwise: readonly number[]): readonly number[] {
  const sum = probabilities.reduce((total, probability) => total + probability, 0);
  return sum > 0 ? probabilities.map((probability) => probability / sum) : otherwise;
}
