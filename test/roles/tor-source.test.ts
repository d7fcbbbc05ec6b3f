import { expect } from 'chai';
import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import {
  BACK_OFF_FIRST_MS,
  BACK_OFF_JITTER,
  BACK_OFF_MAX_MS,
  backOffMs,
} from '../../src/roles/tor-source-back-off.js';
import { REPLY_TIMEOUT_MS, STATUS_INTERVAL_MS } from '../../src/roles/tor-source-connection.js';
import { TorSource, type TorSourceOptions } from '../../src/roles/tor-source.js';
import { type CountRequest } from '../../src/tor/control/commands.js';
import {
  INJECTOR_FINGERPRINT,
  INJECTOR_NICKNAME,
  unpatchedProfile,
} from '../../src/tor/control/relay-profile.js';
import { reportedEvents } from '../../src/tor/control/relay-session.js';
import { LINE_BYTES_MAX } from '../../src/tor/control/line-splitter.js';
import {
  COOKIE_PATH,
  cookieFiles,
  fakeFiles,
  FakeClock,
  FakeLog,
  FakeRelay,
  randomBytes,
  relays,
} from './tor-source-fakes.js';

const REQUEST: CountRequest = {
  events: ['PRIVCOUNT_STREAM_ENDED'],
  circuitSampleRate: 1,
  maxCellEventsPerCircuit: -1,
  trafficModel: undefined,
};
const OTHER_RELAY = 'B'.repeat(40);
const EVENT = '650 PRIVCOUNT_STREAM_ENDED 1 2 3';

type World = {
  readonly source: TorSource;
  readonly relay: FakeRelay;
  readonly clock: FakeClock;
  readonly log: FakeLog;
  readonly states: string[];
  readonly faults: string[];
  readonly events: string[];
  readonly flags: (readonly string[] | undefined)[];
};

function world(changes: Partial<TorSourceOptions> = {}, files = cookieFiles()): World {
  const relay = new FakeRelay();
  const clock = new FakeClock();
  const log = new FakeLog();
  const states: string[] = [];
  const faults: string[] = [];
  const events: string[] = [];
  const flags: World['flags'] = [];
  const options: TorSourceOptions = {
    name: 'relay 1',
    address: { kind: 'unix', path: '/control' },
    mayUseSetconf: true,
    passwordFile: undefined,
    checkRelay: () => undefined,
    ...changes,
  };
  const source = new TorSource(
    options,
    { transport: relay, clock, log, files, randomBytes },
    {
      onContext: (context) => flags.push(context.flags),
      onEvent: (bytes, start, end) => events.push(Buffer.from(bytes.slice(start, end)).toString('latin1')),
      onState: (state) => states.push(state),
      onFault: ({ code }) => faults.push(code),
    },
  );
  return { source, relay, clock, log, states, faults, events, flags };
}

function counting(changes: Partial<TorSourceOptions> = {}): World {
  const made = world(changes);
  made.source.count(REQUEST);
  made.source.start();
  made.relay.settle();
  expect(made.states.at(-1)).to.equal('counting');
  return made;
}

/** Lets the pending retry happen. */
function retry({ clock, relay }: World): void {
  clock.advance(clock.waits()[0]!);
  relay.settle();
}

