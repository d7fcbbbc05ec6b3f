import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { writeCookieFile } from '../../src/io/control-cookie-file.js';
import { readEventLog } from '../../src/io/event-file.js';
import { torTransport } from '../../src/io/tor-socket.js';
import { type TorAddress } from '../../src/roles/ports.js';
import { type RelayAuthentication } from '../../src/tor/control/relay-profile.js';
import { describeWithSharedData, readShared, sharedPath } from '../support/shared-data.js';
import { Collecting, inject, type Injection, REQUEST, temporaryFolder } from './inject-world.js';

/** Streams of different length, so that lines are cut at every place. */
function eventLines(count: number): string[] {
  return Array.from(
    { length: count },
    (_, at) => `PRIVCOUNT_STREAM_ENDED 1 2 ${at} 80 10 20 1.0 2.0 ${'h'.repeat(at % 97)} 192.0.2.1 1`,
  );
}

const LOOPBACK: TorAddress = { kind: 'tcp', host: '127.0.0.1', port: 0 };

describe('injector and relay source over sockets', () => {
  const folder = temporaryFolder();
  const lines = eventLines(2000);
  let path: string;
  let injection: Injection | undefined;
  let collecting: Collecting | undefined;

  beforeEach(() => {
    path = join(folder.path, 'events.txt');
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  });

  afterEach(async () => {
    await collecting?.source.close();
    injection?.injector.close();
    await injection?.injector.done.catch(() => undefined);
    collecting = undefined;
    injection = undefined;
  });

  const tcp = (): TorAddress => ({ ...LOOPBACK, port: injection!.injector.port! });

  /** Counts all events of the log, and stops. */
  async function collect(address: TorAddress, changes = {}): Promise<Collecting> {
    collecting = new Collecting(address, changes);
    collecting.source.count(REQUEST);
    collecting.source.start();
    await collecting.until(() => collecting!.lines.length === lines.length);
    return collecting;
  }

  const password = new TextEncoder().encode('a "long" passwörd');
  const cookie = randomBytes(32);
  const ways: [title: string, hasCookie: boolean, hasPassword: boolean, keepsCookie: boolean][] = [
    ['nothing', false, false, false],
    ['the cookie', true, false, true],
    ['the password', false, true, false],
    ['the cookie where both are asked for', true, true, true],
    ['the password where the cookie cannot be read', true, true, false],
  ];
  for (const [title, hasCookie, hasPassword, keepsCookie] of ways) {
    for (const kind of ['tcp', 'unix'] as const) {
      it(`collect the whole log over ${kind}, with ${title}`, async () => {
        const cookiePath = join(folder.path, 'a "cookie"');
        writeCookieFile(cookiePath, cookie);
        const passwordFile = join(folder.path, 'password');
        writeFileSync(passwordFile, password);
        const authentication: RelayAuthentication = {
          ...(hasCookie ? { cookie: { path: cookiePath, bytes: cookie } } : {}),
          ...(hasPassword ? { password } : {}),
        };
        const unix: TorAddress = { kind: 'unix', path: join(folder.path, 'control') };
        injection = await inject(path, [kind === 'tcp' ? LOOPBACK : unix], { authentication });
        if (!keepsCookie) rmSync(cookiePath);
        const made = await collect(kind === 'tcp' ? tcp() : unix, hasPassword ? { passwordFile } : {});
        expect(made.lines).to.deep.equal(lines);
        expect(made.faults).to.deep.equal([]);
        await made.source.stopCounting();
        await made.source.close();
        expect(await injection.injector.done).to.equal(true);
        expect(injection.log.lines).to.contain('info: all events sent');
        expect(existsSync(unix.path)).to.equal(false);
      });
    }
  }

  it('tell a wrong password and an unreadable cookie apart', async () => {
    const passwordFile = join(folder.path, 'wrong');
    writeFileSync(passwordFile, 'some other');
    injection = await inject(path, [LOOPBACK], { authentication: { password } });
    collecting = new Collecting(tcp(), { passwordFile });
    collecting.source.start();
    await collecting.until(() => collecting!.faults.length > 0);
    expect(collecting.faults).to.deep.equal(['password-refused']);
    await collecting.source.close();
    injection.injector.close();
    await injection.injector.done;
    injection = await inject(path, [LOOPBACK], {
      authentication: { cookie: { path: '/nowhere/cookie', bytes: cookie } },
    });
    collecting = new Collecting(tcp());
    collecting.source.start();
    await collecting.until(() => collecting!.faults.length > 0);
    expect(collecting.faults).to.deep.equal(['cookie-unreadable']);
    expect(collecting.log.lines.join()).to.not.contain('nowhere');
  });

  it('count without SETCONF, as if torrc enabled PrivCount', async () => {
    injection = await inject(path, [LOOPBACK]);
    expect((await collect(tcp(), { mayUseSetconf: false })).lines).to.deep.equal(lines);
  });

  it('read a log packed by gzip, told by its first bytes', async () => {
    writeFileSync(path, gzipSync(readFileSync(path)));
    injection = await inject(path, [LOOPBACK]);
    expect((await collect(tcp())).lines).to.deep.equal(lines);
  });

  it('use the same free port on both loopback addresses, where there is an IPv6', async () => {
    injection = await inject(path, [LOOPBACK, { kind: 'tcp', host: '::1', port: 0 }]);
    expect((await collect(tcp())).lines).to.have.length(lines.length);
  });

  it('connect again when the relay comes back, with the same request', async () => {
    const unix: TorAddress = { kind: 'unix', path: join(folder.path, 'control') };
    collecting = new Collecting(unix);
    collecting.source.count(REQUEST);
    collecting.source.start();
    await collecting.until(() => collecting!.faults.length > 0);
    expect(collecting.faults).to.deep.equal(['connection-failed']);
    injection = await inject(path, [unix]);
    await collecting.until(() => collecting!.lines.length === lines.length);
    expect(collecting.source.outage().uncountedMs).to.be.greaterThan(0);
    expect(collecting.source.outage().interruptions).to.equal(0);
  });

  it('refuse a port that is taken, and replace the socket of a process that is gone', async () => {
    injection = await inject(path, [LOOPBACK]);
    const taken = { ...LOOPBACK, port: injection.injector.port! };
    const error = await inject(path, [taken]).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error);
    expect((error as Error).message).to.match(/127\.0\.0\.1 port \d+: something else listens there/);
    const socket = join(folder.path, 'control');
    writeFileSync(socket, 'a file');
    const inTheWay = await inject(path, [{ kind: 'unix', path: socket }]).catch((reason: unknown) => reason);
    expect(inTheWay).to.be.instanceOf(Error);
    expect(readFileSync(socket, 'utf8')).to.equal('a file');
  });

  it('tell when the connection is refused or the socket is not there, without the address', async () => {
    const reason = await new Promise<string>((resolve) => {
      torTransport.connect(
        { kind: 'unix', path: join(folder.path, 'none') },
        {
          onOpen: () => undefined,
          onData: () => undefined,
          onClose: resolve,
        },
      );
    });
    expect(reason).to.equal('ENOENT');
  });

  it('can be closed while connecting', async () => {
    const link = await new Promise<string>((resolve) => {
      const opened = torTransport.connect(
        { kind: 'tcp', host: '127.0.0.1', port: 9 },
        {
          onOpen: () => undefined,
          onData: () => undefined,
          onClose: resolve,
        },
      );
      opened.close();
    });
    expect(link).to.be.a('string');
  });
});

