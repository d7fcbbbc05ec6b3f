/** The section `tally_server` of config.yaml: PrivCount's own keys where the thing is the same (spec/rounds.md, 2.1). */
import { z } from 'zod';
import { type PathContext, pathField } from './config-paths.js';
import {
  flag,
  listOf,
  positiveNumber,
  periodMs,
  port,
  section,
  text,
  waitMs,
  wholeNumber,
} from './fields.js';
import { type MonitorConfig, monitorFields } from './monitor-fields.js';
import { type OwnDelay, ownDelayFields, toOwnDelay } from './own-delay.js';
import { type RoomConfig, roomSection } from './room-fields.js';
import { parseUtcSeconds } from './utc-time.js';

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
const NOISE_PERIOD_MS = 10_000;
const SETTLE_PERIOD_MS = 10_000;
const PHASE_TIMEOUT_MS = 60_000;
/** As protocol/limits.ts: how long collectors may be kept drawing noise, and one exchange of messages may take. */
const NOISE_PERIOD_MS_MAX = 600_000;
const PHASE_TIMEOUT_MS_MAX = 3_600_000;
/** A bin and a digest in the plan for each. */
const LISTS_MAX = 1000;
const ROUNDS_MAX = 1_000_000;
/** As tor's own limit of PrivCountMaxCellEventsPerCircuit, a signed 32-bit number. */
const CELL_EVENTS_MAX = 2 ** 31 - 1;

/** Keys of the original's section that moved or went. */
export const tallyReplaced = {
  secret_handshake: 'nothing: the identities and the TLS pin in network.yaml take its place',
  noise_weight: 'noise_weight at each collector in network.yaml',
  sk_threshold: 'sk_threshold in network.yaml',
  dc_threshold: 'dc_threshold in network.yaml',
};

function regularExpression(): z.ZodType<RegExp | undefined> {
  const error = 'a regular expression';
  return z.string({ error }).transform((pattern, context) => {
    try {
      return pattern === '' ? undefined : new RegExp(pattern, 'u');
    } catch {
      context.addIssue({
        code: 'custom',
        message: error,
        params: { problem: 'is not a regular expression' },
      });
      return z.NEVER;
    }
  });
}

const startAfterWanted = 'a time in UTC like 2018-01-01T00:00:00Z';
const startAfter = z
  .string({ error: startAfterWanted })
  .refine((stamp) => parseUtcSeconds(stamp) !== undefined, { error: startAfterWanted })
  .transform((stamp) => parseUtcSeconds(stamp)!);

const rounds = z
  .union([flag(), wholeNumber(1, ROUNDS_MAX)], {
    error: `true for round after round, false for one, or how many: 1 to ${ROUNDS_MAX}`,
  })
  .transform((value) => (value === true ? Infinity : value === false ? 1 : value));

// The type is that of the section, key by key.
function fieldsOf(context: PathContext) {
  const path = pathField(context);
  const paths = listOf(path, 'paths', LISTS_MAX).default([]);
  return section({
    listen_host: text(/^[a-zA-Z0-9.:_-]{1,253}$/, 'an address or host name to listen at').default(
      '127.0.0.1',
    ),
    listen_port: port(),
    key: path,
    cert: path,
    identity_key: path,
    network: path,
    counters: path,
    noise: path.optional(),
    sigmas: path.optional(),
    noise_off: flag().default(false),
    counter_name_accept: regularExpression().optional(),
    counter_name_reject: regularExpression().optional(),
    domain_files: paths,
    country_files: paths,
    as_files: paths,
    as_prefix_files: section({ 4: path, 6: path }).optional(),
    hsdir_store_files: paths,
    hsdir_fetch_files: paths,
    circuit_failure_files: paths,
    onion_address_files: paths,
    reject_overlapping_lists: flag().default(true),
    traffic_model: path.optional(),
    traffic_noise: path.optional(),
    allocation: path.optional(),
    results: path.prefault('.'),
    state: path.optional(),
    collect_period: periodMs(),
    event_period: periodMs().optional(),
    checkin_period: periodMs().optional(),
    noise_period: periodMs(NOISE_PERIOD_MS_MAX).default(NOISE_PERIOD_MS),
    settle_period: waitMs().default(SETTLE_PERIOD_MS),
    phase_timeout: periodMs(PHASE_TIMEOUT_MS_MAX).default(PHASE_TIMEOUT_MS),
    start_after: startAfter.default(0),
    continue: rounds.default(1),
    circuit_sample_rate: positiveNumber(1).default(1),
    max_cell_events_per_circuit: wholeNumber(-CELL_EVENTS_MAX, CELL_EVENTS_MAX).default(-1),
    ...ownDelayFields,
    ...monitorFields,
    room: roomSection(context).optional(),
  });
}

