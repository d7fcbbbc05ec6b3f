/** network.yaml: who is who, byte-identical at every node (design, "network.yaml"). Its id is the SHA-256 of its bytes. */
import { dump } from 'js-yaml';
import { type z } from 'zod';
import { KEEPERS_MAX } from '../core/holder-sets.js';
import { COLLECTORS_MAX, type Network, networkFaults } from '../core/network.js';
import { isOfSmallOrder } from '../crypto/identity.js';
import { checkNoFaults } from './config-error.js';
import {
  flag,
  hex32,
  listOf,
  numberFrom,
  oneOrList,
  port,
  positiveNumber,
  section,
  text,
  waitMs,
  wholeNumber,
} from './fields.js';
import { EVENT_SOURCES_MAX } from './collector-config.js';
import { nodeName } from './node-fields.js';
import { type ConfigSource, parseYaml } from './yaml-file.js';

/** PrivCount's own default: a day between rounds whose noise differs. */
const DELAY_PERIOD_MS = 86_400_000;
const SIGMA_DECREASE_TOLERANCE = 1e-6;
const WINDOW_DAYS_MAX = 3660;
/** exp(64) says nothing about anybody; more is a slip of the pen. */
const EPSILON_MAX = 64;
const NOISE_WEIGHT_MAX = 1e6;

const identityWanted = 'an Ed25519 public key as `privcount keygen` prints it, 64 hexadecimal digits';
/** A field of zeros that was never filled in would be an identity that anybody can sign for. */
const identity = hex32('an Ed25519 public key as `privcount keygen` prints it').refine(
  (key) => !isOfSmallOrder(key),
  { error: identityWanted, params: { problem: 'is a key that anybody can sign for' } },
);
const epsilon = positiveNumber(EPSILON_MAX);
const delta = positiveNumber(0.5);
const collectorsCount = wholeNumber(0, COLLECTORS_MAX);
const fingerprint = text(
  /^\$?[0-9a-fA-F]{40}$/,
  'the fingerprint of a relay, 40 hexadecimal digits',
).transform((digits) => digits.replace('$', '').toUpperCase());
const fingerprints = oneOrList(fingerprint, {
  what: 'fingerprints',
  max: EVENT_SOURCES_MAX,
  wanted: `the fingerprint of a relay, 40 hexadecimal digits, or a list of 1 to ${EVENT_SOURCES_MAX} of them`,
});

const schema = section({
  name: nodeName,
  tally_server: section({
    host: text(/^[a-zA-Z0-9.:_-]{1,253}$/, 'a host name or address'),
    port: port(),
    identity,
    tls_pin: hex32("the SHA-256 of the TLS certificate's public key"),
  }),
  sk_threshold: wholeNumber(1, KEEPERS_MAX),
  share_keepers: listOf(section({ name: nodeName, identity }), 'keepers', KEEPERS_MAX),
  dc_threshold: wholeNumber(1, COLLECTORS_MAX),
  data_collectors: listOf(
    section({
      name: nodeName,
      identity,
      noise_weight: numberFrom(0, NOISE_WEIGHT_MAX),
      fingerprint: fingerprints.optional(),
    }),
    'collectors',
    COLLECTORS_MAX,
  ),
  privacy: section({
    epsilon,
    delta,
    tolerated: section({ lost: collectorsCount, dishonest: collectorsCount, curious: collectorsCount }),
    sigmas_digest: hex32('a SHA-256').optional(),
    sensitivities_digest: hex32('a SHA-256').optional(),
    budget: section({ epsilon, delta, window_days: positiveNumber(WINDOW_DAYS_MAX) }),
  }),
  delay_period: waitMs().default(DELAY_PERIOD_MS),
  always_delay: flag().default(false),
  sigma_decrease_tolerance: numberFrom(0, 1).default(SIGMA_DECREASE_TOLERANCE),
});

