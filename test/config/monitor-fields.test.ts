import { expect } from 'chai';
import { z } from 'zod';
import { monitorFields } from '../../src/config/monitor-fields.js';

const schema = z.strictObject(monitorFields);

function read(monitor: unknown): unknown {
  return schema.parse({ monitor }).monitor;
}

function faults(monitor: unknown): string[] {
  return (schema.safeParse({ monitor }).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
}

describe('the key monitor', () => {
  it('is no monitor where it is not there', () => {
    expect(schema.parse({}).monitor).to.equal(undefined);
  });

  it('has a port, and listens at 127.0.0.1 unless told otherwise', () => {
    expect(read({ listen_port: 9200 })).to.deep.equal({ listenHost: '127.0.0.1', listenPort: 9200 });
    for (const host of ['127.0.0.1', '127.9.8.7', '::1', '0:0:0:0:0:0:0:1'])
      expect(read({ listen_host: host, listen_port: 1 })).to.deep.equal({ listenHost: host, listenPort: 1 });
  });

  it('refuses what others could reach, and says how they may be let in', () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', '10.0.0.1', 'localhost', '', '127.0.0.1.example.com']) {
      expect(faults({ listen_host: host, listen_port: 1 }), host).to.deep.equal([
        'monitor.listen_host: an address of the loopback such as 127.0.0.1 or ::1; from elsewhere, come through an SSH ' +
          'tunnel or a reverse proxy that asks who is there',
      ]);
    }
  });

  it('refuses ports that are none, no port, and keys that it does not know', () => {
    for (const listen_port of [0, 65_536, 1.5, '9200', undefined])
      expect(faults({ listen_port })).to.deep.equal(['monitor.listen_port: a whole number from 1 to 65535']);
    expect(faults({ listen_port: 1, token: 'x' })).to.deep.equal([
      'monitor: one of: listen_host, listen_port',
    ]);
    expect(faults(9200)).to.deep.equal(['monitor: a map with some of the keys listen_host, listen_port']);
  });
});
