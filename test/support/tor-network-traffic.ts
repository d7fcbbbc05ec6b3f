/** Traffic through a private tor network of which the test knows how much it is: a web server and its visitors. */
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { connect, isIPv4, type Socket } from 'node:net';
import { HOST } from './tor-network-torrc.js';

/** The first circuit of a loaded machine takes seconds. */
const FETCH_MS_MAX = 30_000;

/** A web server on loopback that answers `/N` with N bytes. */
export class TrafficServer {
  readonly port: number;
  readonly #server: Server;
  /** Requests that it answered, each over a connection of its own. */
  answered = 0;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async start(): Promise<TrafficServer> {
    const server = createServer({ keepAlive: false });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, HOST, resolve);
    });
    const address = server.address();
    const running = new TrafficServer(
      server,
      typeof address === 'object' && address !== null ? address.port : 0,
    );
    server.on('request', ({ url }: IncomingMessage, response) => {
      running.answered += 1;
      response.end(Buffer.alloc(Number(url?.slice(1))));
    });
    return running;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export type Target = { readonly host: string; readonly port: number };

/** Fetches `bytes` bytes from a TrafficServer by way of a SOCKS port, over a stream of its own; rejects if it gets fewer. */
export async function fetchThrough(socksPort: number, target: Target, bytes: number): Promise<void> {
  const socket = await connectThrough(socksPort, target);
  try {
    const received = await readAnswer(socket, bytes);
    if (received !== bytes) throw new Error(`got ${received} bytes of ${bytes}`);
  } finally {
    socket.destroy();
  }
}

/** How many bytes the body had. */
function readAnswer(socket: Socket, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ path: `/${bytes}`, createConnection: () => socket }, (response) => {
      let received = 0;
      response.on('data', (chunk: Buffer) => (received += chunk.length));
      response.once('error', reject);
      response.once('end', () => resolve(received));
    });
    asked.once('error', reject);
    asked.end();
  });
}

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const CONNECT = 1;
const IPV4 = 1;
const HOST_NAME = 3;
/** Version, answer, zero, address type, address of IPv4, port: tor answers with no other address. */
const CONNECT_REPLY_BYTES = 10;

/** A socket to the target by way of SOCKS 5 (RFC 1928). */
async function connectThrough(socksPort: number, target: Target): Promise<Socket> {
  const socket = connect({ host: HOST, port: socksPort });
  // Also for what fails while nobody reads; each reader hears of it by 'close'.
  socket.on('error', () => undefined);
  socket.setTimeout(FETCH_MS_MAX, () => socket.destroy());
  try {
    socket.write(Buffer.from([VERSION, 1, NO_AUTHENTICATION]));
    const [, method] = await readBytes(socket, 2);
    if (method !== NO_AUTHENTICATION) throw new Error('the SOCKS port wants a password');
    socket.write(connectRequest(target));
    const [, answer] = await readBytes(socket, CONNECT_REPLY_BYTES);
    if (answer !== 0) throw new Error(`the SOCKS port answers ${answer}`);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function connectRequest({ host, port }: Target): Buffer {
  const address = isIPv4(host)
    ? Buffer.from([IPV4, ...host.split('.').map(Number)])
    : Buffer.concat([Buffer.from([HOST_NAME, host.length]), Buffer.from(host, 'latin1')]);
  return Buffer.concat([
    Buffer.from([VERSION, CONNECT, 0]),
    address,
    Buffer.from([Math.floor(port / 256), port % 256]),
  ]);
}

/** The next `count` bytes; what comes after them stays unread. */
function readBytes(socket: Socket, count: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(new Error('the SOCKS port closed'));
    const onReadable = (): void => {
      const bytes = socket.read(count) as Buffer | null;
      if (bytes === null) return;
      socket.off('readable', onReadable);
      socket.off('close', onClose);
      resolve(bytes);
    };
    socket.on('readable', onReadable);
    socket.on('close', onClose);
    onReadable();
  });
}
