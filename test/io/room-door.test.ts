import { expect } from 'chai';
import { allowedHosts, refusalOf } from '../../src/io/room-door.js';

function statusOf(host: string, listenHost: string, hosts: readonly string[] = []): number | undefined {
  const door = { hosts: allowedHosts(listenHost, hosts), isPage: true };
  return refusalOf({ headers: { host }, url: '/' }, door)?.status;
}

describe('the door of the tally room', () => {
  it('is open to its own address as a browser writes it, however config.yaml does', () => {
    for (const listenHost of ['2001:DB8::7', '2001:0db8:0:0:0:0:0:7', '2001:db8::7'])
      expect(statusOf('[2001:db8::7]:20080', listenHost), listenHost).to.equal(undefined);
    expect(statusOf('192.0.2.1:20080', '192.0.2.1')).to.equal(undefined);
  });

  it('is open to names of the loopback and to those of config.yaml, at each port', () => {
    for (const host of ['localhost', 'LOCALHOST:7', '127.0.0.1:65535', '[::1]:1', 'tally.example.org'])
      expect(statusOf(host, '192.0.2.1', ['tally.example.org']), host).to.equal(undefined);
  });

  it('is closed to other names, also to those that look alike', () => {
    const others = ['evil.example.org', 'localhost.example.org', '127.0.0.1.example.org', '2130706433', ''];
    for (const host of [...others, 'localhost:123456', 'localhost:', '[2001:db8::8]', '192.0.2.10'])
      expect(statusOf(host, '192.0.2.1'), host).to.equal(421);
  });
});
