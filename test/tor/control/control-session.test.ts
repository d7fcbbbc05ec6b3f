import { expect } from 'chai';
import { type CountRequest } from '../../../src/tor/control/commands.js';
import { type ControlFaultCode } from '../../../src/tor/control/control-fault.js';
import { type ControlInput, type ControlOptions } from '../../../src/tor/control/control-state.js';
import { type Relay, Talk } from './talk.js';

const FINGERPRINT = 'A'.repeat(40);
const REQUEST: CountRequest = {
  events: ['PRIVCOUNT_STREAM_ENDED', 'PRIVCOUNT_CIRCUIT_CLOSE'],
  circuitSampleRate: 1,
  maxCellEventsPerCircuit: -1,
  trafficModel: undefined,
};

const GREETING = ['250-PROTOCOLINFO 1', '250-AUTH METHODS=NULL', '250 OK'];
const STATUS = ['250+ns/id/x=', 'r x', 's Exit Fast', '.', '250 OK'];

const ANSWERS: Record<string, readonly string[]> = {
  'PROTOCOLINFO 1': GREETING,
  'GETCONF Nickname': ['250 Nickname=relay1'],
  'GETCONF ORPort': ['250-ORPort=9001', '250 ORPort=[::]:9001'],
  'GETCONF DirPort': ['250 DirPort'],
  'GETCONF GeoIPFile': ['250 GeoIPFile="/a b"'],
  'GETCONF EnablePrivCount': ['250 EnablePrivCount=1'],
  'GETCONF PrivCountCircuitSampleRate': ['250 PrivCountCircuitSampleRate=1.000000'],
  'GETCONF PrivCountMaxCellEventsPerCircuit': ['250 PrivCountMaxCellEventsPerCircuit=-1'],
  'GETINFO version': ['250-version=0.4.9.11', '250 OK'],
  'GETINFO address': ['250-address=192.0.2.1', '250 OK'],
  'GETINFO privcount-version': ['250-privcount-version=3.0.0', '250 OK'],
  'GETINFO fingerprint': [`250-fingerprint=${FINGERPRINT.toLowerCase()}`, '250 OK'],
  [`GETINFO ns/id/${FINGERPRINT}`]: STATUS,
};

const UNPATCHED = { 'GETINFO privcount-version': ['552 Unrecognized key "privcount-version"'] };

/** A relay that agrees to everything but what `changes` says; an empty reply keeps the client waiting. */
function relay(changes: Record<string, readonly string[]> = {}): Relay {
  return (line) => changes[line] ?? ANSWERS[line] ?? ['250 OK'];
}

function talk(changes: Record<string, readonly string[]> = {}, options: Partial<ControlOptions> = {}): Talk {
  return new Talk(relay(changes), options).open();
}

/** What is sent from here on. */
function sentBy(made: Talk, ...inputs: ControlInput[]): string[] {
  const before = made.sent.length;
  inputs.forEach((input) => made.step(input));
  return made.sent.slice(before);
}

function codes(made: Talk): ControlFaultCode[] {
  return made.faults.map(({ code }) => code);
}

const count = (changes: Partial<CountRequest> = {}): ControlInput => ({
  kind: 'count',
  request: { ...REQUEST, ...changes },
});

const DISABLE = [
  'SETEVENTS',
  'SETCONF EnablePrivCount=0',
  'SETCONF __ReloadTorrcOnSIGHUP=1',
  'SET_TMODEL FALSE',
];

