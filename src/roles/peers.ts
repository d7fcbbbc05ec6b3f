/** The nodes that are connected to the tally: who they proved to be, what they last said of themselves. */
import { type Network } from '../core/network.js';
import { type Identity } from '../crypto/identity.js';
import { decodeMessage, encodeMessage } from '../protocol/codec.js';
import { makeHello, TALLY_NAME, welcomeNode, type NodeRole } from '../protocol/handshake.js';
import { type Message, type MessageOf } from '../protocol/messages.js';
import { type ChannelHealth, type FrameChannel, type FrameEvents } from './channel-ports.js';
import { ConnectRate } from './connect-rate.js';
import { LimitedWarnings } from './limited-warnings.js';
import { type Clock, type Log } from './ports.js';

export type Peer = {
  readonly name: string;
  readonly role: NodeRole;
  readonly status: MessageOf<'status'> | undefined;
};

/** What the operator is shown of a connection. */
export type PeerHealth = Peer &
  ChannelHealth & {
    readonly connectedAtMs: number;
    /** How far its clock is ahead of the tally's, as its last status told; undefined if it has sent none. */
    readonly skewMs: number | undefined;
  };

export type PeerEvents = {
  onConnected(name: string): void;
  onDisconnected(name: string): void;
  onMessage(name: string, message: Message): void;
};

export type TallyInNetwork = {
  readonly identity: Identity;
  readonly network: Network;
  readonly networkId: string;
};

type Connected = {
  readonly channel: FrameChannel;
  readonly role: NodeRole;
  readonly connectedAtMs: number;
  status: MessageOf<'status'> | undefined;
  skewMs: number | undefined;
};

/**
 * A status is late by as long as it was on its way, seconds at most; plans are refused at a skew of 600 s
 * (PLAN_AGE_MS_MAX). A machine that keeps its time by NTP is within a tenth of a second.
 */
export const SKEW_MS_MAX = 30_000;

export class Peers {
  readonly #tally: TallyInNetwork;
  readonly #log: Log;
  readonly #events: PeerEvents;
  readonly #clock: Clock;
  readonly #aboutStrangers: LimitedWarnings;
  readonly #connectRate = new ConnectRate();
  readonly #connected = new Map<string, Connected>();
  /** Nodes whose skew has been told. */
  readonly #skewed = new Set<string>();
  #isClosed = false;

  constructor(tally: TallyInNetwork, log: Log, events: PeerEvents, clock: Clock) {
    this.#tally = tally;
    this.#log = log;
    this.#clock = clock;
    this.#aboutStrangers = new LimitedWarnings(log, clock);
    this.#events = events;
  }

  /** Nodes that are connected, whether or not they have sent a status yet. */
  list(): Peer[] {
    return [...this.#connected].map(([name, { role, status }]) => ({ name, role, status }));
  }

  /** The same, with what tells how their connections are. */
  health(): PeerHealth[] {
    return [...this.#connected].map(([name, { channel, ...peer }]) => ({
      name,
      ...peer,
      ...channel.health(),
    }));
  }

  /** Dropped if the node is not there: it is asked again when it is. */
  send(name: string, message: Message): void {
    this.#connected.get(name)?.channel.send(encodeMessage(message));
  }

  /** Sends what is queued to each, then closes; nothing more is heard of them, nor of those who still come. */
  closeAll(): void {
    this.#isClosed = true;
    const channels = [...this.#connected.values()].map(({ channel }) => channel);
    this.#connected.clear();
    for (const channel of channels) channel.close();
  }

  /** Takes in a new connection, whoever it may be. */
  accept(channel: FrameChannel): FrameEvents {
    let name: string | undefined;
    return {
      onFrame: (frame) => {
        const decoded = decodeMessage(frame);
        if (this.#isClosed && name === undefined) channel.drop();
        else if ('fault' in decoded) this.#cutOff(channel, name, decoded.fault);
        else if (name === undefined) name = this.#greet(channel, decoded.message);
        else this.#take(channel, name, decoded.message);
      },
      onClose: (reason) => {
        if (name !== undefined) this.#remove(channel, name, reason);
      },
    };
  }

  #greet(channel: FrameChannel, message: Message): string | undefined {
    const { network, networkId, identity } = this.#tally;
    const welcome =
      message.kind === 'hello'
        ? welcomeNode(message, { network, networkId, exporter: channel.exporter })
        : { fault: `a ${message.kind} came before the hello` };
    const nowMs = this.#clock.nowMs();
    if ('name' in welcome && !this.#connectRate.mayConnect(welcome.name, nowMs)) {
      this.#refuse(channel, welcome.name, 'it connects too often: does another node have its key?');
      return undefined;
    }
    if ('fault' in welcome) {
      // The name is a claim, but one that the schema has limited; without it the operator could not tell whom to help.
      const claim = message.kind === 'hello' ? `whoever says he is ${message.name}` : 'a stranger';
      this.#refuse(channel, claim, welcome.fault);
      return undefined;
    }
    const { name, role } = welcome;
    channel.welcome();
    channel.send(
      encodeMessage(makeHello('tally', { name: TALLY_NAME, networkId, identity }, channel.exporter)),
    );
    this.#replace(name);
    const connectedAtMs = nowMs;
    this.#connected.set(name, { channel, role, connectedAtMs, status: undefined, skewMs: undefined });
    this.#log.info(`${role} ${name} is connected`);
    this.#events.onConnected(name);
    return name;
  }

  #refuse(channel: FrameChannel, whom: string, reason: string): void {
    this.#aboutStrangers.warn(`refused ${whom}: ${reason}`);
    channel.send(encodeMessage({ kind: 'refused', reason, parts: [] }));
    channel.close();
  }

  /** A node that comes again has lost its old connection, whether or not we have noticed; what waits there is lost too. */
  #replace(name: string): void {
    const old = this.#connected.get(name);
    if (old === undefined) return;
    this.#connected.delete(name);
    old.channel.drop();
    this.#events.onDisconnected(name);
  }

  #take(channel: FrameChannel, name: string, message: Message): void {
    const peer = this.#connected.get(name);
    if (peer?.channel !== channel) return;
    if (message.kind === 'status') this.#note(name, peer, message);
    this.#events.onMessage(name, message);
  }

  #note(name: string, peer: Connected, status: MessageOf<'status'>): void {
    peer.status = status;
    peer.skewMs = status.nowMs - this.#clock.nowMs();
    if (Math.abs(peer.skewMs) <= SKEW_MS_MAX) {
      this.#skewed.delete(name);
    } else if (!this.#skewed.has(name)) {
      this.#skewed.add(name);
      this.#log.warn(
        `${name}'s clock is ${describeSkew(peer.skewMs)}: run NTP at both, and restart the node that was wrong`,
      );
    }
  }

  #cutOff(channel: FrameChannel, name: string | undefined, fault: string): void {
    if (name === undefined) this.#aboutStrangers.warn(`cut off a stranger: ${fault}`);
    else this.#log.warn(`cut off ${name}: ${fault}`);
    channel.close();
  }

  #remove(channel: FrameChannel, name: string, reason: string): void {
    if (this.#connected.get(name)?.channel !== channel) return;
    this.#connected.delete(name);
    this.#log.warn(`${name} is no longer connected: ${reason}`);
    this.#events.onDisconnected(name);
  }
}

export function describeSkew(skewMs: number): string {
  return `${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} the tally's`;
}
