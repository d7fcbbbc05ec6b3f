/** One connection to a relay's control port: performs the effects of the session's machine, keeps its timers. */
import { EVENT_MARK, isConnectionLine, isEventLine } from '../tor/control/event-line.js';
import { type CountRequest } from '../tor/control/commands.js';
import { type ControlFault } from '../tor/control/control-fault.js';
import { startControl, stepControl } from '../tor/control/control-session.js';
import {
  type ControlEffect,
  type ControlInput,
  type ControlOptions,
  type ControlState,
} from '../tor/control/control-state.js';
import { LineSplitter } from '../tor/control/line-splitter.js';
import { type RelayContext } from '../tor/control/relay-context.js';
import { ReplyReader } from '../tor/control/reply-reader.js';
import { type Challenge, NONCE_BYTES } from '../tor/control/safe-cookie.js';
import { CountryLines } from './country-lines.js';
import { type Clock, type RandomBytes, type TorAddress, type TorLink, type TorTransport } from './ports.js';
import { type ControlSecrets } from './tor-source-secrets.js';

/** A relay under load answers in milliseconds; one that takes this long hangs. */
export const REPLY_TIMEOUT_MS = 30_000;
/** Relays vote on flags each hour. */
export const STATUS_INTERVAL_MS = 3_600_000;

export type TorConnectionPorts = {
  readonly transport: TorTransport;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
};

export type TorConnectionEvents = {
  onPhase(phase: ControlState['phase']): void;
  onContext(context: RelayContext): void;
  /** See TorSourceEvents. */
  onEvent(bytes: Uint8Array, start: number, end: number): void;
  onFault(fault: ControlFault): void;
  /** The relay lets anybody in. */
  onOpenPort(): void;
  /** The relay could not tell the country of a client. */
  onNoCountry(): void;
  /** The last call. */
  onEnd(): void;
};

export class TorConnection {
  readonly #options: ControlOptions;
  readonly #secrets: ControlSecrets;
  readonly #ports: TorConnectionPorts;
  readonly #events: TorConnectionEvents;
  readonly #link: TorLink;
  readonly #reader = new ReplyReader();
  readonly #splitter = new LineSplitter((bytes, start, end) => this.#takeLine(bytes, start, end));
  readonly #inputs: ControlInput[] = [];
  #state: ControlState = startControl();
  #isStepping = false;
  #isCounting = false;
  /** While it counts, if countries are asked for. */
  #countries: CountryLines | undefined;
  #cancelReplyTimeout: (() => void) | undefined;
  #cancelStatus: (() => void) | undefined;

