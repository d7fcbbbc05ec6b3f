/** Channels without a network: one end that a test holds in its hand, or a whole loopback of them. */
import {
  type ChannelHealth,
  type Dialer,
  type DialTarget,
  type FrameChannel,
  type FrameEvents,
  type Listener,
  type Listening,
} from '../../src/roles/channel-ports.js';
import { decodeMessage, encodeMessage } from '../../src/protocol/codec.js';
import { EXPORTER_BYTES } from '../../src/protocol/handshake.js';
import { type Message, type MessageKind, type MessageOf } from '../../src/protocol/messages.js';

/** What was sent must be a message: the senders are ours. */
export function toMessage(frame: Uint8Array): Message {
  const decoded = decodeMessage(frame);
  if ('fault' in decoded) throw new Error(`not a message: ${decoded.fault}`);
  return decoded.message;
}

/** A channel that keeps what is sent into it. */
export class FakeChannel implements FrameChannel {
  readonly exporter: Uint8Array;
  readonly sent: Message[] = [];
  isWelcome = false;
  isClosed = false;
  isDropped = false;
  healthNow: ChannelHealth = { silentMs: 0, roundTripMs: undefined };

  constructor(exporterByte = 7) {
    this.exporter = new Uint8Array(EXPORTER_BYTES).fill(exporterByte);
  }

  send(frame: Uint8Array): void {
    this.sent.push(toMessage(frame));
  }

  welcome(): void {
    this.isWelcome = true;
  }

  close(): void {
    this.isClosed = true;
  }

  drop(): void {
    this.isClosed = true;
    this.isDropped = true;
  }

  health(): ChannelHealth {
    return this.healthNow;
  }

  /** What was sent since the last call. */
  taken(): Message[] {
    return this.sent.splice(0);
  }

  /** The kinds of what was sent since the last call. */
  takenKinds(): MessageKind[] {
    return this.taken().map(({ kind }) => kind);
  }

  /** The first message of that kind since the last call; the others are dropped. */
  takenOf<K extends MessageKind>(kind: K): MessageOf<K> {
    const found = this.taken().find((message) => message.kind === kind);
    if (found === undefined) throw new Error(`no ${kind} was sent`);
    return found as MessageOf<K>;
  }
}

type DialEvents = Parameters<Dialer['dial']>[1];

/** Each dial waits for the test to let it succeed or fail. */
export class FakeDialer implements Dialer {
  readonly targets: DialTarget[] = [];
  readonly #dials: DialEvents[] = [];

  dial(target: DialTarget, events: DialEvents): void {
    this.targets.push(target);
    this.#dials.push(events);
  }

  get last(): DialEvents {
    return this.#dials.at(-1)!;
  }

  open(exporterByte = 7): FakeChannel {
    const channel = new FakeChannel(exporterByte);
    this.last.onOpen(channel);
    return channel;
  }

  say(message: Message): void {
    this.last.onFrame(encodeMessage(message));
  }
}

type End = { readonly channel: FrameChannel; events: FrameEvents | undefined; isOpen: boolean };

/** A loopback: whoever dials reaches whoever listens. Frames arrive in order, when `settle` is called. */
export class FakeLoopback implements Listener {
  /** Looks at each frame on its way; false loses it. `node` is who sends it or is to get it. */
  filter: (message: Message, way: { node: string; from: 'node' | 'tally' }) => boolean = () => true;
  /** Changes frames on their way. */
  mangle: (message: Message, frame: Uint8Array) => Uint8Array = (_message, frame) => frame;
  /** Nodes whose connections do not come about. */
  readonly down = new Set<string>();
  #accept: ((channel: FrameChannel) => FrameEvents) | undefined;
  #tasks: (() => void)[] = [];
  #dials = 0;
  readonly #connections = new Set<{
    readonly node: string;
    readonly cut: () => void;
    readonly ends: { readonly node: End; readonly tally: End };
  }>();

  listen(_at: unknown, accept: (channel: FrameChannel) => FrameEvents): Promise<Listening> {
    this.#accept = accept;
    return Promise.resolve({
      close: () => {
        // One that was killed can't close what the next one has opened.
        if (this.#accept === accept) this.stopListening();
        return Promise.resolve();
      },
    });
  }

  stopListening(): void {
    this.#accept = undefined;
    this.cut();
  }

  get isListening(): boolean {
    return this.#accept !== undefined;
  }

  dialerOf(node: string): Dialer {
    return { dial: (_target, events) => this.#dial(node, events) };
  }

  /** The connections of this node, or all of them, break. */
  cut(node?: string): void {
    for (const connection of [...this.#connections])
      if (node === undefined || connection.node === node) connection.cut();
  }

  /** Bytes of any kind come to one end of the node's connection, at once; false if it has none. */
  inject(node: string, to: 'node' | 'tally', frame: Uint8Array): boolean {
    const open = [...this.#connections].find((one) => one.node === node && one.ends[to].isOpen);
    open?.ends[to].events?.onFrame(frame);
    return open !== undefined;
  }

  /** Lets everything that is on its way arrive; tells whether anything was. */
  settle(): boolean {
    let hasMoved = false;
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) {
      hasMoved = true;
      task();
    }
    return hasMoved;
  }

  #dial(node: string, events: DialEvents): void {
    const accept = this.#accept;
    if (accept === undefined || this.down.has(node)) {
      this.#later(() => events.onClose('nobody listens there'));
      return;
    }
    this.#dials += 1;
    const exporter = new Uint8Array(EXPORTER_BYTES).fill(this.#dials);
    const atNode: End = this.#end(exporter, { node, from: 'node' }, () => atTally);
    const atTally: End = this.#end(exporter, { node, from: 'tally' }, () => atNode);
    const connection = {
      node,
      ends: { node: atNode, tally: atTally },
      cut: (): void => {
        this.#connections.delete(connection);
        for (const end of [atNode, atTally]) lose(end, 'the connection was reset');
      },
    };
    this.#connections.add(connection);
    this.#later(() => {
      atTally.events = accept(atTally.channel);
      atNode.events = events;
      events.onOpen(atNode.channel);
    });
  }

  #end(exporter: Uint8Array, way: { node: string; from: 'node' | 'tally' }, other: () => End): End {
    const close = (): void => {
      this.#later(() => {
        lose(end, 'closed by this node');
        lose(other(), 'the peer closed the connection');
        for (const connection of this.#connections)
          if (connection.ends.node === end || connection.ends.tally === end)
            this.#connections.delete(connection);
      });
    };
    const end: End = {
      channel: {
        exporter,
        send: (frame) => {
          const message = toMessage(frame);
          if (!end.isOpen || !this.filter(message, way)) return;
          const copy = this.mangle(message, frame).slice();
          this.#later(() => {
            if (other().isOpen) other().events?.onFrame(copy);
          });
        },
        welcome: () => undefined,
        close,
        drop: close,
        health: () => ({ silentMs: 0, roundTripMs: undefined }),
      },
      events: undefined,
      isOpen: true,
    };
    return end;
  }

  #later(task: () => void): void {
    this.#tasks.push(task);
  }
}

function lose(end: End, reason: string): void {
  if (!end.isOpen) return;
  end.isOpen = false;
  end.events?.onClose(reason);
}
