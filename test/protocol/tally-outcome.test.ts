import { expect } from 'chai';
import { toHex } from '../../src/core/hex.js';
import { COLLECTOR_COUNT, ZERO_COUNT } from '../../src/core/counters.js';
import { SINGLE_BIN } from '../../src/core/bins.js';
import { fromBytes, incrementCell, toBytes, toSigned } from '../../src/core/ring.js';
import { sha256 } from '../../src/crypto/primitives.js';
import { type KnownNetwork } from '../../src/protocol/check-plan.js';
import { type MessageOf } from '../../src/protocol/messages.js';
import { signerOf } from '../../src/protocol/round.js';
import { readStatement, signStatement } from '../../src/protocol/statements.js';
import { testNetwork } from '../support/test-network.js';
import { type JsonObject } from './sample-statements.js';
import { Scene, type Sent } from './scene.js';

type Changed = Sent | undefined;

/** A round in which what one node sends of one kind is replaced, or lost if there is no replacement. */
function withLies(
  known: KnownNetwork,
  isLie: (sent: Sent) => boolean,
  replace: (sent: Sent, scene: Scene) => Changed,
): Scene {
  return new Scene({
    known,
    meddle: (sent, scene) => (isLie(sent) ? [replace(sent, scene) ?? []].flat() : [sent]),
  }).run();
}

function isBy(name: string, kind: string): (sent: Sent) => boolean {
  return ({ from, message }) => from === name && message.kind === kind;
}

/** The same statement with changes, signed again by its node. */
function resign(
  scene: Scene,
  { from, message }: Sent,
  kind: 'answer' | 'report',
  changes: JsonObject,
): Uint8Array {
  const { identity } = scene.self(from);
  const speaker = { publicKey: identity.publicKey, networkId: scene.known.id };
  const statement: JsonObject = readStatement(kind, message.parts[0]!, speaker)!;
  return signStatement(kind, { ...statement, ...changes }, signerOf(scene.self(from)));
}

/** A keeper that gives 1 too much for each cell 0, and signs that. */
function lyingAnswer(sent: Sent, scene: Scene): Sent {
  const message = sent.message as MessageOf<'answer'>;
  const { identity } = scene.self(sent.from);
  const statement = readStatement('answer', message.parts[0]!, {
    publicKey: identity.publicKey,
    networkId: scene.known.id,
  })!;
  const vectors = new Map(
    message.send.map((set, at) => {
      const vector = fromBytes(message.parts[at + 1]!);
      incrementCell(vector, 0);
      return [set, toBytes(vector)];
    }),
  );
  const sums = statement.sums.map(({ set, digest }) => {
    const vector = vectors.get(set);
    return { set, digest: vector === undefined ? toHex(sha256(Buffer.from(digest))) : toHex(sha256(vector)) };
  });
  return {
    ...sent,
    message: { ...message, parts: [resign(scene, sent, 'answer', { sums }), ...vectors.values()] },
  };
}

/** A collector that adds 1 to a cell of its blinded report, and signs that. */
function changedReport(cell: number) {
  return (sent: Sent, scene: Scene): Sent => {
    const vector = fromBytes(sent.message.parts[1]!);
    incrementCell(vector, 4 * cell);
    const bytes = toBytes(vector);
    const signed = resign(scene, sent, 'report', { vector: toHex(sha256(bytes)) });
    return { ...sent, message: { ...sent.message, parts: [signed, bytes] } };
  };
}

function abortedOutcome({ outcome }: Scene) {
  if (outcome?.kind !== 'aborted') throw new Error('the round was not aborted');
  return outcome;
}

function releasedOutcome({ outcome }: Scene) {
  if (outcome?.kind !== 'released') throw new Error('the round was not released');
  return outcome;
}

