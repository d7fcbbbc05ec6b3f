/**
 * A relay that is not there: a control port that any collector can authenticate at, and that reports the events of a log
 * as a relay would (spec/rounds.md, section 15).
 *
 * It ends when everything was sent and the collector has stopped counting or gone: the connection stays open until
 * then, so that no collector loses its relay in a round. A collector whose connection is lost before everything was sent
 * may come back, and gets what comes next. A collector that stops before that ends the injection too, as not complete.
 */
import { hmacSha256, isEqualInConstantTime } from '../crypto/primitives.js';
import { injectorProfile, type RelayAuthentication, unpatchedProfile } from '../tor/control/relay-profile.js';
import { type ControlListener, type ControlListening, type ControlPeer } from './injector-ports.js';
import { EventPlayer, type PlayOptions } from './injector-player.js';
import { InjectorSession } from './injector-session.js';
import { type Clock, type Log, type RandomBytes, type TorAddress } from './ports.js';

/** A collector that stops may start again at once, with other counters. */
const FAREWELL_MS = 1000;

export type InjectorOptions = PlayOptions & {
  readonly addresses: readonly TorAddress[];
  /** The event log, unpacked. */
  readonly events: AsyncIterable<Uint8Array>;
  readonly authentication: RelayAuthentication;
  /** 40 hexadecimal digits. */
  readonly fingerprint: string;
  readonly nickname: string;
  /** Does not end by itself, so that a collector may come back for another round. */
  readonly stay: boolean;
  /** Answers as a tor of today without PrivCount's patch. */
  readonly isUnpatched?: boolean;
  /** What an unpatched relay says of addresses; undefined if it has no geoip files. */
  readonly countries?: ReadonlyMap<string, string>;
};

export type InjectorPorts = {
  readonly listener: ControlListener;
  readonly clock: Clock;
  readonly log: Log;
  readonly randomBytes: RandomBytes;
};

export type Injector = {
  /** Undefined if it only listens on unix sockets. */
  readonly port: number | undefined;
  /** Resolves when all connections have ended: true if all events were sent. Rejects if the log could not be read. */
  readonly done: Promise<boolean>;
  close(): void;
};

/** Resolves when collectors can connect. Throws an Error if an address cannot be listened on. */
export async function startInjector(options: InjectorOptions, ports: InjectorPorts): Promise<Injector> {
  const run = new InjectorRun(options, ports);
  const listening = await ports.listener.listen(options.addresses, (peer) => run.accept(peer));
  return { port: listening.port, done: run.run(listening), close: () => run.end() };
}

class InjectorRun {
  readonly #options: InjectorOptions;
  readonly #ports: InjectorPorts;
  readonly #profile;
  readonly #player: EventPlayer;
  readonly #sessions = new Set<InjectorSession>();
  /** Who gets the events: the first that asked for any. */
  #current: InjectorSession | undefined;
  #hasSentAll = false;
  #isEnding = false;
  /** Set while the end is near. */
  #cancelFarewell: (() => void) | undefined;
  #whenEmpty: (() => void) | undefined;
  #whenEnding: (() => void) | undefined;
  #listening: ControlListening | undefined;

  constructor(options: InjectorOptions, ports: InjectorPorts) {
    this.#options = options;
    this.#ports = ports;
    const { authentication, countries } = options;
    this.#profile =
      options.isUnpatched === true
        ? unpatchedProfile(options, authentication, countries)
        : injectorProfile(options, authentication);
    this.#player = new EventPlayer(options, ports.clock, ports.log);
  }

  accept(peer: ControlPeer): InjectorSession {
    const { randomBytes } = this.#ports;
    const primitives = { hmacSha256, isEqualInConstantTime, randomBytes };
    const session = new InjectorSession(this.#profile, primitives, peer, {
      onChange: () => this.#chooseSession(session),
      onDrain: () => this.#player.wake(),
      onGone: () => this.#forget(session),
    });
    this.#sessions.add(session);
    return session;
  }

  async run(listening: ControlListening): Promise<boolean> {
    this.#listening = listening;
    // The end does not wait for a log that gives nothing more, such as a silent standard input.
    const ending = new Promise<false>((resolve) => (this.#whenEnding = () => resolve(false)));
    try {
      this.#hasSentAll = await Promise.race([this.#player.play(this.#options.events), ending]);
      if (this.#hasSentAll) {
        this.#ports.log.info('all events sent');
        if (this.#current === undefined) this.#endSoon();
      }
      await this.#empty();
    } finally {
      this.end();
    }
    return this.#hasSentAll;
  }

  end(): void {
    this.#isEnding = true;
    this.#cancelEnd();
    this.#player.close();
    this.#whenEnding?.();
    this.#listening?.close();
    for (const session of this.#sessions) session.close();
    if (this.#sessions.size === 0) this.#whenEmpty?.();
  }

  #chooseSession(changed: InjectorSession): void {
    const wants = (session: InjectorSession): boolean => session.reported.size > 0;
    if (this.#current === undefined || !wants(this.#current)) {
      this.#current = [...this.#sessions].find(wants);
    } else if (wants(changed) && changed !== this.#current) {
      this.#ports.log.warn('another collector asks for events, but they go to the one that asked first');
    }
    this.#player.playTo(this.#current);
    this.#cancelEnd();
    const isDone = this.#hasSentAll || changed.end === 'left';
    if (this.#current === undefined && isDone) this.#endSoon();
  }

  /** At once if there is nothing left to do: who has gone after all was sent does not start again. */
  #endSoon(): void {
    if (this.#options.stay) return;
    this.#cancelEnd();
    if (this.#hasSentAll && this.#sessions.size === 0) this.end();
    else this.#cancelFarewell = this.#ports.clock.after(FAREWELL_MS, () => this.end());
  }

  #cancelEnd(): void {
    this.#cancelFarewell?.();
    this.#cancelFarewell = undefined;
  }

  #forget(session: InjectorSession): void {
    this.#sessions.delete(session);
    if (this.#sessions.size > 0) return;
    if (this.#isEnding) this.#whenEmpty?.();
    else if (this.#cancelFarewell !== undefined) this.#endSoon();
  }

  /** Until the end has come and every connection has ended. */
  #empty(): Promise<void> {
    if (this.#isEnding && this.#sessions.size === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#whenEmpty = resolve));
  }
}
