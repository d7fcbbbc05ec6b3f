/** Ports of a relay source, played by our own relay session: no clock, no network. */
import { Buffer } from 'node:buffer';
import { fromHex } from '../../src/core/hex.js';
import { hmacSha256, isEqualInConstantTime } from '../../src/crypto/primitives.js';
import {
  type Clock,
  type Files,
  type Log,
  type TorLink,
  type TorLinkEvents,
  type TorTransport,
} from '../../src/roles/ports.js';
import { RelayIdentities } from '../../src/roles/relay-identities.js';
import {
  INJECTOR_FINGERPRINT,
  INJECTOR_NICKNAME,
  injectorProfile,
  type RelayProfile,
} from '../../src/tor/control/relay-profile.js';
import { type RelayState, startRelay, stepRelay } from '../../src/tor/control/relay-session.js';

/** Of the first of these collectors, each given with its relays. */
export function relays(listed: Readonly<Record<string, readonly string[]>>): RelayIdentities {
  const collectors = Object.entries(listed).map(([name, fingerprints]) => ({
    name,
    identity: '',
    noiseWeight: 1,
    fingerprints,
  }));
  return new RelayIdentities(collectors, collectors[0]!);
}

const COOKIE = 'ab'.repeat(32);
export const COOKIE_PATH = '/cookie';

export class FakeClock implements Clock {
  #nowMs = 1_600_000_000_000;
  #tasks: { atMs: number; run: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, run: task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  /** Runs what falls due in this time, in its order. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#tasks.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#tasks = this.#tasks.filter((other) => other !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.run();
    }
    this.#nowMs = untilMs;
  }

  /** Delays of what is still to run. */
  waits(): number[] {
    return this.#tasks.map(({ atMs }) => atMs - this.#nowMs).sort((a, b) => a - b);
  }
}

export class FakeLog implements Log {
  readonly lines: string[] = [];
  error = (message: string): void => void this.lines.push(`error: ${message}`);
  warn = (message: string): void => void this.lines.push(`warn: ${message}`);
  info = (message: string): void => void this.lines.push(`info: ${message}`);
  debug = (message: string): void => void this.lines.push(`debug: ${message}`);
}

export function fakeFiles(
  contents: Record<string, string | Uint8Array | Error>,
): Files & { given: Uint8Array[] } {
  const given: Uint8Array[] = [];
  return {
    given,
    read(path) {
      const content = contents[path];
      if (content instanceof Error) throw content;
      if (content === undefined) return undefined;
      const bytes = Uint8Array.from(typeof content === 'string' ? Buffer.from(content) : content);
      given.push(bytes);
      return bytes;
    },
    writeWhole() {
      throw new Error('a source writes no file');
    },
  };
}

export function cookieFiles(): ReturnType<typeof fakeFiles> {
  return fakeFiles({ [COOKIE_PATH]: fromHex(COOKIE) });
}

function profileWithCookie(): RelayProfile {
  const names = { fingerprint: INJECTOR_FINGERPRINT, nickname: INJECTOR_NICKNAME };
  return injectorProfile(names, { cookie: { path: COOKIE_PATH, bytes: fromHex(COOKIE) } });
}

/** Read as a fraction, just a half. */
export const randomBytes = (length: number): Uint8Array => new Uint8Array(length).fill(0x80, 0, 1);

/** One connection as the relay sees it. */
export class FakeRelayConnection implements TorLink {
  readonly received: string[] = [];
  readonly events: TorLinkEvents;
  state: RelayState;
  isClosed = false;
  readonly #relay: FakeRelay;

  constructor(relay: FakeRelay, events: TorLinkEvents) {
    this.#relay = relay;
    this.events = events;
    this.state = startRelay(relay.profile);
  }

  send(line: string): void {
    this.received.push(line);
    const { state, lines } = stepRelay(
      this.#relay.profile,
      { hmacSha256, isEqualInConstantTime, randomBytes },
      this.state,
      line,
    );
    this.state = state;
    const said = this.#relay.override(line) ?? lines;
    this.#relay.later(() => this.say(said.map((reply) => `${reply}\r\n`).join('')));
  }

  say(text: string): void {
    if (!this.isClosed) this.events.onData(Buffer.from(text, 'latin1'));
  }

  /** By the client. */
  close(): void {
    this.#relay.later(() => this.drop('closed'));
  }

  /** By the relay, or the network. */
  drop(reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.events.onClose(reason);
  }
}

export class FakeRelay implements TorTransport {
  profile = profileWithCookie();
  /** Undefined while the port takes connections. */
  refusal: string | undefined;
  /** What to say instead of the session's reply; an empty list stays silent. */
  override: (line: string) => readonly string[] | undefined = () => undefined;
  readonly connections: FakeRelayConnection[] = [];
  #tasks: (() => void)[] = [];

  connect(_address: unknown, events: TorLinkEvents): TorLink {
    const connection = new FakeRelayConnection(this, events);
    this.connections.push(connection);
    const { refusal } = this;
    this.later(() => (refusal === undefined ? events.onOpen() : connection.drop(refusal)));
    return connection;
  }

  later(task: () => void): void {
    this.#tasks.push(task);
  }

  /** Lets everything that is on its way arrive. */
  settle(): void {
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) task();
  }

  get last(): FakeRelayConnection {
    return this.connections.at(-1)!;
  }
}
