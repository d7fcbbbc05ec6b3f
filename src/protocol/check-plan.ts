/**
 * What every node checks of a plan before it takes part (design, section 4). Noise, weights, bins and floors are not the
 * tally's to choose: what network.yaml says holds.
 */
import { binFaults } from '../core/bins.js';
import { isCheckCounter } from '../core/counters.js';
import { isNoiseEnough, worstNoiseVariance, type Network } from '../core/network.js';
import { holderSets, setsOfKeeper } from '../core/holder-sets.js';
import { BYTES_PER_CELL } from '../core/ring.js';
import {
  CELLS_MAX,
  DRAW_MS_MIN,
  DRAW_MS_PER_CELL_MIN,
  FRAME_BYTES_MAX,
  PLAN_AGE_MS_MAX,
  STATEMENT_BYTES_MAX,
} from './limits.js';
import { type Plan } from './plan.js';

/** A network and the digest of its file, as every node of it has them. */
export type KnownNetwork = {
  readonly network: Network;
  readonly id: string;
  /** All its identities are test identities, which anybody can compute (src/crypto/identity.ts). */
  readonly isTest: boolean;
};

/** The least sigma of each counter; undefined if network.yaml leaves sigmas open, as only a test network may. */
export type SigmaFloor = ReadonlyMap<string, number> | undefined;

export type PlanContext = {
  readonly known: KnownNetwork;
  readonly sigmaFloor: SigmaFloor;
  readonly nowMs: number;
};

/** Why a node can't take part in a plan, one sentence a reason; empty if it can. */
export function planObjections(plan: Plan, context: PlanContext): string[] {
  return [
    ...identityObjections(plan, context),
    ...counterObjections(plan, context.known.network),
    ...memberObjections(plan, context.known.network),
    ...noiseObjections(plan, context),
  ];
}

function identityObjections(plan: Plan, { known, nowMs }: PlanContext): string[] {
  const objections: string[] = [];
  if (plan.networkId !== known.id) objections.push('the plan is of another network');
  const ageMs = nowMs - plan.createdAtMs;
  if (Math.abs(ageMs) > PLAN_AGE_MS_MAX) {
    objections.push(
      `the plan was made ${Math.round(ageMs / 1000)} s ago by this node's clock; at most ${PLAN_AGE_MS_MAX / 1000} s is taken`,
    );
  }
  return objections;
}

function counterObjections({ counters }: Plan, network: Network): string[] {
  const objections = counters.flatMap(({ name, bins }) =>
    binFaults(bins).map((fault) => `counter ${name}: ${fault}`),
  );
  if (new Set(counters.map(({ name }) => name)).size !== counters.length)
    objections.push('a counter stands twice');
  const cells = counters.reduce((sum, { bins }) => sum + bins.length, 0);
  const most = cellsMax(network);
  if (cells > most) objections.push(`${cells} bins are more than the limit of ${most}`);
  return objections;
}

/** A keeper that has to give the sums of all of its holder sets gives them in one frame. */
function cellsMax({ keepers, threshold }: Network): number {
  const sums = setsOfKeeper(holderSets({ keepers: keepers.length, threshold }), 0).length;
  const ofAnswer = Math.floor((FRAME_BYTES_MAX - 2 * STATEMENT_BYTES_MAX) / (sums * BYTES_PER_CELL));
  return Math.min(CELLS_MAX, ofAnswer);
}

function memberObjections({ collectors, keepers }: Plan, network: Network): string[] {
  const weightOf = new Map(network.collectors.map(({ name, noiseWeight }) => [name, noiseWeight]));
  const objections = collectors.flatMap(({ name, weight }) => {
    const wanted = weightOf.get(name);
    if (wanted === undefined) return [`collector ${name} is not in network.yaml`];
    return wanted === weight
      ? []
      : [`collector ${name} has noise weight ${wanted} in network.yaml, not ${weight}`];
  });
  if (new Set(collectors.map(({ name }) => name)).size !== collectors.length)
    objections.push('a collector stands twice');
  if (collectors.length < network.minCollectors) {
    objections.push(
      `${collectors.length} collectors are fewer than network.yaml's dc_threshold of ${network.minCollectors}`,
    );
  }
  const expected = network.keepers.map(({ name }) => name).join(' ');
  if (keepers.join(' ') !== expected)
    objections.push('the keepers are not those of network.yaml, in its order');
  return objections;
}

