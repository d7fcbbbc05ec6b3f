/** Connects to the tally: TLS 1.3 to its pinned key, then a WebSocket. */
import { createHash } from 'node:crypto';
import { type IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { HANDSHAKE_MS_MAX } from '../protocol/limits.js';
import { type Dialer } from '../roles/channel-ports.js';
import { describeSocketError, openFrameChannel, WEB_SOCKET_OPTIONS } from './frame-channel.js';

export const dialer: Dialer = {
  dial: ({ host, port, tlsPin }, events) => {
    // The certificate is nobody's but the tally's own: its key is compared with the pin instead of a chain. The exporter
    // value that both identities sign rests on this key, so what comes before the check is worth nothing to a stranger.
    const webSocket = new WebSocket(`wss://${host.includes(':') ? `[${host}]` : host}:${port}/`, {
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      ...WEB_SOCKET_OPTIONS,
      handshakeTimeout: HANDSHAKE_MS_MAX,
      followRedirects: false,
    });
    let socket: TLSSocket | undefined;
    let reason = 'no connection';
    const fail = (): void => events.onClose(reason);
    webSocket.on('upgrade', (response: IncomingMessage) => {
      if (response.socket instanceof TLSSocket) socket = response.socket;
    });
    webSocket.on('error', (error) => {
      reason = describeSocketError(error);
    });
    webSocket.on('close', fail);
    webSocket.on('open', () => {
      if (socket === undefined || pinOf(socket) !== tlsPin) {
        reason = 'its TLS key is not the one that network.yaml pins (tally_server.tls_pin)';
        webSocket.terminate();
        return;
      }
      webSocket.off('close', fail);
      // At once: frames that came with the upgrade are handed over before any microtask.
      events.onOpen(openFrameChannel(webSocket, socket, () => events));
    });
  },
};

/** SHA-256 of the certificate's SubjectPublicKeyInfo, as RFC 7469 pins keys, in hexadecimal. */
function pinOf(socket: TLSSocket): string | undefined {
  const spki = socket.getPeerX509Certificate()?.publicKey.export({ format: 'der', type: 'spki' });
  return spki && createHash('sha256').update(spki).digest('hex');
}
