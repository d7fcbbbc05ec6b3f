/** A network of PrivCount 2.0 as the model has it: three collectors, two keepers, and who talks to them in the tally's place. */
import { RandomSource } from '../support/random-source.js';
import { type DelayOptions, type StartConfig } from './original-checks.js';
import { OriginalCollector, OriginalKeeper, type Share } from './original-model.js';
import { signed, sumOf, type Bins, type Table } from './original-numbers.js';
import { OriginalTally, type TallyRequest } from './original-tally.js';

const BINS: Bins = new Map([
  ['ExitStreamCount', [[-Infinity, Infinity]]],
  [
    'ExitStreamLifeTime',
    [
      [0, 10],
      [10, Infinity],
    ],
  ],
  ['ZeroCount', [[-Infinity, Infinity]]],
]);

/** What a collector's relay sees in a round. Nobody else may ever know it. */
export const COUNTS: readonly { readonly [counter: string]: readonly number[] }[] = [
  { ExitStreamCount: [1001], ExitStreamLifeTime: [600, 401] },
  { ExitStreamCount: [2002], ExitStreamLifeTime: [1500, 502] },
  { ExitStreamCount: [3003], ExitStreamLifeTime: [2400, 603] },
];

/** The counts of the collectors with these numbers together, as a tally without noise has them. */
export function trueCounts(...collectors: readonly number[]): Record<string, bigint[]> {
  const of = (name: string, bins: readonly unknown[]): bigint[] =>
    bins.map((_, bin) =>
      collectors.reduce((sum, collector) => sum + BigInt(COUNTS[collector]![name]?.[bin] ?? 0), 0n),
    );
  return Object.fromEntries([...BINS].map(([name, bins]) => [name, of(name, bins)]));
}

/** The fingerprint of the collector that attacks single out, the first. */
export const VICTIM = 'A'.repeat(40);
const FINGERPRINTS = [VICTIM, 'B'.repeat(40), 'C'.repeat(40)];
export const DAY_S = 86_400;
export const ROUND_S = 3600;

export function startConfig(changes: Partial<StartConfig> & { readonly sigma?: number } = {}): StartConfig {
  const { sigma = 10, ...others } = changes;
  return {
    counters: BINS,
    sigmas: new Map([...BINS.keys()].map((name) => [name, name === 'ZeroCount' ? 0 : sigma])),
    noiseWeight: new Map([['*', 1]]),
    dcThreshold: 3,
    collectPeriodS: ROUND_S,
    ...others,
  };
}

/** The tally's choice: all relays add noise but the one that it wants to know about. */
export const AIMED_AT_VICTIM = startConfig({
  noiseWeight: new Map([
    ['*', 1],
    [VICTIM, 0],
  ]),
});

/** What may go wrong in a round that the honest tally leads. */
export type Meddling = {
  readonly shares?: (shares: readonly Share[], from: OriginalCollector) => readonly Share[];
  readonly counts?: (counts: Table | undefined, from: OriginalKeeper) => Table | undefined;
};

export class OriginalWorld {
  readonly random: RandomSource;
  readonly keepers: readonly OriginalKeeper[];
  readonly collectors: readonly OriginalCollector[];
  nowS = 1_700_000_000;

  constructor({ seed = 1, collectors = 3, keepers = 2, alwaysDelay = false } = {}) {
    this.random = new RandomSource(seed);
    const delay: DelayOptions = { delayPeriodS: DAY_S, alwaysDelay };
    this.keepers = Array.from({ length: keepers }, () => new OriginalKeeper(this.random.bytes(32), delay));
    const shareKeepers = new Set(this.keepers.map(({ uid }) => uid));
    this.collectors = FINGERPRINTS.slice(0, collectors).map((fingerprint, at) => {
      const options = { name: `collector-${at + 1}`, fingerprint, shareKeepers, delay };
      return new OriginalCollector(options, this.random);
    });
  }

  get publicKeys(): Uint8Array[] {
    return this.keepers.map(({ publicKey }) => publicKey);
  }

  /** START of collectors: what each answers, undefined for START FAIL. */
  deal(config: StartConfig, collectors = this.collectors): (Share[] | undefined)[] {
    return collectors.map((collector) => collector.start(config, this.publicKeys, this.nowS));
  }

  /** The collection period: each collector counts what its relay sees. */
  pass(): void {
    this.collectors.forEach((collector, at) => collector.count(COUNTS[at]!));
    this.nowS += ROUND_S;
  }

  /** STOP of collectors: their counts, blinded. */
  reports(collectors = this.collectors): Table[] {
    return collectors.map((collector) => collector.stop({ sendCounters: true }, this.nowS)!);
  }

  /** START and STOP of one keeper with its part of these shares: its sum. */
  open(keeper: OriginalKeeper, config: StartConfig, shares: readonly (readonly Share[])[]): Table {
    const own = shares.flat().filter((share) => share.keeper === keeper.uid);
    if (!keeper.start(config, own, this.nowS)) throw new Error('START FAIL');
    return keeper.stop({ sendCounters: true }, this.nowS)!;
  }

  /** A round that the honest tally leads, from the first check-in to the last. */
  run(
    config = startConfig(),
    { shares = (own) => own, counts = (own) => own }: Meddling = {},
  ): OriginalTally {
    const tally = new OriginalTally(config, { skThreshold: this.keepers.length });
    this.checkIn(tally, { shares, counts });
    if (!tally.begin()) throw new Error('the tally does not begin a round');
    this.checkIn(tally, { shares, counts });
    this.pass();
    tally.stop();
    this.checkIn(tally, { shares, counts });
    return tally;
  }

  /** Every client says how it is and does what it is asked. */
  checkIn(
    tally: OriginalTally,
    { shares = (own) => own, counts = (own) => own }: Meddling = {},
    collectors = this.collectors,
  ): void {
    for (const collector of collectors) {
      const { name, isActive } = collector;
      const asked = tally.onStatus({ type: 'DataCollector', name, isActive });
      this.#obey(collector, asked, { tally, shares });
    }
    for (const keeper of this.keepers) {
      const { uid: name, isActive } = keeper;
      const asked = tally.onStatus({ type: 'ShareKeeper', name, isActive });
      if (asked.kind === 'START' && keeper.start(asked.config, asked.shares, this.nowS)) {
        tally.onKeeperStarted(name);
      }
      if (asked.kind === 'STOP') tally.onStopped(name, counts(keeper.stop(asked, this.nowS), keeper));
    }
  }

  #obey(
    collector: OriginalCollector,
    asked: TallyRequest,
    { tally, shares }: { tally: OriginalTally; shares: NonNullable<Meddling['shares']> },
  ): void {
    if (asked.kind === 'STOP') tally.onStopped(collector.name, collector.stop(asked, this.nowS));
    if (asked.kind !== 'START') return;
    const dealt = collector.start(asked.config, this.publicKeys, this.nowS);
    if (dealt !== undefined) tally.onCollectorStarted(collector.name, shares(dealt, collector));
  }
}

/** What is left of two totals when one is taken from the other. */
export function difference(left: readonly Table[], right: readonly Table[]): Record<string, bigint[]> {
  const [all, less] = [signed(sumOf(left)), signed(sumOf(right))];
  return Object.fromEntries(
    Object.entries(all).map(([name, values]) => [
      name,
      values.map((value, bin) => value - less[name]![bin]!),
    ]),
  );
}
