/** The lists and the model of a round that a collector goes on with: from its cache, since nobody has sent the plan again. */
import {
  secretsOfCollector,
  type CollectorEffect,
  type LiveCollectorRound,
} from '../protocol/collector-state.js';
import { type Plan } from '../protocol/plan.js';
import { log } from '../protocol/round.js';
import { type ArtifactCache } from './ports.js';
import { artifactsOf, readMaterial, type RoundMaterial } from './round-material.js';

/** Undefined if the round needs what is not there any more. A report that is there needs nothing: it only has to be sent. */
export function materialOf(
  { facts: { plan }, phase }: LiveCollectorRound,
  cache: ArtifactCache,
): { readonly plan: Plan; readonly material: RoundMaterial } | undefined {
  if (phase === 'reported') return { plan, material: { lists: {}, model: undefined } };
  const kept = artifactsOf(plan).map((digest) => [digest, cache.get(digest)] as const);
  const there = kept.filter((entry): entry is [string, Uint8Array] => entry[1] !== undefined);
  const material = readMaterial(plan, new Map(there));
  return 'faults' in material ? undefined : { plan, material };
}

/** How a round ends whose material is lost. */
export function lostMaterial(state: LiveCollectorRound): CollectorEffect[] {
  const { roundId } = state.facts.plan;
  return [
    { kind: 'wipe', secrets: secretsOfCollector(state) },
    log('warn', `round ${roundId}: not gone on with, its lists or model are not there any more`),
  ];
}
