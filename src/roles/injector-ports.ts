/** What the injector needs from the world; `src/io` implements it. */
import { type TorAddress } from './ports.js';

/** A client of the control port that the injector plays. */
export type ControlPeer = {
  /** False if the peer reads slower than this: then send no events before onDrain. */
  send(bytes: Uint8Array): boolean;
  /** Sends what is queued, then closes; onClose follows, but not before this returns. */
  close(): void;
};

export type ControlPeerEvents = {
  onData(chunk: Uint8Array): void;
  onDrain(): void;
  /** Called once, after which nothing else is. */
  onClose(): void;
};

export type ControlListening = {
  /** Undefined if only unix sockets are listened on. */
  readonly port: number | undefined;
  /** Takes no more clients; those that are connected stay. */
  close(): void;
};

export type ControlListener = {
  /**
   * A port of 0 is any free one, the same at all addresses. An address that this machine does not have (IPv6 may be
   * missing) is passed over if another works; otherwise throws an Error that names it.
   */
  listen(
    addresses: readonly TorAddress[],
    onPeer: (peer: ControlPeer) => ControlPeerEvents,
  ): Promise<ControlListening>;
};
