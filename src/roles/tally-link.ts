/**
 * A node's connection to the tally: proves who is at both ends, hands messages on, and connects again whenever it is lost.
 * What a message promises is remembered by the round machines, so nothing needs to be sent again from here.
 */
import { type Identity } from '../crypto/identity.js';
import { type Network } from '../core/network.js';
import { decodeMessage, encodeMessage } from '../protocol/codec.js';
import { makeHello, tallyFault } from '../protocol/handshake.js';
import { type Message } from '../protocol/messages.js';
import { type Dialer, type FrameChannel } from './channel-ports.js';
import { type Clock, type Log, type RandomBytes } from './ports.js';
import { backOffMs } from './tor-source-back-off.js';

export type TallyLinkPorts = {
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly log: Log;
  readonly randomBytes: RandomBytes;
};

export type LinkedNode = {
  readonly name: string;
  readonly identity: Identity;
  readonly network: Network;
  readonly networkId: string;
};

export type TallyLinkEvents = {
  /** The tally is there and has proven who it is. */
  onUp(): void;
  onMessage(message: Message): void;
};

/**
 * A connection that is lost sooner counts as a try that failed: two nodes with one key would otherwise take the connection
 * from each other every second, for ever.
 */
const STEADY_MS = 10_000;

export class TallyLink {
  readonly #node: LinkedNode;
  readonly #ports: TallyLinkPorts;
  readonly #events: TallyLinkEvents;
  #channel: FrameChannel | undefined;
  #upSinceMs: number | undefined;
  #isClosed = false;
  #failures = 0;
  /** What was told last, and whether it was told of the connection of now. */
  #lastFault = '';
  #hasTold = false;
  #cancelRetry: (() => void) | undefined;

  constructor(node: LinkedNode, ports: TallyLinkPorts, events: TallyLinkEvents) {
    this.#node = node;
    this.#ports = ports;
    this.#events = events;
  }

  /** Since when the tally is there; undefined if it is not. */
  get upSinceMs(): number | undefined {
    return this.#upSinceMs;
  }

  start(): void {
    const { host, port, tlsPin } = this.#node.network.tallyServer;
    this.#ports.dialer.dial(
      { host, port, tlsPin },
      {
        onOpen: (channel) => this.#open(channel),
        onFrame: (frame) => this.#take(frame),
        onClose: (reason) => this.#lose(reason),
      },
    );
  }

  /** Dropped if the tally is not there: it asks again when it is. */
  send(message: Message): void {
    if (this.#upSinceMs !== undefined) this.#channel?.send(encodeMessage(message));
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
    this.#channel?.close();
  }

  #open(channel: FrameChannel): void {
    if (this.#isClosed) {
      channel.close();
      return;
    }
    this.#channel = channel;
    channel.send(encodeMessage(makeHello('node', this.#node, channel.exporter)));
  }

  #take(frame: Uint8Array): void {
    const decoded = decodeMessage(frame);
    if ('fault' in decoded) {
      this.#fail(`the tally sent what is no message: ${decoded.fault}`);
    } else if (this.#upSinceMs !== undefined) {
      this.#events.onMessage(decoded.message);
    } else {
      this.#greet(decoded.message);
    }
  }

  #greet(message: Message): void {
    const { network, networkId } = this.#node;
    const channel = this.#channel!;
    if (message.kind === 'refused') {
      this.#fail(`the tally refuses this node: ${message.reason}`);
      return;
    }
    if (message.kind !== 'hello') {
      this.#fail(`the tally sent a ${message.kind} instead of its hello`);
      return;
    }
    const fault = tallyFault(message, { network, networkId, exporter: channel.exporter });
    if (fault !== undefined) {
      this.#fail(`whoever answers at the tally's address is not the tally: ${fault}`);
      return;
    }
    channel.welcome();
    this.#upSinceMs = this.#ports.clock.nowMs();
    this.#lastFault = '';
    this.#ports.log.info('connected to the tally server');
    this.#events.onUp();
  }

  #fail(fault: string): void {
    this.#tell(fault);
    this.#channel?.close();
  }

  /** A fault that stays is told once, not at each try; one that takes its place is told. */
  #tell(fault: string): void {
    if (fault !== this.#lastFault) this.#ports.log.warn(`${fault}; trying again`);
    this.#lastFault = fault;
    this.#hasTold = true;
  }

  #lose(reason: string): void {
    const { clock, randomBytes } = this.#ports;
    const isSteady = this.#upSinceMs !== undefined && clock.nowMs() - this.#upSinceMs >= STEADY_MS;
    this.#channel = undefined;
    this.#upSinceMs = undefined;
    if (this.#isClosed) return;
    if (!this.#hasTold) this.#tell(`no connection to the tally server: ${reason}`);
    this.#hasTold = false;
    this.#failures = isSteady ? 1 : this.#failures + 1;
    this.#cancelRetry = clock.after(backOffMs(this.#failures, randomBytes), () => this.start());
  }
}