describe('control session: discovery', () => {
  it('undoes what was left behind, asks who the relay is, and waits', () => {
    const made = talk();
    expect(made.phases).to.deep.equal(['authenticating', 'discovering', 'waiting']);
    expect(made.sent).to.deep.equal([
      'PROTOCOLINFO 1',
      'AUTHENTICATE',
      'SETEVENTS',
      'GETCONF Nickname',
      'GETCONF ORPort',
      'GETCONF DirPort',
      'GETCONF GeoIPFile',
      'GETCONF GeoIPv6File',
      'GETINFO version',
      'GETINFO address',
      'GETINFO privcount-version',
      'GETINFO fingerprint',
      ...DISABLE.slice(1),
      'GETCONF PrivCountCircuitSampleRate',
      'GETCONF PrivCountMaxCellEventsPerCircuit',
      `GETINFO ns/id/${FINGERPRINT}`,
    ]);
    expect(made.contexts).to.deep.equal([
      {
        fingerprint: FINGERPRINT,
        nickname: 'relay1',
        orPorts: ['9001', '[::]:9001'],
        dirPorts: [],
        geoipFile: '/a b',
        torVersion: '0.4.9.11',
        address: '192.0.2.1',
        privcountVersion: '3.0.0',
        circuitSampleRate: 1,
        maxCellEventsPerCircuit: -1,
        flags: ['Exit', 'Fast'],
      },
    ]);
  });

  it('sends no SETCONF with use_setconf off', () => {
    const made = talk({}, { mayUseSetconf: false });
    made.step(count()).step({ kind: 'stop-counting' }).step({ kind: 'close' });
    expect(made.sent.filter((line) => line.startsWith('SETCONF'))).to.deep.equal([]);
    expect(made.phases.slice(-4)).to.deep.equal(['counting', 'disabling', 'waiting', 'closed']);
  });

  it('warns of a port without authentication', () => {
    expect(talk().warnings).to.equal(1);
  });

  it('puts settings back that a killed client left', () => {
    const made = talk({
      'GETCONF PrivCountCircuitSampleRate': ['250 PrivCountCircuitSampleRate=0.500000'],
      'GETCONF PrivCountMaxCellEventsPerCircuit': ['250 PrivCountMaxCellEventsPerCircuit=7'],
    });
    expect(made.sent.slice(-3)).to.deep.equal([
      `GETINFO ns/id/${FINGERPRINT}`,
      'SETCONF PrivCountCircuitSampleRate=1.0',
      'SETCONF PrivCountMaxCellEventsPerCircuit=-1',
    ]);
    expect(made.contexts[0]).to.include({ circuitSampleRate: 1, maxCellEventsPerCircuit: -1 });
  });

  it('has no flags while the relay is not in the consensus, and asks again when told to', () => {
    const changes: Record<string, readonly string[]> = {
      [`GETINFO ns/id/${FINGERPRINT}`]: [`552 Unrecognized key "ns/id/${FINGERPRINT}"`],
    };
    const made = talk(changes);
    expect(made.state.phase).to.equal('waiting');
    expect(made.contexts.at(-1)!.flags).to.equal(undefined);
    changes[`GETINFO ns/id/${FINGERPRINT}`] = STATUS;
    expect(sentBy(made, { kind: 'ask-status' })).to.deep.equal([`GETINFO ns/id/${FINGERPRINT}`]);
    expect(made.contexts.at(-1)!.flags).to.deep.equal(['Exit', 'Fast']);
    made.step(count());
    expect(sentBy(made, { kind: 'ask-status' })).to.deep.equal([`GETINFO ns/id/${FINGERPRINT}`]);
    expect(made.state.phase).to.equal('counting');
  });

  it('bounds what a status will show', () => {
    const made = talk({
      'GETCONF Nickname': ['250 Nickname=not a nickname'],
      'GETINFO version': [`250-version=${'x'.repeat(513)}`, '250 OK'],
      'GETINFO address': ['250-address=\u001b[2J', '250 OK'],
      'GETCONF PrivCountCircuitSampleRate': ['250 PrivCountCircuitSampleRate=much'],
      [`GETINFO ns/id/${FINGERPRINT}`]: ['250+ns/id/x=', `s Exit ${'x'.repeat(33)} a=b`, '.', '250 OK'],
    });
    const context = made.contexts[0]!;
    expect(context).to.not.have.any.keys('nickname', 'torVersion', 'address');
    expect(context.flags).to.deep.equal(['Exit']);
    const ports = Array.from({ length: 70 }, (_, at) => `250-ORPort=${at}`);
    const many = talk({ 'GETCONF ORPort': [...ports, '250 ORPort=70'] });
    expect(many.contexts[0]!.orPorts).to.have.length(64);
  });

  it('asks once, in upper case, whether the relay may be counted at, and leaves it if not', () => {
    const asked: string[] = [];
    const accepting = talk({}, { checkRelay: (relay) => void asked.push(relay) });
    expect(codes(accepting)).to.deep.equal([]);
    expect(asked).to.deep.equal([FINGERPRINT]);
    const fault = { code: 'fingerprint-unlisted', detail: 'at x' } as const;
    const other = talk({}, { checkRelay: () => fault });
    expect(other.faults).to.deep.equal([fault]);
    expect(other.contexts).to.deep.equal([]);
    expect(other.sent.at(-1)).to.equal('QUIT');
    expect(other.hungUp).to.equal(true);
  });

  it('refuses a client, and a fingerprint that is none', () => {
    const refused: [readonly string[], ControlFaultCode][] = [
      [['551 Not running in server mode'], 'not-a-relay'],
      [['552 Unrecognized key "fingerprint"'], 'fingerprint-malformed'],
      [['250-fingerprint=abc', '250 OK'], 'fingerprint-malformed'],
      [['250 OK'], 'fingerprint-malformed'],
    ];
    for (const [reply, code] of refused) {
      expect(codes(talk({ 'GETINFO fingerprint': reply }))).to.deep.equal([code]);
    }
  });
});

