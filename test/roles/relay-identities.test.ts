import { expect } from 'chai';
import { describeControlFault } from '../../src/tor/control/control-fault.js';
import { INJECTOR_FINGERPRINT } from '../../src/tor/control/relay-profile.js';
import { TorSource } from '../../src/roles/tor-source.js';
import { cookieFiles, FakeClock, FakeLog, FakeRelay, randomBytes, relays } from './tor-source-fakes.js';

const [A, B, C] = ['A'.repeat(40), 'B'.repeat(40), 'C'.repeat(40)] as const;

describe('relays of a collector', () => {
  it('are those that network.yaml lists at it, whichever source leads to which', () => {
    const identities = relays({ 'dc-1': [A, B], 'dc-2': [C] });
    expect(identities.check('event source 1', B)).to.equal(undefined);
    expect(identities.check('event source 2', A)).to.equal(undefined);
    expect(identities.check('event source 1', B)).to.equal(undefined);
  });

  it('are refused if none is listed, with the line that network.yaml lacks', () => {
    const fault = relays({ 'dc-1': [], 'dc-2': [C] }).check('event source', A);
    expect(fault?.code).to.equal('fingerprint-unlisted');
    expect(fault?.detail).to.equal(`at dc-1: "fingerprint: ${A}"`);
  });

  it('are refused if others are listed, with the list that would have it too', () => {
    const fault = relays({ 'dc-1': [A, B] }).check('event source', C);
    expect(fault?.code).to.equal('fingerprint-unlisted');
    expect(fault?.detail).to.equal(`at dc-1: "fingerprint: [${A}, ${B}, ${C}]"`);
  });

  it("are refused if they are another collector's, which is named", () => {
    const fault = relays({ 'dc-1': [A], 'dc-2': [C] }).check('event source', C);
    expect(fault).to.deep.equal({
      code: 'fingerprint-of-another',
      detail: `${C} is the relay of dc-2`,
    });
  });

  it('are counted at once only, and the other source is named', () => {
    const identities = relays({ 'dc-1': [A, B] });
    expect(identities.check('event source 1', A)).to.equal(undefined);
    expect(identities.check('event source 2', A)).to.deep.equal({
      code: 'fingerprint-twice',
      detail: `${A} is at event source 1 too`,
    });
    expect(identities.check('event source 2', B)).to.equal(undefined);
  });

  it('stay what they were: another one of the list behind the same source is refused, both are named', () => {
    const identities = relays({ 'dc-1': [A, B] });
    expect(identities.check('event source', A)).to.equal(undefined);
    expect(identities.check('event source', B)).to.deep.equal({
      code: 'fingerprint-changed',
      detail: `it was ${A}, now it is ${B}`,
    });
    expect(identities.check('event source', A)).to.equal(undefined);
  });

  it('leave no trace when they are refused', () => {
    const identities = relays({ 'dc-1': [A] });
    expect(identities.check('event source', B)?.code).to.equal('fingerprint-unlisted');
    expect(identities.check('event source', A)).to.equal(undefined);
  });
});

describe('a relay source whose relay is not listed', () => {
  it('is never ready, sets nothing at the relay but what a killed collector left, and says what to add once', () => {
    const identities = relays({ 'collector-1': [] });
    const relay = new FakeRelay();
    const clock = new FakeClock();
    const log = new FakeLog();
    const states: string[] = [];
    const source = new TorSource(
      {
        name: 'event source',
        address: { kind: 'unix', path: '/control' },
        mayUseSetconf: true,
        passwordFile: undefined,
        checkRelay: (fingerprint) => identities.check('event source', fingerprint),
      },
      { transport: relay, clock, log, files: cookieFiles(), randomBytes },
      {
        onContext: () => states.push('context'),
        onEvent: () => states.push('event'),
        onState: (state) => states.push(state),
        onFault: () => undefined,
      },
    );
    source.count({
      events: ['PRIVCOUNT_STREAM_ENDED'],
      circuitSampleRate: 1,
      maxCellEventsPerCircuit: -1,
      trafficModel: undefined,
    });
    source.start();
    relay.settle();
    clock.advance(clock.waits()[0]!);
    relay.settle();
    const once = ['opening', 'authenticating', 'discovering', 'closed', 'retrying'];
    expect(states).to.deep.equal([...once, ...once]);
    expect(relay.last.received).not.to.include('SETCONF EnablePrivCount=1');
    const detail = `at collector-1: "fingerprint: ${INJECTOR_FINGERPRINT}"`;
    const sentence = describeControlFault({ code: 'fingerprint-unlisted', detail });
    expect(log.lines).to.deep.equal([`warn: event source: ${sentence}`]);
    expect(sentence).to.contain('network.yaml').and.to.contain(`fingerprint: ${INJECTOR_FINGERPRINT}`);
  });
});
