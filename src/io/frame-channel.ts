/** Frame channels over WebSocket messages: limits, heartbeats, and the exporter value of the TLS below. */
import { performance } from 'node:perf_hooks';
import { type TLSSocket } from 'node:tls';
import { WebSocket, type RawData } from 'ws';
import { EXPORTER_BYTES, EXPORTER_LABEL } from '../protocol/handshake.js';
import { FRAME_BYTES_MAX, HANDSHAKE_MS_MAX, STRANGER_FRAME_BYTES_MAX } from '../protocol/limits.js';
import { type ChannelHealth, type FrameChannel, type FrameEvents } from '../roles/channel-ports.js';
import { FrameRate } from './frame-rate.js';

/** A ping each way; a peer from which not a byte comes for three of them is gone. */
const HEARTBEAT_MS = 15_000;
const SILENT_BEATS_MAX = 3;
/** A peer may lag behind by four of the largest frames: 6 of 10 keepers are given 110 MB of 4,096 collectors' seeds. */
const QUEUED_BYTES_MAX = 4 * FRAME_BYTES_MAX;
/** What a stranger may send in all, below the frames: the upgrade request, TLS and frame headers, and one hello. */
const STRANGER_BYTES_MAX = STRANGER_FRAME_BYTES_MAX + 8192;

/** What both ends of a WebSocket are told: one frame is one message, and neither is compressed. */
export const WEB_SOCKET_OPTIONS = {
  maxPayload: FRAME_BYTES_MAX,
  perMessageDeflate: false,
  /** The longest message in pieces of 8 KiB. Ours are whole. */
  maxFragments: 4096,
  /** The longest message in TLS records of 1 KiB. Records of a byte each would cost hundreds of times what they carry. */
  maxBufferedChunks: 32_768,
  /** Pings that wait for their answers, which the longest frames may hold up for a quarter of an hour. */
  maxPendingAutoPongs: 60,
} as const;

/** A masked ping or pong without its content, in a TLS record of its own. */
const CONTROL_BYTES = 6 + 22;

/** A channel as its listener sees it. */
export type OpenChannel = FrameChannel & {
  /** Bytes that it holds in memory: those of a message that is not whole yet, and those that wait to be sent. */
  heldBytes(): number;
  cutOff(why: string): void;
};

export type ChannelOptions = {
  /** True where peers are many and must not take each other's time. */
  readonly isRateLimited: boolean;
  readonly onWelcome?: () => void;
};

/** Wraps an open WebSocket over the given TLS connection. `events` are called from now on. */
export function openFrameChannel(
  webSocket: WebSocket,
  socket: TLSSocket,
  eventsOf: (channel: FrameChannel) => FrameEvents,
  { isRateLimited, onWelcome }: ChannelOptions = { isRateLimited: false },
): OpenChannel {
  let reason = 'the peer closed the connection';
  const cutOff = (why: string): void => {
    reason = why;
    webSocket.terminate();
  };
  const stranger = startStrangerLimits(socket, cutOff);
  const limitQueue = (): void => {
    if (webSocket.bufferedAmount > QUEUED_BYTES_MAX) cutOff('it does not take what is sent to it');
  };
  const heartbeat = startHeartbeat(webSocket, socket, () => cutOff('nothing was heard of it'));
  const throttle = isRateLimited ? startThrottle(webSocket) : undefined;
  /** What had come when the last message was whole, and pings and pongs since. */
  let wholeBytes = socket.bytesRead;
  const noteControl = (data: Buffer): void => {
    wholeBytes = Math.min(socket.bytesRead, wholeBytes + data.length + CONTROL_BYTES);
    throttle?.take();
  };

  const channel: OpenChannel = {
    exporter: socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0)),
    send: (frame) => {
      if (webSocket.readyState !== WebSocket.OPEN) return;
      webSocket.send(frame);
      limitQueue();
    },
    welcome: () => {
      stranger.end();
      onWelcome?.();
    },
    close: () => {
      reason = 'closed by this node';
      webSocket.close(1000);
    },
    drop: () => cutOff('closed by this node'),
    health: () => heartbeat.health(),
    heldBytes: () => socket.bytesRead - wholeBytes + webSocket.bufferedAmount,
    cutOff,
  };

  const events = eventsOf(channel);
  // Each ping is answered, and a peer that takes no answers may send millions.
  webSocket.on('ping', (data) => {
    limitQueue();
    noteControl(data);
  });
  webSocket.on('pong', noteControl);
  webSocket.on('message', (data, isBinary) => {
    const frame = toBytes(data);
    wholeBytes = socket.bytesRead;
    throttle?.take();
    if (!isBinary) cutOff('it sent text');
    else if (stranger.isLimited() && frame.length > STRANGER_FRAME_BYTES_MAX)
      cutOff('its first frame is too long');
    else if (webSocket.readyState === WebSocket.OPEN) events.onFrame(frame);
  });
  webSocket.on('error', (error) => {
    reason = describeSocketError(error);
  });
  webSocket.on('close', () => {
    heartbeat.end();
    throttle?.end();
    stranger.end();
    events.onClose(reason);
  });
  return channel;
}