describe('control session: counting', () => {
  it('enables, counts when the events are agreed to, and undoes it all', () => {
    const made = talk();
    expect(sentBy(made, count())).to.deep.equal([
      'SETCONF __ReloadTorrcOnSIGHUP=0',
      'SETCONF EnablePrivCount=1',
      'GETCONF EnablePrivCount',
      'SETEVENTS PRIVCOUNT_STREAM_ENDED PRIVCOUNT_CIRCUIT_CLOSE',
    ]);
    expect(made.state.phase).to.equal('counting');
    expect(sentBy(made, { kind: 'stop-counting' })).to.deep.equal(DISABLE);
    expect(made.state.phase).to.equal('waiting');
    expect(sentBy(made, { kind: 'close' })).to.deep.equal(['QUIT']);
    expect(made.hungUp).to.equal(true);
  });

  it('sets and resets the settings that differ from those of tor, and the traffic model', () => {
    const made = talk();
    const request = { circuitSampleRate: 0.25, maxCellEventsPerCircuit: 0, trafficModel: '{"a": [1.0, 2]}' };
    expect(sentBy(made, count(request))).to.deep.equal([
      'SETCONF __ReloadTorrcOnSIGHUP=0',
      'SETCONF PrivCountCircuitSampleRate=0.25',
      'SETCONF PrivCountMaxCellEventsPerCircuit=0',
      'SETCONF EnablePrivCount=1',
      'GETCONF EnablePrivCount',
      'SET_TMODEL TRUE {"a":[1.0;2]}',
      'SETEVENTS PRIVCOUNT_STREAM_ENDED PRIVCOUNT_CIRCUIT_CLOSE',
    ]);
    expect(sentBy(made, { kind: 'close' })).to.deep.equal([
      'SETEVENTS',
      'SETCONF EnablePrivCount=0',
      'SETCONF PrivCountCircuitSampleRate=1.0',
      'SETCONF PrivCountMaxCellEventsPerCircuit=-1',
      'SETCONF __ReloadTorrcOnSIGHUP=1',
      'SET_TMODEL FALSE',
      'QUIT',
    ]);
  });

  it('writes a rate of 0 as tor does', () => {
    expect(sentBy(talk(), count({ circuitSampleRate: 0 }))).to.contain(
      'SETCONF PrivCountCircuitSampleRate=0.0',
    );
  });

  it('begins as soon as it can if it is asked early', () => {
    const made = new Talk(relay()).step(count()).open();
    expect(made.phases).to.deep.equal(['authenticating', 'discovering', 'enabling', 'counting']);
    expect(made.contexts).to.have.length(1);
  });

  it('can be stopped before it begins, and while it is being enabled', () => {
    const early = new Talk(relay()).step(count()).step({ kind: 'stop-counting' }).open();
    expect(early.state.phase).to.equal('waiting');
    const made = talk({ [`SETEVENTS ${REQUEST.events.join(' ')}`]: [] });
    made.step(count());
    expect(made.state.phase).to.equal('enabling');
    expect(sentBy(made, { kind: 'stop-counting' })).to.deep.equal(DISABLE);
    made.receive('552 Unrecognized event\r\n');
    expect(made.state.phase).to.equal('waiting');
    expect(codes(made)).to.deep.equal([]);
  });

  it('enables anew for another request', () => {
    const made = talk().step(count());
    const sent = sentBy(made, count({ events: ['PRIVCOUNT_CONNECTION_CLOSE'], circuitSampleRate: 0.5 }));
    expect(sent).to.deep.equal([
      ...DISABLE,
      'SETCONF __ReloadTorrcOnSIGHUP=0',
      'SETCONF PrivCountCircuitSampleRate=0.5',
      'SETCONF EnablePrivCount=1',
      'GETCONF EnablePrivCount',
      'SETEVENTS PRIVCOUNT_CONNECTION_CLOSE',
    ]);
    expect(made.state.phase).to.equal('counting');
  });

  it('needs a patched tor for events of the patch, or a traffic model, only', () => {
    const made = talk(UNPATCHED);
    expect(made.state.phase).to.equal('waiting');
    expect(made.contexts[0]).to.not.have.any.keys('privcountVersion');
    expect(sentBy(made, count())).to.deep.equal(['QUIT']);
    expect(codes(made)).to.deep.equal(['no-privcount']);
  });

  it('sets nothing for standard events, nor for none', () => {
    for (const events of [['ORCONN', 'BW'], []]) {
      const made = talk(UNPATCHED);
      expect(sentBy(made, count({ events }))).to.deep.equal([['SETEVENTS', ...events].join(' ')]);
      expect(made.state.phase).to.equal('counting');
      expect(sentBy(made, { kind: 'stop-counting' })).to.deep.equal(['SETEVENTS']);
      expect(made.state.phase).to.equal('waiting');
    }
  });

  it('asks for countries one after the other, while it counts', () => {
    const answers: Record<string, readonly string[]> = { ...UNPATCHED };
    const made = talk(answers).step({ kind: 'ask-country' });
    expect(made.questions).to.equal(0);
    made.step(count({ events: ['ORCONN'] }));
    answers[`GETINFO ns/id/${FINGERPRINT}`] = [];
    made.step({ kind: 'ask-country' }).step({ kind: 'ask-status' }).step({ kind: 'ask-country' });
    expect(made.questions).to.equal(2);
    made.receive('250-ip-to-country/192.0.2.1=de\r\n250 OK\r\n');
    made.receive(`${STATUS.join('\r\n')}\r\n551 GeoIP data not loaded\r\n`);
    expect(made.countries).to.deep.equal(['de', undefined]);
    expect(made.contexts).to.have.length(2);
    expect(codes(made)).to.deep.equal([]);
    expect(made.receive('250 OK\r\n').faults.map(({ code }) => code)).to.deep.equal(['unexpected-reply']);
  });

  it('does not wait for countries at the end', () => {
    const made = talk(UNPATCHED)
      .step(count({ events: ['ORCONN'] }))
      .step({ kind: 'ask-country' });
    made.step({ kind: 'stop-counting' });
    expect(made.state.phase).to.equal('disabling');
    made.receive('250-ip-to-country/192.0.2.1=de\r\n250 OK\r\n');
    expect(made.state.phase).to.equal('waiting');
    expect(made.countries).to.deep.equal([]);
  });

  const refusals: [
    command: string,
    reply: string,
    code: ControlFaultCode,
    changes?: Partial<CountRequest>,
  ][] = [
    [
      'SETCONF EnablePrivCount=1',
      "552 Unrecognized option: Unknown option 'EnablePrivCount'.",
      'setting-refused',
    ],
    [
      'SETCONF PrivCountCircuitSampleRate=0.1',
      '513 Unacceptable option value',
      'setting-refused',
      { circuitSampleRate: 0.1 },
    ],
    ['GETCONF EnablePrivCount', '250 EnablePrivCount=0', 'not-enabled'],
    ['GETCONF EnablePrivCount', '250 EnablePrivCount', 'not-enabled'],
    ['GETCONF EnablePrivCount', '552 Unrecognized configuration key', 'not-enabled'],
    ['SET_TMODEL TRUE {}', "551 Couldn't parse string", 'traffic-model-refused', { trafficModel: '{}' }],
    [
      'SET_TMODEL TRUE {}',
      '510 Unrecognized command "SET_TMODEL"',
      'traffic-model-refused',
      { trafficModel: '{}' },
    ],
    [
      'SETEVENTS PRIVCOUNT_STREAM_ENDED PRIVCOUNT_CIRCUIT_CLOSE',
      '552 Unrecognized event "X"',
      'event-unknown',
    ],
    [
      'SETEVENTS PRIVCOUNT_STREAM_ENDED PRIVCOUNT_CIRCUIT_CLOSE',
      '514 Authentication required.',
      'authentication-required',
    ],
  ];
  for (const [command, reply, code, changes] of refusals) {
    it(`fails as ${code} and undoes all if ${command.slice(0, 40)} gets ${reply.slice(0, 24)}`, () => {
      const made = talk({ [command]: [reply] });
      const sent = sentBy(made, count(changes));
      expect(codes(made)).to.deep.equal([code]);
      expect(sent.at(-1)).to.equal('QUIT');
      expect(sent).to.include.members(DISABLE);
      expect(made.state.phase).to.equal('closed');
    });
  }

  it('sends no traffic model that is longer than a command of tor', () => {
    const model = (length: number): string => `"${'x'.repeat(length - 2)}"`;
    const argumentMax = (1 << 20) - 64;
    const fine = talk().step(count({ trafficModel: model(argumentMax) }));
    expect(fine.state.phase).to.equal('counting');
    const long = talk();
    expect(sentBy(long, count({ trafficModel: model(argumentMax + 1) }))).to.deep.equal(['QUIT']);
    expect(codes(long)).to.deep.equal(['traffic-model-refused']);
  });

  it('compares the settings of torrc with the plan if it may not set them', () => {
    const sampled = { 'GETCONF PrivCountCircuitSampleRate': ['250 PrivCountCircuitSampleRate=0.333333'] };
    const off = { mayUseSetconf: false };
    expect(codes(talk(sampled, off).step(count({ circuitSampleRate: 1 / 3 })))).to.deep.equal([]);
    const rate = talk(sampled, off).step(count());
    expect(rate.faults).to.deep.equal([{ code: 'setting-differs', detail: 'PrivCountCircuitSampleRate 1' }]);
    const limit = talk({}, off).step(count({ maxCellEventsPerCircuit: 5 }));
    expect(limit.faults[0]?.detail).to.equal('PrivCountMaxCellEventsPerCircuit 5');
    expect(codes(talk({}, off).step(count({ maxCellEventsPerCircuit: -9 })))).to.deep.equal([]);
  });
});

