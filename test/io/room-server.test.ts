import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { makeTlsCredentials } from '../../src/io/tls-files.js';
import { WATCHERS_MAX } from '../../src/io/room-live.js';
import { COUNTERS, node, outcomeJson, outcomeName, roomState } from '../support/room-states.js';
import { openRoom, type RoomWorld } from '../support/room-world.js';

const BEGIN = 1_795_298_074;
const FILE = outcomeName(BEGIN);
const TOKEN = 'a-token-that-nobody-guesses-0123456789';

type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

type Ask = {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** `path` goes out as it is: a client that tidies `..` away would hide what a hostile one sends. */
function ask(room: RoomWorld, { path = '/', method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { host: '127.0.0.1', port: room.port, path, method, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          });
        });
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const login = (
  room: RoomWorld,
  token: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  ask(room, {
    path: '/api/login',
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ token }),
  });

/** Bytes as they are; answers what came until the server closed. */
function sendRaw(room: RoomWorld, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(room.port, '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk) => (heard += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
    socket.write(bytes);
  });
}

describe('the server of the tally room', function () {
  // On a machine that does other things, too.
  this.timeout(120_000);

  let room: RoomWorld;

  afterEach(() => room.close());

  describe('without a token, on the loopback', () => {
    beforeEach(async () => {
      const results = { [FILE]: outcomeJson({ begin: BEGIN, counters: COUNTERS }) };
      room = await openRoom({ results });
    });

    it('serves the page with headers that let nothing else in', async () => {
      const { status, headers, body } = await ask(room);
      expect(status).to.equal(200);
      expect(body.toString()).to.include('<title>Tally room</title>');
      expect(headers['content-security-policy']).to.match(/^default-src 'none'; script-src 'self'; /);
      expect(headers['content-security-policy']).to.include("frame-ancestors 'none'");
      expect(headers['content-security-policy']).not.to.match(/unsafe|https?:/);
      expect(headers).to.include({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
    });

    it('compresses what it serves, lets browsers keep what never changes, and has a tag for the rest', async () => {
      const page = await ask(room);
      const script = /src="(\/assets\/[^"]+)"/.exec(page.body.toString())![1]!;
      const plain = await ask(room, { path: script });
      expect(plain.headers['cache-control']).to.include('immutable');
      expect(plain.headers).not.to.have.property('content-encoding');
      const brotli = await ask(room, { path: script, headers: { 'accept-encoding': 'gzip, br' } });
      expect(brotli.headers['content-encoding']).to.equal('br');
      expect(brotliDecompressSync(brotli.body).equals(plain.body)).to.equal(true);
      const gzip = await ask(room, { path: script, headers: { 'accept-encoding': 'gzip' } });
      expect(gunzipSync(gzip.body).equals(plain.body)).to.equal(true);
      expect(page.headers['cache-control']).to.equal('no-cache');
      const again = await ask(room, { headers: { 'if-none-match': page.headers.etag! } });
      expect([again.status, again.body.length]).to.deep.equal([304, 0]);
    });

    it('answers HEAD without a body, and no other method', async () => {
      for (const path of ['/', '/api/state', `/results/${FILE}`, `/api/rounds/${FILE}`, '/api/live']) {
        const { status, body } = await ask(room, { path, method: 'HEAD' });
        expect([status, body.length], path).to.deep.equal([200, 0]);
        for (const method of ['POST', 'PUT', 'DELETE', 'TRACE', 'OPTIONS', 'PATCH'])
          expect((await ask(room, { path, method })).status, `${method} ${path}`).to.equal(405);
      }
      expect((await ask(room, { path: '/api/login' })).status).to.equal(405);
      expect(await sendRaw(room, 'CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n')).not.to.match(/ 200 /);
    });

    it('gives the state, a round, its table, its files and its charts', async () => {
      const state = JSON.parse((await ask(room, { path: '/api/state' })).body.toString()) as {
        about: unknown;
      };
      expect(state.about).to.deep.equal(roomState().about);
      const detail = await ask(room, { path: `/api/rounds/${FILE}`, headers: { 'accept-encoding': 'gzip' } });
      expect(detail.headers['content-encoding']).to.equal('gzip');
      expect(gunzipSync(detail.body).toString()).to.include('"total":"12345"');
      const csv = await ask(room, { path: `/results/${FILE.replace('json', 'csv')}` });
      expect(csv.headers['content-type']).to.include('text/csv');
      expect(csv.body.toString()).to.match(/^experiment,.*\r\n.*ExitIPv6StreamCount/);
      const file = await ask(room, { path: `/results/${FILE}` });
      expect(file.headers['content-disposition']).to.equal(`attachment; filename="${FILE}"`);
      expect(JSON.parse(file.body.toString())).to.deep.equal(
        outcomeJson({ begin: BEGIN, counters: COUNTERS }),
      );
      for (const dark of ['', '?dark']) {
        const path = `/charts/${FILE}/ExitStreamByteHistogram.svg${dark}`;
        const { headers, body } = await ask(room, { path });
        expect(headers['content-type']).to.equal('image/svg+xml');
        expect(headers['content-security-policy']).to.include('sandbox');
        expect(body.toString()).to.match(/^<svg/);
      }
      expect((await ask(room, { path: `/charts/${FILE}/NoSuchCounter.svg` })).status).to.equal(404);
    });

    it('gives no file beside the results, however it is asked for', async () => {
      const secret = join(room.resultsFolder, '..', `secret-${room.port}.json`);
      writeFileSync(secret, 'secret');
      writeFileSync(join(room.resultsFolder, 'privcount.secret.json'), 'secret');
      symlinkSync(secret, join(room.resultsFolder, outcomeName(1)));
      symlinkSync(secret, join(room.resultsFolder, 'traffic.model.latest.json'));
      mkdirSync(join(room.resultsFolder, outcomeName(2)));
      const names = [
        `../secret-${room.port}.json`,
        `..%2fsecret-${room.port}.json`,
        `%2e%2e/secret-${room.port}.json`,
        `....//secret-${room.port}.json`,
        `..\\secret-${room.port}.json`,
        'privcount.secret.json',
        'traffic.model.latest.json',
        outcomeName(1),
        outcomeName(2),
        `${FILE}%00.txt`,
        `${FILE}/`,
        `./${FILE}`,
        '',
      ];
      for (const name of names) {
        for (const folder of ['/results/', '/api/rounds/', '/charts/', '/', '/assets/']) {
          const { status, body } = await ask(room, { path: folder + name });
          if (folder + name === '/') continue;
          expect(status, folder + name).to.equal(404);
          expect(body.toString()).not.to.include('secret\n');
        }
      }
      for (const path of [
        '//etc/passwd',
        '/../../../etc/passwd',
        '/assets/../../src/io/room-server.js',
        '/%',
      ])
        expect((await ask(room, { path })).status, path).to.equal(404);
      expect(
        await sendRaw(room, `GET http://evil/ HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`),
      ).to.match(/^HTTP\/1\.1 404 /);
    });

    it('answers under its own names only, so that no other name can be bent to it', async () => {
      const port = `:${room.port}`;
      for (const host of [`127.0.0.1${port}`, `localhost${port}`, `LocalHost${port}`, '[::1]:9', 'localhost'])
        expect((await ask(room, { headers: { host } })).status, host).to.equal(200);
      for (const host of [
        `evil.example${port}`,
        'localhost.evil.example',
        '127.0.0.1.evil.example',
        'localhost:x',
      ])
        expect((await ask(room, { path: '/api/state', headers: { host } })).status, host).to.equal(421);
      expect(await sendRaw(room, 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n')).to.match(/^HTTP\/1\.1 400 /);
    });

    it('tells pages of other origins and sites nothing', async () => {
      const host = `127.0.0.1:${room.port}`;
      for (const origin of ['http://evil.example', 'null', `http://127.0.0.1:${room.port + 1}`, 'nonsense'])
        expect((await ask(room, { path: '/api/state', headers: { host, origin } })).status, origin).to.equal(
          403,
        );
      const own = { host, origin: `http://${host}` };
      expect((await ask(room, { path: '/api/state', headers: own })).status).to.equal(200);
      for (const site of ['cross-site', 'same-site']) {
        const headers = { 'sec-fetch-site': site };
        expect((await ask(room, { path: `/charts/${FILE}/A.svg`, headers })).status, site).to.equal(403);
        // A link from elsewhere to the page itself is fine.
        expect((await ask(room, { headers })).status, site).to.equal(200);
      }
    });

    it('refuses headers and addresses that are too long, and what is no HTTP', async () => {
      const long = await ask(room, { headers: { 'x-long': 'x'.repeat(9_000) } });
      expect(long.status).to.equal(431);
      expect((await ask(room, { path: `/${'x'.repeat(1_100)}` })).status).to.equal(414);
      expect(await sendRaw(room, 'nonsense\r\n\r\n')).to.match(/^HTTP\/1\.1 400 /);
      expect(await sendRaw(room, '\x16\x03\x01\x00\x05hello')).to.match(/^HTTP\/1\.1 400 |^$/);
      expect((await ask(room)).status).to.equal(200);
    });

    it('cuts off who never finishes a request', async () => {
      const slow = await Promise.all([
        sendRaw(room, 'GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: '),
        sendRaw(
          room,
          'POST /api/login HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{',
        ),
      ]);
      expect(slow[0]).to.match(/^HTTP\/1\.1 408 |^$/);
      expect(slow[1]).to.match(/^HTTP\/1\.1 4\d\d |^$/);
    });

    it('is still there after 1,000 connections that say nothing', async () => {
      const sockets: Socket[] = [];
      for (let at = 0; at < 1_000; at += 1) {
        const socket = connect(room.port, '127.0.0.1');
        socket.on('error', () => undefined);
        sockets.push(socket);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
      for (const socket of sockets) socket.destroy();
      await until(async () => (await ask(room).catch(() => undefined))?.status === 200);
    });

    it('tells watchers the state first and then what changes, and a limited number of them', async () => {
      const watcher = watch(room);
      await until(() => watcher.text().includes('event: state\ndata: {"about"'));
      room.show(roomState({ now: { ...roomState().now, phase: 'something else' } }));
      await until(() => watcher.text().includes('event: changes\ndata: {"now":{'));
      expect(watcher.text()).to.include('something else');
      const others = Array.from({ length: WATCHERS_MAX - 1 }, () => watch(room));
      await until(() => others.every((other) => other.text().includes('event: state')));
      expect((await ask(room, { path: '/api/live', method: 'HEAD' })).status).to.equal(503);
      watcher.close();
      await until(async () => (await ask(room, { path: '/api/live', method: 'HEAD' })).status === 200);
      for (const other of others) other.close();
    });

    it('goes on for others while watchers do not read, and brings these up to date when they do', async () => {
      const nodes = Array.from({ length: 2_000 }, (_, at) => node(`collector-${at}`));
      room.show(roomState({ nodes }));
      const deaf = Array.from({ length: 40 }, () => watch(room, { isDeaf: true }));
      const reader = watch(room);
      await until(() => reader.text().includes('event: state'));
      for (let at = 0; at < 4; at += 1) {
        const changed = nodes.map((one) => ({ ...one, skewMs: 100 + at }));
        room.show(roomState({ nodes: changed }));
        await until(() => reader.text().includes(`"skewMs":${100 + at}`));
      }
      deaf[0]!.hear();
      await until(() => deaf[0]!.text().includes('"skewMs":103'));
      for (const one of [...deaf, reader]) one.close();
    });

    it('says what is wrong with a broken file, and goes on', async () => {
      writeFileSync(join(room.resultsFolder, outcomeName(7)), '{"cut');
      const broken = await ask(room, { path: `/api/rounds/${outcomeName(7)}` });
      expect(broken.status).to.equal(404);
      expect(broken.body.toString()).to.include('it is not JSON');
      expect((await ask(room, { path: `/api/rounds/${FILE}` })).status).to.equal(200);
      expect(room.warnings).to.deep.equal([]);
    });
  });

  describe('with a token', () => {
    beforeEach(async () => {
      room = await openRoom({ token: TOKEN, hosts: ['tally.example'] });
    });

    const closed = [
      '/api/state',
      '/api/live',
      `/results/${FILE}`,
      `/api/rounds/${FILE}`,
      `/charts/${FILE}/A.svg`,
    ];

    it('shows nothing but the empty page to who has not shown it', async () => {
      expect((await ask(room)).status).to.equal(200);
      for (const path of closed) {
        const { status, body } = await ask(room, { path });
        expect([status, body.toString()], path).to.deep.equal([401, 'show the token first\n']);
      }
    });

    it('exchanges it for a cookie that scripts can’t read and other sites can’t send', async () => {
      const { status, headers } = await login(room, TOKEN);
      expect(status).to.equal(204);
      const [cookie] = headers['set-cookie']!;
      expect(cookie).to.match(
        /^privcount-room-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
      );
      expect(cookie).not.to.include(TOKEN);
      const held = { cookie: `a=b; ${cookie!.split(';')[0]!}` };
      expect((await ask(room, { path: '/api/state', headers: held })).status).to.equal(200);
      const forged = { cookie: cookie!.split(';')[0]!.slice(0, -1) };
      expect((await ask(room, { path: '/api/state', headers: forged })).status).to.equal(401);
      expect(
        (await ask(room, { path: '/api/state', headers: { ...held, host: 'tally.example:1' } })).status,
      ).to.equal(200);
    });

    it('takes ten wrong ones a minute, tells the log that there was one, and not which', async () => {
      for (let at = 0; at < 10; at += 1) {
        const wrong = await login(room, `${TOKEN}${at}`);
        expect([wrong.status, wrong.headers['set-cookie']]).to.deep.equal([401, undefined]);
      }
      const { status, headers } = await login(room, TOKEN);
      expect(status).to.equal(429);
      expect(Number(headers['retry-after'])).to.be.within(1, 60);
      expect(room.warnings).to.have.length(10);
      expect(room.warnings.join(' ')).not.to.include(TOKEN);
    });

    it('takes it as JSON of a page of its own only', async () => {
      const path = '/api/login';
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      expect(
        (await ask(room, { path, method: 'POST', headers: form, body: `token=${TOKEN}` })).status,
      ).to.equal(400);
      const json = { 'content-type': 'application/json' };
      for (const body of ['', '[]', 'null', '{"token":1}', '{', `{"token":"${'x'.repeat(2_000)}"}`])
        expect(
          (await ask(room, { path, method: 'POST', headers: json, body })).status,
          body.slice(0, 20),
        ).to.equal(400);
      expect((await login(room, TOKEN, { origin: 'http://evil.example' })).status).to.equal(403);
      expect((await login(room, TOKEN, { 'sec-fetch-site': 'cross-site' })).status).to.equal(403);
      expect((await ask(room, { path: `/api/state?token=${TOKEN}` })).status).to.equal(401);
    });
  });

  it('speaks TLS where it has a key, and marks its cookie for TLS alone', async () => {
    const tls = await makeTlsCredentials(Date.now());
    const pair = { key: Buffer.from(tls.key), cert: Buffer.from(tls.cert) };
    room = await openRoom({ tls: pair, token: TOKEN });
    const { request } = await import('node:https');
    const cookie = await new Promise<string>((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: room.port,
          path: '/api/login',
          method: 'POST',
          ca: pair.cert,
          checkServerIdentity: () => undefined,
          headers: { 'content-type': 'application/json' },
          agent: false,
        },
        (response) => {
          response.resume();
          resolve(response.headers['set-cookie']![0]!);
        },
      );
      sent.on('error', reject);
      sent.end(JSON.stringify({ token: TOKEN }));
    });
    expect(cookie).to.match(/^__Host-privcount-room-\d+=.*; Secure$/);
    expect(await sendRaw(room, 'GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')).not.to.include('200');
  });

  it('rejects if its port is taken', async () => {
    room = await openRoom();
    const error: unknown = await openRoom({ port: room.port }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error).with.property('code', 'EADDRINUSE');
  });
});

type Watching = { text(): string; hear(): void; close(): void };

function watch(room: RoomWorld, { isDeaf = false } = {}): Watching {
  const socket = connect(room.port, '127.0.0.1');
  let text = '';
  socket.on('error', () => undefined);
  const hear = (): void => void socket.on('data', (chunk) => (text += chunk.toString()));
  if (isDeaf) socket.pause();
  else hear();
  socket.write('GET /api/live HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  return {
    text: () => text,
    hear: () => {
      hear();
      socket.resume();
    },
    close: () => void socket.destroy(),
  };
}

/** The time-out of the test is the limit. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
}
