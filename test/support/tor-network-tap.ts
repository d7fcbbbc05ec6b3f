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

type TapPlace = { readonly path: string } | { readonly ip: string; readonly port: number };

export class TorTap {
  /** Where collectors find it. */
  readonly at: TapPlace;
  /** In the order in which they were made. */
  readonly connections: Tapped[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, at: TapPlace, target: NetConnectOpts) {
    this.#server = server;
    this.at = at;
    server.on('connection', (socket) => this.#join(socket, target));
  }

  /** At a free port, or at the path of a unix socket. */
  static async open(target: NetConnectOpts, socket?: { readonly path: string }): Promise<TorTap> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socket ?? { host: HOST, port: 0 }, resolve);
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return new TorTap(server, socket ?? { ip: HOST, port }, target);
  }

  /** Of one that is at a port. */
  get port(): number {
    return 'port' in this.at ? this.at.port : 0;
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
