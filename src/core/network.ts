/**
 * Who is who: what network.yaml states (design, "network.yaml"; doc/protocol.md, "Network"). Everything here must not be
 * the tally's choice, so every node reads the same file and holds the tally to it.
 */
import { KEEPERS_MAX } from './holder-sets.js';

/** 32 bytes as 64 lower-case hexadecimal digits: an Ed25519 public key or a SHA-256. */
type Hex32 = string;

type KeeperEntry = {
  readonly name: string;
  readonly identity: Hex32;
};

export type CollectorEntry = {
  readonly name: string;
  readonly identity: Hex32;
  /** w: this collector adds noise of standard deviation w * sigma to each bin. */
  readonly noiseWeight: number;
  /** Of the relays that it counts at, 40 upper-case hexadecimal digits each; none where no relay shows one. */
  readonly fingerprints: readonly string[];
};

/** How many collectors may be missing from a total, may have left their noise out, or may know their own noise. */
type ToleratedLoss = {
  readonly lost: number;
  readonly dishonest: number;
  readonly curious: number;
};

/** What all rounds of a sliding window may cost together. */
export type PrivacyBudget = {
  readonly epsilon: number;
  readonly delta: number;
  readonly windowDays: number;
};

type NetworkPrivacy = {
  /** What one round gives. */
  readonly epsilon: number;
  readonly delta: number;
  readonly tolerated: ToleratedLoss;
  /** SHA-256 of the sigmas that alone may be used; absent if any that meet epsilon and delta may. */
  readonly sigmasDigest?: Hex32;
  readonly sensitivitiesDigest?: Hex32;
  readonly budget: PrivacyBudget;
};

export type Network = {
  readonly name: string;
  readonly tallyServer: {
    readonly host: string;
    readonly port: number;
    readonly identity: Hex32;
    /** SHA-256 of the SubjectPublicKeyInfo of the tally's TLS certificate. */
    readonly tlsPin: Hex32;
  };
  /** t: this many keepers open a total. */
  readonly threshold: number;
  readonly keepers: readonly KeeperEntry[];
  readonly collectors: readonly CollectorEntry[];
  /** No total over fewer collectors is released. */
  readonly minCollectors: number;
  readonly privacy: NetworkPrivacy;
  readonly delayPeriodMs: number;
  readonly alwaysDelay: boolean;
  readonly sigmaDecreaseTolerance: number;
};

/** What is wrong: `key` names the place in network.yaml's own words. */
export type NetworkFault = {
  readonly key: string;
  readonly problem: string;
  readonly wanted: string;
};

/** One tally on two cores serves thousands; a plan that names them all stays below the frame limit. */
export const COLLECTORS_MAX = 4096;
export const NODE_NAME = /^[a-zA-Z0-9._-]{1,64}$/;
/** Sums of squares of decimal weights miss 1 by rounding; 1e-9 of the variance is worth nothing to anybody. */
const VARIANCE_ROUNDING = 1e-9;

/** Everything wrong with a network whose fields are each of the right type; empty if it is fine. */
export function networkFaults(network: Network): NetworkFault[] {
  return [
    ...keeperFaults(network),
    ...collectorFaults(network),
    ...nodeFaults(network),
    ...noiseFaults(network),
  ];
}

/** The sum of squared weights: the variance of a total's noise, in units of sigma squared. */
export function noiseVariance(weights: readonly number[]): number {
  return weights.reduce((sum, weight) => sum + weight * weight, 0);
}

/** The same without the `missing` collectors that would hurt most, the heaviest ones (spec/noise.md, "Who is missing"). */
export function worstNoiseVariance(weights: readonly number[], missing: number): number {
  return noiseVariance([...weights].sort((left, right) => right - left).slice(missing));
}

/** True if a variance in units of sigma squared is enough for the privacy that sigma was chosen for. */
export function isNoiseEnough(variance: number): boolean {
  return variance >= 1 - VARIANCE_ROUNDING;
}

