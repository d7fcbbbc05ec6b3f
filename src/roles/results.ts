/**
 * The result files of a round, under PrivCount's names and in its shapes where the thing is the same (spec/rounds.md,
 * section 14): valid JSON, counts as exact decimal strings, infinities as the strings "Infinity" and "-Infinity".
 * Nothing in them is secret, and nothing is about a single node but its name and how long it counted.
 */
import { isCheckCounter } from '../core/counters.js';
import { type Network, noiseVariance } from '../core/network.js';
import { toModelText } from '../collection/traffic/model-file.js';
import { type TrafficModel } from '../collection/traffic/traffic-model.js';
import { updateTrafficModel } from '../collection/traffic/update-model.js';
import { toSigned } from '../core/ring.js';
import { scaledBack } from '../privacy/noise-scale.js';
import { releasedPrivacy } from '../privacy/released-privacy.js';
import { type Json } from '../protocol/canonical-json.js';
import { type Plan } from '../protocol/plan.js';
import { type RoundFacts } from '../protocol/round.js';
import { type RoundOutcome } from '../protocol/tally-state.js';
import { type ListLabel } from './list-label.js';

export type ResultFiles = {
  /** Only of a round that was released. */
  readonly tallies: { readonly name: string; readonly json: Json } | undefined;
  readonly outcome: { readonly name: string; readonly json: Json };
  /** The traffic model as the round's totals change it; only of a released round that has one. */
  readonly model: { readonly name: string; readonly json: Json } | undefined;
};

export type ResultContext = {
  readonly facts: RoundFacts;
  readonly network: Network;
  readonly software: string;
  /** What each node that was connected said it runs, by name. */
  readonly softwareOf: ReadonlyMap<string, string>;
  readonly openedAtMs: number;
  readonly trafficModel: TrafficModel | undefined;
  /** By digest. Of a list that the tally no longer has there is none. */
  readonly listLabels: ReadonlyMap<string, ListLabel>;
  /** Of the plan's noise, were it whole (protocol/check-privacy.ts); 0 without noise. */
  readonly mu: number;
};

type Released = Extract<RoundOutcome, { kind: 'released' }>;

const MS_PER_SECOND = 1000;

export function toResultFiles(outcome: RoundOutcome, context: ResultContext): ResultFiles {
  const tally = outcome.kind === 'released' ? tallyJson(outcome, context) : undefined;
  const model = outcome.kind === 'released' ? modelJson(outcome, context) : undefined;
  const [begin, end] = timesOf(outcome, context).map((ms) => Math.round(ms / MS_PER_SECOND));
  const file = (what: string, json: Json) => ({ name: `privcount.${what}.${begin}-${end}.json`, json });
  return {
    tallies: tally === undefined ? undefined : file('tallies', tally),
    outcome: file('outcome', {
      ...resultJson(outcome),
      ...(tally === undefined ? {} : { Tally: tally }),
      ...(outcome.kind === 'released' ? { Privacy: privacyJson(outcome, context) } : {}),
      ...(model === undefined ? {} : { UpdatedTrafficModel: model }),
      Context: contextJson(outcome, context),
    }),
    model: model === undefined ? undefined : file('traffic.model', model),
  };
}

/** spec/counters.md, 6.5. */
function modelJson({ totals }: Released, { facts, trafficModel }: ResultContext): Json | undefined {
  if (trafficModel === undefined) return undefined;
  const values = toSigned(totals);
  const byName = new Map(
    facts.layout.places.map(({ name, firstCell }) => [
      name,
      Number(values[firstCell]!) / 2 ** stepBits(name, facts),
    ]),
  );
  return JSON.parse(toModelText(updateTrafficModel(trafficModel, byName))) as Json;
}

function timesOf(outcome: RoundOutcome, { openedAtMs }: ResultContext): [beginMs: number, endMs: number] {
  return outcome.kind === 'released'
    ? [outcome.startedAtMs, outcome.stoppedAtMs]
    : [openedAtMs, outcome.endedAtMs];
}

/** Each counter's bins with their totals, and the standard deviation of the noise that is in them. */
function tallyJson({ totals, collectors }: Released, { facts, network }: ResultContext): Json {
  const scale = Math.sqrt(releasedVariance(network, collectors));
  const values = toSigned(totals);
  return Object.fromEntries(
    facts.plan.counters.map(({ name, bins, sigma }, at) => {
      const first = facts.layout.places[at]!.firstCell;
      const bits = stepBits(name, facts);
      const rows = bins.map(([low, high], bin) => [
        numberJson(low),
        numberJson(high),
        scaledBack(values[first + bin]!, bits),
      ]);
      const isNoisy = facts.plan.noise === 'on' && !isCheckCounter(name);
      return [name, { bins: rows, sigma: isNoisy ? sigma : 0, effective_sigma: isNoisy ? sigma * scale : 0 }];
    }),
  );
}

/** The counter's cells count in steps of 2^-bits. */
function stepBits(name: string, { layout }: RoundFacts): number {
  return isCheckCounter(name) ? 0 : layout.scaleBits;
}

/** JSON has no infinities: they are strings. */
function numberJson(value: number): Json {
  return Number.isFinite(value) ? value : String(value);
}

/**
 * What the released set really gives (spec/noise.md, "Who is missing"): if all of it added its noise, and if the worst that
 * network.yaml tolerates is true.
 */