describe('a total that is released', () => {
  it('is counts and noise, with who counted how long and when', () => {
    const scene = new Scene().run();
    const { totals, ...outcome } = releasedOutcome(scene);
    expect(toSigned(totals)).to.deep.equal([15n, 9n, 9n, 0n, 3n]);
    const countedMs = scene.plan.collectMs;
    expect(outcome).to.deep.equal({
      kind: 'released',
      collectors: ['collector-1', 'collector-2', 'collector-3'].map((name) => ({
        name,
        countedMs,
        isIncomplete: false,
      })),
      keepers: ['keeper-1', 'keeper-2', 'keeper-3'],
      unconfirmedKeepers: [],
      leftOut: [],
      startedAtMs: 1_000,
      stoppedAtMs: 61_000,
      endedAtMs: 61_000,
    });
  });

  it('says on whose word alone some of it rests', () => {
    const all = new Scene({ known: testNetwork({ keepers: 2, threshold: 2 }) }).run();
    expect(releasedOutcome(all).unconfirmedKeepers).to.deep.equal(['keeper-1', 'keeper-2']);
    const without = withLies(testNetwork(), isBy('keeper-2', 'answer'), () => undefined);
    expect(releasedOutcome(without).unconfirmedKeepers).to.deep.equal(['keeper-1', 'keeper-3']);
    expect(releasedOutcome(without).keepers).to.deep.equal(['keeper-1', 'keeper-3']);
  });

  it('says who was away for a while', () => {
    const scene = withLies(testNetwork(), isBy('collector-2', 'report'), (sent, world) => {
      const signed = resign(world, sent, 'report', { isIncomplete: true, countedMs: 5 });
      return {
        ...sent,
        message: { ...sent.message, parts: [signed, sent.message.parts[1]!] } as Sent['message'],
      };
    });
    expect(releasedOutcome(scene).collectors[1]).to.deep.equal({
      name: 'collector-2',
      countedMs: 5,
      isIncomplete: true,
    });
  });

  it('is told to every node, which forgets the round', () => {
    const scene = new Scene().run();
    const { identity } = scene.self('tally');
    const end = readStatement('end', scene.last('end').parts[0]!, {
      publicKey: identity.publicKey,
      networkId: scene.known.id,
    });
    expect(end).to.include({ roundId: scene.plan.roundId, outcome: 'released', reason: 'released' });
    for (const state of [...scene.keepers.values(), ...scene.collectors.values()])
      expect(state).to.deep.equal({ phase: 'ended', outcome: 'released' });
  });

  it('needs no check counter, though it is better with them', () => {
    const counters = [{ name: 'ExitStreamCount', bins: [SINGLE_BIN], sigma: 1 }];
    expect(toSigned(releasedOutcome(new Scene({ plan: { counters } }).run()).totals)).to.deep.equal([15n]);
  });
});

describe('nothing is released', () => {
  const DIFFERING = 'keepers that hold the same seeds gave different sums of their masks';

  it('if a keeper lies, who is named, when two of its sets have another member', () => {
    const scene = withLies(testNetwork(), isBy('keeper-2', 'answer'), lyingAnswer);
    expect(abortedOutcome(scene)).to.include({ reason: DIFFERING });
    expect(abortedOutcome(scene).culprits).to.deep.equal(['keeper-2']);
  });

  it('if two of five lie, who are named', () => {
    const known = testNetwork({ keepers: 5, threshold: 3, collectors: 2 });
    const isLie = ({ from, message }: Sent) =>
      ['keeper-1', 'keeper-4'].includes(from) && message.kind === 'answer';
    const scene = withLies(known, isLie, lyingAnswer);
    expect(abortedOutcome(scene).culprits).to.deep.equal(['keeper-1', 'keeper-4']);
  });

  const counters = [
    { name: ZERO_COUNT, bins: [SINGLE_BIN], sigma: 0 },
    { name: COLLECTOR_COUNT, bins: [SINGLE_BIN], sigma: 0 },
    { name: 'ExitStreamCount', bins: [SINGLE_BIN], sigma: 1 },
  ];
  const wrongCheck = (name: string, wanted: number) =>
    `the check counter ${name} is not ${wanted}: a report or a sum of masks is wrong, so the total is`;

  it('if a keeper lies when t = n, which only the check counters tell, and nobody is named', () => {
    const known = testNetwork({ keepers: 2, threshold: 2 });
    const scene = new Scene({
      known,
      plan: { counters },
      meddle: (sent, world) => [isBy('keeper-1', 'answer')(sent) ? lyingAnswer(sent, world) : sent],
    }).run();
    expect(abortedOutcome(scene)).to.deep.include({ reason: wrongCheck(ZERO_COUNT, 0), culprits: [] });
  });

  it('if a collector counts where nobody may', () => {
    const [zeroCell, countCell] = [3, 4];
    const zero = withLies(testNetwork(), isBy('collector-1', 'report'), changedReport(zeroCell));
    expect(abortedOutcome(zero).reason).to.equal(wrongCheck(ZERO_COUNT, 0));
    const twice = withLies(testNetwork(), isBy('collector-1', 'report'), changedReport(countCell));
    expect(abortedOutcome(twice).reason).to.equal(wrongCheck(COLLECTOR_COUNT, 3));
    expect(abortedOutcome(twice).culprits).to.deep.equal([]);
  });

  it('and the reason and who caused it are told to every node', () => {
    const scene = withLies(testNetwork(), isBy('keeper-2', 'answer'), lyingAnswer);
    const { identity } = scene.self('tally');
    const end = readStatement('end', scene.last('end').parts[0]!, {
      publicKey: identity.publicKey,
      networkId: scene.known.id,
    });
    expect(end).to.include({ outcome: 'aborted', reason: DIFFERING });
    expect([...scene.collectors.values()].map(({ phase }) => phase)).to.deep.equal([
      'ended',
      'ended',
      'ended',
    ]);
    expect(scene.logs.at(-1)).to.equal(
      `round ${scene.plan.roundId}: aborted, ${DIFFERING} (keeper-2); nothing is released`,
    );
  });

  it('if too few keepers are left while collectors count', () => {
    const scene = new Scene().run('collecting');
    for (const from of ['keeper-1', 'keeper-3']) {
      const message = {
        kind: 'decline',
        roundId: scene.plan.roundId,
        code: 'internal',
        reason: 'no disk',
        parts: [],
      } as const;
      scene.tellTally({ kind: 'message', from, message });
    }
    scene.run();
    expect(abortedOutcome(scene)).to.deep.include({
      reason: 'only 1 of the 2 keepers that are needed are left',
      culprits: ['keeper-1', 'keeper-3'],
    });
  });
});

