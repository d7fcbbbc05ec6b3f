/** Our client against the recorded relays, and our relay against the recorded clients. */
import { expect } from 'chai';
import { fromHex } from '../../../src/core/hex.js';
import { type CountRequest } from '../../../src/tor/control/commands.js';
import {
  injectorProfile,
  type RelayAuthentication,
  type RelayOption,
  type RelayProfile,
  unpatchedProfile,
} from '../../../src/tor/control/relay-profile.js';
import { startRelay, stepRelay } from '../../../src/tor/control/relay-session.js';
import {
  EXIT1_COOKIE,
  type Exchange,
  PASSWORD,
  parseDialogue,
  readDialogue,
  recordedNonces,
  toExchanges,
} from './dialogues.js';
import { describeWithSharedData, readShared } from '../../support/shared-data.js';
import { primitives, type Relay, type Secrets, Talk } from './talk.js';

/** True for all that neither sets nor undoes something. */
const isAsking = (line: string): boolean => !/^(SETCONF|SET_TMODEL)/.test(line);

const SESSION = 'session.mid1.2.both.txt.gz';

/** The recorded relay: says what it said to the same line, and agrees to a question that nobody had asked it. */
function recordedRelay(exchanges: readonly Exchange[]): Relay {
  const left = [...exchanges];
  return (line) => {
    const at = left.findIndex(({ command }) => command === line);
    if (at >= 0) return left.splice(at, 1)[0]!.reply;
    return line.startsWith('GETCONF PrivCount') ? [`250 ${line.slice('GETCONF '.length)}`] : ['250 OK'];
  };
}

/** As `recordedRelay`, and whatever proof comes is answered like the recorded one. */
function refusingRelay(exchanges: readonly Exchange[]): Relay {
  const recorded = recordedRelay(exchanges);
  return (line) => {
    const word = line.split(' ')[0]!;
    const exchange = exchanges.find(({ command }) => command.startsWith(`${word} `));
    return word.startsWith('AUTH') && exchange !== undefined ? exchange.reply : recorded(line);
  };
}

function secretsOf(name: string, exchanges: readonly Exchange[]): Secrets {
  if (!name.includes('safecookie')) return { password: PASSWORD };
  return { cookie: EXIT1_COOKIE, clientNonce: recordedNonces(exchanges).client };
}