describe('relay source', () => {
  it('connects, authenticates by the cookie, discovers the relay and waits, without a warning', () => {
    const made = world();
    made.source.start();
    made.source.start();
    made.relay.settle();
    expect(made.states).to.deep.equal(['opening', 'authenticating', 'discovering', 'waiting']);
    expect(made.flags).to.deep.equal([
      ['Exit', 'Fast', 'Guard', 'HSDir', 'Running', 'Stable', 'V2Dir', 'Valid'],
    ]);
    expect(made.relay.connections).to.have.length(1);
    expect(made.log.lines).to.deep.equal([]);
  });

  it('hands on events while it counts, and none before or after', async () => {
    const made = world();
    made.source.start();
    made.relay.settle();
    made.relay.last.say(`${EVENT} early\r\n`);
    made.source.count(REQUEST);
    made.relay.last.say(`${EVENT} enabling\r\n`);
    made.relay.settle();
    made.relay.last.say(`${EVENT} one\r\n650 STREAM_BW 1 2\r\n${EVENT}`);
    made.relay.last.say(' two\r\n');
    const stopped = made.source.stopCounting();
    made.relay.last.say(`${EVENT} late\r\n`);
    made.relay.settle();
    await stopped;
    expect(made.events).to.deep.equal(['one', 'two'].map((word) => `${EVENT.slice(4)} ${word}`));
    expect(made.states.slice(-4)).to.deep.equal(['enabling', 'counting', 'disabling', 'waiting']);
    expect(reportedEvents(made.relay.last.state).size).to.equal(0);
    expect(made.faults).to.deep.equal([]);
  });

  it('gives the same events however the bytes are cut', () => {
    const lines = [`${EVENT} one`, '650 STREAM_BW 1 2', `${EVENT} `, '650 PRIVCOUNT_', `${EVENT} two`];
    const bytes = lines.map((line) => `${line}\r\n`).join('');
    fc.assert(
      fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 10 }), (places) => {
        const made = counting();
        const ends = [...new Set([...places, bytes.length])].sort((a, b) => a - b);
        ends.forEach((end, at) => made.relay.last.say(bytes.slice(at === 0 ? 0 : ends[at - 1], end)));
        expect(made.events).to.deep.equal(
          lines.filter((line) => line.includes('PRIV')).map((line) => line.slice(4)),
        );
      }),
    );
  });

  it('asks for the flags each hour, also while it counts', () => {
    const made = counting();
    for (let hour = 1; hour <= 3; hour++) {
      made.clock.advance(STATUS_INTERVAL_MS);
      made.relay.settle();
      expect(made.flags).to.have.length(1 + hour);
    }
    expect(made.states.at(-1)).to.equal('counting');
  });

  it('closes: undoes the settings, ends the connection and does not come back', async () => {
    const made = counting();
    const closed = made.source.close();
    made.relay.settle();
    await closed;
    expect(made.relay.last.received.slice(-5)).to.deep.equal([
      ...[
        'SETEVENTS',
        'SETCONF EnablePrivCount=0',
        'SETCONF __ReloadTorrcOnSIGHUP=1',
        'SET_TMODEL FALSE',
        'QUIT',
      ],
    ]);
    expect(made.clock.waits()).to.deep.equal([]);
    made.source.start();
    expect(made.relay.connections).to.have.length(1);
    expect(made.source.outage().interruptions).to.equal(0);
  });

  it('closes before it has started, and between two tries', async () => {
    const never = world();
    await never.source.close();
    expect(never.states).to.deep.equal(['closed']);
    const made = world();
    made.relay.refusal = 'ECONNREFUSED';
    made.source.start();
    made.relay.settle();
    await made.source.close();
    expect(made.clock.waits()).to.deep.equal([]);
    expect(made.states).to.deep.equal(['opening', 'closed', 'retrying', 'closed']);
  });

  it('resolves stopCounting at once if nothing is to be undone', async () => {
    const made = world();
    await made.source.stopCounting();
    made.source.start();
    made.relay.settle();
    await made.source.stopCounting();
    expect(made.states.at(-1)).to.equal('waiting');
  });

  it('resolves stopCounting also if other events are wanted at once', async () => {
    const made = counting();
    const stopped = made.source.stopCounting();
    made.source.count({ ...REQUEST, events: ['PRIVCOUNT_CONNECTION_CLOSE'] });
    made.relay.settle();
    await stopped;
    expect(made.states.slice(-3)).to.deep.equal(['disabling', 'enabling', 'counting']);
    expect([...reportedEvents(made.relay.last.state)]).to.deep.equal(['PRIVCOUNT_CONNECTION_CLOSE']);
  });

  it('starts once, also while it waits for another try', () => {
    const made = world();
    made.relay.refusal = 'ECONNREFUSED';
    made.source.start();
    made.relay.settle();
    made.source.start();
    made.relay.settle();
    expect(made.relay.connections).to.have.length(1);
    expect(made.clock.waits()).to.have.length(1);
  });

  it('can be told to stop by the owner of its events', async () => {
    const made = world();
    let stopped: Promise<void> | undefined;
    const source = new TorSource(
      {
        name: 'x',
        address: { kind: 'unix', path: '/c' },
        mayUseSetconf: true,
        passwordFile: undefined,
        checkRelay: () => undefined,
      },
      { transport: made.relay, clock: made.clock, log: made.log, files: cookieFiles(), randomBytes },
      {
        onContext: () => undefined,
        onEvent: () => undefined,
        onFault: () => undefined,
        onState: (state) => {
          if (state === 'counting') stopped = source.stopCounting();
        },
      },
    );
    source.count(REQUEST);
    source.start();
    made.relay.settle();
    await stopped;
    expect(made.relay.last.received.slice(-1)).to.deep.equal(['SET_TMODEL FALSE']);
  });
});

