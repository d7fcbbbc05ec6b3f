/** The plan of the tally's next round, from how it is configured and who is there. */
import { SINGLE_BIN } from '../core/bins.js';
import { COLLECTOR_COUNT, type Counter, ZERO_COUNT } from '../core/counters.js';
import { type TrafficModel } from '../collection/traffic/traffic-model.js';
import { type KnownNetwork, type SigmaFloor } from '../protocol/check-plan.js';
import { type SensitivityTable } from '../protocol/check-privacy.js';
import { SCALE_BITS_MAX } from '../privacy/noise-scale.js';
import { type Plan } from '../protocol/plan.js';
import { scaleBitsOf } from '../protocol/plan-scale.js';
import { type ListLabel } from './list-label.js';
import { type OwnDelayRule } from './privacy-memory.js';

export type TallySettings = {
  readonly listen: { readonly host: string; readonly port: number };
  /** Without the check counters, which every round has. */
  readonly counters: readonly Counter[];
  readonly noise: Plan['noise'];
  readonly sigmaFloor: SigmaFloor;
  readonly sensitivities: SensitivityTable;
  readonly ownDelay: OwnDelayRule;
  readonly lists: Plan['lists'];
  /** What outcomes say about the lists, by digest. */
  readonly listLabels: ReadonlyMap<string, ListLabel>;
  readonly traffic: { readonly model: TrafficModel; readonly digest: string } | undefined;
  /** What nodes may ask for, by digest. */
  readonly artifacts: ReadonlyMap<string, Uint8Array>;
  readonly drawMs: number;
  readonly collectMs: number;
  readonly phaseMs: number;
  /** Once enough nodes are there, how long to wait for the others. */
  readonly settleMs: number;
  readonly startAfterMs: number;
  /** Infinity for ever. */
  readonly rounds: number;
  readonly circuitSampleRate: number;
  readonly maxCellEventsPerCircuit: number;
};

const CHECK_COUNTERS: readonly Counter[] = [ZERO_COUNT, COLLECTOR_COUNT].map((name) => ({
  name,
  bins: [SINGLE_BIN],
  sigma: 0,
}));

type Next = {
  readonly roundId: string;
  /** Names of nodes that could take part now. All keepers are asked; who is silent is left out later. */
  readonly isReady: ReadonlySet<string>;
  readonly nowMs: number;
};

export function makePlan(
  settings: TallySettings,
  { network, id }: KnownNetwork,
  { roundId, isReady, nowMs }: Next,
): Plan {
  const noise = {
    noise: settings.noise,
    counters: [...settings.counters, ...CHECK_COUNTERS],
    collectors: network.collectors
      .filter(({ name }) => isReady.has(name))
      .map(({ name, noiseWeight }) => ({ name, weight: noiseWeight })),
  };
  return {
    roundId,
    networkId: id,
    createdAtMs: nowMs,
    drawMs: settings.drawMs,
    collectMs: settings.collectMs,
    phaseMs: settings.phaseMs,
    ...noise,
    // Where no scale is enough, the tally's own check of the plan says for which counter.
    scaleBits: scaleBitsOf(noise) ?? SCALE_BITS_MAX,
    keepers: network.keepers.map(({ name }) => name),
    ...(network.privacy.sigmasDigest === undefined ? {} : { sigmas: network.privacy.sigmasDigest }),
    lists: settings.lists,
    ...(settings.traffic === undefined ? {} : { trafficModel: settings.traffic.digest }),
    circuitSampleRate: settings.circuitSampleRate,
    maxCellEventsPerCircuit: settings.maxCellEventsPerCircuit,
  };
}
