import { expect } from 'chai';
import { type Json } from '../../src/protocol/canonical-json.js';
import { decodeMessage, encodeMessage } from '../../src/protocol/codec.js';
import { type CollectorRound } from '../../src/protocol/collector-state.js';
import { type KeeperRound } from '../../src/protocol/keeper-state.js';
import { partCounts, type RoundMessage } from '../../src/protocol/messages.js';
import { signerOf } from '../../src/protocol/round.js';
import { signStatement, type StatementKind } from '../../src/protocol/statements.js';
import { type TallyRound } from '../../src/protocol/tally-state.js';
import { RandomSource } from '../support/random-source.js';
import { testNetwork, testSelf } from '../support/test-network.js';
import { collectorBegins, collectorTakes, keeperBegins, keeperTakes, tallyTakes } from './purely.js';
import { statementKinds, type JsonObject } from './sample-statements.js';
import { Scene } from './scene.js';

const MESSAGES = Number(process.env['PRIVCOUNT_FUZZ'] ?? 500);

const known = testNetwork();
const whole = new Scene({ known, checkpointMs: 20_000 }).run();
const genuine = whole.sent.map(({ message }) => message);
const nodes = ['tally', 'keeper-1', 'keeper-2', 'collector-1', 'collector-2'];

type Moment = {
  readonly tally: TallyRound;
  readonly keeper: KeeperRound | undefined;
  readonly collector: CollectorRound | undefined;
  readonly nowMs: number;
};

/** All that the nodes were like on the way through a round. */
const moments: readonly Moment[] = (() => {
  const scene = new Scene({ known, checkpointMs: 20_000 });
  const seen: Moment[] = [];
  do {
    const keeper = scene.keepers.get('keeper-1');
    const collector = scene.collectors.get('collector-1');
    seen.push({ tally: scene.tally, keeper, collector, nowMs: scene.nowMs });
  } while (scene.step());
  return seen;
})();

/** The statement of a message's first part, unsigned. */
function statementOf(part: Uint8Array): JsonObject | undefined {
  try {
    return JSON.parse(Buffer.from(part.subarray(64)).toString()) as JsonObject;
  } catch {
    return undefined;
  }
}

/** A value that stands somewhere else in a statement, or one at the edge of what its type allows. */
function strayValue(random: RandomSource, old: Json): Json {
  if (typeof old === 'number') return random.pick([0, 1, 2, 251, 5000, 2 ** 53 - 1, old + 1]);
  if (typeof old === 'boolean') return !old;
  if (typeof old === 'string') {
    const others = [
      '00'.repeat(32),
      'ff'.repeat(32),
      '00'.repeat(16),
      'keeper-2',
      'collector-2',
      'collector-9',
      'on',
      'off',
      'released',
    ];
    return random.pick([...others, ...genuine.flatMap((message) => digestsOf(message))]);
  }
  if (Array.isArray(old)) {
    const items = old as readonly Json[];
    return random.pick([
      [],
      items.slice(1),
      [...items, ...items],
      [...items].reverse(),
      items.map((item) => strayValue(random, item)),
    ]);
  }
  return old === null ? 0 : changed(random, old as JsonObject);
}

function digestsOf(message: RoundMessage): string[] {
  const statement = message.parts[0] === undefined ? undefined : statementOf(message.parts[0]);
  return Object.values(statement ?? {}).filter((value) => typeof value === 'string');
}

function changed(random: RandomSource, statement: JsonObject): JsonObject {
  const key = random.pick(Object.keys(statement));
  return { ...statement, [key]: strayValue(random, statement[key]!) };
}

