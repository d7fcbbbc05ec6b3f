/** What the roles need of the network between tally and nodes: channels that carry frames. `src/io` implements it. */

/** How a connection is, for the operator. */
export type ChannelHealth = {
  /** For how long nothing has come. */
  readonly silentMs: number;
  /** How long the peer took to answer the last heartbeat; undefined if it has not answered one yet. */
  readonly roundTripMs: number | undefined;
};

export type FrameChannel = {
  /** The TLS exporter value of this very connection (RFC 9266), equal at both ends. */
  readonly exporter: Uint8Array;
  /** Queues a frame. A peer that does not take what is queued for it in time is cut off. */
  send(frame: Uint8Array): void;
  /** The peer has proven who it is: the limits for strangers end. */
  welcome(): void;
  /** Sends what is queued, then closes; `onClose` follows. */
  close(): void;
  /** Ends at once: what is queued is lost. `onClose` follows. */
  drop(): void;
  health(): ChannelHealth;
};

export type FrameEvents = {
  onFrame(frame: Uint8Array): void;
  /** Called once, after which nothing else is; `reason` is for the log and names no address. */
  onClose(reason: string): void;
};

export type DialTarget = {
  readonly host: string;
  readonly port: number;
  /** SHA-256 of the SubjectPublicKeyInfo of the tally's certificate, in hexadecimal. */
  readonly tlsPin: string;
};

export type Dialer = {
  /** Connects, checks the pin, and hands over the channel; or calls `onClose` with the reason why not. */
  dial(target: DialTarget, events: FrameEvents & { onOpen(channel: FrameChannel): void }): void;
};

export type Listener = {
  /** Calls `accept` for each peer that has completed TLS and the WebSocket upgrade. Rejects if it can't listen. */
  listen(
    at: { readonly host: string; readonly port: number },
    accept: (channel: FrameChannel) => FrameEvents,
  ): Promise<Listening>;
};

export type Listening = {
  /** Stops listening and cuts all channels off. */
  close(): Promise<void>;
};