function keeperFaults({ keepers, threshold }: Network): NetworkFault[] {
  const n = keepers.length;
  const faults: NetworkFault[] = [];
  if (n < 1 || n > KEEPERS_MAX) {
    faults.push({
      key: 'share_keepers',
      problem: `names ${n} keepers`,
      wanted: `1 to ${KEEPERS_MAX} keepers`,
    });
  }
  if (threshold < 1 || threshold > n || 2 * threshold <= n) {
    faults.push({
      key: 'sk_threshold',
      problem: `${threshold} of ${n} keepers can't decide alone`,
      wanted: `more than half of the keepers: ${Math.floor(n / 2) + 1} to ${n}`,
    });
  }
  return faults;
}

function collectorFaults({ collectors, minCollectors }: Network): NetworkFault[] {
  const n = collectors.length;
  const faults: NetworkFault[] = [];
  if (n < 1 || n > COLLECTORS_MAX) {
    faults.push({
      key: 'data_collectors',
      problem: `names ${n} collectors`,
      wanted: `1 to ${COLLECTORS_MAX} collectors`,
    });
  }
  if (minCollectors < 1 || minCollectors > n) {
    faults.push({
      key: 'dc_threshold',
      problem: `${minCollectors} of ${n} collectors can't be reached`,
      wanted: `1 to the number of collectors, ${n}`,
    });
  }
  return faults;
}

function nodeFaults({ tallyServer, keepers, collectors }: Network): NetworkFault[] {
  const nodes = [
    ...keepers.map((node, at) => ({ ...node, key: `share_keepers[${at}]` })),
    ...collectors.map((node, at) => ({ ...node, key: `data_collectors[${at}]` })),
  ];
  const fingerprints = collectors.flatMap(({ fingerprints }, at) =>
    fingerprints.map((value, place) => ({
      key: `data_collectors[${at}].fingerprint${fingerprints.length === 1 ? '' : `[${place}]`}`,
      value,
    })),
  );
  return [
    ...repeats(nodes.map(({ key, name }) => ({ key: `${key}.name`, value: name }))),
    ...repeats([
      { key: 'tally_server.identity', value: tallyServer.identity },
      ...nodes.map(({ key, identity }) => ({ key: `${key}.identity`, value: identity })),
    ]),
    ...repeats(fingerprints),
  ];
}

function repeats(entries: readonly { key: string; value: string }[]): NetworkFault[] {
  const firstOf = new Map<string, string>();
  return entries.flatMap(({ key, value }) => {
    const first = firstOf.get(value);
    if (first === undefined) {
      firstOf.set(value, key);
      return [];
    }
    return [{ key, problem: `is the same as ${first}`, wanted: 'a value that no other node has' }];
  });
}

function noiseFaults({ collectors, privacy }: Network): NetworkFault[] {
  const { lost, dishonest, curious } = privacy.tolerated;
  const missing = lost + dishonest + curious;
  const left = collectors.length - missing;
  if (left < 1) {
    return [
      {
        key: 'privacy.tolerated',
        problem: `allows ${missing} of ${collectors.length} collectors to add no noise that counts`,
        wanted: 'fewer than there are collectors',
      },
    ];
  }
  const variance = worstNoiseVariance(
    collectors.map(({ noiseWeight }) => noiseWeight),
    missing,
  );
  if (isNoiseEnough(variance)) return [];
  return [
    {
      key: 'data_collectors[].noise_weight',
      problem: `the squares of the ${left} smallest weights, all that is left at the tolerated loss, add up to ${variance}`,
      wanted: `at least 1; equal weights would be ${roundedUp(1 / Math.sqrt(left))} each`,
    },
  ];
}

/** Six decimals, upwards, so that weights copied from the message are enough. */
function roundedUp(weight: number): number {
  return Math.ceil(weight * 1e6) / 1e6;
}
