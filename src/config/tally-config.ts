/** The section `tally_server` of config.yaml: PrivCount's own keys where the thing is the same (spec/rounds.md, 2.1). */
import { type z } from 'zod';
import { type PathContext } from './config-paths.js';
import { type MonitorConfig } from './monitor-fields.js';
import { type OwnDelay, toOwnDelay } from './own-delay.js';
import { type RoomConfig } from './room-fields.js';
import { tallyFields, type TallyFields } from './tally-fields.js';
import { tallyProblems } from './tally-problems.js';

/** Where the noise comes from: PrivCount's noise file, from which sigmas are computed, or its sigmas file. */
type NoiseInput = { readonly kind: 'noise' | 'sigmas'; readonly file: string };

/** Files of match lists, in the order of their numbers; empty where none are configured. */
export type ListFiles = {
  readonly domains: readonly string[];
  readonly countries: readonly string[];
  readonly autonomousSystems: readonly string[];
  readonly hsdirStores: readonly string[];
  readonly hsdirFetches: readonly string[];
  readonly circuitFailures: readonly string[];
  readonly onionAddresses: readonly string[];
};

export type TallyConfig = {
  readonly listenHost: string;
  readonly listenPort: number;
  /** PEM files of the TLS server. */
  readonly tlsKeyFile: string;
  readonly tlsCertFile: string;
  /** The key file of the Ed25519 identity that network.yaml names. */
  readonly identityKeyFile: string;
  readonly networkFile: string;
  readonly countersFile: string;
  /** Absent only if noise is off. */
  readonly noise: NoiseInput | undefined;
  /** True only with test keys. */
  readonly noiseOff: boolean;
  readonly accept: RegExp | undefined;
  readonly reject: RegExp | undefined;
  readonly lists: ListFiles;
  readonly asPrefixFiles: { readonly ipv4: string; readonly ipv6: string } | undefined;
  readonly rejectOverlappingLists: boolean;
  readonly trafficModelFile: string | undefined;
  readonly trafficNoiseFile: string | undefined;
  readonly allocationFile: string | undefined;
  readonly resultsFolder: string;
  readonly stateFolder: string;
  readonly collectPeriodMs: number;
  readonly eventPeriodMs: number;
  readonly checkinPeriodMs: number;
  readonly noisePeriodMs: number;
  readonly settlePeriodMs: number;
  readonly phaseTimeoutMs: number;
  readonly startAfterMs: number;
  /** How many rounds in all; Infinity for ever. */
  readonly rounds: number;
  readonly circuitSampleRate: number;
  /** Negative for no limit. */
  readonly cellEventsMax: number;
  readonly delay: OwnDelay;
  /** Absent: there is none. */
  readonly monitor: MonitorConfig | undefined;
  /** Absent: no page is served. */
  readonly room: RoomConfig | undefined;
};

const PERIOD_MS = 600_000;

/** Keys of the original's section that moved or went. */
export const tallyReplaced = {
  secret_handshake: 'nothing: the identities and the TLS pin in network.yaml take its place',
  noise_weight: 'noise_weight at each collector in network.yaml',
  sk_threshold: 'sk_threshold in network.yaml',
  dc_threshold: 'dc_threshold in network.yaml',
};

export function tallySection(context: PathContext): z.ZodType<TallyConfig> {
  return tallyFields(context)
    .superRefine((fields, refinement) => {
      for (const { key, problem, wanted } of tallyProblems(fields)) {
        refinement.addIssue({ code: 'custom', path: [key], message: wanted, params: { problem } });
      }
    })
    .transform(toTallyConfig);
}

function toTallyConfig(fields: TallyFields): TallyConfig {
  return {
    listenHost: fields.listen_host,
    listenPort: fields.listen_port,
    tlsKeyFile: fields.key,
    tlsCertFile: fields.cert,
    identityKeyFile: fields.identity_key,
    networkFile: fields.network,
    countersFile: fields.counters,
    noise: toNoiseInput(fields),
    noiseOff: fields.noise_off,
    accept: fields.counter_name_accept,
    reject: fields.counter_name_reject,
    lists: toListFiles(fields),
    asPrefixFiles: fields.as_prefix_files && {
      ipv4: fields.as_prefix_files[4],
      ipv6: fields.as_prefix_files[6],
    },
    rejectOverlappingLists: fields.reject_overlapping_lists,
    trafficModelFile: fields.traffic_model,
    trafficNoiseFile: fields.traffic_noise,
    allocationFile: fields.allocation,
    resultsFolder: fields.results,
    stateFolder: fields.state ?? fields.results,
    ...toPeriods(fields),
    startAfterMs: fields.start_after,
    rounds: fields.continue,
    circuitSampleRate: fields.circuit_sample_rate,
    cellEventsMax: Math.max(-1, fields.max_cell_events_per_circuit),
    delay: toOwnDelay(fields),
    monitor: fields.monitor,
    room: fields.room,
  };
}

function toNoiseInput({ noise, sigmas }: TallyFields): NoiseInput | undefined {
  if (noise !== undefined) return { kind: 'noise', file: noise };
  return sigmas === undefined ? undefined : { kind: 'sigmas', file: sigmas };
}

function toListFiles(fields: TallyFields): ListFiles {
  return {
    domains: fields.domain_files,
    countries: fields.country_files,
    autonomousSystems: fields.as_files,
    hsdirStores: fields.hsdir_store_files,
    hsdirFetches: fields.hsdir_fetch_files,
    circuitFailures: fields.circuit_failure_files,
    onionAddresses: fields.onion_address_files,
  };
}

function toPeriods(fields: TallyFields) {
  const half = fields.collect_period / 2;
  return {
    collectPeriodMs: fields.collect_period,
    eventPeriodMs: fields.event_period ?? Math.min(PERIOD_MS, half),
    checkinPeriodMs: fields.checkin_period ?? Math.min(PERIOD_MS, half),
    noisePeriodMs: fields.noise_period,
    settlePeriodMs: fields.settle_period,
    phaseTimeoutMs: fields.phase_timeout,
  };
}
