/** Networks of test identities, and plans for them, without files. */
import { type Counter, COLLECTOR_COUNT, ZERO_COUNT } from '../../src/core/counters.js';
import { SINGLE_BIN } from '../../src/core/bins.js';
import { type Network } from '../../src/core/network.js';
import { Identity, testIdentitySeed } from '../../src/crypto/identity.js';
import { type KnownNetwork } from '../../src/protocol/check-plan.js';
import { type Plan } from '../../src/protocol/plan.js';
import { type Self } from '../../src/protocol/round.js';

const TEST_NETWORK_NAME = 'test';
export const TEST_NETWORK_ID = 'ab'.repeat(32);

const identities = new Map<string, Identity>();

/** Made once a name: key objects are slow to make. */
export function testIdentity(node: string): Identity {
  const identity =
    identities.get(node) ?? new Identity(testIdentitySeed({ network: TEST_NETWORK_NAME, node }));
  identities.set(node, identity);
  return identity;
}

export type TestNetworkOptions = {
  readonly keepers?: number;
  readonly threshold?: number;
  readonly collectors?: number;
  readonly minCollectors?: number;
  readonly tolerated?: Network['privacy']['tolerated'];
};

/** Keepers keeper-1 ..., collectors collector-1 ...; weights of 1, so that one honest collector's noise is enough. */
export function testNetwork(options: TestNetworkOptions = {}): KnownNetwork {
  const { keepers = 3, threshold = 2, collectors = 3, minCollectors = 1 } = options;
  const network: Network = {
    name: TEST_NETWORK_NAME,
    tallyServer: {
      host: '127.0.0.1',
      port: 1,
      identity: testIdentity('tally').publicKey,
      tlsPin: '00'.repeat(32),
    },
    threshold,
    keepers: names('keeper', keepers).map((name) => ({ name, identity: testIdentity(name).publicKey })),
    collectors: names('collector', collectors).map((name) => ({
      name,
      identity: testIdentity(name).publicKey,
      noiseWeight: 1,
      fingerprints: [],
    })),
    minCollectors,
    privacy: {
      epsilon: 0.3,
      delta: 1e-3,
      tolerated: options.tolerated ?? { lost: 0, dishonest: 0, curious: 0 },
      budget: { epsilon: 20, delta: 1e-3, windowDays: 30 },
    },
    delayPeriodMs: 0,
    alwaysDelay: false,
    sigmaDecreaseTolerance: 1e-6,
  };
  return { network, id: TEST_NETWORK_ID, isTest: true };
}

function names(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${kind}-${at + 1}`);
}

export function testSelf(known: KnownNetwork, name: string): Self {
  return { known, name, identity: testIdentity(name) };
}

const CHECK_COUNTERS: readonly Counter[] = [ZERO_COUNT, COLLECTOR_COUNT].map((name) => ({
  name,
  bins: [SINGLE_BIN],
  sigma: 0,
}));

export function testPlan(known: KnownNetwork, changes: Partial<Plan> = {}): Plan {
  const { network, id } = known;
  return {
    roundId: '01'.repeat(16),
    networkId: id,
    createdAtMs: 0,
    drawMs: 1_000,
    collectMs: 60_000,
    phaseMs: 30_000,
    noise: 'on',
    scaleBits: 0,
    counters: [
      { name: 'ExitStreamCount', bins: [SINGLE_BIN], sigma: 10 },
      {
        name: 'ExitStreamLifeTime',
        bins: [
          [0, 10],
          [10, Infinity],
        ],
        sigma: 5,
      },
      ...CHECK_COUNTERS,
    ],
    collectors: network.collectors.map(({ name, noiseWeight }) => ({ name, weight: noiseWeight })),
    keepers: network.keepers.map(({ name }) => name),
    lists: [],
    circuitSampleRate: 1,
    maxCellEventsPerCircuit: -1,
    ...changes,
  };
}