describe('injector and a slow reader', () => {
  const folder = temporaryFolder();

  /** Reads only when told to. */
  async function subscribed(port: number): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.write('AUTHENTICATE\r\nSETEVENTS PRIVCOUNT_STREAM_ENDED\r\n');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.pause();
    return socket;
  }

  it('holds no more of a large log in memory than the sockets take', async function () {
    this.timeout(240_000);
    const path = join(folder.path, 'large.txt');
    const line = `PRIVCOUNT_STREAM_ENDED ${'x'.repeat(1000)}\n`;
    const count = 60_000;
    writeFileSync(path, line.repeat(count));
    let read = 0;
    const events = (async function* () {
      for await (const chunk of readEventLog(path)) {
        read += chunk.length;
        yield chunk;
      }
    })();
    const { injector, log } = await inject(path, [LOOPBACK], { events });
    const socket = await subscribed(injector.port!);
    // Waits until nothing moves any more: kernel buffers are full, and the injector waits for the reader.
    for (let before = -1; before !== read;) {
      before = read;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(read).to.be.lessThan(statSync(path).size / 2);
    expect(log.lines).to.not.contain('info: all events sent');
    let received = 0;
    socket.on('data', (chunk) => (received += chunk.length));
    socket.resume();
    await log.saying('all events sent');
    socket.end('QUIT\r\n');
    await injector.done;
    expect(received).to.be.at.least(count * (line.length + 5));
  });
});

