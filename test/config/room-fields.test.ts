import { expect } from 'chai';
import { parseNodeConfig } from '../../src/config/node-config.js';
import { type RoomConfig } from '../../src/config/room-fields.js';
import { faultsOf, source } from './faults.js';

const TALLY = {
  listen_port: 20001,
  key: 'k',
  cert: 'c',
  identity_key: 'i',
  network: 'n',
  counters: 'co',
  noise: 'no',
  collect_period: 60,
};

function parse(room: unknown): RoomConfig | undefined {
  const text = JSON.stringify({ tally_server: { ...TALLY, ...(room === undefined ? {} : { room }) } });
  return parseNodeConfig(source(text), { home: '/home/op' }).tallyServer!.room;
}

const faults = (room: unknown): string[] => faultsOf(() => parse(room));

describe('tally_server.room', () => {
  it('is off unless it is configured', () => {
    expect(parse(undefined)).to.equal(undefined);
  });

  it('is on the loopback, in the open, if nothing is said', () => {
    expect(parse({})).to.deep.equal({
      listenHost: '127.0.0.1',
      listenPort: 20080,
      hosts: [],
      tokenFile: undefined,
      tls: undefined,
      stays: false,
    });
  });

  it('has a port of its own', () => {
    expect(faults({ listen_port: TALLY.listen_port })).to.deep.equal([
      'tally_server.room = a map: listens where listen_port does; wanted: another listen_port',
    ]);
    expect(parse({ listen_host: '127.0.0.2', listen_port: TALLY.listen_port })!.listenPort).to.equal(20001);
  });

  it('takes a token, TLS, names and addresses', () => {
    const room = {
      listen_host: '::',
      listen_port: 443,
      hosts: ['tally.example.org'],
      token: 'room.token',
      key: '~/room.key',
      cert: '/etc/room.cert',
      stay: true,
    };
    expect(parse(room)).to.deep.equal({
      listenHost: '::',
      listenPort: 443,
      hosts: ['tally.example.org'],
      tokenFile: 'etc/room.token',
      tls: { keyFile: '/home/op/room.key', certFile: '/etc/room.cert' },
      stays: true,
    });
    expect(parse({ token: 't' })?.tokenFile).to.equal('etc/t');
    expect(parse({ listen_host: '127.3.2.1' })?.listenHost).to.equal('127.3.2.1');
    expect(parse({ listen_host: '::1' })?.listenHost).to.equal('::1');
  });

  it('wants a token and TLS beyond the loopback, and says which of them is missing', () => {
    const because = 'is missing, but listen_host 192.0.2.1 is not of the loopback';
    expect(faults({ listen_host: '192.0.2.1' })).to.deep.equal([
      `tally_server.room.token: ${because}; wanted: the path of a file with a token, mode 0600`,
      `tally_server.room.key: ${because}; wanted: the path of a TLS key in PEM`,
      `tally_server.room.cert: ${because}; wanted: the path of its TLS certificate in PEM`,
    ]);
    const open = { listen_host: '192.0.2.1', token: 't', key: 'k', cert: 'c' };
    for (const key of ['token', 'key', 'cert']) {
      const [fault, ...others] = faults({ ...open, [key]: undefined });
      expect(fault).to.match(new RegExp(`^tally_server\\.room\\.${key}: is missing`));
      expect(others).to.deep.equal([]);
    }
    expect(parse(open)?.listenHost).to.equal('192.0.2.1');
  });

  it('wants both halves of TLS on the loopback, too', () => {
    expect(faults({ key: 'k' })).to.deep.equal([
      'tally_server.room.cert: is missing, but key is there; wanted: the path of its TLS certificate in PEM',
    ]);
    expect(faults({ cert: 'c' })).to.deep.equal([
      'tally_server.room.key: is missing, but cert is there; wanted: the path of a TLS key in PEM',
    ]);
  });

  it('wants names where it listens at all addresses, since nobody asks for those', () => {
    for (const listen_host of ['0.0.0.0', '::', '0:0:0:0:0:0:0:0']) {
      const [fault] = faults({ listen_host, token: 't', key: 'k', cert: 'c' });
      expect(fault, listen_host).to.match(/^tally_server\.room\.hosts.*: is empty, but listen_host/);
    }
  });

  it('takes literal addresses only, and names without ports', () => {
    for (const listen_host of ['localhost', '1.2.3', '', 7, '127.0.0.1.example.org'])
      expect(faults({ listen_host })[0], String(listen_host)).to.match(/^tally_server\.room\.listen_host/);
    for (const host of ['a:80', 'A.example', '', 'a/b'])
      expect(faults({ hosts: [host] })[0], host).to.match(/^tally_server\.room\.hosts/);
    expect(faults({ hosts: Array.from({ length: 17 }, (_, at) => `h${at}`) })).to.have.length(1);
    expect(parse({ hosts: Array.from({ length: 16 }, (_, at) => `h${at}`) })?.hosts).to.have.length(16);
  });

  it('refuses keys that it does not know', () => {
    expect(faults({ tokens: 't' })[0]).to.match(/^tally_server\.room\.tokens.*wanted: one of: listen_host/);
  });
});
