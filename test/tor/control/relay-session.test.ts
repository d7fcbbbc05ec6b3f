import { expect } from 'chai';
import fc from 'fast-check';
import { fromHex } from '../../../src/core/hex.js';
import { describeControlFault } from '../../../src/tor/control/control-fault.js';
import {
  INJECTOR_FINGERPRINT,
  INJECTOR_NICKNAME,
  injectorProfile,
  type RelayAuthentication,
} from '../../../src/tor/control/relay-profile.js';
import {
  type RelayState,
  reportedEvents,
  startRelay,
  stepRelay,
} from '../../../src/tor/control/relay-session.js';
import { primitives, type Relay, type Secrets, Talk } from './talk.js';

const NAMES = { fingerprint: INJECTOR_FINGERPRINT, nickname: INJECTOR_NICKNAME };
const COOKIE = 'ab'.repeat(32);
const withNonce = { ...primitives, randomBytes: (length: number) => new Uint8Array(length).fill(7) };
const cookie = { path: '/a "b"/cookie', bytes: fromHex(COOKIE) };
const password = new TextEncoder().encode('pass "word" é');

class Session {
  state: RelayState;
  readonly #profile;

  constructor(authentication: RelayAuthentication = {}) {
    this.#profile = injectorProfile(NAMES, authentication);
    this.state = startRelay(this.#profile);
  }

  say(line: string): readonly string[] {
    const { state, lines } = stepRelay(this.#profile, withNonce, Object.freeze(this.state), line);
    this.state = state;
    return lines;
  }
}

function authenticated(): Session {
  const session = new Session();
  session.say('AUTHENTICATE');
  return session;
}

describe('relay session: authentication', () => {
  const offers: [RelayAuthentication, string][] = [
    [{}, '250-AUTH METHODS=NULL'],
    [{ password }, '250-AUTH METHODS=HASHEDPASSWORD'],
    [{ cookie }, '250-AUTH METHODS=COOKIE,SAFECOOKIE COOKIEFILE="/a \\"b\\"/cookie"'],
    [
      { cookie, password },
      '250-AUTH METHODS=COOKIE,SAFECOOKIE,HASHEDPASSWORD COOKIEFILE="/a \\"b\\"/cookie"',
    ],
  ];
  for (const [authentication, line] of offers) {
    it(`offers ${line.slice(9, 60)}`, () => {
      expect(new Session(authentication).say('protocolinfo 1')[1]).to.equal(line);
    });
  }

  it('takes a password as text in quotes and in hexadecimal', () => {
    for (const argument of ['"pass \\"word\\" \\303\\251"', Buffer.from(password).toString('hex')]) {
      expect(new Session({ password }).say(`AUTHENTICATE ${argument}`)).to.deep.equal(['250 OK']);
    }
  });

  it('refuses with the words of tor, and closes', () => {
    const wrong = `AUTHENTICATE ${'cd'.repeat(32)}`;
    const refused: [RelayAuthentication, string[], string][] = [
      [
        { cookie, password },
        [wrong],
        '515 Authentication failed: Password did not match HashedControlPassword *or* authentication cookie.',
      ],
      [
        { cookie },
        [`AUTHCHALLENGE SAFECOOKIE ${COOKIE}`, wrong],
        '515 Authentication failed: Safe cookie response did not match expected value.',
      ],
      [
        { cookie },
        [`AUTHCHALLENGE SAFECOOKIE ${COOKIE}`, 'AUTHENTICATE ab'],
        '515 Authentication failed: Wrong length for safe cookie response.',
      ],
      [
        { cookie },
        [`AUTHCHALLENGE SAFECOOKIE ${COOKIE}`, `AUTHENTICATE ${COOKIE}`],
        '515 Authentication failed: Safe cookie response did not match expected value.',
      ],
      [
        { cookie },
        [`AUTHCHALLENGE COOKIE ${COOKIE}`],
        '513 AUTHCHALLENGE only supports SAFECOOKIE authentication',
      ],
      [{ cookie }, ['AUTHCHALLENGE SAFECOOKIE'], '513 Junk at end of AUTHCHALLENGE command'],
      [{ cookie }, [`AUTHCHALLENGE SAFECOOKIE ${COOKIE} more`], '513 Junk at end of AUTHCHALLENGE command'],
      [{ password }, ['GETINFO version'], '514 Authentication required.'],
    ];
    for (const [authentication, lines, expected] of refused) {
      const session = new Session(authentication);
      const said = lines.map((line) => session.say(line)).at(-1);
      expect(said).to.deep.equal([expected]);
      expect(session.state.phase).to.equal('closed');
      expect(session.say('PROTOCOLINFO 1')).to.deep.equal([]);
    }
  });
});

describe('relay session: commands', () => {
  it('answers several options and infos at once, or refuses them all', () => {
    const session = authenticated();
    expect(session.say('GETCONF nickname GeoIPFile')).to.deep.equal([
      `250-Nickname=${INJECTOR_NICKNAME}`,
      '250 GeoIPFile',
    ]);
    expect(session.say('GETCONF Nickname nosuch')).to.deep.equal([
      '552 Unrecognized configuration key "nosuch"',
    ]);
    expect(session.say('GETCONF')).to.deep.equal(['250 OK']);
    expect(session.say('GETINFO version address')).to.deep.equal([
      '250-version=0.2.8.6',
      '250-address=192.0.2.91',
      '250 OK',
    ]);
    expect(session.say('GETINFO version nosuch')).to.deep.equal(['552 Unrecognized key "nosuch"']);
  });

  it('sets several options or, if one is wrong, none', () => {
    const session = authenticated();
    expect(session.say('SETCONF Nickname="a b" PrivCountCircuitSampleRate=0.5')).to.deep.equal(['250 OK']);
    expect(session.say('GETCONF Nickname PrivCountCircuitSampleRate')).to.deep.equal([
      '250-Nickname=a b',
      '250 PrivCountCircuitSampleRate=0.500000',
    ]);
    const refused: [string, string][] = [
      [
        'Nickname=x EnablePrivCount=2',
        "513 Unacceptable option value: Boolean 'EnablePrivCount 2' expects 0 or 1.",
      ],
      [
        'Nickname=x PrivCountMaxCellEventsPerCircuit=1.5',
        "513 Unacceptable option value: Int keyword 'PrivCountMaxCellEventsPerCircuit 1.5' is malformed.",
      ],
      [
        'Nickname=x PrivCountCircuitSampleRate=-0.1',
        '513 Unacceptable option value: PrivCountCircuitSampleRate must be between 0.0 and 1.0.',
      ],
      [
        'Nickname=x PrivCountCircuitSampleRate=',
        '513 Unacceptable option value: PrivCountCircuitSampleRate must be between 0.0 and 1.0.',
      ],
      ['Nickname=x nosuch=1', "552 Unrecognized option: Unknown option 'nosuch'.  Failing."],
      ['Nickname=x =', "551 Couldn't parse string"],
      ['Nickname="x"y', "551 Couldn't parse string"],
    ];
    for (const [argument, expected] of refused) {
      expect(session.say(`SETCONF ${argument}`), argument).to.deep.equal([expected]);
      expect(session.say('GETCONF Nickname')).to.deep.equal(['250 Nickname=a b']);
    }
    session.say('SETCONF Nickname');
    expect(session.say('GETCONF Nickname')).to.deep.equal(['250 Nickname']);
  });

  it('reports the events of the last SETEVENTS while PrivCount is enabled', () => {
    const session = new Session();
    expect(reportedEvents(session.state).size).to.equal(0);
    session.say('AUTHENTICATE');
    session.say('SETEVENTS PRIVCOUNT_STREAM_ENDED privcount_circuit_close');
    const both = ['PRIVCOUNT_STREAM_ENDED', 'PRIVCOUNT_CIRCUIT_CLOSE'];
    expect([...reportedEvents(session.state)]).to.deep.equal(both);
    session.say('SETEVENTS PRIVCOUNT_STREAM_ENDED NOSUCH');
    expect([...reportedEvents(session.state)]).to.deep.equal(both);
    session.say('SETCONF EnablePrivCount=0');
    expect(reportedEvents(session.state).size).to.equal(0);
    session.say('SETCONF EnablePrivCount=1');
    session.say('SETEVENTS');
    expect(reportedEvents(session.state).size).to.equal(0);
  });

  it('doubles leading dots in a data block', () => {
    const base = injectorProfile(NAMES, {});
    const profile = { ...base, infos: new Map([['x', ['.', '..a', 'b']]]) };
    const { state } = stepRelay(profile, withNonce, startRelay(profile), 'AUTHENTICATE');
    expect(stepRelay(profile, withNonce, state, 'GETINFO x').lines).to.deep.equal([
      ...['250+x=', '..', '...a', 'b', '.', '250 OK'],
    ]);
  });

  it('never throws, whatever is said', () => {
    const word = fc.constantFrom(
      'AUTHENTICATE',
      'AUTHCHALLENGE',
      'SETCONF',
      'GETCONF',
      'GETINFO',
      'SETEVENTS',
      'SET_TMODEL',
      '',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(word, fc.string({ unit: 'binary' }))), (lines) => {
        const session = new Session({ cookie, password });
        lines.forEach(([command, argument]) => session.say(`${command} ${argument}`));
        const inside = authenticated();
        lines.forEach(([command, argument]) => inside.say(`${command} ${argument}`));
      }),
    );
  });
});

