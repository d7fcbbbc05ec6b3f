/** The keys of the section `tally_server` of config.yaml, each by itself (doc: INSTALL.md; spec/rounds.md, 2.1). */
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
import { monitorFields } from './monitor-fields.js';
import { ownDelayFields } from './own-delay.js';
import { roomSection } from './room-fields.js';
import { parseUtcSeconds } from './utc-time.js';

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
export function tallyFields(context: PathContext) {
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

export type TallyFields = z.output<ReturnType<typeof tallyFields>>;
