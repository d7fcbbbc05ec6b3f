/**
 * A relay as a source of events (spec/tor-control.md, "Dialogue of a collection" and "Failure"). Keeps a control
 * connection, tells its owner who the relay is, hands on events while they are wanted, and connects again whenever the
 * connection is lost, with the same request. What a relay saw meanwhile is lost; how long that was is known.
 */
import { type Provision } from '../collection/catalogue/provisions.js';
import { type CountRequest } from '../tor/control/commands.js';
import { type ControlFault, describeControlFault } from '../tor/control/control-fault.js';
import { type ControlState } from '../tor/control/control-state.js';
import { type RelayContext } from '../tor/control/relay-context.js';
import { type Files, type Log, type TorAddress } from './ports.js';
import { backOffMs } from './tor-source-back-off.js';
import { TorConnection, type TorConnectionPorts } from './tor-source-connection.js';
import { ControlSecrets, type SecretPaths } from './tor-source-secrets.js';

export type TorSourceOptions = SecretPaths & {
  /** For the log; says which source of several, but not where it is. */
  readonly name: string;
  readonly address: TorAddress;
  /** `use_setconf`: false if the operator enables PrivCount in torrc. */
  readonly mayUseSetconf: boolean;
  /** Whether the relay that answers may be counted at (relay-identities.ts). */
  readonly checkRelay: (fingerprint: string) => ControlFault | undefined;
};

export type TorSourcePorts = TorConnectionPorts & { readonly files: Files; readonly log: Log };

export type TorSourceState = ControlState['phase'] | 'retrying';

export type TorSourceEvents = {
  /** At each connection, and when the flags were asked for again. */
  onContext(context: RelayContext): void;
  /**
   * One event, only while counting. The line is bytes [start, end), from the event's name on and without its end. The
   * bytes are only valid during the call. Hot path.
   */
  onEvent(bytes: Uint8Array, start: number, end: number): void;
  onState(state: TorSourceState): void;
  /** Each failure, also those that are logged no more. */
  onFault(fault: ControlFault): void;
};

/** How much of the time for which events were wanted they were not counted: belongs in the outcome. */
export type Outage = {
  readonly uncountedMs: number;
  /** How often counting broke off after it had begun. */
  readonly interruptions: number;
};

const OPEN_PORT = 'the control port lets anybody in: set CookieAuthentication 1 in torrc';
const NO_COUNTRY =
  'the relay can not tell the country of a client, which then counts as unknown: install tor-geoipdb, or set GeoIPFile and GeoIPv6File in torrc';

export class TorSource {
  readonly kind = 'control-port';
  /** As of its last connection. */
  provides: ReadonlySet<Provision> = new Set();
  readonly #options: TorSourceOptions;
  readonly #ports: TorSourcePorts;
  readonly #events: TorSourceEvents;
  /** Sentences that were logged since the source last did what is wanted of it. */
  readonly #told = new Set<string>();
  /** Sentences about what is no failure, but should be known once. */
  readonly #remarks = new Set<string>();
  #connection: TorConnection | undefined;
  #cancelRetry: (() => void) | undefined;
  #failures = 0;
  #hasStarted = false;
  #isClosed = false;
  #request: CountRequest | undefined;
  #wantedSinceMs: number | undefined;
  #countingSinceMs: number | undefined;
  #wantedMs = 0;
  #countedMs = 0;
  #interruptions = 0;
  #whenIdle: (() => void)[] = [];
  #whenClosed: (() => void)[] = [];

  constructor(options: TorSourceOptions, ports: TorSourcePorts, events: TorSourceEvents) {
    this.#options = options;
    this.#ports = ports;
    this.#events = events;
  }

