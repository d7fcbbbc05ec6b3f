/**
 * A tap between a collector and its relay: hands on every byte both ways, unchanged, and keeps what the relay said. So a
 * test knows exactly what a collector was told, whatever else goes on in the network meanwhile.
 */
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';
import { HOST } from './tor-network-torrc.js';

/** One connection of a collector. */
export type Tapped = {
  /** All that the relay has sent, as it stands. */
  readonly said: Buffer[];
  readonly asked: Buffer[];
  isOpen: boolean;
};

export class TorTap {
  readonly port: number;
  /** In the order in which they were made. */
  readonly connections: Tapped[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, port: number, target: NetConnectOpts) {
    this.#server = server;
    this.port = port;
    server.on('connection', (socket) => this.#join(socket, target));
  }

  static async open(target: NetConnectOpts): Promise<TorTap> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, HOST, resolve);
    });
    const address = server.address();
    return new TorTap(server, typeof address === 'object' && address !== null ? address.port : 0, target);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket, target: NetConnectOpts): void {
    const tapped: Tapped = { said: [], asked: [], isOpen: true };
    this.connections.push(tapped);
    const far = connect({ ...target, allowHalfOpen: true } as NetConnectOpts);
    near.on('data', (chunk: Buffer) => tapped.asked.push(chunk));
    far.on('data', (chunk: Buffer) => tapped.said.push(chunk));
    near.pipe(far);
    far.pipe(near);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        tapped.isOpen = false;
        other.destroy();
      });
    }
  }
}