function privacyJson({ collectors }: Released, { facts, network, mu }: ResultContext): Json {
  if (facts.plan.noise === 'off') return { noise: 'off' };
  const { delta, tolerated } = network.privacy;
  const { allHonest, worstTolerated } = releasedPrivacy(weightsOf(network, collectors), {
    mu,
    delta,
    coalition: tolerated.dishonest + tolerated.curious,
  });
  return {
    noise: 'on',
    definition: 'differential privacy',
    delta,
    effective_epsilon: numberJson(allHonest.epsilon),
    effective_epsilon_worst_tolerated: numberJson(worstTolerated.epsilon),
  };
}

function weightsOf(network: Network, collectors: Released['collectors']): number[] {
  const names = new Set(collectors.map(({ name }) => name));
  return network.collectors.flatMap(({ name, noiseWeight }) => (names.has(name) ? [noiseWeight] : []));
}

/** The sum of the squared weights of the collectors in the total: their noise's variance in units of sigma squared. */
function releasedVariance(network: Network, collectors: Released['collectors']): number {
  return noiseVariance(weightsOf(network, collectors));
}

function resultJson(outcome: RoundOutcome): { readonly [key: string]: Json } {
  const leftOut = outcome.leftOut.map(({ name, reason }) => ({ name, reason }));
  if (outcome.kind === 'aborted') {
    return {
      Result: { outcome: 'aborted', reason: outcome.reason, culprits: outcome.culprits, left_out: leftOut },
    };
  }
  return {
    Result: {
      outcome: 'released',
      collectors: outcome.collectors.map(({ name }) => name),
      left_out: leftOut,
      keepers: outcome.keepers,
      sums_on_one_keepers_word: outcome.unconfirmedKeepers,
    },
  };
}

function contextJson(outcome: RoundOutcome, context: ResultContext): Json {
  const { facts, network, softwareOf, software } = context;
  const { plan } = facts;
  return {
    Time: timeJson(outcome, context),
    TallyServer: { Status: { privcount_version: software }, Config: configJson(context) },
    ShareKeeper: Object.fromEntries(
      network.keepers.map(({ name, identity }) => [
        name,
        { Status: { privcount_version: softwareOf.get(name) ?? null }, Config: { identity } },
      ]),
    ),
    DataCollector: Object.fromEntries(
      plan.collectors.map(({ name, weight }) => [
        name,
        {
          Status: { privcount_version: softwareOf.get(name) ?? null, ...countedJson(outcome, name, plan) },
          Config: {
            noise_weight: weight,
            fingerprint: fingerprintJson(network, name),
          },
        },
      ]),
    ),
  };
}

/** As in network.yaml: one, a list, or none. */
function fingerprintJson(network: Network, name: string): Json {
  const fingerprints = network.collectors.find((collector) => collector.name === name)?.fingerprints ?? [];
  const [only = null, ...others] = fingerprints;
  return others.length === 0 ? only : fingerprints;
}

/** How long the collector heard its source: time, not counts. */
function countedJson(
  outcome: RoundOutcome,
  name: string,
  { collectMs }: Plan,
): { readonly [key: string]: Json } {
  if (outcome.kind === 'aborted') return {};
  const collector = outcome.collectors.find((released) => released.name === name);
  if (collector === undefined) return { counted: 0, coverage: 0, complete: false };
  const { countedMs, isIncomplete } = collector;
  const coverage = Math.min(1, Math.round((countedMs / collectMs) * 1e4) / 1e4);
  return { counted: countedMs / MS_PER_SECOND, coverage, complete: !isIncomplete };
}

function timeJson(outcome: RoundOutcome, { openedAtMs }: ResultContext): Json {
  const opened = { Start: openedAtMs / MS_PER_SECOND, End: outcome.endedAtMs / MS_PER_SECOND };
  if (outcome.kind === 'aborted') return opened;
  return {
    ...opened,
    CollectStart: outcome.startedAtMs / MS_PER_SECOND,
    CollectStop: outcome.stoppedAtMs / MS_PER_SECOND,
  };
}

function configJson({ facts, network, listLabels }: ResultContext): Json {
  const { plan, planDigest } = facts;
  return {
    round_id: plan.roundId,
    network_id: plan.networkId,
    network_name: network.name,
    plan_digest: planDigest,
    collect_period: plan.collectMs / MS_PER_SECOND,
    noise_period: plan.drawMs / MS_PER_SECOND,
    phase_timeout: plan.phaseMs / MS_PER_SECOND,
    noise: plan.noise,
    scale_bits: plan.scaleBits,
    sk_threshold: network.threshold,
    dc_threshold: network.minCollectors,
    circuit_sample_rate: plan.circuitSampleRate,
    max_cell_events_per_circuit: plan.maxCellEventsPerCircuit,
    match_lists: plan.lists.map((list) => listJson(list, listLabels)),
    modulus: (1n << 128n).toString(),
    excess_noise_ratio: noiseVariance(plan.collectors.map(({ weight }) => weight)),
  };
}

/** Labels of all lists of a kind or of none, so that each stands at its bin. */
function listJson({ kind, digests }: Plan['lists'][number], labels: ResultContext['listLabels']): Json {
  const known = digests.flatMap((digest) => labels.get(digest) ?? []);
  if (known.length < digests.length) return { kind, digests };
  return {
    kind,
    digests,
    names: known.map(({ name }) => name),
    contents: known.map(({ content }) => content),
  };
}
