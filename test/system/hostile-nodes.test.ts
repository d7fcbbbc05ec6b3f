/** Nodes of network.yaml that break the rules, their identities being good, while honest ones end their rounds. */
import { expect } from 'chai';
import { type Json } from '../../src/protocol/canonical-json.js';
import { signStatement } from '../../src/protocol/statements.js';
import { SIGNATURE_BYTES } from '../../src/crypto/identity.js';
import { dialer } from '../../src/io/dialer.js';
import { decodeMessage, encodeMessage } from '../../src/protocol/codec.js';
import { FRAME_BYTES_MAX } from '../../src/protocol/limits.js';
import { type Message, type MessageOf } from '../../src/protocol/messages.js';
import { type Dialer } from '../../src/roles/channel-ports.js';
import { HonestNetwork, startCollector, startKeeper } from './honest-network.js';
import { TEST_NETWORK_ID, testIdentity } from '../support/test-network.js';
import { makePlace, until } from './hostile-world.js';

const HONEST = {
  collectors: ['collector-1', 'collector-2', 'collector-3'],
  keepers: ['keeper-1', 'keeper-2'],
};
const ROUNDS = 2;

type Said = Exclude<Message, { kind: 'hello' }>;

/** What a node says instead of what the honest code of its role wants to say; `round` is 0 for the first. */
type Meddle = (message: Said, round: number) => readonly (Message | Uint8Array)[];

/** The real dialer, with somebody between it and the role who changes what leaves. */
function meddlingDialer(meddle: Meddle): Dialer {
  const rounds: string[] = [];
  const roundOf = (message: Said): number => {
    if (!('roundId' in message) || message.roundId === undefined) return rounds.length;
    if (!rounds.includes(message.roundId)) rounds.push(message.roundId);
    return rounds.indexOf(message.roundId);
  };
  return {
    dial: (target, events) =>
      dialer.dial(target, {
        onFrame: (frame) => events.onFrame(frame),
        onClose: (reason) => events.onClose(reason),
        onOpen: (channel) =>
          events.onOpen({
            exporter: channel.exporter,
            welcome: () => channel.welcome(),
            close: () => channel.close(),
            drop: () => channel.drop(),
            health: () => channel.health(),
            send: (frame) => {
              const decoded = decodeMessage(frame);
              if ('fault' in decoded || decoded.message.kind === 'hello') {
                channel.send(frame);
                return;
              }
              for (const said of meddle(decoded.message, roundOf(decoded.message)))
                channel.send(said instanceof Uint8Array ? said : encodeMessage(said));
            },
          }),
      }),
  };
}

/** Plays the first round by the rules, and says its message of that kind again in the second, under its new number. */
function replaying(kind: 'deposit' | 'report' | 'vote' | 'acknowledgement'): Meddle {
  let recorded: Said | undefined;
  return (message, round) => {
    if (message.kind !== kind) return [message];
    if (round === 0) {
      recorded ??= message;
      return [message];
    }
    return [{ ...message, parts: recorded!.parts }];
  };
}

function inTheNameOf(collector: string, deposit: MessageOf<'deposit'>): Message {
  const [signed, ...boxes] = deposit.parts;
  const statement = JSON.parse(new TextDecoder().decode(signed!.subarray(SIGNATURE_BYTES))) as Record<
    string,
    Json
  >;
  const signer = { identity: testIdentity('collector-7'), networkId: TEST_NETWORK_ID };
  return {
    ...deposit,
    collector,
    parts: [signStatement('deposit', { ...statement, collector }, signer), ...boxes],
  };
}

/** By node: what it does, what the outcome says of it, and in which rounds. */
const LIES: Record<string, { meddle: Meddle; leftOut: RegExp; rounds: readonly number[] }> = {
  'collector-4': {
    meddle: replaying('deposit'),
    leftOut: /^sent a deposit that it did not sign for this plan/,
    rounds: [1],
  },
  'collector-5': {
    meddle: replaying('report'),
    leftOut: /^sent a report that it did not sign for this plan$/,
    rounds: [1],
  },
  'collector-6': {
    // What only the tally says, in the place of its deposit.
    meddle: (message) => [
      message.kind === 'deposit' ? { kind: 'report-request', roundId: message.roundId, parts: [] } : message,
    ],
    leftOut: /^sent a report-request, which only the tally sends$/,
    rounds: [0, 1],
  },
  'collector-7': {
    // By its own hand, in the name of another.
    meddle: (message) => [message.kind === 'deposit' ? inTheNameOf('collector-1', message) : message],
    leftOut: /^sent a deposit that it did not sign for this plan/,
    rounds: [0, 1],
  },
  'collector-8': {
    meddle: (message) => [
      message.kind === 'deposit' ? new Uint8Array(FRAME_BYTES_MAX + 1) : encodeMessage(message),
    ],
    leftOut: /^dealt no seeds in time$/,
    rounds: [0, 1],
  },
  'collector-9': {
    meddle: (message) => [message.kind === 'deposit' ? new Uint8Array(FRAME_BYTES_MAX).fill(1) : message],
    leftOut: /^dealt no seeds in time$/,
    rounds: [0, 1],
  },
  'keeper-3': {
    meddle: replaying('vote'),
    leftOut: /^sent a vote that it did not sign for what was proposed$/,
    rounds: [1],
  },
};