describe('our client and the recorded relays', () => {
  it('authenticates at exit1 and discovers it, with the words that were recorded', () => {
    const exchanges = toExchanges(readDialogue('auth.exit1.safecookie.txt'));
    const secrets = secretsOf('safecookie', exchanges);
    const made = new Talk(recordedRelay(exchanges), {}, secrets).open();
    expect(made.faults).to.deep.equal([]);
    const asked = made.sent.filter((line) => !line.startsWith('GETCONF PrivCount'));
    // What undoes settings comes only when the relay has said that it is patched.
    const recorded = exchanges.slice(0, asked.length).map(({ command }) => command);
    expect(asked.filter(isAsking)).to.deep.equal(recorded.filter(isAsking));
    expect([...asked].sort()).to.deep.equal(recorded.sort());
    expect(made.contexts).to.deep.equal([
      {
        fingerprint: '37499888439FC4940CC1921AB1E6CD3BF77298B9',
        nickname: 'exit1',
        orPorts: ['127.1.1.1:5008'],
        dirPorts: ['127.1.1.1:7008'],
        geoipFile: '/var/lib/tor-test/geoip',
        geoipv6File: '/var/lib/tor-test/geoip6',
        torVersion: '0.3.2.10-dev (git-38d6e2dafbc0669b)',
        privcountVersion: '3.0.0',
        address: '127.1.1.1',
        circuitSampleRate: 1,
        maxCellEventsPerCircuit: -1,
        flags: ['Exit', 'Fast', 'HSDir', 'Running', 'Stable', 'V2Dir', 'Valid'],
      },
    ]);
  });

  it('does the whole session of mid1: discovers, sets a traffic model, counts, undoes', () => {
    const exchanges = toExchanges(readDialogue(SESSION));
    const commands = exchanges.map(({ command }) => command);
    const made = new Talk(refusingRelay(exchanges), {}, { password: PASSWORD }).open();
    const argument = commands.find((line) => line.startsWith('SET_TMODEL TRUE '))!.slice(16);
    const request: CountRequest = {
      events: commands
        .find((line) => line.startsWith('SETEVENTS P'))!
        .split(' ')
        .slice(1),
      circuitSampleRate: 1,
      maxCellEventsPerCircuit: -1,
      trafficModel: argument.replaceAll(';', ','),
    };
    made.step({ kind: 'count', request });
    expect(made.state.phase).to.equal('counting');
    made.step({ kind: 'close' });
    expect(made.faults).to.deep.equal([]);
    // The recorded client reset two settings that it had not set; ours asks for them at the start instead.
    const isSetting = (line: string): boolean => /CONF PrivCount/.test(line);
    const [ours, recorded] = [made.sent, commands].map((lines) => lines.filter((line) => !isSetting(line)));
    expect(ours!.filter(isAsking)).to.deep.equal(recorded!.filter(isAsking));
    expect([...ours!].sort()).to.deep.equal([...recorded!].sort());
  });

  const outcomes: [name: string, secrets: Secrets, code: string][] = [
    ['auth.exit1.safecookie-wronghash.txt', { cookie: EXIT1_COOKIE }, 'cookie-refused'],
    ['auth.client1.client-not-relay.txt', { cookie: EXIT1_COOKIE }, 'impostor'],
    ['auth.exit1.badnonce.txt', { cookie: EXIT1_COOKIE }, 'cookie-refused'],
    ['auth.guard2.password-wrong.txt', { password: 'wrong' }, 'password-refused'],
    ['auth.guard2.password-unquoted.txt', { password: 'wrong' }, 'password-refused'],
    ['auth.guard2.password-wrong.txt', {}, 'no-usable-authentication'],
  ];
  for (const [name, secrets, code] of outcomes) {
    it(`ends as ${code} at the relay of ${name}`, () => {
      const exchanges = toExchanges(readDialogue(name));
      const clientNonce = name.includes('wronghash') ? recordedNonces(exchanges).client : '00'.repeat(32);
      const made = new Talk(refusingRelay(exchanges), {}, { ...secrets, clientNonce }).open();
      expect(made.faults.map((fault) => fault.code)).to.deep.equal([code]);
    });
  }

  it('sees that client1 is not a relay', () => {
    const exchanges = toExchanges(readDialogue('auth.client1.client-not-relay.txt'));
    const greeting = { command: 'PROTOCOLINFO 1', reply: ['250-AUTH METHODS=NULL', '250 OK'] };
    const made = new Talk(recordedRelay([greeting, ...exchanges.slice(3)])).open();
    expect(made.faults).to.deep.equal([{ code: 'not-a-relay' }]);
  });

  it('meets a second PROTOCOLINFO as a demand for authentication', () => {
    const [, second] = toExchanges(readDialogue('auth.exit1.protocolinfo-twice.txt'));
    const made = new Talk(() => second!.reply).open();
    expect(made.faults).to.deep.equal([{ code: 'authentication-required' }]);
  });
});

/** Says what the named relay said of itself, wherever the dialogue shows it. */
function profileOf(name: string, exchanges: readonly Exchange[]): RelayProfile {
  const cookie = {
    path: `/var/lib/tor-test/${name.split('.')[1]!}/control_auth_cookie`,
    bytes: fromHex(EXIT1_COOKIE),
  };
  const password = new TextEncoder().encode(PASSWORD);
  const authentication: Record<string, RelayAuthentication> = {
    exit1: { cookie },
    client1: { cookie },
    guard1: { cookie, password },
    guard2: { password },
    mid1: { password },
    mid2: {},
  };
  const relay = name.split('.')[1]!;
  const base = injectorProfile({ fingerprint: '', nickname: '' }, authentication[relay]!);
  const infos = new Map<string, string | readonly string[]>();
  const options = new Map<string, RelayOption>(base.options);
  const setting = ['PrivCountNumViterbiWorkers', 'PrivCountTrafficModel', 'ORPort', 'DirPort', 'Nickname'];
  setting.forEach((option) => options.set(option, { kind: 'text', value: undefined }));
  for (const { command, reply } of exchanges) {
    const [word, key = ''] = command.split(' ');
    const value = reply[0]!.slice(4 + key.length + 1);
    if (word === 'GETINFO' && reply[0]!.startsWith('250+')) infos.set(key, reply.slice(1, -2));
    else if (word === 'GETINFO' && reply[0]!.startsWith('250-')) infos.set(key, value);
    else if (word === 'GETCONF' && reply[0]!.includes('=')) {
      options.set(key, { kind: options.get(key)?.kind ?? 'text', value });
    }
  }
  return { ...base, version: '0.3.2.10-dev', infos, options, isRelay: relay !== 'client1' };
}

/** What our relay answers to the recorded commands; a proof that rests on an unknown cookie is made anew. */
function replay(name: string, exchanges: readonly Exchange[]): string[][] {
  const profile = profileOf(name, exchanges);
  const hasChallenge = exchanges.some(({ reply }) => reply[0]!.includes('SERVERNONCE'));
  const server = hasChallenge ? recordedNonces(exchanges).server : '';
  const randomBytes = (): Uint8Array => fromHex(server);
  let state = startRelay(profile);
  return exchanges.map(({ command }) => {
    const step = stepRelay(profile, { ...primitives, randomBytes }, state, command);
    state = step.state;
    return [...step.lines];
  });
}