  /** Connects, and does so again until `close`. */
  start(): void {
    if (this.#hasStarted || this.#isClosed) return;
    this.#hasStarted = true;
    this.#connect();
  }

  /** Events are wanted from now on. The outage is counted anew. */
  count(request: CountRequest): void {
    this.#request = request;
    this.#wantedMs = 0;
    this.#countedMs = 0;
    this.#interruptions = 0;
    const nowMs = this.#ports.clock.nowMs();
    this.#wantedSinceMs = nowMs;
    if (this.#countingSinceMs !== undefined) this.#countingSinceMs = nowMs;
    this.#connection?.count(request);
  }

  /** No event is handed on after this call. Resolves when the relay has undone its settings, or cannot be reached. */
  stopCounting(): Promise<void> {
    this.#endRequest();
    this.#connection?.stopCounting();
    const phase = this.#connection?.phase;
    const isBusy = phase === 'enabling' || phase === 'counting' || phase === 'disabling';
    return isBusy ? new Promise((resolve) => this.#whenIdle.push(resolve)) : Promise.resolve();
  }

  /** Undoes the relay's settings and closes. Resolves when the connection has ended. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#endRequest();
    this.#cancelRetry?.();
    if (this.#connection === undefined) {
      this.#events.onState('closed');
      return Promise.resolve();
    }
    this.#connection.close();
    return new Promise((resolve) => this.#whenClosed.push(resolve));
  }

  /** Since `count`, up to now or to `stopCounting`. */
  outage(): Outage {
    const nowMs = this.#ports.clock.nowMs();
    const wantedMs = this.#wantedMs + elapsedMs(this.#wantedSinceMs, nowMs);
    const countedMs = this.#countedMs + elapsedMs(this.#countingSinceMs, nowMs);
    return { uncountedMs: Math.max(0, wantedMs - countedMs), interruptions: this.#interruptions };
  }

  #connect(): void {
    this.#events.onState('opening');
    const { address, mayUseSetconf, passwordFile, checkRelay } = this.#options;
    const options = { mayUseSetconf, hasPassword: passwordFile !== undefined, checkRelay };
    const secrets = new ControlSecrets(this.#ports.files, this.#options);
    const connection = new TorConnection(address, options, secrets, this.#ports, {
      onPhase: (phase) => this.#takePhase(phase),
      onContext: (context) => this.#takeContext(context),
      onEvent: this.#events.onEvent.bind(this.#events),
      onFault: (fault) => {
        this.#warnOnce(describeControlFault(fault), this.#told);
        this.#events.onFault(fault);
      },
      onOpenPort: () => this.#warnOnce(OPEN_PORT, this.#remarks),
      onNoCountry: () => this.#warnOnce(NO_COUNTRY, this.#remarks),
      onEnd: () => this.#retryLater(),
    });
    this.#connection = connection;
    if (this.#request !== undefined) connection.count(this.#request);
  }

  #takePhase(phase: ControlState['phase']): void {
    const nowMs = this.#ports.clock.nowMs();
    if (phase === 'counting') {
      this.#countingSinceMs = nowMs;
    } else if (this.#countingSinceMs !== undefined) {
      if (phase === 'closed') this.#interruptions += 1;
      this.#countedMs += elapsedMs(this.#countingSinceMs, nowMs);
      this.#countingSinceMs = undefined;
    }
    if (phase !== 'disabling') this.#whenIdle.splice(0).forEach((resolve) => resolve());
    if (phase === (this.#request === undefined ? 'waiting' : 'counting')) this.#succeed();
    this.#events.onState(phase);
  }

  #takeContext(context: RelayContext): void {
    const isPatched = context.privcountVersion !== undefined;
    this.provides = new Set(isPatched ? ['patched-events', 'standard-events'] : ['standard-events']);
    this.#events.onContext(context);
  }

  /** The source does what is wanted: the next failure is a new one. */
  #succeed(): void {
    if (this.#failures > 0) this.#ports.log.info(`${this.#options.name}: the relay is back`);
    this.#failures = 0;
    this.#told.clear();
  }

  #endRequest(): void {
    const nowMs = this.#ports.clock.nowMs();
    this.#countedMs += elapsedMs(this.#countingSinceMs, nowMs);
    this.#wantedMs += elapsedMs(this.#wantedSinceMs, nowMs);
    this.#countingSinceMs = undefined;
    this.#wantedSinceMs = undefined;
    this.#request = undefined;
  }

  #retryLater(): void {
    this.#connection = undefined;
    if (this.#isClosed) {
      this.#whenClosed.splice(0).forEach((resolve) => resolve());
      return;
    }
    this.#failures += 1;
    this.#events.onState('retrying');
    const delayMs = backOffMs(this.#failures, this.#ports.randomBytes);
    this.#cancelRetry = this.#ports.clock.after(delayMs, () => this.#connect());
  }

  #warnOnce(sentence: string, known: Set<string>): void {
    if (this.#told.has(sentence) || this.#remarks.has(sentence)) return;
    known.add(sentence);
    this.#ports.log.warn(`${this.#options.name}: ${sentence}`);
  }
}

/** 0 if it has not begun, or if the clock was put back. */
function elapsedMs(sinceMs: number | undefined, nowMs: number): number {
  return sinceMs === undefined ? 0 : Math.max(0, nowMs - sinceMs);
}
