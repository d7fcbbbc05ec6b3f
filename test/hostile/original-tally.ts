/**
 * The tally server of the model, when it is honest, for one round (spec/rounds.md, sections 4.2 to 4.5). It answers a client's
 * STATUS with STOP, START or CHECKIN, and tallies what comes back.
 *
 *     new -> starting_dcs -> starting_sks -> started -> stopping -> stopped
 */
import { type StartConfig } from './original-checks.js';
import { type Share } from './original-model.js';
import { signed, sumOf, type Table } from './original-numbers.js';

/** Section 4.2: whoever knows the shared secret says of himself what he likes. */
export type ClientStatus = {
  readonly type: 'DataCollector' | 'ShareKeeper';
  readonly name: string;
  readonly isActive: boolean;
};

export type TallyRequest =
  | { readonly kind: 'START'; readonly config: StartConfig; readonly shares: readonly Share[] }
  | { readonly kind: 'STOP'; readonly sendCounters: boolean }
  | { readonly kind: 'CHECKIN' };

type Phase = 'new' | 'starting_dcs' | 'starting_sks' | 'started' | 'stopping' | 'stopped';

export class OriginalTally {
  readonly #config: StartConfig;
  readonly #skThreshold: number;
  readonly #clients = new Map<string, ClientStatus>();
  readonly #shares = new Map<string, Share[]>();
  readonly #counts: Table[] = [];
  #phase: Phase = 'new';
  #participants: readonly string[] = [];
  #needed = new Set<string>();
  #hasFailed = false;

  constructor(config: StartConfig, { skThreshold }: { skThreshold: number }) {
    this.#config = config;
    this.#skThreshold = skThreshold;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** A client is known by its name alone: what is said last under a name holds (section 4.2). */
  onStatus(status: ClientStatus): TallyRequest {
    const { name, type } = status;
    this.#clients.set(name, status);
    if (this.#phase === 'stopping' && this.#needed.has(name)) {
      return { kind: 'STOP', sendCounters: !this.#hasFailed };
    }
    const isStarting = this.#phase === (type === 'DataCollector' ? 'starting_dcs' : 'starting_sks');
    if (isStarting && this.#needed.has(name)) {
      return { kind: 'START', config: this.#config, shares: this.#shares.get(name) ?? [] };
    }
    return this.#phase === 'new' && status.isActive
      ? { kind: 'STOP', sendCounters: false }
      : { kind: 'CHECKIN' };
  }

  /** Section 4.3: all idle clients take part as soon as there are enough of both. */
  begin(): boolean {
    const [collectors, keepers] = [this.#idle('DataCollector'), this.#idle('ShareKeeper')];
    const isEnough = collectors.length >= this.#config.dcThreshold && keepers.length >= this.#skThreshold;
    if (this.#phase !== 'new' || !isEnough) return false;
    this.#participants = [...collectors, ...keepers];
    this.#needed = new Set(collectors);
    this.#phase = 'starting_dcs';
    return true;
  }

  #idle(type: ClientStatus['type']): string[] {
    const clients = [...this.#clients.values()];
    return clients.filter((client) => client.type === type && !client.isActive).map(({ name }) => name);
  }

  /** Section 4.4: shares are sorted by keeper. A second answer of a collector is not added. */
  onCollectorStarted(name: string, shares: readonly Share[]): void {
    if (this.#phase !== 'starting_dcs' || !this.#needed.delete(name)) return;
    for (const share of shares) {
      this.#shares.set(share.keeper, [...(this.#shares.get(share.keeper) ?? []), share]);
    }
    if (this.#needed.size > 0) return;
    this.#needed = new Set(this.#shares.keys());
    this.#phase = 'starting_sks';
  }

  onKeeperStarted(name: string): void {
    if (this.#phase !== 'starting_sks') return;
    this.#needed.delete(name);
    if (this.#needed.size === 0) this.#phase = 'started';
  }

  /** The collection period is over. Collectors that never delivered spoil the round, late keepers do not. */
  stop(): void {
    if (this.#phase === 'new') this.#phase = 'stopped';
    if (this.#phase === 'stopped') return;
    this.#needed = new Set(this.#participants);
    this.#hasFailed = this.#phase === 'starting_dcs';
    this.#phase = 'stopping';
  }

  /** Section 4.5: an answer without counts spoils the round; what came before is tallied all the same. */
  onStopped(name: string, counts: Table | undefined): void {
    if (this.#phase !== 'stopping' || !this.#needed.delete(name)) return;
    if (counts === undefined) this.#hasFailed = true;
    else if (!this.#hasFailed) this.#counts.push(counts);
    if (this.#needed.size === 0) this.#phase = 'stopped';
  }

  /** Section 6: all that came is added; nothing tells whether it belongs together but ZeroCount, which nobody looks at. */
  get tallies(): Record<string, bigint[]> | undefined {
    return this.#phase === 'stopped' && this.#counts.length > 0 ? signed(sumOf(this.#counts)) : undefined;
  }
}
