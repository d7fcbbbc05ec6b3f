/**
 * A small faithful model of the protocol of PrivCount 2.0, for attacks that it does not stop (spec/rounds.md, sections 4 and
 * 6): the collector and the keeper. Its tally is original-tally.ts.
 *
 *     collector    idle -- START: blinding values drawn, a share of them sealed to each keeper --> active
 *     keeper       idle -- START with shares: subtracted from zero; again: from zero anew ------> active
 *     both         active -- STOP: counts handed over if they are wanted, and forgotten --------> idle
 *
 * What is left out decides nothing here: TLS, the encoding of messages, events, match lists, the traffic model, check-in
 * times. RSA and Fernet are replaced by a sealed box with the one property that matters: whoever knows the keeper's public key
 * can seal to it, and the keeper can't tell who did. What the spec calls the exit of the process is an exception.
 */
import { toHex } from '../../src/core/hex.js';
import { sha256 } from '../../src/crypto/primitives.js';
import { openSealed, seal, x25519PublicKey } from '../../src/crypto/sealing.js';
import { type RandomSource } from '../support/random-source.js';
import { isStartFine, OriginalDelay, type DelayOptions, type StartConfig } from './original-checks.js';
import {
  blindingValue,
  hasShapeOf,
  noise,
  plus,
  sumOf,
  tableOf,
  type Bins,
  type Table,
} from './original-numbers.js';

/** ZeroCount is in every round and never counts (section 3). */
export const KNOWN_COUNTERS: ReadonlySet<string> = new Set([
  'ZeroCount',
  'ExitStreamCount',
  'ExitStreamLifeTime',
]);

/** Section 4.8: one keeper's share of a collector's blinding values. The name is what whoever made it says. */
export type Share = { readonly keeper: string; readonly collector: string; readonly secret: Uint8Array };

const NO_CONTEXT = new Uint8Array(0);

/** Section 6, "Share encryption": by anybody, to the keeper's public key, with nothing about the round in it. */
export function sealShare(
  table: Table,
  to: { publicKey: Uint8Array; collector: string },
  random: RandomSource,
): Share {
  const numbers = [...table].map(([name, values]) => [name, values.map(String)]);
  const payload = new TextEncoder().encode(JSON.stringify(numbers));
  const box = { recipient: to.publicKey, ephemeralSecret: random.bytes(32), context: NO_CONTEXT };
  return { keeper: keeperUid(to.publicKey), collector: to.collector, secret: seal(payload, box)! };
}

/** Section 3: a keeper's name is the digest of its public key. */
export function keeperUid(publicKey: Uint8Array): string {
  return toHex(sha256(publicKey));
}

export class OriginalKeeper {
  readonly publicKey: Uint8Array;
  readonly uid: string;
  readonly #secretKey: Uint8Array;
  readonly #delayOptions: DelayOptions;
  #delay: OriginalDelay;
  #keystore: { readonly table: Table; readonly sigmas: StartConfig['sigmas'] } | undefined;

  constructor(secretKey: Uint8Array, delay: DelayOptions) {
    this.#secretKey = secretKey;
    this.publicKey = x25519PublicKey(secretKey);
    this.uid = keeperUid(this.publicKey);
    this.#delayOptions = delay;
    this.#delay = new OriginalDelay(delay);
  }

  get isActive(): boolean {
    return this.#keystore !== undefined;
  }

