/** The nodes that are connected to the tally: who they proved to be, what they last said of themselves. */
import { type Network } from '../core/network.js';
import { type Identity } from '../crypto/identity.js';
import { decodeMessage, encodeMessage } from '../protocol/codec.js';
import { makeHello, TALLY_NAME, welcomeNode, type NodeRole } from '../protocol/handshake.js';
import { type Message, type MessageOf } from '../protocol/messages.js';
import { type FrameChannel, type FrameEvents } from './channel-ports.js';
import { type Log } from './ports.js';

export type Peer = {
  readonly name: string;
  readonly role: NodeRole;
  readonly status: MessageOf<'status'> | undefined;
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

type Connected = { channel: FrameChannel; role: NodeRole; status: MessageOf<'status'> | undefined };

export class Peers {
  readonly #tally: TallyInNetwork;
  readonly #log: Log;
  readonly #events: PeerEvents;
  readonly #connected = new Map<string, Connected>();

  constructor(tally: TallyInNetwork, log: Log, events: PeerEvents) {
    this.#tally = tally;
    this.#log = log;
    this.#events = events;
  }

  /** Nodes that are connected, whether or not they have sent a status yet. */
  list(): Peer[] {
    return [...this.#connected].map(([name, { role, status }]) => ({ name, role, status }));
  }

  /** Dropped if the node is not there: it is asked again when it is. */
  send(name: string, message: Message): void {
    this.#connected.get(name)?.channel.send(encodeMessage(message));
  }

  /** Sends what is queued to each, then closes; nothing more is heard of them. */
  closeAll(): void {
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
        if ('fault' in decoded) this.#cutOff(channel, name, decoded.fault);
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
    if ('fault' in welcome) {
      // The name is a claim, but one that the schema has limited; without it the operator could not tell whom to help.
      const claim = message.kind === 'hello' ? `whoever says he is ${message.name}` : 'a stranger';
      this.#log.warn(`refused ${claim}: ${welcome.fault}`);
      channel.send(encodeMessage({ kind: 'refused', reason: welcome.fault, parts: [] }));
      channel.close();
      return undefined;
    }
    const { name, role } = welcome;
    channel.welcome();
    channel.send(
      encodeMessage(makeHello('tally', { name: TALLY_NAME, networkId, identity }, channel.exporter)),
    );
    this.#replace(name);
    this.#connected.set(name, { channel, role, status: undefined });
    this.#log.info(`${role} ${name} is connected`);
    this.#events.onConnected(name);
    return name;
  }

  /** A node that comes again has lost its old connection, whether or not we have noticed. */
  #replace(name: string): void {
    const old = this.#connected.get(name);
    if (old === undefined) return;
    this.#connected.delete(name);
    old.channel.close();
    this.#events.onDisconnected(name);
  }

  #take(channel: FrameChannel, name: string, message: Message): void {
    const peer = this.#connected.get(name);
    if (peer?.channel !== channel) return;
    if (message.kind === 'status') peer.status = message;
    this.#events.onMessage(name, message);
  }

  #cutOff(channel: FrameChannel, name: string | undefined, fault: string): void {
    this.#log.warn(`cut off ${name ?? 'a stranger'}: ${fault}`);
    channel.close();
  }

  #remove(channel: FrameChannel, name: string, reason: string): void {
    if (this.#connected.get(name)?.channel !== channel) return;
    this.#connected.delete(name);
    this.#log.warn(`${name} is no longer connected: ${reason}`);
    this.#events.onDisconnected(name);
  }
}