/** Whoever has not proven who he is has so much time, and may send so much. */
function startStrangerLimits(
  socket: TLSSocket,
  cutOff: (why: string) => void,
): { isLimited(): boolean; end(): void } {
  let isLimited = true;
  const limitBytes = (): void => {
    if (socket.bytesRead > STRANGER_BYTES_MAX) cutOff('it sent too much before it proved who it is');
  };
  const timer = setTimeout(() => cutOff('it did not prove who it is in time'), HANDSHAKE_MS_MAX);
  socket.on('data', limitBytes);
  return {
    isLimited: () => isLimited,
    end: () => {
      isLimited = false;
      clearTimeout(timer);
      socket.off('data', limitBytes);
    },
  };
}

/** Does not listen to a peer that sends more than its share until its time has come. */
function startThrottle(webSocket: WebSocket): { take(): void; end(): void } {
  const rate = new FrameRate(performance.now());
  let timer: NodeJS.Timeout | undefined;
  const resume = (): void => {
    timer = undefined;
    webSocket.resume();
  };
  return {
    take: () => {
      const waitMs = rate.take(performance.now());
      // What came with the same bytes is handed over all the same, and waited for.
      if (waitMs === 0) return;
      clearTimeout(timer);
      webSocket.pause();
      timer = setTimeout(resume, waitMs);
    },
    end: () => clearTimeout(timer),
  };
}

/**
 * Pings now and then, and looks whether anything came since; the answer ends it. Bytes count and not frames: the largest
 * frame takes minutes on a slow line, and its sender's pongs wait behind it.
 */
function startHeartbeat(
  webSocket: WebSocket,
  socket: TLSSocket,
  onSilence: () => void,
): { health(): ChannelHealth; end(): void } {
  let heardBytes = socket.bytesRead;
  let heardAtMs = performance.now();
  let silentBeats = 0;
  let pingedAtMs: number | undefined;
  let roundTripMs: number | undefined;
  const timer = setInterval(() => {
    silentBeats = socket.bytesRead > heardBytes ? 0 : silentBeats + 1;
    heardBytes = socket.bytesRead;
    if (silentBeats >= SILENT_BEATS_MAX) {
      onSilence();
    } else if (webSocket.readyState === WebSocket.OPEN) {
      pingedAtMs ??= performance.now();
      webSocket.ping();
    }
  }, HEARTBEAT_MS);
  const hear = (): void => void (heardAtMs = performance.now());
  for (const event of ['message', 'ping', 'pong'] as const) webSocket.on(event, hear);
  webSocket.on('pong', () => {
    if (pingedAtMs !== undefined) roundTripMs = performance.now() - pingedAtMs;
    pingedAtMs = undefined;
  });
  return {
    health: () => ({ silentMs: performance.now() - heardAtMs, roundTripMs }),
    end: () => clearInterval(timer),
  };
}

/** `binaryType` is nodebuffer, so that a message is one Buffer. */
function toBytes(data: RawData): Uint8Array {
  return Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]);
}

/** Node's code if there is one: its messages name addresses. */
export function describeSocketError(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ECONNREFUSED':
      return 'nobody listens there';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection was reset';
    case 'ETIMEDOUT':
      return 'no answer in time';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its host name is not known';
    case 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH':
      return 'it sent a frame above the limit';
    case 'WS_ERR_TOO_MANY_BUFFERED_PARTS':
      return 'it sent a frame in too many pieces';
    case undefined:
      return error.message;
    default:
      return code;
  }
}