describe('our client and our relay', () => {
  const ways: [string, RelayAuthentication, Secrets][] = [
    ['the cookie', { cookie }, { cookie: COOKIE }],
    ['the password', { password: new TextEncoder().encode('plain') }, { password: 'plain' }],
    [
      'the password where the cookie cannot be read',
      { cookie, password: new TextEncoder().encode('plain') },
      { password: 'plain' },
    ],
    ['nothing', {}, {}],
  ];
  for (const [title, authentication, secrets] of ways) {
    it(`count together after authentication by ${title}, through chunks of every size`, () => {
      for (let size = 1; size < 40; size += 3) {
        const session = new Session(authentication);
        const relay: Relay = (line) => session.say(line);
        const made = new Talk(relay, {}, secrets, (bytes) =>
          Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
            bytes.subarray(at * size, at * size + size),
          ),
        );
        const request = {
          events: ['PRIVCOUNT_STREAM_ENDED'],
          circuitSampleRate: 0.5,
          maxCellEventsPerCircuit: 3,
          trafficModel: '{"a":[1,2]}',
        };
        made.open().step({ kind: 'count', request });
        expect(made.faults).to.deep.equal([]);
        expect(made.state.phase).to.equal('counting');
        expect([...reportedEvents(session.state)]).to.deep.equal(['PRIVCOUNT_STREAM_ENDED']);
        made.step({ kind: 'close' });
        expect(session.state.options.get('PrivCountCircuitSampleRate')?.value).to.equal('1.000000');
        expect(session.state.phase).to.equal('closed');
      }
    });
  }

  it('find each other out if the cookies differ', () => {
    const session = new Session({ cookie });
    const made = new Talk((line) => session.say(line), {}, { cookie: 'cd'.repeat(32) }).open();
    expect(made.faults).to.deep.equal([{ code: 'impostor' }]);
  });
});

describe('control fault', () => {
  it('says what to do, and what the relay said', () => {
    expect(describeControlFault({ code: 'not-a-relay' })).to.contain('ORPort');
    expect(describeControlFault({ code: 'setting-refused', detail: '513 no' })).to.match(/ \(513 no\)$/);
  });
});
