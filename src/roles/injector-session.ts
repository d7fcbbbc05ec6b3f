/** One client of the control port that the injector plays. */
import { Buffer } from 'node:buffer';
import { LineSplitter } from '../tor/control/line-splitter.js';
import { type RelayPrimitives } from '../tor/control/relay-authentication.js';
import { type RelayProfile } from '../tor/control/relay-profile.js';
import { COMMAND_BYTES_MAX, reportedEvents, startRelay, stepRelay } from '../tor/control/relay-session.js';
import { type ControlPeer, type ControlPeerEvents } from './injector-ports.js';

export type InjectorSessionEvents = {
  /** The client now wants other events, has quit, or its connection is lost. */
  onChange(session: InjectorSession): void;
  /** What was sent has left; more can be. */
  onDrain(): void;
  /** The last call. */
  onGone(session: InjectorSession): void;
};

export class InjectorSession implements ControlPeerEvents {
  readonly #profile: RelayProfile;
  readonly #primitives: RelayPrimitives;
  readonly #peer: ControlPeer;
  readonly #events: InjectorSessionEvents;
  readonly #splitter = new LineSplitter(
    (bytes, start, end) => this.#takeLine(bytes, start, end),
    COMMAND_BYTES_MAX,
  );
  #state;
  #reported: ReadonlySet<string> = new Set();
  #isBlocked = false;
  #isClosed = false;
  #end: 'lost' | 'left' | undefined;

  constructor(
    profile: RelayProfile,
    primitives: RelayPrimitives,
    peer: ControlPeer,
    events: InjectorSessionEvents,
  ) {
    this.#profile = profile;
    this.#primitives = primitives;
    this.#peer = peer;
    this.#events = events;
    this.#state = startRelay(profile);
  }

  /** The events that the client wants now; none once it is gone. */
  get reported(): ReadonlySet<string> {
    return this.#reported;
  }

  /** True while the client reads slower than events are sent. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** `left` if the client has quit or asked for no more events; `lost` if its connection just ended. */
  get end(): 'lost' | 'left' | undefined {
    return this.#end;
  }

  send(bytes: Uint8Array): void {
    this.#isBlocked = !this.#peer.send(bytes);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#splitter.close();
    this.#peer.close();
  }

  onData(chunk: Uint8Array): void {
    const isWithinLimit = this.#splitter.push(chunk);
    if (!isWithinLimit) this.close();
  }

  onDrain(): void {
    this.#isBlocked = false;
    this.#events.onDrain();
  }

  onClose(): void {
    this.#isClosed = true;
    this.#splitter.close();
    this.#isBlocked = false;
    this.#report(new Set(), 'lost');
    this.#events.onGone(this);
  }

  #takeLine(bytes: Buffer, start: number, end: number): void {
    const line = bytes.toString('latin1', start, end);
    const { state, lines } = stepRelay(this.#profile, this.#primitives, this.#state, line);
    this.#state = state;
    this.#peer.send(Buffer.from(lines.map((reply) => `${reply}\r\n`).join(''), 'latin1'));
    this.#report(reportedEvents(state), 'left');
    if (state.phase === 'closed') this.close();
  }

  #report(reported: ReadonlySet<string>, end: 'lost' | 'left'): void {
    const had = this.#reported.size > 0;
    if (reported === this.#reported || (reported.size === 0 && !had)) return;
    this.#reported = reported;
    this.#end = reported.size === 0 ? end : undefined;
    this.#events.onChange(this);
  }
}