const chatted = new Set<string>();

/** Says much out of order, but what is asked for too: it stays in. Once a round: later a false report is in order, and false. */
const chatterbox: Meddle = (message) => {
  if (message.kind !== 'deposit' || chatted.has(message.roundId)) return [message];
  const { roundId } = message;
  chatted.add(roundId);
  const started: Message = { kind: 'started', roundId, generation: 1, parts: [] };
  const report: Message = { kind: 'report', roundId, parts: [new Uint8Array(100), new Uint8Array(96)] };
  const answer: Message = {
    kind: 'answer',
    roundId,
    send: [0],
    parts: [new Uint8Array(100), new Uint8Array(96)],
  };
  const vote: Message = { kind: 'vote', roundId, parts: [new Uint8Array(100)] };
  const ofNoRound: Message = { ...report, roundId: 'ff'.repeat(16) };
  const piece: Message = {
    kind: 'piece',
    digest: 'ee'.repeat(32),
    offset: 0,
    total: 1,
    parts: [new Uint8Array(1)],
  };
  const want: Message = { kind: 'want', digest: 'ee'.repeat(32), offset: 5, parts: [] };
  return [started, report, answer, vote, ofNoRound, piece, want, message, message];
};

describe('a tally among hostile nodes', function () {
  this.timeout(400_000);

  let honest: HonestNetwork;
  const liars: { role: { close(): unknown } }[] = [];

  before(async () => {
    const place = await makePlace({ collectors: 10, minCollectors: 3 });
    const settings = { drawMs: 1_500, collectMs: 1_500, phaseMs: 8_000, rounds: ROUNDS };
    honest = new HonestNetwork(place, settings, HONEST);
    for (const [name, { meddle }] of Object.entries(LIES)) {
      if (name.startsWith('keeper')) liars.push(startKeeper(place, name, meddlingDialer(meddle)));
      else liars.push(honest.joinedBy(name, startCollector(place, name, meddlingDialer(meddle))));
    }
    const name = 'collector-10';
    liars.push(honest.joinedBy(name, startCollector(place, name, meddlingDialer(chatterbox))));
    for (let round = 0; round < ROUNDS; round += 1) {
      await honest.counting();
      HONEST.collectors.forEach((honestName, at) => honest.tell(honestName, at + 1 + 10 * round));
      await until(() => honest.results.length > round, `round ${round} is over`);
    }
    await honest.ended();
  });

  after(async () => {
    await Promise.all(liars.map(({ role }) => role.close()));
    await honest.close();
  });

  it('releases exact totals over all who played by the rules, in both rounds', () => {
    expect(honest.summary).to.deep.equal({ released: ROUNDS, aborted: 0 });
    const talking = [...HONEST.collectors, 'collector-10'];
    expect(honest.outcome(0).collectors).to.have.members([...talking, 'collector-4', 'collector-5']);
    expect(honest.outcome(1).collectors).to.have.members(talking);
    expect(honest.streamsWithoutNoise(0)).to.equal(1n + 2n + 3n);
    expect(honest.streamsWithoutNoise(1)).to.equal(11n + 12n + 13n);
  });

  it('uses the sums of a keeper until it lies', () => {
    expect(honest.outcome(0).keepers).to.deep.equal(['keeper-1', 'keeper-2', 'keeper-3']);
    expect(honest.outcome(1).keepers).to.deep.equal(['keeper-1', 'keeper-2']);
  });

  for (const [name, { leftOut, rounds }] of Object.entries(LIES)) {
    it(`leaves ${name} out that ${String(leftOut)
      .slice(2)
      .replace(/\$?\/$/, '')}`, () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const entry = honest.outcome(round).left_out.find((found) => found.name === name);
        if (rounds.includes(round)) expect(entry?.reason).to.match(leftOut);
        else expect(entry, 'in a round in which it lies not').to.equal(undefined);
      }
    });
  }

  it('logs why it cut a node off, and names it', () => {
    const count = (start: string) => honest.tallyLines.filter((line) => line.startsWith(start)).length;
    expect(count('warn: collector-8 is no longer connected: it sent a frame above the limit')).to.be.within(
      1,
      10,
    );
    expect(count('warn: cut off collector-9: the header is longer than 16384 bytes')).to.be.within(1, 10);
  });

  it('loses no honest node over it', () => {
    for (const name of [...HONEST.collectors, ...HONEST.keepers]) {
      const lost = honest.tallyLines.filter((line) => line.includes(`${name} is no longer connected`));
      expect(lost).to.deep.equal([]);
    }
  });
});