describe('relay source: failures', () => {
  it('connects again with the same request, and tells how long it did not count', () => {
    const made = counting();
    made.clock.advance(10_000);
    expect(made.source.outage()).to.deep.equal({ uncountedMs: 0, interruptions: 0 });
    made.relay.last.drop('ECONNRESET');
    const delayMs = made.clock.waits()[0]!;
    made.clock.advance(delayMs - 1);
    expect(made.source.outage()).to.deep.equal({ uncountedMs: delayMs - 1, interruptions: 1 });
    made.clock.advance(1);
    made.relay.settle();
    made.clock.advance(5000);
    expect(made.source.outage()).to.deep.equal({ uncountedMs: delayMs, interruptions: 1 });
    made.relay.last.say(`${EVENT} again\r\n`);
    expect(made.events).to.have.length(1);
    void made.source.stopCounting();
    made.clock.advance(5000);
    expect(made.source.outage()).to.deep.equal({ uncountedMs: delayMs, interruptions: 1 });
    expect(made.log.lines).to.deep.equal([
      'warn: relay 1: the relay closed the control connection (ECONNRESET)',
      'info: relay 1: the relay is back',
    ]);
  });

  it('counts the time until it first counts as outage, and begins anew with each request', () => {
    const made = world();
    made.source.count(REQUEST);
    made.clock.advance(300);
    made.source.start();
    made.relay.settle();
    made.clock.advance(1000);
    expect(made.source.outage()).to.deep.equal({ uncountedMs: 300, interruptions: 0 });
    void made.source.stopCounting();
    made.relay.settle();
    made.source.count(REQUEST);
    made.relay.settle();
    made.clock.advance(1000);
    expect(made.source.outage()).to.deep.equal({ uncountedMs: 0, interruptions: 0 });
  });

  it('waits longer after each failure up to a limit, and begins again after success', () => {
    const made = world();
    made.relay.refusal = 'ECONNREFUSED';
    made.source.start();
    made.relay.settle();
    const delays: number[] = [];
    for (let failure = 1; failure <= 9; failure++) {
      delays.push(made.clock.waits()[0]!);
      retry(made);
    }
    const part = 1 - BACK_OFF_JITTER / 2;
    expect(delays).to.deep.equal(
      [1, 2, 4, 8, 16, 32]
        .map((times) => BACK_OFF_FIRST_MS * times * part)
        .concat(Array(3).fill(BACK_OFF_MAX_MS * part)),
    );
    made.relay.refusal = undefined;
    retry(made);
    expect(made.states.at(-1)).to.equal('waiting');
    made.relay.last.drop('gone');
    expect(made.clock.waits()).to.deep.equal([delays[0]]);
  });

  it('logs each failure once until it has succeeded, and tells its owner of all', () => {
    const made = world();
    made.relay.refusal = 'ECONNREFUSED';
    made.source.start();
    made.relay.settle();
    for (let failure = 1; failure <= 5; failure++) retry(made);
    expect(made.faults).to.deep.equal(Array(6).fill('connection-failed'));
    expect(made.log.lines).to.have.length(1);
    expect(made.log.lines[0]).to.match(
      /^warn: relay 1: the control port does not accept .*\(ECONNREFUSED\)$/,
    );
    made.relay.refusal = undefined;
    retry(made);
    made.relay.refusal = 'ECONNREFUSED';
    made.relay.last.drop('ECONNRESET');
    retry(made);
    expect(made.log.lines.map((line) => line.slice(0, 4))).to.deep.equal(['warn', 'info', 'warn', 'warn']);
  });

  it('does not take it for success when a relay lets it in and then refuses to count', () => {
    const made = world();
    made.relay.override = (line) =>
      line === 'SETCONF EnablePrivCount=1' ? ['553 Unable to set option'] : undefined;
    made.source.count(REQUEST);
    made.source.start();
    made.relay.settle();
    const first = made.clock.waits()[0]!;
    retry(made);
    expect(made.clock.waits()[0]).to.equal(2 * first);
    expect(made.faults).to.deep.equal(['setting-refused', 'setting-refused']);
    expect(made.log.lines).to.have.length(1);
    expect(made.relay.last.received.at(-1)).to.equal('QUIT');
  });

  it('does not take another relay for the one it knows', () => {
    const identities = relays({ 'dc-1': [INJECTOR_FINGERPRINT, OTHER_RELAY] });
    const made = world({ checkRelay: (relay) => identities.check('relay 1', relay) });
    made.source.start();
    made.relay.settle();
    made.relay.last.drop('restart');
    const other = made.relay.profile;
    made.relay.profile = { ...other, infos: new Map([...other.infos, ['fingerprint', OTHER_RELAY]]) };
    retry(made);
    expect(made.faults).to.deep.equal(['connection-lost', 'fingerprint-changed']);
    made.relay.profile = other;
    retry(made);
    expect(made.states.at(-1)).to.equal('waiting');
    expect(made.log.lines[1]).to.contain(`(it was ${INJECTOR_FINGERPRINT}, now it is ${OTHER_RELAY})`);
  });

  it('gives up on a silent relay', () => {
    const silent = world();
    silent.relay.override = () => [];
    silent.source.start();
    silent.relay.settle();
    silent.clock.advance(REPLY_TIMEOUT_MS - 1);
    expect(silent.faults).to.deep.equal([]);
    silent.clock.advance(1);
    silent.relay.settle();
    expect(silent.faults).to.deep.equal(['reply-timeout']);
    expect(silent.states.slice(-2)).to.deep.equal(['closed', 'retrying']);
  });

  it('gives each reply the whole time, and needs none while it waits', () => {
    const made = counting();
    made.clock.advance(STATUS_INTERVAL_MS - 1);
    expect(made.faults).to.deep.equal([]);
    made.relay.override = () => [];
    made.clock.advance(1);
    made.relay.settle();
    made.clock.advance(REPLY_TIMEOUT_MS);
    expect(made.faults).to.deep.equal(['reply-timeout']);
  });

  it('drops a relay that sends a line without end, and counts on after it is back', () => {
    const made = counting();
    const piece = 'x'.repeat(1 << 16);
    made.relay.last.say('650 PRIVCOUNT_STREAM_ENDED ');
    for (let sent = 0; sent <= LINE_BYTES_MAX; sent += piece.length) made.relay.last.say(piece);
    made.relay.last.say('\r\n');
    made.relay.settle();
    expect(made.faults).to.deep.equal(['line-too-long']);
    expect(made.events).to.deep.equal([]);
    retry(made);
    made.relay.last.say(`${EVENT} again\r\n`);
    expect(made.events).to.have.length(1);
  });

  it('drops whatever is no control port', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (garbage) => {
        const made = world();
        made.relay.override = () => [garbage.replace(/[\r\n]/g, '?')];
        made.source.start();
        made.relay.settle();
        made.clock.advance(REPLY_TIMEOUT_MS);
        made.relay.settle();
        expect(made.states.at(-1)).to.equal('retrying');
      }),
    );
  });

  it('says that tor is not patched when it is to tell of events of the patch, and not before', () => {
    const made = world();
    const names = { fingerprint: INJECTOR_FINGERPRINT, nickname: INJECTOR_NICKNAME };
    made.relay.profile = unpatchedProfile(names, made.relay.profile.authentication);
    made.source.start();
    made.relay.settle();
    expect(made.states.at(-1)).to.equal('waiting');
    expect(made.log.lines).to.deep.equal([]);
    made.source.count(REQUEST);
    made.relay.settle();
    retry(made);
    expect(made.faults).to.deep.equal(['no-privcount', 'no-privcount']);
    expect(made.log.lines).to.have.length(1);
    expect(made.log.lines[0]).to.match(/install the patched tor; or .*MetricsPort.*; or .*standard events/);
  });
});