  constructor(
    address: TorAddress,
    options: ControlOptions,
    secrets: ControlSecrets,
    ports: TorConnectionPorts,
    events: TorConnectionEvents,
  ) {
    this.#options = options;
    this.#secrets = secrets;
    this.#ports = ports;
    this.#events = events;
    this.#link = ports.transport.connect(address, {
      onOpen: () => this.#step({ kind: 'opened' }),
      onData: (chunk) => this.#takeBytes(chunk),
      onClose: (reason) => this.#end(reason),
    });
  }

  get phase(): ControlState['phase'] {
    return this.#state.phase;
  }

  count(request: CountRequest): void {
    this.#step({ kind: 'count', request });
  }

  stopCounting(): void {
    this.#step({ kind: 'stop-counting' });
  }

  /** Undoes what is set at the relay, then closes; `onEnd` follows. */
  close(): void {
    this.#step({ kind: 'close' });
  }

  #takeBytes(chunk: Uint8Array): void {
    const isWithinLimit = this.#splitter.push(chunk);
    if (!isWithinLimit) this.#step({ kind: 'fault', fault: { code: 'line-too-long' } });
  }

  /** Hot path: an event is handed on where it lies. */
  #takeLine(bytes: Buffer, start: number, end: number): void {
    if (isEventLine(bytes, start, end)) {
      if (this.#isCounting) this.#takeEvent(bytes, start, end);
      return;
    }
    const output = this.#reader.take(bytes.toString('latin1', start, end));
    if (output === undefined) return;
    this.#step(output.kind === 'reply' ? output : { kind: 'fault', fault: { code: output.code } });
  }

  #takeEvent(bytes: Uint8Array, start: number, end: number): void {
    const from = start + EVENT_MARK.length;
    if (this.#countries !== undefined && isConnectionLine(bytes, start, end)) {
      this.#countries.take(bytes, from, end);
    } else this.#events.onEvent(bytes, from, end);
  }

  /** Effects may lead to inputs at once; these wait until all effects are performed. */
  #step(input: ControlInput): void {
    this.#inputs.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift())
      this.#stepOnce(next);
    this.#isStepping = false;
  }

  #stepOnce(input: ControlInput): void {
    const before = this.#state;
    const { state, effects } = stepControl(this.#options, before, input);
    this.#state = state;
    this.#isCounting = state.phase === 'counting';
    if (state.phase !== before.phase) this.#keepCountries(state);
    this.#setReplyTimeout(before, input);
    for (const effect of effects) this.#perform(effect);
    if (state.phase === before.phase) return;
    if (before.phase === 'discovering' && state.phase !== 'closed') this.#askStatusLater();
    this.#events.onPhase(state.phase);
  }

  #perform(effect: ControlEffect): void {
    switch (effect.kind) {
      case 'send':
        this.#link.send(effect.line);
        break;
      case 'read-cookie':
        this.#readCookie(effect.path);
        break;
      case 'answer-challenge':
        this.#answerChallenge(effect.challenge);
        break;
      case 'send-password':
        this.#sendPassword();
        break;
      case 'send-country-question':
        this.#link.send(this.#countries!.question());
        break;
      case 'tell-country':
        this.#countries?.answer(effect.country);
        break;
      case 'warn-of-open-port':
        this.#events.onOpenPort();
        break;
      case 'tell-context':
        this.#events.onContext(effect.context);
        break;
      case 'fail':
        this.#events.onFault(effect.fault);
        break;
      case 'hang-up':
        this.#hangUp();
        break;
    }
  }

  #readCookie(path: string): void {
    const isRead = this.#secrets.readCookie(path);
    const clientNonce = this.#ports.randomBytes(NONCE_BYTES);
    this.#step(isRead ? { kind: 'cookie-read', clientNonce } : { kind: 'cookie-unreadable' });
  }

  #answerChallenge(challenge: Challenge): void {
    const line = this.#secrets.answer(challenge);
    this.#step({ kind: line === undefined ? 'challenge-false' : 'challenge-answered' });
    if (line !== undefined) this.#link.send(line);
  }

  #sendPassword(): void {
    const line = this.#secrets.password();
    if (line === undefined) this.#step({ kind: 'fault', fault: { code: 'password-unreadable' } });
    else this.#link.send(line);
  }

  #keepCountries(state: ControlState): void {
    this.#countries?.wipe();
    this.#countries = undefined;
    if (state.phase !== 'counting' || state.request.asksCountries !== true) return;
    const seed = new DataView(this.#ports.randomBytes(4).slice().buffer).getUint32(0);
    this.#countries = new CountryLines(seed, {
      ask: () => this.#step({ kind: 'ask-country' }),
      onEvent: (bytes, start, end) => this.#events.onEvent(bytes, start, end),
      onUnanswered: () => this.#events.onNoCountry(),
    });
  }

  /** Each reply has the whole time, counted from the reply before it. */
  #setReplyTimeout(before: ControlState, input: ControlInput): void {
    const isDue = this.#state.pending.length > 0;
    const isRunning = this.#cancelReplyTimeout !== undefined && before.pending.length > 0;
    if (isDue && isRunning && input.kind !== 'reply') return;
    this.#cancelReplyTimeout?.();
    this.#cancelReplyTimeout = isDue
      ? this.#ports.clock.after(REPLY_TIMEOUT_MS, () =>
          this.#step({ kind: 'fault', fault: { code: 'reply-timeout' } }),
        )
      : undefined;
  }

  #askStatusLater(): void {
    this.#cancelStatus = this.#ports.clock.after(STATUS_INTERVAL_MS, () => {
      this.#step({ kind: 'ask-status' });
      this.#askStatusLater();
    });
  }

  #hangUp(): void {
    this.#release();
    this.#link.close();
  }

  #end(reason: string): void {
    const { phase } = this.#state;
    if (phase === 'counting') this.#countries?.flush();
    this.#release();
    if (phase !== 'closed') {
      this.#state = { phase: 'closed', pending: [], wanted: undefined };
      const code = phase === 'opening' ? 'connection-failed' : 'connection-lost';
      this.#events.onFault({ code, detail: reason });
      this.#events.onPhase('closed');
    }
    this.#events.onEnd();
  }

  #release(): void {
    this.#isCounting = false;
    this.#countries?.wipe();
    this.#countries = undefined;
    this.#splitter.close();
    this.#secrets.wipe();
    this.#cancelReplyTimeout?.();
    this.#cancelStatus?.();
  }
}