describeWithSharedData('injector and relay source, recorded events', () => {
  for (const name of ['exit1.2', 'exit1.3']) {
    it(`carry every line of ${name} over TCP unchanged`, async function () {
      this.timeout(240_000);
      const file = `captures/${name}.events.txt.gz`;
      const expected = readShared(file).toString('latin1').trimEnd().split('\n');
      const { injector } = await inject(sharedPath(file), [LOOPBACK]);
      const collecting = new Collecting({ ...LOOPBACK, port: injector.port! });
      collecting.source.count(REQUEST);
      collecting.source.start();
      await collecting.until(() => collecting.lines.length === expected.length);
      expect(collecting.lines.every((line, at) => line === expected[at])).to.equal(true);
      await collecting.source.close();
      expect(await injector.done).to.equal(true);
    });
  }
});

describe('event log', () => {
  const folder = temporaryFolder();

  async function readAll(path: string): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of readEventLog(path)) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  it('may be empty, one byte long, packed, or packed in several parts', async () => {
    const path = join(folder.path, 'log');
    const text = eventLines(50_000).join('\n');
    const contents: [Buffer, string][] = [
      [Buffer.from(''), ''],
      [Buffer.from('\u001f'), '\u001f'],
      [Buffer.from(text), text],
      [gzipSync(text), text],
      [Buffer.concat([gzipSync(text), gzipSync(text)]), text + text],
    ];
    for (const [content, expected] of contents) {
      writeFileSync(path, content);
      expect((await readAll(path)) === expected).to.equal(true);
    }
  });

  it('names the file that is missing or damaged', async () => {
    const path = join(folder.path, 'damaged');
    const packed = gzipSync(eventLines(100).join('\n'));
    writeFileSync(path, packed.subarray(0, packed.length - 20));
    expect(gunzipSync(packed).length).to.be.greaterThan(0);
    for (const file of [path, join(folder.path, 'missing')]) {
      const error = await readAll(file).catch((reason: unknown) => reason);
      expect((error as Error).message).to.contain(`can't read the event log ${file}`);
    }
  });
});

describe('cookie file', () => {
  const folder = temporaryFolder();

  it('is made for its owner only, and replaces an older one but nothing else', () => {
    const path = join(folder.path, 'cookie');
    writeCookieFile(path, new Uint8Array(32).fill(1));
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    chmodSync(path, 0o644);
    writeCookieFile(path, new Uint8Array(32).fill(2));
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect([...readFileSync(path)]).to.deep.equal(Array(32).fill(2));
    writeFileSync(path, 'something that somebody needs');
    expect(() => writeCookieFile(path, new Uint8Array(32))).to.throw('is there already');
    expect(() => writeCookieFile(folder.path, new Uint8Array(32))).to.throw('is there already');
    expect(() => writeCookieFile(join(folder.path, 'no', 'folder'), new Uint8Array(32))).to.throw(
      "can't write",
    );
  });
});
