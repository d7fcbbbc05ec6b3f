import { expect } from 'chai';
import { type Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex } from '../../src/core/hex.js';
import { type TorAddress } from '../../src/roles/ports.js';
import { describeControlFault, type ControlFaultCode } from '../../src/tor/control/control-fault.js';
import { type CountRequest } from '../../src/tor/control/commands.js';
import { NONCE_BYTES } from '../../src/tor/control/safe-cookie.js';
import { cut } from '../tor/control/cut.js';
import {
  EXIT1_COOKIE,
  PASSWORD,
  readDialogue,
  recordedNonces,
  toExchanges,
} from '../tor/control/dialogues.js';
import { Collecting, relayIs, temporaryFolder } from './inject-world.js';
import { type Replay, ReplayServer, toTurns } from './replay-server.js';

const SESSION = 'session.mid1.2.both.txt.gz';
const MID1 = '1A2F07A5B2DD6306A3268590EDA8E38260EE06B5';
const EXIT1 = '37499888439FC4940CC1921AB1E6CD3BF77298B9';
/** How often what the relay says is cut in a run of the whole session. */
const CUTS = 3000;
const ROUNDTRIP_TIMEOUT_MS = 120_000;

function turnsOf(name: string): Replay['turns'] {
  return toTurns(readDialogue(name));
}

/** Authentication as in one dialogue, then the discovery of the whole session. */
function authenticatedAs(name: string): Replay {
  const isGreeting = ({ command }: Replay['turns'][number]): boolean => /^PROTO|^AUTH/.test(command);
  return {
    turns: [...turnsOf(name).filter(isGreeting), ...turnsOf(SESSION).filter((turn) => !isGreeting(turn))],
  };
}

/** The count that the recorded client asked for. */
function recordedRequest(): CountRequest {
  const commands = turnsOf(SESSION).map(({ command }) => command);
  const argumentOf = (start: string): string =>
    commands.find((line) => line.startsWith(start))!.slice(start.length);
  return {
    events: `P${argumentOf('SETEVENTS P')}`.split(' '),
    circuitSampleRate: 1,
    maxCellEventsPerCircuit: -1,
    trafficModel: argumentOf('SET_TMODEL TRUE ').replaceAll(';', ','),
  };
}

/** Draws the recorded nonces, one a connection, so that recorded proofs are right. */
function drawing(nonces: readonly string[]): (length: number) => Uint8Array {
  const left = [...nonces];
  return (length) => {
    const nonce = length === NONCE_BYTES ? left.shift() : undefined;
    return nonce === undefined ? new Uint8Array(randomBytes(length)) : fromHex(nonce);
  };
}

function withoutProof(lines: readonly string[], others: readonly string[]): string[] {
  return lines.filter((line) => !line.startsWith('AUTHENTICATE') && !others.includes(line));
}

function nonceOf(name: string): string {
  return recordedNonces(toExchanges(readDialogue(name))).client;
}