type Fields = z.output<ReturnType<typeof fieldsOf>>;

type Problem = { readonly key: keyof Fields; readonly problem: string; readonly wanted: string };

function problemsTogether(fields: Fields): Problem[] {
  return [
    ...noiseProblems(fields),
    ...fileProblems(fields),
    ...periodProblems(fields),
    ...portProblems(fields),
  ];
}

function noiseProblems(fields: Fields): Problem[] {
  if (fields.noise !== undefined && fields.sigmas !== undefined) {
    return [{ key: 'sigmas', problem: 'stands beside noise', wanted: 'one of noise and sigmas' }];
  }
  if (fields.noise === undefined && fields.sigmas === undefined && !fields.noise_off) {
    const wanted = 'the path of a noise file, or sigmas, or noise_off: true in a network of test keys';
    return [{ key: 'noise', problem: 'is missing', wanted }];
  }
  return [];
}

function fileProblems(fields: Fields): Problem[] {
  const problems: Problem[] = [];
  const needs = (key: keyof Fields, other: keyof Fields, wanted: string): void => {
    problems.push({ key, problem: `is missing, but ${other} is there`, wanted });
  };
  if (fields.traffic_noise !== undefined && fields.traffic_model === undefined) {
    needs('traffic_model', 'traffic_noise', 'the path of a traffic model');
  }
  if (
    fields.traffic_model !== undefined &&
    fields.noise !== undefined &&
    fields.traffic_noise === undefined
  ) {
    needs('traffic_noise', 'traffic_model', "the path of a noise file for the model's counters");
  }
  if (fields.as_prefix_files !== undefined && fields.as_files.length === 0) {
    needs('as_files', 'as_prefix_files', 'lists of autonomous systems');
  }
  if (fields.as_prefix_files === undefined && fields.as_files.length > 0) {
    needs('as_prefix_files', 'as_files', 'a map with the keys 4 and 6 to files of prefixes');
  }
  return problems;
}

/** The original cuts longer periods to half a round; here the operator is told instead. */
function periodProblems(fields: Fields): Problem[] {
  const half = fields.collect_period / 2;
  return (['event_period', 'checkin_period'] as const)
    .filter((key) => fields[key] !== undefined && fields[key] > half)
    .map((key) => ({
      key,
      problem: 'is more than half of collect_period',
      wanted: `at most ${half / 1000}`,
    }));
}

/** What would be found out as a port that another program has taken, and by its own. */
function portProblems({ listen_host: host, listen_port: port, room, monitor }: Fields): Problem[] {
  const doors = [
    { name: 'listen_port', host, port },
    { name: 'room', host: room?.listenHost, port: room?.listenPort },
    { name: 'monitor', host: monitor?.listenHost, port: monitor?.listenPort },
  ] as const;
  return doors.flatMap((door, at) => {
    const other = doors.slice(0, at).find((each) => each.port === door.port && each.host === door.host);
    if (other === undefined || door.port === undefined) return [];
    return [{ key: door.name, problem: `listens where ${other.name} does`, wanted: 'another listen_port' }];
  });
}

export function tallySection(context: PathContext): z.ZodType<TallyConfig> {
  return fieldsOf(context)
    .superRefine((fields, refinement) => {
      for (const { key, problem, wanted } of problemsTogether(fields)) {
        refinement.addIssue({ code: 'custom', path: [key], message: wanted, params: { problem } });
      }
    })
    .transform(toTallyConfig);
}

function toTallyConfig(fields: Fields): TallyConfig {
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

function toNoiseInput({ noise, sigmas }: Fields): NoiseInput | undefined {
  if (noise !== undefined) return { kind: 'noise', file: noise };
  return sigmas === undefined ? undefined : { kind: 'sigmas', file: sigmas };
}

function toListFiles(fields: Fields): ListFiles {
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

function toPeriods(fields: Fields) {
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