describe('relay source: secrets', () => {
  const password = new TextEncoder().encode('long enough');

  function withPassword(
    content: string | Uint8Array | Error,
    passwordInTorrc: Uint8Array = password,
  ): World & { given: Uint8Array[] } {
    const files = fakeFiles({ '/password': content });
    const made = world({ passwordFile: '/password' }, files);
    made.relay.profile = { ...made.relay.profile, authentication: { password: passwordInTorrc } };
    made.source.start();
    made.relay.settle();
    return { ...made, given: files.given };
  }

  it('erases the cookie and the password once they are used', () => {
    const files = cookieFiles();
    const made = world({}, files);
    made.source.start();
    made.relay.settle();
    const { given } = withPassword('long enough\n');
    for (const bytes of [...files.given, ...given]) expect(bytes.every((byte) => byte === 0)).to.equal(true);
    expect(files.given.concat(given)).to.have.length(2);
  });

  it('takes the line end off a password, and nothing else', () => {
    for (const content of ['long enough', 'long enough\n', 'long enough\r\n']) {
      expect(withPassword(content).states.at(-1)).to.equal('waiting');
    }
    for (const content of ['long enough\n\n', ' long enough', 'long enough ']) {
      expect(withPassword(content).faults).to.deep.equal(['password-refused']);
    }
  });

  it('wants 8 to 1024 bytes of password', () => {
    for (const [length, isFine] of [
      [7, false],
      [8, true],
      [1024, true],
      [1025, false],
    ] as const) {
      const bytes = new Uint8Array(length).fill(97);
      expect(withPassword(bytes, bytes).faults, String(length)).to.deep.equal(
        isFine ? [] : ['password-unreadable'],
      );
    }
    expect(withPassword(new Error('EACCES')).faults).to.deep.equal(['password-unreadable']);
    expect(withPassword('').faults).to.deep.equal(['password-unreadable']);
  });

  it('wants a readable cookie of 32 bytes', () => {
    for (const content of [new Error('EACCES'), new Uint8Array(31), new Uint8Array(33)]) {
      const made = world({}, fakeFiles({ [COOKIE_PATH]: content }));
      made.source.start();
      made.relay.settle();
      expect(made.faults).to.deep.equal(['cookie-unreadable']);
    }
  });

  it('reads the cookie from elsewhere if it is told where', () => {
    const cookieFile = '/in/the/container/cookie';
    const made = world({ cookieFile }, fakeFiles({ [cookieFile]: cookieFiles().read(COOKIE_PATH)! }));
    made.source.start();
    made.relay.settle();
    expect(made.states.at(-1)).to.equal('waiting');
  });

  it('names no secret, path or address in its log', () => {
    const made = world({ passwordFile: '/password' }, fakeFiles({ '/password': 'wrong password' }));
    made.relay.profile = { ...made.relay.profile, authentication: { password } };
    made.source.start();
    made.relay.settle();
    expect(made.log.lines).to.have.length(1);
    expect(made.log.lines.join()).to.not.match(/wrong|[/]|192\./);
  });

  it('warns once of a port that lets anybody in', () => {
    const made = world();
    made.relay.profile = { ...made.relay.profile, authentication: {} };
    made.source.start();
    made.relay.settle();
    made.relay.last.drop('gone');
    retry(made);
    expect(made.log.lines.filter((line) => line.includes('lets anybody in'))).to.have.length(1);
  });
});

describe('back-off', () => {
  it('leaves half of each delay to chance', () => {
    const lowest = backOffMs(3, (length) => new Uint8Array(length).fill(255));
    expect(lowest).to.equal(BACK_OFF_FIRST_MS * 4 * (1 - BACK_OFF_JITTER));
    expect(backOffMs(3, (length) => new Uint8Array(length))).to.equal(BACK_OFF_FIRST_MS * 4);
    expect(backOffMs(5000, (length) => new Uint8Array(length))).to.equal(BACK_OFF_MAX_MS);
  });
});
