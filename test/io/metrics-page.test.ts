/** One GET of a metrics page, from servers on loopback that serve it well and badly. */
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { metricsPages } from '../../src/io/metrics-page.js';
import { type MetricsAnswer } from '../../src/roles/ports.js';

const BYTES_MAX = 1000;
/** Long for what answers at once. */
const TIMEOUT_MS = 10_000;

describe('fetching a metrics page', () => {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();

  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) server.close();
    sockets.clear();
  });

  async function listen(server: Server): Promise<number> {
    servers.push(server);
    server.on('connection', (socket: Socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  const http = (listener: RequestListener): Promise<number> => listen(createServer(listener));
  const raw = (say: (socket: Socket) => void): Promise<number> =>
    listen(createTcpServer((socket) => socket.on('error', () => undefined).once('data', () => say(socket))));

  function fetchFrom(port: number, timeoutMs = TIMEOUT_MS): Promise<MetricsAnswer> {
    const request = { address: { host: '127.0.0.1', port }, timeoutMs, bytesMax: BYTES_MAX };
    return new Promise((resolve) => metricsPages.fetch(request, resolve));
  }

  const failure = (code: string, detail?: string) => ({
    kind: 'failure',
    code,
    ...(detail === undefined ? {} : { detail }),
  });

  it('gives the bytes as they came, up to the limit, and asks as any reader of metrics does', async () => {
    const asked: unknown[] = [];
    const text = 'x'.repeat(BYTES_MAX - 2) + 'ü';
    const port = await http(({ method, url, headers }, response) => {
      asked.push([method, url, headers.connection, headers['accept-encoding']]);
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
    });
    const answer = await fetchFrom(port);
    expect(answer.kind === 'page' && Buffer.from(answer.bytes).toString()).to.equal(text);
    expect(asked).to.deep.equal([['GET', '/metrics', 'close', 'identity']]);
  });

  it('takes an answer of HTTP/1.0 that ends with its connection, as tor sends it, and types of metrics or none', async () => {
    for (const type of [
      'Content-Type: application/openmetrics-text; version=1.0.0\r\n',
      'Content-Type: text/plain\r\n',
      '',
    ]) {
      const port = await raw((socket) => socket.end(`HTTP/1.0 200 OK\r\n${type}\r\nabc\n`));
      const answer = await fetchFrom(port);
      expect(answer.kind === 'page' && Buffer.from(answer.bytes).toString(), type).to.equal('abc\n');
    }
  });

  it('refuses a page beyond the limit, whether it is announced or not', async () => {
    const port = await http((_, response) => response.writeHead(200).end('x'.repeat(BYTES_MAX + 1)));
    expect(await fetchFrom(port)).to.deep.equal(failure('too-long'));
    const endless = await http((_, response) => {
      const write = (): void => {
        if (!response.destroyed) response.write('x'.repeat(100), () => setImmediate(write));
      };
      write();
    });
    expect(await fetchFrom(endless)).to.deep.equal(failure('too-long'));
  });

  it('refuses a page in so many pieces that they cost more than the page', async () => {
    const bytesMax = 1 << 20;
    const chunks = (count: number): string => `1\r\nx\r\n`.repeat(count);
    const ask = async (count: number): Promise<MetricsAnswer> => {
      const port = await raw((socket) =>
        socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks(count)}0\r\n\r\n`),
      );
      const request = { address: { host: '127.0.0.1', port }, timeoutMs: TIMEOUT_MS, bytesMax };
      return new Promise((resolve) => metricsPages.fetch(request, resolve));
    };
    expect((await ask(1 << 14)).kind).to.equal('page');
    expect(await ask((1 << 14) + 1)).to.deep.equal(failure('too-long'));
  });

  it('waits for no page behind answers that only announce one', async () => {
    for (const status of [100, 103]) {
      const port = await raw((socket) => socket.write(`HTTP/1.1 ${status} Wait\r\n\r\n`));
      expect(await fetchFrom(port)).to.deep.equal(failure('status', String(status)));
    }
  });

  it('refuses a page that ends before the length that was announced', async () => {
    const port = await raw((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc\n'));
    expect(await fetchFrom(port)).to.deep.equal(failure('truncated'));
    const chunked = await raw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabc\n\r\n'),
    );
    expect(await fetchFrom(chunked)).to.deep.equal(failure('truncated'));
  });

  it('follows no redirect, and tells other statuses', async () => {
    let elsewhere = 0;
    const port = await http(({ url }, response) => {
      if (url === '/metrics') response.writeHead(302, { location: '/elsewhere' }).end();
      else elsewhere += 1;
    });
    expect(await fetchFrom(port)).to.deep.equal(failure('status', '302'));
    expect(elsewhere).to.equal(0);
    for (const status of [403, 404, 500])
      expect(await fetchFrom(await http((_, response) => response.writeHead(status).end('x')))).to.deep.equal(
        failure('status', String(status)),
      );
  });

  it('refuses what is no text, and what is no HTTP', async () => {
    const port = await http((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('x'),
    );
    expect(await fetchFrom(port)).to.deep.equal(failure('no-text'));
    expect(
      await fetchFrom(await raw((socket) => socket.end('514 Authentication required\r\n'))),
    ).to.deep.equal(failure('no-text'));
  });

  it('tells a port where nobody listens, and one that closes without an answer', async () => {
    const server = createTcpServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await fetchFrom(port)).to.deep.equal(failure('refused'));
    expect(await fetchFrom(await raw((socket) => socket.destroy()))).to.deep.equal(
      failure('lost', 'ECONNRESET'),
    );
  });

  it('gives up a server that says nothing, and one whose page drips in', async () => {
    expect(await fetchFrom(await raw(() => undefined), 50)).to.deep.equal(failure('timeout'));
    const dripping = await http((_, response) => {
      const write = (): void => {
        if (!response.destroyed) response.write('x', () => setTimeout(write, 20));
      };
      write();
    });
    expect(await fetchFrom(dripping, 300)).to.deep.equal(failure('timeout'));
  });

  it('asks the address itself, whatever proxy the environment names', async () => {
    const before = process.env['http_proxy'];
    process.env['http_proxy'] = 'http://127.0.0.1:1';
    try {
      expect((await fetchFrom(await http((_, response) => response.end('a\n')))).kind).to.equal('page');
    } finally {
      if (before === undefined) delete process.env['http_proxy'];
      else process.env['http_proxy'] = before;
    }
  });

  it('answers nothing once it is given up', async () => {
    let closed: () => void = () => undefined;
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    const port = await raw((socket) => {
      socket.on('close', closed);
      giveUp();
    });
    const request = { address: { host: '127.0.0.1', port }, timeoutMs: TIMEOUT_MS, bytesMax: BYTES_MAX };
    const giveUp = metricsPages.fetch(request, () => expect.fail('an answer'));
    await isClosed;
  });
});