const replaced = {
  noise_weight: 'noise_weight at each entry of data_collectors',
  listen_port: 'tally_server.port',
};

/** Throws ConfigError with every fault of the file. */
export function parseNetwork(source: ConfigSource): Network {
  const network = toNetwork(parseYaml(source, schema, replaced));
  checkNoFaults(networkFaults(network).map((fault) => ({ file: source.file, ...fault })));
  return network;
}

/** The text of a network.yaml that `parseNetwork` reads as this network; `heading` goes before it as comments. */
export function formatNetwork(network: Network, heading: readonly string[] = []): string {
  const comments = heading.map((line) => `# ${line}\n`).join('');
  return comments + dump(toDocument(network), { lineWidth: -1, noRefs: true });
}

function toNetwork(file: z.infer<typeof schema>): Network {
  const { privacy, tally_server: tally } = file;
  return {
    name: file.name,
    tallyServer: { host: tally.host, port: tally.port, identity: tally.identity, tlsPin: tally.tls_pin },
    threshold: file.sk_threshold,
    keepers: file.share_keepers,
    collectors: file.data_collectors.map(({ name, identity, noise_weight, fingerprint: relays = [] }) => ({
      name,
      identity,
      noiseWeight: noise_weight,
      fingerprints: relays,
    })),
    minCollectors: file.dc_threshold,
    privacy: {
      epsilon: privacy.epsilon,
      delta: privacy.delta,
      tolerated: privacy.tolerated,
      ...(privacy.sigmas_digest === undefined ? {} : { sigmasDigest: privacy.sigmas_digest }),
      ...(privacy.sensitivities_digest === undefined
        ? {}
        : { sensitivitiesDigest: privacy.sensitivities_digest }),
      budget: {
        epsilon: privacy.budget.epsilon,
        delta: privacy.budget.delta,
        windowDays: privacy.budget.window_days,
      },
    },
    delayPeriodMs: file.delay_period,
    alwaysDelay: file.always_delay,
    sigmaDecreaseTolerance: file.sigma_decrease_tolerance,
  };
}

/** Inverse of `toNetwork`, as plain data for YAML. */
function toDocument(network: Network): z.input<typeof schema> {
  const { privacy, tallyServer } = network;
  return {
    name: network.name,
    tally_server: {
      host: tallyServer.host,
      port: tallyServer.port,
      identity: tallyServer.identity,
      tls_pin: tallyServer.tlsPin,
    },
    sk_threshold: network.threshold,
    share_keepers: network.keepers.map((keeper) => ({ name: keeper.name, identity: keeper.identity })),
    dc_threshold: network.minCollectors,
    data_collectors: network.collectors.map((collector) => ({
      name: collector.name,
      identity: collector.identity,
      noise_weight: collector.noiseWeight,
      ...fingerprintField(collector.fingerprints),
    })),
    privacy: {
      epsilon: privacy.epsilon,
      delta: privacy.delta,
      tolerated: { ...privacy.tolerated },
      ...(privacy.sigmasDigest === undefined ? {} : { sigmas_digest: privacy.sigmasDigest }),
      ...(privacy.sensitivitiesDigest === undefined
        ? {}
        : { sensitivities_digest: privacy.sensitivitiesDigest }),
      budget: {
        epsilon: privacy.budget.epsilon,
        delta: privacy.budget.delta,
        window_days: privacy.budget.windowDays,
      },
    },
    delay_period: network.delayPeriodMs / 1000,
    always_delay: network.alwaysDelay,
    sigma_decrease_tolerance: network.sigmaDecreaseTolerance,
  };
}

/** As an operator would write it: nothing, one, or a list. */
function fingerprintField(fingerprints: readonly string[]): { fingerprint?: string | string[] } {
  if (fingerprints.length === 0) return {};
  const [only, ...others] = fingerprints;
  return { fingerprint: others.length === 0 ? only! : [...fingerprints] };
}