for (const kind of ['tcp', 'unix'] as const) {
  describe(`recorded relays, played over ${kind === 'tcp' ? 'TCP' : 'a unix socket'}`, function () {
    this.timeout(ROUNDTRIP_TIMEOUT_MS);
    const folder = temporaryFolder();
    let server: ReplayServer | undefined;
    let collecting: Collecting | undefined;
    let secrets: { cookieFile: string; passwordFile: string };

    beforeEach(() => {
      secrets = { cookieFile: join(folder.path, 'cookie'), passwordFile: join(folder.path, 'password') };
      writeFileSync(secrets.cookieFile, fromHex(EXIT1_COOKIE));
      writeFileSync(secrets.passwordFile, PASSWORD);
    });

    afterEach(async () => {
      await collecting?.source.close();
      await server?.close();
      collecting = undefined;
      server = undefined;
    });

    async function play(
      replays: readonly Replay[],
      changes: ConstructorParameters<typeof Collecting>[1] = {},
      nonces: readonly string[] = [],
    ): Promise<Collecting> {
      const address: TorAddress =
        kind === 'tcp' ? { kind, host: '127.0.0.1', port: 0 } : { kind, path: join(folder.path, 'control') };
      server = await ReplayServer.listen(address, replays);
      const options = { passwordFile: secrets.passwordFile, checkRelay: relayIs(MID1), ...changes };
      collecting = new Collecting(server.address, options, { randomBytes: drawing(nonces) });
      return collecting;
    }

    async function untilState(made: Collecting, state: string): Promise<void> {
      await made.until(() => made.states.at(-1) === state);
    }

    /** The whole session: how the client spoke, and the events. */
    async function playSession(replay: Replay): Promise<void> {
      const events = replay.turns
        .flatMap(({ says }) => says)
        .filter((line) => line.startsWith('650 '))
        .map((line) => line.slice(4));
      expect(events).to.have.length(3215);
      const made = await play([replay]);
      made.source.count(recordedRequest());
      made.source.start();
      await made.until(() => made.lines.length >= events.length);
      await made.source.stopCounting();
      await made.source.close();
      expect(made.lines).to.deep.equal(events);
      expect(made.faults).to.deep.equal([]);
      expect(made.log.lines).to.deep.equal([]);
      const [replayed, ...others] = server!.connections;
      expect(others).to.deep.equal([]);
      // It asks how the two settings stand, and so need not set them back blindly at the end.
      const settings = ['PrivCountCircuitSampleRate', 'PrivCountMaxCellEventsPerCircuit'];
      expect(replayed!.unrecorded).to.deep.equal(settings.map((name) => `GETCONF ${name}`));
      const left = replayed!.left.map(({ command }) => command);
      expect(left).to.deep.equal([`SETCONF ${settings[0]!}=1.0`, `SETCONF ${settings[1]!}=-1`]);
      const own = withoutProof(replayed!.received, replayed!.unrecorded);
      const recorded = withoutProof(
        replay.turns.map(({ command }) => command),
        left,
      );
      expect([...own].sort()).to.deep.equal([...recorded].sort());
      const isQuestion = (line: string): boolean => line.startsWith('GET');
      expect(own.filter(isQuestion)).to.deep.equal(recorded.filter(isQuestion));
      // All is set before events are asked for, and undone after.
      const at = own.findIndex((line) => line.startsWith('SETEVENTS P'));
      const isAbout = (line: string): boolean => /^SET(?!EVENTS$)/.test(line);
      const recordedAt = recorded.findIndex((line) => line.startsWith('SETEVENTS P'));
      expect(own.slice(at - 4, at).filter(isAbout)).to.deep.equal(
        recorded.slice(recordedAt - 4, recordedAt).filter(isAbout),
      );
      expect(own.slice(at)).to.deep.equal(recorded.slice(recordedAt));
    }

    it('have a whole session with us, and each event of it arrives', async () => {
      await playSession({ turns: turnsOf(SESSION) });
    });

    it('have the same session when what they say is cut anywhere', async () => {
      const seed = randomBytes(4).readUInt32LE();
      let state = seed;
      // Marsaglia's xorshift: enough for places, and a failure can be played again from its seed.
      const next = (): number => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state >>> 0;
      };
      const inPieces = (bytes: Buffer): Buffer[] => {
        const count = bytes.length > 10_000 ? CUTS : bytes.length - 1;
        return cut(
          bytes,
          Array.from({ length: count }, () => next()),
        );
      };
      try {
        await playSession({ turns: turnsOf(SESSION), cut: inPieces });
      } catch (error) {
        throw new Error(`with the seed ${seed}`, { cause: error });
      }
    });

    it('take our proof of the cookie, which is theirs to the byte', async () => {
      const name = 'auth.exit1.safecookie.txt';
      const made = await play(
        [{ turns: turnsOf(name) }],
        { cookieFile: secrets.cookieFile, checkRelay: relayIs(EXIT1) },
        [nonceOf(name)],
      );
      made.source.start();
      await untilState(made, 'waiting');
      const [replayed] = server!.connections;
      const isOfProof = (line: string): boolean => /^PROTO|^AUTH/.test(line);
      const commands = turnsOf(name).map(({ command }) => command);
      const own = replayed!.received.filter(isOfProof);
      expect(own).to.deep.equal(commands.filter(isOfProof));
      expect(replayed!.unrecorded.every((line) => line.startsWith('GETCONF PrivCount'))).to.equal(true);
      expect(own).to.have.length(3);
      expect(made.log.lines).to.deep.equal([]);
    });

    it('take our password in hexadecimal, as it was recorded once', async () => {
      const made = await play([authenticatedAs('auth.guard2.password-hex.txt')]);
      made.source.start();
      await untilState(made, 'waiting');
      const command = turnsOf('auth.guard2.password-hex.txt')[1]!.command;
      expect(server!.connections[0]!.received[1]!.toUpperCase()).to.equal(command.toUpperCase());
    });

    it('that let anybody in do so, with a warning', async () => {
      const made = await play([authenticatedAs('auth.mid2.null.txt')]);
      made.source.start();
      await untilState(made, 'waiting');
      expect(server!.connections[0]!.received[1]).to.equal('AUTHENTICATE');
      expect(made.log.lines).to.have.length(1);
      expect(made.log.lines[0]).to.contain('lets anybody in');
    });

    it('with a cookie that we may not read take the password', async () => {
      const made = await play([authenticatedAs('auth.guard1.both-password.txt')], {
        cookieFile: join(folder.path, 'none'),
      });
      made.source.start();
      await untilState(made, 'waiting');
      expect(made.faults).to.deep.equal([]);
    });

    type Failure = {
      readonly name: string;
      readonly code: ControlFaultCode;
      readonly given: 'cookie' | 'no cookie' | 'password' | 'short password' | 'nothing';
      /** The nonce of the first connection: with the recorded one the relay's proof is right. */
      readonly draws?: 'recorded' | 'another';
      /** Of the dialogue, what would never be said to us first. */
      readonly skips?: number;
    };
    const failures: readonly Failure[] = [
      {
        name: 'auth.exit1.safecookie-wronghash.txt',
        code: 'cookie-refused',
        given: 'cookie',
        draws: 'recorded',
      },
      { name: 'auth.exit1.safecookie-wronghash.txt', code: 'impostor', given: 'cookie', draws: 'another' },
      { name: 'auth.client1.client-not-relay.txt', code: 'impostor', given: 'cookie', draws: 'recorded' },
      { name: 'auth.exit1.badnonce.txt', code: 'cookie-refused', given: 'cookie', draws: 'another' },
      { name: 'auth.exit1.safecookie.txt', code: 'cookie-unreadable', given: 'no cookie', draws: 'another' },
      {
        name: 'auth.exit1.protocolinfo-twice.txt',
        code: 'authentication-required',
        given: 'cookie',
        skips: 1,
      },
      { name: 'auth.guard2.password-wrong.txt', code: 'password-refused', given: 'password' },
      { name: 'auth.guard2.password-unquoted.txt', code: 'password-refused', given: 'password' },
      { name: 'auth.guard2.password-hex.txt', code: 'password-unreadable', given: 'short password' },
      {
        name: 'auth.guard2.safecookie-not-offered.txt',
        code: 'no-usable-authentication',
        given: 'nothing',
      },
    ];

    function noncesOf({ name, draws }: Failure): string[] {
      if (draws === undefined) return [];
      return [draws === 'recorded' ? nonceOf(name) : '00'.repeat(NONCE_BYTES)];
    }

    function secretsFor(given: Failure['given']) {
      const passwordFile = given.endsWith('password') ? secrets.passwordFile : undefined;
      const cookieFile = given === 'no cookie' ? join(folder.path, 'late-cookie') : secrets.cookieFile;
      if (given === 'short password') writeFileSync(secrets.passwordFile, 'short');
      return { passwordFile, cookieFile };
    }

    /** What the operator does. */
    function repair({ given }: Failure): void {
      if (given === 'no cookie') writeFileSync(join(folder.path, 'late-cookie'), fromHex(EXIT1_COOKIE));
      if (given === 'short password') writeFileSync(secrets.passwordFile, PASSWORD);
    }

    for (const failure of failures) {
      it(`that end as in ${failure.name} are ${failure.code} (${failure.given}), and are tried again until all is well`, async () => {
        const first = turnsOf(failure.name).slice(failure.skips ?? 0);
        const isByPassword = failure.given.endsWith('password');
        const good = isByPassword ? SESSION : 'auth.exit1.safecookie.txt';
        const nonces = [...noncesOf(failure), ...(isByPassword ? [] : [nonceOf(good)])];
        const made = await play(
          [{ turns: first }, { turns: turnsOf(good) }],
          { ...secretsFor(failure.given), checkRelay: relayIs(isByPassword ? MID1 : EXIT1) },
          nonces,
        );
        made.source.start();
        await untilState(made, 'retrying');
        expect(made.faults).to.deep.equal([failure.code]);
        const sentence = describeControlFault({ code: failure.code });
        expect(made.log.lines).to.deep.equal([`warn: relay: ${sentence}`]);
        repair(failure);
        await untilState(made, 'waiting');
        expect(made.log.lines.at(-1)).to.equal('info: relay: the relay is back');
        expect(made.faults).to.have.length(1);
      });
    }
  });
}