/** A good message with a few things wrong with it, of which its sender signs what it says. */
function foul(random: RandomSource): RoundMessage {
  const message = random.pick(genuine);
  const parts = [...message.parts];
  const [signed] = parts;
  const statement = signed && statementOf(signed);
  if (statement !== undefined && random.isLikely(0.7)) {
    const isOwnKind = (statementKinds as readonly string[]).includes(message.kind) && random.isLikely(0.9);
    const kind = isOwnKind ? (message.kind as StatementKind) : random.pick(statementKinds);
    const speaker = [statement['keeper'], statement['collector'], 'tally'].find(
      (name) => typeof name === 'string',
    );
    const signer =
      random.isLikely(0.9) && nodes.includes(speaker as string) ? (speaker as string) : random.pick(nodes);
    parts[0] = signStatement(kind, changed(random, statement), signerOf(testSelf(known, signer)));
  }
  if (random.isLikely(0.2)) parts.push(random.pick(genuine).parts.at(-1) ?? new Uint8Array(1));
  if (parts.length > 1 && random.isLikely(0.2))
    parts[random.below(parts.length)] = random.bytes(random.below(100));
  if (parts.length > 1 && random.isLikely(0.1)) parts.splice(random.below(parts.length), 1);
  const header = random.isLikely(0.1) ? random.pick(genuine) : message;
  const isSet = 'send' in header && random.isLikely(0.3);
  return {
    ...header,
    ...(isSet ? { send: [random.below(252), random.below(3)] } : {}),
    parts,
  };
}

/** What the codec lets through of it; a flipped bit now and then. */
function throughCodec(random: RandomSource, message: RoundMessage): RoundMessage | undefined {
  const frame = encodeMessage(message);
  if (random.isLikely(0.1)) {
    const at = random.below(frame.length);
    frame[at] = frame[at]! ^ (1 << random.below(8));
  }
  const decoded = decodeMessage(frame);
  return 'message' in decoded ? (decoded.message as RoundMessage) : undefined;
}

describe('any messages that the codec lets through', () => {
  /** Calls `give` with many, and answers how many there were. */
  function flood(
    seed: number,
    give: (message: RoundMessage, moment: Moment, random: RandomSource) => unknown,
  ): number {
    const random = new RandomSource(seed);
    let given = 0;
    for (let count = 0; count < MESSAGES; count += 1) {
      const message = throughCodec(random, foul(random));
      if (message === undefined) continue;
      const [min, max] = partCounts[message.kind];
      expect(message.parts.length).to.be.within(min, max);
      give(message, random.pick(moments), random);
      given += 1;
    }
    return given;
  }

  it('never make the tally throw', () => {
    const self = testSelf(known, 'tally');
    const given = flood(1, (message, { tally, nowMs }, random) => {
      const from = random.pick(nodes.slice(1));
      const { state } = tallyTakes(self, tally, { kind: 'message', from, message }, nowMs);
      expect(['keying', 'depositing', 'collecting', 'voting', 'answering', 'over']).to.include(state.phase);
    });
    expect(given).to.be.greaterThan(MESSAGES / 2);
  });

  it('never make a keeper throw', () => {
    const self = testSelf(known, 'keeper-1');
    const given = flood(2, (message, { keeper, nowMs }) => {
      if (keeper !== undefined) keeperTakes(self, keeper, { kind: 'message', message }, nowMs);
      const start = { secretKey: new Uint8Array(32).fill(1), sigmaFloor: undefined, isSeen: false, nowMs };
      if (message.kind === 'plan') keeperBegins(self, message, start);
    });
    expect(given).to.be.greaterThan(MESSAGES / 2);
  });

  it('never make a collector throw', () => {
    const self = testSelf(known, 'collector-1');
    const given = flood(3, (message, { collector, nowMs }) => {
      if (collector !== undefined) collectorTakes(self, collector, { kind: 'message', message }, nowMs);
      const entropy = new Uint8Array(192).fill(1);
      const start = { entropy, checkpointMs: 20_000, sigmaFloor: undefined, nowMs };
      if (message.kind === 'plan') collectorBegins(self, message, start);
    });
    expect(given).to.be.greaterThan(MESSAGES / 2);
  });
});
