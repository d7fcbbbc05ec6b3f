/** A control listener without a network, and clients of it. */
import { Buffer } from 'node:buffer';
import {
  type ControlListener,
  type ControlPeer,
  type ControlPeerEvents,
} from '../../src/roles/injector-ports.js';

/** Lets every promise that can be kept be kept. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 300; turn++) await Promise.resolve();
}

export class FakeClient {
  received = '';
  isOpen = true;
  /** False as if the client did not read. */
  isReading = true;
  readonly #events: ControlPeerEvents;

  constructor(onPeer: (peer: ControlPeer) => ControlPeerEvents) {
    this.#events = onPeer({
      send: (bytes) => {
        this.received += Buffer.from(bytes).toString('latin1');
        return this.isReading;
      },
      close: () => queueMicrotask(() => this.drop()),
    });
  }

  say(...lines: string[]): this {
    lines.forEach((line) => this.#events.onData(Buffer.from(`${line}\r\n`, 'latin1')));
    return this;
  }

  read(): void {
    this.isReading = true;
    this.#events.onDrain();
  }

  drop(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#events.onClose();
  }

  get events(): string[] {
    return this.received.split('\r\n').filter((line) => line.startsWith('650 '));
  }
}

export class FakeListener implements ControlListener {
  isOpen = false;
  #onPeer: ((peer: ControlPeer) => ControlPeerEvents) | undefined;

  listen(...[, onPeer]: Parameters<ControlListener['listen']>): ReturnType<ControlListener['listen']> {
    this.isOpen = true;
    this.#onPeer = onPeer;
    return Promise.resolve({ port: 9051, close: () => (this.isOpen = false) });
  }

  connect(): FakeClient {
    return new FakeClient(this.#onPeer!);
  }
}

/** A log in chunks; tells how many were asked for. */
export class FakeEventLog implements AsyncIterable<Uint8Array> {
  asked = 0;
  readonly #chunks: readonly (string | Error)[];

  constructor(...chunks: readonly (string | Error)[]) {
    this.#chunks = chunks;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (const chunk of this.#chunks) {
      this.asked += 1;
      if (chunk instanceof Error) throw chunk;
      yield await Promise.resolve(Buffer.from(chunk, 'latin1'));
    }
  }
}