describe('our relay and the recorded clients', () => {
  const names = [
    'auth.exit1.authenticate-empty.txt',
    'auth.exit1.badnonce.txt',
    'auth.exit1.plaincookie-wrong.txt',
    'auth.exit1.plaincookie.txt',
    'auth.exit1.protocolinfo-twice.txt',
    'auth.exit1.safecookie-wronghash.txt',
    'auth.exit1.safecookie.txt',
    'auth.guard1.both-password.txt',
    'auth.guard2.password-hex.txt',
    'auth.guard2.password-unquoted.txt',
    'auth.guard2.password-wrong.txt',
    'auth.guard2.safecookie-not-offered.txt',
    'auth.mid2.null.txt',
    SESSION,
  ];
  for (const name of names) {
    it(`answers the client of ${name} word for word`, () => {
      const exchanges = toExchanges(readDialogue(name));
      expect(replay(name, exchanges)).to.deep.equal(exchanges.map(({ reply }) => reply));
    });
  }

  it('answers the client of a tor that is no relay, whose cookie nobody knows', () => {
    const name = 'auth.client1.client-not-relay.txt';
    const [info, , , ...rest] = toExchanges(readDialogue(name));
    const exchanges = [info!, { command: `AUTHENTICATE ${EXIT1_COOKIE}`, reply: ['250 OK'] }, ...rest];
    expect(replay(name, exchanges)).to.deep.equal(exchanges.map(({ reply }) => reply));
  });
});

describeWithSharedData('recorded relays without the patch', () => {
  for (const name of ['sguard1', 'sexit1']) {
    const exchangesOf = (): Exchange[] =>
      toExchanges(parseDialogue(readShared(`metrics/control.${name}.2.txt.gz`).toString('latin1')));

    it(`${name} is discovered and counts standard events, and nothing of it is set`, () => {
      const exchanges = exchangesOf();
      const open = { command: 'PROTOCOLINFO 1', reply: ['250-AUTH METHODS=NULL', '250 OK'] };
      const known = exchanges.filter(({ command }) => !command.startsWith('PROTOCOLINFO'));
      const made = new Talk(recordedRelay([open, ...known])).open();
      const request = { circuitSampleRate: 1, maxCellEventsPerCircuit: -1, trafficModel: undefined };
      made.step({ kind: 'count', request: { ...request, events: ['ORCONN', 'BW'] } });
      expect(made.state.phase).to.equal('counting');
      expect(made.contexts[0]!.torVersion).to.equal('0.4.9.11');
      expect(made.sent.filter((line) => !isAsking(line))).to.deep.equal([]);
      made.step({ kind: 'count', request: { ...request, events: ['PRIVCOUNT_STREAM_ENDED'] } });
      expect(made.faults).to.deep.equal([{ code: 'no-privcount' }]);
    });

    it(`${name} is played word for word`, () => {
      // Nobody knows its cookie, and what it has read and written grows.
      const exchanges = exchangesOf().filter(
        ({ command }) => !/^(PROTOCOL|AUTH)|stats\/ntor|traffic\//.test(command),
      );
      const profile = unpatchedOf(exchanges);
      const started = { ...startRelay(profile), phase: 'authenticated' as const };
      let state = started;
      const replies = exchanges.map(({ command }) => {
        const step = stepRelay(
          profile,
          { ...primitives, randomBytes: () => new Uint8Array(0) },
          state,
          command,
        );
        state = { ...started, ...step.state, phase: 'authenticated' };
        return [...step.lines];
      });
      expect(replies).to.deep.equal(exchanges.map(({ reply }) => reply));
    });
  }
});

/** What the recorded relay said of itself; its events are those of every tor. */
function unpatchedOf(exchanges: readonly Exchange[]): RelayProfile {
  const base = unpatchedProfile({ fingerprint: '', nickname: '' }, {});
  const infos = new Map(base.infos);
  const options = new Map<string, RelayOption>(base.options);
  for (const { command, reply } of exchanges) {
    const [word, key = ''] = command.split(' ');
    const value = reply[0]!.slice(4 + key.length + 1);
    if (word === 'GETINFO' && reply[0]!.startsWith('250+')) infos.set(key, reply.slice(1, -2));
    else if (word === 'GETINFO' && key !== 'events/names' && reply[0]!.startsWith('250-'))
      infos.set(key, value);
    else if (word === 'GETCONF') options.set(key, { kind: 'text', value });
  }
  return { ...base, infos, options };
}
