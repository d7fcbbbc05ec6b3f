/** Frame channels over WebSocket messages: limits, heartbeats, and the exporter value of the TLS below. */
import { type TLSSocket } from 'node:tls';
import { WebSocket, type RawData } from 'ws';
import { EXPORTER_BYTES, EXPORTER_LABEL } from '../protocol/handshake.js';
import { FRAME_BYTES_MAX, HANDSHAKE_MS_MAX, STRANGER_FRAME_BYTES_MAX } from '../protocol/limits.js';
import { type FrameChannel, type FrameEvents } from '../roles/channel-ports.js';

/** A ping each way; a peer from which not a byte comes for three of them is gone. */
const HEARTBEAT_MS = 15_000;
const SILENT_BEATS_MAX = 3;
/** A peer may lag behind by two of the largest frames. */
const QUEUED_BYTES_MAX = 2 * FRAME_BYTES_MAX;
/** What a stranger may send in all, below the frames: the upgrade request, TLS and frame headers, and one hello. */
const STRANGER_BYTES_MAX = STRANGER_FRAME_BYTES_MAX + 8192;

/** Wraps an open WebSocket over the given TLS connection. `events` are called from now on. */
export function openFrameChannel(
  webSocket: WebSocket,
  socket: TLSSocket,
  eventsOf: (channel: FrameChannel) => FrameEvents,
): FrameChannel {
  let reason = 'the peer closed the connection';
  let isKnown = false;
  const cutOff = (why: string): void => {
    reason = why;
    webSocket.terminate();
  };

  const stranger = setTimeout(() => cutOff('it did not prove who it is in time'), HANDSHAKE_MS_MAX);
  const limitStranger = (): void => {
    if (!isKnown && socket.bytesRead > STRANGER_BYTES_MAX)
      cutOff('it sent too much before it proved who it is');
  };
  socket.on('data', limitStranger);

  const limitQueue = (): void => {
    if (webSocket.bufferedAmount > QUEUED_BYTES_MAX) cutOff('it does not take what is sent to it');
  };

  const channel: FrameChannel = {
    exporter: socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0)),
    send: (frame) => {
      if (webSocket.readyState !== WebSocket.OPEN) return;
      webSocket.send(frame);
      limitQueue();
    },
    welcome: () => {
      isKnown = true;
      clearTimeout(stranger);
      socket.off('data', limitStranger);
    },
    close: () => {
      reason = 'closed by this node';
      webSocket.close(1000);
    },
  };

  const events = eventsOf(channel);
  const endHeartbeat = startHeartbeat(webSocket, socket, () => cutOff('nothing was heard of it'));
  // Each ping is answered, and a peer that takes no answers may send millions.
  webSocket.on('ping', limitQueue);
  webSocket.on('message', (data, isBinary) => {
    const frame = toBytes(data);
    if (!isBinary) cutOff('it sent text');
    else if (!isKnown && frame.length > STRANGER_FRAME_BYTES_MAX) cutOff('its first frame is too long');
    else if (webSocket.readyState === WebSocket.OPEN) events.onFrame(frame);
  });
  webSocket.on('error', (error) => {
    reason = describeSocketError(error);
  });
  webSocket.on('close', () => {
    endHeartbeat();
    clearTimeout(stranger);
    socket.off('data', limitStranger);
    events.onClose(reason);
  });
  return channel;
}

/**
 * Pings now and then, and looks whether anything came since; the answer ends it. Bytes count and not frames: the largest
 * frame takes minutes on a slow line, and its sender's pongs wait behind it.
 */
function startHeartbeat(webSocket: WebSocket, socket: TLSSocket, onSilence: () => void): () => void {
  let heardBytes = socket.bytesRead;
  let silentBeats = 0;
  const timer = setInterval(() => {
    silentBeats = socket.bytesRead > heardBytes ? 0 : silentBeats + 1;
    heardBytes = socket.bytesRead;
    if (silentBeats >= SILENT_BEATS_MAX) onSilence();
    else if (webSocket.readyState === WebSocket.OPEN) webSocket.ping();
  }, HEARTBEAT_MS);
  return () => clearInterval(timer);
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
    case undefined:
      return error.message;
    default:
      return code;
  }
}