describe('no single node can void a round', () => {
  it('not a keeper that answers but sends no sums: others are asked for them', () => {
    for (const name of ['keeper-1', 'keeper-2', 'keeper-3']) {
      const scene = withLies(testNetwork(), isBy(name, 'answer'), (sent) => ({
        ...sent,
        message: {
          ...(sent.message as MessageOf<'answer'>),
          send: [],
          parts: sent.message.parts.slice(0, 1),
        },
      }));
      expect(toSigned(releasedOutcome(scene).totals)[0]).to.equal(15n);
    }
  });

  it('unless all must answer: then it is named', () => {
    const known = testNetwork({ keepers: 3, threshold: 3, collectors: 2 });
    const scene = withLies(known, isBy('keeper-2', 'answer'), (sent) => ({
      ...sent,
      message: { ...(sent.message as MessageOf<'answer'>), send: [], parts: sent.message.parts.slice(0, 1) },
    }));
    expect(abortedOutcome(scene)).to.deep.include({
      reason: 'nobody sent the sums of masks of 1 of the 3 holder sets',
      culprits: ['keeper-2'],
    });
  });

  it('not a collector that reports under masks that no keeper holds, for which no keeper is blamed', () => {
    const scene = withLies(testNetwork(), isBy('collector-3', 'report'), (sent, world) => {
      const signed = resign(world, sent, 'report', { generations: [1, 2] });
      return {
        ...sent,
        message: { ...sent.message, parts: [signed, sent.message.parts[1]!] } as Sent['message'],
      };
    });
    const { collectors, leftOut } = releasedOutcome(scene);
    expect(collectors.map(({ name }) => name)).to.deep.equal(['collector-1', 'collector-2']);
    expect(leftOut.map(({ name }) => name)).to.deep.equal(['collector-3']);
  });

  it('not a keeper whose round key nobody can seal to', () => {
    const scene = withLies(testNetwork(), isBy('keeper-1', 'round-key'), (sent, world) => {
      const { identity } = world.self('keeper-1');
      const speaker = { publicKey: identity.publicKey, networkId: world.known.id };
      const statement: JsonObject = readStatement('round-key', sent.message.parts[0]!, speaker)!;
      const signed = signStatement(
        'round-key',
        { ...statement, key: '00'.repeat(32) },
        signerOf(world.self('keeper-1')),
      );
      return { ...sent, message: { ...sent.message, parts: [signed] } as Sent['message'] };
    });
    expect(releasedOutcome(scene).leftOut).to.deep.equal([
      { name: 'keeper-1', reason: 'sent a round key that it did not sign for this plan' },
    ]);
  });

  it('not a keeper that refuses all deposits, or lies about them to nobody but itself', () => {
    const scene = withLies(testNetwork(), isBy('keeper-3', 'acknowledgement'), (sent, world) => ({
      ...sent,
      message: {
        kind: 'decline',
        roundId: world.plan.roundId,
        code: 'deposit-refused',
        reason: 'not today',
        about: { collector: 'collector-1', generation: 1 },
        parts: [],
      },
    }));
    expect(releasedOutcome(scene).collectors).to.have.length(3);
  });
});

describe('the set that the tally chooses', () => {
  /** Which keepers get whose deposits. */
  function chosen(known: KnownNetwork, holders: Readonly<Record<string, readonly string[]>>): Scene {
    const isKept = ({ from, to, message }: Sent) =>
      from !== 'tally' || message.kind !== 'deposit' || holders[message.collector]!.includes(to);
    return new Scene({ known, meddle: (sent) => (isKept(sent) ? [sent] : []) }).run();
  }
  const [first, second, third] = ['keeper-1', 'keeper-2', 'keeper-3'];

  it('is the largest that some t keepers hold all seeds of, and only they are asked', () => {
    const holders = {
      'collector-1': [first, second],
      'collector-2': [first, second],
      'collector-3': [second, third],
    };
    const scene = chosen(testNetwork(), holders);
    const { collectors, leftOut, keepers } = releasedOutcome(scene);
    expect(collectors.map(({ name }) => name)).to.deep.equal(['collector-1', 'collector-2']);
    expect(keepers).to.deep.equal([first, second]);
    expect(leftOut).to.deep.equal([
      { name: 'collector-3', reason: 'dealt seeds that too few of the remaining keepers hold' },
    ]);
  });

  it('is one that may be released, if the largest may not', () => {
    const base = testNetwork();
    const weights = [1, 0.5, 0.5];
    const collectors = base.network.collectors.map((entry, at) => ({ ...entry, noiseWeight: weights[at]! }));
    const known = { ...base, network: { ...base.network, collectors } };
    const holders = {
      'collector-1': [first, third],
      'collector-2': [first, second],
      'collector-3': [first, second],
    };
    expect(releasedOutcome(chosen(known, holders)).collectors.map(({ name }) => name)).to.deep.equal([
      'collector-1',
    ]);
  });
});
