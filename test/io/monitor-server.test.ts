/** The monitor's server on loopback, asked well and badly. */
import { request, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect } from 'chai';
import { CONNECTION_MS_MAX, CONNECTIONS_MAX, createMonitorServer } from '../../src/io/monitor-server.js';

type Answer = {
  readonly status: number | undefined;
  readonly body: string;
  readonly headers: NodeJS.Dict<string | string[]>;
};

describe("the monitor's server", function () {
  this.timeout(60_000);

  const BODY = 'a 1\n';
  const asked: string[] = [];
  let server: Server;
  let port: number;
  const sockets: Socket[] = [];

  before(async () => {
    server = createMonitorServer((path) => {
      asked.push(path);
      return path === '/metrics' ? { status: 200, contentType: 'text/plain', body: BODY } : undefined;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });

  after(() => {
    server.closeAllConnections();
    server.close();
  });

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  function ask(path: string, { method = 'GET', host = 'localhost', body = '' } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request({ port, path, method, agent: false, headers: { host } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const { statusCode: status, headers } = response;
          resolve({ status, body: Buffer.concat(chunks).toString(), headers });
        });
      });
      sent.on('error', reject).end(body);
    });
  }

  function open(): Promise<Socket> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket));
      socket.on('error', () => undefined);
      sockets.push(socket);
    });
  }

  /** What came on the connection until it was closed. */
  function heard(socket: Socket): Promise<string> {
    return new Promise((resolve) => {
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      socket.once('close', () => resolve(text));
    });
  }

  function connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
  }

  it('gives the page for one request, and ends the connection', async () => {
    const { status, body, headers } = await ask('/metrics?name[]=a');
    expect([status, body]).to.deep.equal([200, BODY]);
    expect(headers).to.include({
      connection: 'close',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-type': 'text/plain',
    });
    expect(asked.at(-1)).to.equal('/metrics');
  });

  it('says what there is where it is asked for something else', async () => {
    for (const path of ['/', '/metrics/', '/../etc/passwd', '//metrics', '/metrics%00']) {
      const { status, body } = await ask(path);
      expect([status, body], path).to.deep.equal([404, 'there are /metrics and /health\n']);
    }
  });

  it('answers nothing but GET', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) {
      const { status, headers } = await ask('/metrics', { method, body: 'x' });
      expect([status, headers['allow']], method).to.deep.equal([405, 'GET']);
    }
    expect((await ask('/metrics', { method: 'HEAD' })).status).to.equal(405);
  });

  it('answers by names of this machine alone, so that no page of others in a browser can ask', async () => {
    for (const host of ['localhost', `localhost:${port}`, '127.0.0.1', '127.1.2.3:9', '[::1]', '[::1]:80'])
      expect((await ask('/metrics', { host })).status, host).to.equal(200);
    for (const host of ['example.com', 'localhost.example.com', '192.0.2.1', '127.example.com']) {
      const { status, body } = await ask('/metrics', { host });
      expect(status, host).to.equal(403);
      expect(body).to.match(/reverse proxy/);
    }
  });

  it('refuses what is no request, or has too much before it', async () => {
    for (const text of [
      'nonsense\r\n\r\n',
      `GET /metrics HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(5_000)}\r\n\r\n`,
      'CONNECT localhost:1 HTTP/1.1\r\nhost: localhost\r\n\r\n',
    ]) {
      const socket = await open();
      const said = heard(socket);
      socket.write(text);
      expect(await said).to.not.include(BODY);
    }
    expect((await ask('/metrics')).status).to.equal(200);
  });

  it('takes no more connections than its limit, and takes them again when some are gone', async () => {
    const held: Socket[] = [];
    for (let count = 0; count < CONNECTIONS_MAX; count += 1) held.push(await open());
    const above = await open();
    expect(await heard(above), 'it is closed at once').to.equal('');
    for (const socket of held) socket.destroy();
    for (;;) {
      const { status } = await ask('/metrics').catch(() => ({ status: 0 }));
      if (status === 200) break;
    }
  });

  it('lets nobody stay: who says nothing, who is slow to ask, who does not take his answer', async () => {
    const startMs = performance.now();
    const silent = await open();
    const slow = await open();
    slow.write('GET /metrics HTTP/1.1\r\n');
    const drip = setInterval(() => slow.write('x: y\r\n'), 100);
    const greedy = await open();
    greedy.pause();
    greedy.write('GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await Promise.all([heard(silent), heard(slow)]);
    while ((await connections()) > 0) await new Promise((resolve) => setTimeout(resolve, 100));
    clearInterval(drip);
    expect(performance.now() - startMs).to.be.at.most(CONNECTION_MS_MAX + 20_000);
  });
});
