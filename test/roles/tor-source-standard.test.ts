/** An unpatched relay as a source: what it is told, and the countries of its clients. */
import { expect } from 'chai';
import { TorSource } from '../../src/roles/tor-source.js';
import { type CountRequest } from '../../src/tor/control/commands.js';
import {
  INJECTOR_FINGERPRINT,
  INJECTOR_NICKNAME,
  type RelayProfile,
  unpatchedProfile,
} from '../../src/tor/control/relay-profile.js';
import { cookieFiles, FakeClock, FakeLog, FakeRelay, randomBytes } from './tor-source-fakes.js';

type Standard = {
  readonly source: TorSource;
  readonly relay: FakeRelay;
  readonly log: FakeLog;
  readonly states: string[];
  readonly faults: string[];
  readonly events: string[];
};

function unpatched(countries?: ReadonlyMap<string, string>): RelayProfile {
  const names = { fingerprint: INJECTOR_FINGERPRINT, nickname: INJECTOR_NICKNAME };
  return unpatchedProfile(names, new FakeRelay().profile.authentication, countries);
}

function world(): Standard {
  const relay = new FakeRelay();
  const log = new FakeLog();
  const states: string[] = [];
  const faults: string[] = [];
  const events: string[] = [];
  const source = new TorSource(
    {
      name: 'relay 1',
      address: { kind: 'unix', path: '/control' },
      mayUseSetconf: true,
      passwordFile: undefined,
      checkRelay: () => undefined,
    },
    { transport: relay, clock: new FakeClock(), files: cookieFiles(), randomBytes, log },
    {
      onContext: () => undefined,
      onEvent: (bytes, start, end) =>
        events.push(Buffer.from(bytes.buffer, bytes.byteOffset).toString('latin1', start, end)),
      onState: (state) => states.push(state),
      onFault: ({ code }) => faults.push(code),
    },
  );
  return { source, relay, log, states, faults, events };
}

describe('relay source: standard events', () => {
  const CONNECTED = 'ORCONN 192.0.2.1:33150 CONNECTED ID=17';
  const request: CountRequest = {
    events: ['ORCONN', 'BW'],
    circuitSampleRate: 1,
    maxCellEventsPerCircuit: -1,
    trafficModel: undefined,
    asksCountries: true,
  };

  function countingUnpatched(profile: RelayProfile): Standard {
    const made = world();
    made.relay.profile = profile;
    made.source.count(request);
    made.source.start();
    made.relay.settle();
    expect(made.states.at(-1)).to.equal('counting');
    return made;
  }

  function say(made: Standard, ...lines: string[]): void {
    made.relay.last.say(lines.map((line) => `650 ${line}\r\n`).join(''));
  }

  it('come with the country that tor tells, in their order', () => {
    const made = countingUnpatched(unpatched(new Map([['192.0.2.1', 'de']])));
    say(made, CONNECTED, 'BW 1 2', 'ORCONN 192.0.2.1:33150 CLOSED REASON=DONE ID=17');
    expect(made.events).to.deep.equal(['BW 1 2']);
    made.relay.settle();
    expect(made.relay.last.received.at(-1)).to.equal('GETINFO ip-to-country/192.0.2.1');
    expect(made.events.slice(1)).to.deep.equal([
      `${CONNECTED} COUNTRY=de`,
      'ORCONN 192.0.2.1:33150 CLOSED REASON=DONE ID=17',
    ]);
  });

  it('leave the settings of an unpatched tor alone, from beginning to end', async () => {
    const made = countingUnpatched(unpatched());
    const closed = made.source.close();
    made.relay.settle();
    await closed;
    const { received } = made.relay.last;
    expect(received.slice(-3)).to.deep.equal(['SETEVENTS ORCONN BW', 'SETEVENTS', 'QUIT']);
    expect(received.filter((line) => /SETCONF|TMODEL|CONF .*PrivCount/.test(line))).to.deep.equal([]);
    expect(made.faults).to.deep.equal([]);
  });

  it('have an unknown country where tor has no geoip files, which is said once and without an address', () => {
    const made = countingUnpatched(unpatched());
    say(made, CONNECTED, CONNECTED);
    made.relay.settle();
    expect(made.events).to.deep.equal(Array(2).fill(`${CONNECTED} COUNTRY=??`));
    expect(made.log.lines).to.have.length(1);
    expect(made.log.lines[0])
      .to.match(/tor-geoipdb/)
      .and.not.match(/192|331/);
  });

  it('are handed on without the answer when the connection is lost, and never after counting has ended', async () => {
    const lost = countingUnpatched(unpatched());
    say(lost, CONNECTED);
    lost.relay.last.drop('gone');
    expect(lost.events).to.deep.equal([`${CONNECTED} COUNTRY=??`]);
    const made = countingUnpatched(unpatched(new Map()));
    say(made, CONNECTED);
    const stopped = made.source.stopCounting();
    made.relay.settle();
    await stopped;
    expect(made.events).to.deep.equal([]);
    expect(made.states.at(-1)).to.equal('waiting');
  });
});