function noiseObjections(plan: Plan, context: PlanContext): string[] {
  const { network, isTest } = context.known;
  if (plan.noise === 'off') {
    return isTest ? [] : ['noise is off, which is for networks of test keys only'];
  }
  const objections = tableObjections(plan, context);
  const { lost, dishonest, curious } = network.privacy.tolerated;
  const names = plan.collectors.map(({ name }) => name);
  if (!isSetNoisyEnough(plan, names, lost + dishonest + curious)) {
    objections.push(
      'the noise weights of the invited collectors, less the tolerated loss, do not add up to 1',
    );
  }
  return [...objections, ...drawObjections(plan), ...sigmaObjections(plan, context.sigmaFloor)];
}

/** Who is not ready in time declines: that must not depend on the noise (spec/noise.md, "Drawing it"). */
function drawObjections({ drawMs, counters }: Plan): string[] {
  const cells = counters.reduce((sum, { bins }) => sum + bins.length, 0);
  const leastMs = Math.ceil(DRAW_MS_MIN + cells * DRAW_MS_PER_CELL_MIN);
  if (drawMs >= leastMs) return [];
  return [
    `${drawMs} ms to draw the noise of ${cells} bins (noise_period) would tell how large it is; at least ${leastMs} ms is taken`,
  ];
}

/** Without a table of least sigmas a node can't tell whether the noise is enough, and it would be the tally's choice. */
function tableObjections(plan: Plan, { known, sigmaFloor }: PlanContext): string[] {
  const { sigmasDigest, sensitivitiesDigest } = known.network.privacy;
  const objections: string[] = [];
  if (plan.sigmas !== sigmasDigest) {
    objections.push('the sigmas are not those that network.yaml names (sigmas_digest)');
  }
  if (sigmasDigest === undefined && sensitivitiesDigest === undefined && !known.isTest) {
    objections.push(
      'network.yaml names neither sensitivities_digest nor sigmas_digest, which is for networks of test keys only',
    );
  }
  if (sigmasDigest !== undefined && sigmaFloor === undefined) {
    objections.push('the table of sigmas that network.yaml names (sigmas_digest) is not here');
  }
  return objections;
}

function sigmaObjections({ counters }: Plan, sigmaFloor: SigmaFloor): string[] {
  return counters.flatMap(({ name, sigma }): string[] => {
    if (isCheckCounter(name)) return [];
    if (!(sigma > 0)) return [`counter ${name} has sigma ${sigma}, which is no noise`];
    if (sigmaFloor === undefined) return [];
    const floor = sigmaFloor.get(name);
    if (floor === undefined) return [`counter ${name} is not in the table of sigmas that network.yaml names`];
    return sigma < floor ? [`counter ${name} has sigma ${sigma}, below network.yaml's ${floor}`] : [];
  });
}

/** True if these collectors' noise alone is enough when `missing` of them, the heaviest, added none that counts. */
export function isSetNoisyEnough(plan: Plan, names: readonly string[], missing: number): boolean {
  if (plan.noise === 'off') return true;
  const members = new Set(names);
  const weights = plan.collectors.flatMap(({ name, weight }) => (members.has(name) ? [weight] : []));
  return isNoiseEnough(worstNoiseVariance(weights, missing));
}

/**
 * Why the total over these collectors must not be opened, or undefined if it may: too few, or too little noise should those
 * whom network.yaml still tolerates as dishonest or curious be among them.
 */
export function setObjection(plan: Plan, network: Network, names: readonly string[]): string | undefined {
  if (names.length < network.minCollectors) {
    return `${names.length} collectors are fewer than network.yaml's dc_threshold of ${network.minCollectors}`;
  }
  const { dishonest, curious } = network.privacy.tolerated;
  if (!isSetNoisyEnough(plan, names, dishonest + curious)) {
    return `the noise of ${names.length} collectors, less the tolerated dishonest and curious ones, is below the floor`;
  }
  return undefined;
}
