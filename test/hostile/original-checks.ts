/**
 * What a node of PrivCount 2.0 checks before it takes part in a round, and nothing else (spec/rounds.md, sections 4.7 and
 * 7). Everything that is checked comes from the tally, and is measured against nothing but itself.
 */
import { type Bins } from './original-numbers.js';

/** What a START says to keepers and collectors alike; the traffic model and match lists are left out. */
export type StartConfig = {
  readonly counters: Bins;
  readonly sigmas: ReadonlyMap<string, number>;
  /** By fingerprint; `*` is any other relay. */
  readonly noiseWeight: ReadonlyMap<string, number>;
  readonly dcThreshold: number;
  readonly collectPeriodS: number;
};

const WEIGHT_MAX = 2 ** 69 - 1;

/** Section 7: the checks of check_start_config. `knownCounters` is undefined at a keeper, which takes any name. */
export function isStartFine(config: StartConfig, knownCounters: ReadonlySet<string> | undefined): boolean {
  const { counters, sigmas } = config;
  const names = [...counters.keys()];
  return (
    names.every((name) => sigmas.has(name)) &&
    sigmas.size === counters.size &&
    [...sigmas.values()].every((sigma) => sigma >= 0) &&
    [...counters.values()].every(areBinsFine) &&
    areWeightsFine(config) &&
    (knownCounters === undefined ||
      names.every((name) => knownCounters.has(name) && hasRightBins(name, counters.get(name)!.length)))
  );
}

/** Each bin goes up; sorted by their lower ends they do not overlap. */
function areBinsFine(bins: readonly (readonly [number, number])[]): boolean {
  const sorted = [...bins].sort(([left], [right]) => left - right);
  return sorted.every(([low, high], at) => low < high && (at === 0 || sorted[at - 1]![1] <= low));
}

function hasRightBins(name: string, bins: number): boolean {
  const stem = name.split('_')[0]!;
  return stem.endsWith('Count') || stem.endsWith('DelayTime') ? bins === 1 : bins > 1;
}

function areWeightsFine({ noiseWeight, dcThreshold }: StartConfig): boolean {
  const weights = [...noiseWeight].flatMap(([relay, weight]) =>
    relay === '*' ? Array.from({ length: dcThreshold }, () => weight) : [weight],
  );
  const isRight = (value: number): boolean => value >= 0 && value <= WEIGHT_MAX;
  return (
    (noiseWeight.has('*') || noiseWeight.size >= dcThreshold) &&
    weights.every(isRight) &&
    isRight(weights.reduce((sum, weight) => sum + weight, 0))
  );
}

export type DelayOptions = { readonly delayPeriodS: number; readonly alwaysDelay: boolean };

const SIGMA_DECREASE_TOLERANCE = 1e-6;

/** Section 4.7: CollectionDelay. It is in the memory of the process and nowhere else. */
export class OriginalDelay {
  readonly #options: DelayOptions;
  #sigmas: ReadonlyMap<string, number> | undefined;
  #lastEndS: number | undefined;

  constructor(options: DelayOptions) {
    this.#options = options;
  }

  mayStart(sigmas: ReadonlyMap<string, number>, nowS: number): boolean {
    if (this.#lastEndS === undefined) return true;
    return nowS >= this.#lastEndS + (this.#needsDelay(sigmas) ? this.#options.delayPeriodS : 0);
  }

  /** After a round that succeeded; of allocations that are equivalent the oldest is kept. */
  registerEnd(sigmas: ReadonlyMap<string, number>, nowS: number): void {
    if (this.#sigmas === undefined || this.#needsDelay(sigmas)) this.#sigmas = sigmas;
    this.#lastEndS = nowS;
  }

  #needsDelay(sigmas: ReadonlyMap<string, number>): boolean {
    if (this.#options.alwaysDelay || this.#sigmas?.size !== sigmas.size) return true;
    return [...this.#sigmas].some(([name, sigma]) => {
      const now = sigmas.get(name);
      return now === undefined || sigma - now > SIGMA_DECREASE_TOLERANCE;
    });
  }
}