  /**
   * Section 4.9, do_start. Neither who made the shares is checked, nor how many there are, nor whether they were here
   * before; a second START begins from zero (section 4.6). False is START FAIL.
   */
  start(config: StartConfig, shares: readonly Share[], nowS: number): boolean {
    if (!isStartFine(config, undefined) || !this.#delay.mayStart(config.sigmas, nowS)) return false;
    let table = tableOf(config.counters, () => 0n);
    for (const { secret } of shares) {
      const share = this.#open(secret);
      if (!hasShapeOf(share, config.counters)) return false;
      table = plus(table, share, -1n);
    }
    this.#keystore = { table, sigmas: config.sigmas };
    return true;
  }

  #open(secret: Uint8Array): Table {
    const payload = openSealed(secret, { secretKey: this.#secretKey, context: NO_CONTEXT });
    if (payload === undefined) throw new Error('the process exits: a share that does not decrypt');
    const numbers = JSON.parse(new TextDecoder().decode(payload)) as [string, string[]][];
    return new Map(numbers.map(([name, values]) => [name, values.map(BigInt)]));
  }

  /** Section 4.10: the sum of what was given, negated, if it is wanted and there is one. */
  stop({ sendCounters }: { sendCounters: boolean }, nowS: number): Table | undefined {
    const keystore = this.#keystore;
    this.#keystore = undefined;
    if (keystore === undefined || !sendCounters) return undefined;
    this.#delay.registerEnd(keystore.sigmas, nowS);
    return keystore.table;
  }

  /** Section 2.4: no state is persisted. The key is a file. */
  restart(): void {
    this.#keystore = undefined;
    this.#delay = new OriginalDelay(this.#delayOptions);
  }
}

export type CollectorOptions = {
  readonly name: string;
  readonly fingerprint: string;
  /** Section 2.3, `share_keepers`: digests of the keepers' keys. */
  readonly shareKeepers: ReadonlySet<string>;
  readonly delay: DelayOptions;
};

export class OriginalCollector {
  readonly #options: CollectorOptions;
  readonly #random: RandomSource;
  #delay: OriginalDelay;
  #aggregator: { counters: Table | undefined; readonly config: StartConfig } | undefined;

  constructor(options: CollectorOptions, random: RandomSource) {
    this.#options = options;
    this.#random = random;
    this.#delay = new OriginalDelay(options.delay);
  }

  get name(): string {
    return this.#options.name;
  }

  get fingerprint(): string {
    return this.#options.fingerprint;
  }

  get isActive(): boolean {
    return this.#aggregator !== undefined;
  }

  /** Section 4.8, do_start, in its order. `shareKeepers` are public keys. Undefined is START FAIL. */
  start(config: StartConfig, shareKeepers: readonly Uint8Array[], nowS: number): Share[] | undefined {
    const isFine = isStartFine(config, KNOWN_COUNTERS) && this.#delay.mayStart(config.sigmas, nowS);
    if (!isFine || this.#aggregator !== undefined) return undefined;
    const offered = new Set(shareKeepers.map(keeperUid));
    if ([...offered].some((uid) => !this.#options.shareKeepers.has(uid))) {
      throw new Error('the process exits: the key of a keeper that is not configured');
    }
    if (offered.size !== this.#options.shareKeepers.size) return undefined;
    const blinding = shareKeepers.map(() => tableOf(config.counters, () => blindingValue(this.#random)));
    this.#aggregator = { counters: this.#addNoise(sumOf(blinding), config), config };
    return shareKeepers.map((publicKey, at) =>
      sealShare(blinding[at]!, { publicKey, collector: this.name }, this.#random),
    );
  }

  /** A relay without a noise weight makes its collector drop the counters (section 4.8). */
  #addNoise(blinded: Table, { counters, sigmas, noiseWeight }: StartConfig): Table | undefined {
    const weight = noiseWeight.get(this.fingerprint) ?? noiseWeight.get('*');
    if (weight === undefined) return undefined;
    return plus(
      blinded,
      tableOf(counters, (name) => noise(weight * sigmas.get(name)!, this.#random)),
    );
  }

  /** Events are counted; a name that is not collected is ignored (section 6). */
  count(counts: { readonly [counter: string]: readonly number[] }): void {
    const aggregator = this.#aggregator;
    if (aggregator?.counters === undefined) return;
    const bins: Bins = aggregator.config.counters;
    const added = tableOf(bins, (name, bin) => BigInt(counts[name]?.[bin] ?? 0));
    aggregator.counters = plus(aggregator.counters, added);
  }

  stop({ sendCounters }: { sendCounters: boolean }, nowS: number): Table | undefined {
    const aggregator = this.#aggregator;
    this.#aggregator = undefined;
    if (aggregator?.counters === undefined || !sendCounters) return undefined;
    this.#delay.registerEnd(aggregator.config.sigmas, nowS);
    return aggregator.counters;
  }

  restart(): void {
    this.#aggregator = undefined;
    this.#delay = new OriginalDelay(this.#options.delay);
  }
}
