/** Channels without a network: one end that a test holds in its hand, or a whole loopback of them. */
import {
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
export class FakeLoopback implements Dialer, Listener {
  /** Looks at each frame on its way from a node to the tally or back; false loses it. */
  filter: (message: Message, from: 'node' | 'tally') => boolean = () => true;
  #accept: ((channel: FrameChannel) => FrameEvents) | undefined;
  #tasks: (() => void)[] = [];
  #dials = 0;
  readonly #cuts = new Set<() => void>();

  listen(_at: unknown, accept: (channel: FrameChannel) => FrameEvents): Promise<Listening> {
    this.#accept = accept;
    return Promise.resolve({
      close: () => {
        this.#accept = undefined;
        this.cutAll();
        return Promise.resolve();
      },
    });
  }

  dial(_target: DialTarget, events: DialEvents): void {
    const accept = this.#accept;
    if (accept === undefined) {
      this.#later(() => events.onClose('nobody listens there'));
      return;
    }
    this.#dials += 1;
    const exporter = new Uint8Array(EXPORTER_BYTES).fill(this.#dials);
    const node: End = this.#end(exporter, 'tally', () => tally);
    const tally: End = this.#end(exporter, 'node', () => node);
    const cut = (): void => {
      this.#cuts.delete(cut);
      for (const end of [node, tally]) this.#close(end, 'the connection was reset');
    };
    this.#cuts.add(cut);
    this.#later(() => {
      tally.events = accept(tally.channel);
      node.events = events;
      events.onOpen(node.channel);
    });
  }

  /** Every connection breaks. */
  cutAll(): void {
    for (const cut of [...this.#cuts]) cut();
  }

  /** Lets everything that is on its way arrive. */
  settle(): boolean {
    let hasMoved = false;
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) {
      hasMoved = true;
      task();
    }
    return hasMoved;
  }

  /** One end; what it sends comes from the other side's peer. */
  #end(exporter: Uint8Array, peerOf: 'node' | 'tally', other: () => End): End {
    const end: End = {
      channel: {
        exporter,
        send: (frame) => {
          const from = peerOf === 'tally' ? 'node' : 'tally';
          if (!end.isOpen || !this.filter(toMessage(frame), from)) return;
          const copy = frame.slice();
          this.#later(() => {
            if (other().isOpen) other().events?.onFrame(copy);
          });
        },
        welcome: () => undefined,
        close: () => {
          this.#later(() => {
            this.#close(end, 'closed by this node');
            this.#close(other(), 'the peer closed the connection');
          });
        },
      },
      events: undefined,
      isOpen: true,
    };
    return end;
  }

  #close(end: End, reason: string): void {
    if (!end.isOpen) return;
    end.isOpen = false;
    end.events?.onClose(reason);
  }

  #later(task: () => void): void {
    this.#tasks.push(task);
  }
}
