/** What a plan names by digest and a collector counts with: match lists and the traffic model. */
import { CATALOGUE } from '../collection/catalogue/catalogue.js';
import { type MatchLists } from '../collection/match-lists.js';
import { modelCounters } from '../collection/traffic/model-counters.js';
import { readTrafficModel } from '../collection/traffic/model-file.js';
import { type TrafficModel } from '../collection/traffic/traffic-model.js';
import { counterBinFaults } from '../core/bins.js';
import { isCheckCounter } from '../core/counters.js';
import { type Plan } from '../protocol/plan.js';
import { decodeMatchLists } from './match-list-artifacts.js';

export type RoundMaterial = { readonly lists: MatchLists; readonly model: TrafficModel | undefined };

/** The digests of the lists and the model that a plan names. */
export function artifactsOf({ lists, trafficModel }: Plan): string[] {
  return [...lists.flatMap(({ digests }) => digests), ...(trafficModel === undefined ? [] : [trafficModel])];
}

/** Everything that this collector needs to count by the plan, or why it can't. */
export function readMaterial(
  plan: Plan,
  artifacts: ReadonlyMap<string, Uint8Array>,
): RoundMaterial | { readonly faults: readonly string[] } {
  const decoded = decodeMatchLists(plan, artifacts);
  const { model, faults } = decodeTrafficModel(plan, artifacts);
  if ('fault' in decoded) return { faults: [decoded.fault, ...faults] };
  const all = [...faults, ...uncountable(plan, model)];
  return all.length > 0 ? { faults: all } : { lists: decoded.lists, model };
}

function decodeTrafficModel(
  { trafficModel: digest }: Plan,
  artifacts: ReadonlyMap<string, Uint8Array>,
): { readonly model: TrafficModel | undefined; readonly faults: readonly string[] } {
  if (digest === undefined) return { model: undefined, faults: [] };
  const { model, faults } = readTrafficModel(new TextDecoder().decode(artifacts.get(digest)));
  return { model, faults: faults.map((fault) => `the traffic model: ${fault}`) };
}

/** Counters of the plan that this collector can't count as they stand. Keepers don't care what a counter means. */
function uncountable({ counters }: Plan, model: TrafficModel | undefined): string[] {
  const ofModel = new Set(model && modelCounters(model).map(({ name }) => name));
  return counters.flatMap(({ name, bins }) => {
    if (isCheckCounter(name)) return [];
    if (!CATALOGUE.has(name) && !ofModel.has(name)) return [`counter ${name} is not known to this version`];
    return counterBinFaults(name, bins).map((fault) => `counter ${name}: ${fault}`);
  });
}