describe('control session: garbage and silence', () => {
  it('undoes counting before it closes on a fault from outside', () => {
    const made = talk().step(count());
    const sent = sentBy(made, { kind: 'fault', fault: { code: 'line-too-long' } });
    expect(sent).to.deep.equal([...DISABLE, 'QUIT']);
    expect(made.hungUp).to.equal(true);
  });

  it('closes on a reply to nothing, and on what is no reply', () => {
    expect(codes(talk().receive('250 OK\r\n'))).to.deep.equal(['unexpected-reply']);
    expect(codes(talk().receive('SSH-2.0-OpenSSH\r\n'))).to.deep.equal(['malformed-reply']);
    expect(codes(talk().receive(`250 ${'x'.repeat(70_000)}\r\n`))).to.deep.equal(['reply-too-long']);
  });

  it('ignores asynchronous lines in every phase', () => {
    const made = talk().receive('650 BW 1 2\r\n650-X\r\n650 OK\r\n').step(count());
    made.receive('650 NOTICE hello\r\n').step({ kind: 'stop-counting' }).receive('650 BW 1 2\r\n');
    expect(codes(made)).to.deep.equal([]);
    expect(made.state.phase).to.equal('waiting');
  });

  it('stays closed', () => {
    const made = talk().step({ kind: 'close' });
    const sent = sentBy(made, count(), { kind: 'ask-status' }, { kind: 'close' }, { kind: 'opened' });
    expect(sent).to.deep.equal([]);
    made.receive('250 OK\r\n');
    expect(codes(made)).to.deep.equal([]);
  });

  it('takes inputs that come at the wrong time', () => {
    const made = talk();
    const inputs: ControlInput[] = [
      { kind: 'opened' },
      { kind: 'cookie-unreadable' },
      { kind: 'stop-counting' },
    ];
    expect(sentBy(made, ...inputs)).to.deep.equal([]);
    expect(made.state.phase).to.equal('waiting');
  });

  it('says nothing before the connection is open', () => {
    const made = new Talk(relay()).step({ kind: 'close' });
    expect(made.sent).to.deep.equal([]);
    expect(made.hungUp).to.equal(true);
  });
});
