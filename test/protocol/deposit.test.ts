import { expect } from 'chai';
import { toHex } from '../../src/core/hex.js';
import { setsOfKeeper } from '../../src/core/holder-sets.js';
import { commitToSeed } from '../../src/core/masks.js';
import { nodePrimitives, sha256 } from '../../src/crypto/primitives.js';
import { x25519PublicKey } from '../../src/crypto/sealing.js';
import { type Json } from '../../src/protocol/canonical-json.js';
import {
  boxBytes,
  dealSeeds,
  depositEntropyBytes,
  openDeposit,
  readDeposit,
} from '../../src/protocol/deposit.js';
import { type MessageOf } from '../../src/protocol/messages.js';
import { type Roster } from '../../src/protocol/roster.js';
import { maskContext, signerOf, toRoundFacts, type RoundFacts } from '../../src/protocol/round.js';
import { readStatement, signStatement, statementDigest } from '../../src/protocol/statements.js';
import { RandomSource } from '../support/random-source.js';
import { testNetwork, testPlan, testSelf } from '../support/test-network.js';
import { DIGEST } from './sample-statements.js';

const known = testNetwork({ keepers: 4, threshold: 3 });
const facts = toRoundFacts(testPlan(known), DIGEST, known);
const random = new RandomSource(3);

const keyPairs = [0, 1, 2, 3].map(() => {
  const secretKey = random.bytes(32);
  return { secretKey, publicKey: x25519PublicKey(secretKey) };
});
const roster: Roster = {
  digest: 'aa'.repeat(32),
  keepers: keyPairs.map(({ publicKey }, index) => ({ name: `keeper-${index + 1}`, index, key: publicKey })),
};
const entropy = random.bytes(depositEntropyBytes(facts));
const dealt = dealSeeds(testSelf(known, 'collector-1'), facts, { roster, generation: 1, entropy })!;
const [signed, ...boxes] = dealt.parts as [Uint8Array, ...Uint8Array[]];

type Opening = {
  readonly keeper?: number;
  readonly collector?: string;
  readonly signed?: Uint8Array;
  readonly box?: Uint8Array;
  readonly facts?: RoundFacts;
  /** The keeper whose keys are used. */
  readonly keysOf?: number;
};

function open(changes: Opening = {}) {
  const { keeper = 0, collector = 'collector-1', keysOf = keeper } = changes;
  const parts = [changes.signed ?? signed, changes.box ?? boxes[keeper]!];
  const message: MessageOf<'deposit'> = { kind: 'deposit', roundId: facts.plan.roundId, collector, parts };
  return openDeposit(testSelf(known, `keeper-${keeper + 1}`), changes.facts ?? facts, {
    message,
    keeper,
    keys: keyPairs[keysOf]!,
  });
}

function faultOf(changes: Opening): string | undefined {
  const opened = open(changes);
  return 'fault' in opened ? opened.fault : undefined;
}

/** The deposit with other fields, signed by its collector all the same. */
function signedWith(changes: { readonly [key: string]: Json }): Uint8Array {
  const collector = testSelf(known, 'collector-1');
  const speaker = { publicKey: collector.identity.publicKey, networkId: known.id };
  const statement = readStatement('deposit', signed, speaker)!;
  return signStatement('deposit', { ...statement, ...changes }, signerOf(collector));
}

const NOT_SIGNED = 'collector collector-1 did not sign it for this plan';
const OTHER_BOX = 'the box is not the one that its collector signed';
const NOT_SEALED = "the box was not sealed to this keeper's key and round";
const OTHER_SETS = "the box does not hold this keeper's sets";
const OTHER_SEED = 'a seed is not the one that its collector committed to';

describe('a deposit', () => {
  it('gives each keeper the seeds of its sets, and all members of a set the same', () => {
    const seedOf = new Map<number, string>();
    for (const keeper of [0, 1, 2, 3]) {
      const opened = open({ keeper });
      if ('fault' in opened) throw new Error(opened.fault);
      expect(opened.seeds.map(({ set }) => set)).to.deep.equal(setsOfKeeper(facts.holders, keeper));
      expect(opened.digest).to.equal(statementDigest(signed));
      for (const { set, seed } of opened.seeds) {
        expect(seedOf.get(set) ?? toHex(seed)).to.equal(toHex(seed));
        seedOf.set(set, toHex(seed));
      }
    }
    expect([...seedOf.keys()].sort()).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(new Set(seedOf.values())).to.have.length(6);
    expect(dealt.seeds.map(({ set, seed }) => [set, toHex(seed)])).to.deep.equal(
      [...seedOf].sort(([left], [right]) => left - right),
    );
  });

  it('uses up its entropy, and no byte of it twice', () => {
    expect(entropy).to.have.length(6 * 32 + 4 * 32);
    const opened = [
      ...dealt.seeds.map(({ seed }) => toHex(seed)),
      ...boxes.map((box) => toHex(box.slice(0, 32))),
    ];
    expect(new Set(opened)).to.have.length(10);
    for (const { seed } of dealt.seeds) expect(seed.buffer).to.equal(entropy.buffer);
  });

  it('commits to each seed, in the order of the sets', () => {
    const statement = readDeposit(signed, {
      collector: 'collector-1',
      facts,
      self: testSelf(known, 'keeper-1'),
    });
    const context = maskContext(facts, 'collector-1', 1);
    expect(statement?.commitments).to.deep.equal(
      dealt.seeds.map((seed) => toHex(commitToSeed(nodePrimitives, seed, context))),
    );
    expect(statement?.boxes).to.deep.equal(
      boxes.map((box, at) => ({ keeper: `keeper-${at + 1}`, digest: toHex(sha256(box)) })),
    );
  });

  it('has boxes of a length that follows from the holder sets', () => {
    boxes.forEach((box, keeper) => expect(box.length).to.equal(boxBytes(facts.holders, keeper)));
  });

  it('has boxes for the keepers of the roster only', () => {
    const few = { ...roster, keepers: [roster.keepers[0]!, roster.keepers[2]!, roster.keepers[3]!] };
    const parts = dealSeeds(testSelf(known, 'collector-1'), facts, {
      roster: few,
      generation: 1,
      entropy,
    })?.parts;
    expect(parts).to.have.length(4);
    expect(faultOf({ keeper: 2, signed: parts![0]!, box: parts![2]! })).to.equal(undefined);
    expect(faultOf({ keeper: 1, signed: parts![0]!, box: parts![2]! })).to.equal(OTHER_BOX);
  });

  it('is not made for a key of small order', () => {
    const keepers = roster.keepers.map((keeper, at) =>
      at === 2 ? { ...keeper, key: new Uint8Array(32) } : keeper,
    );
    const given = { roster: { ...roster, keepers }, generation: 1, entropy };
    expect(dealSeeds(testSelf(known, 'collector-1'), facts, given)).to.equal(undefined);
  });
});

describe('a keeper refuses a deposit', () => {
  it('with less than a statement and a box', () => {
    const given = { keeper: 0, keys: keyPairs[0]! };
    const message = { kind: 'deposit', roundId: facts.plan.roundId, collector: 'collector-1' } as const;
    for (const parts of [[], [signed]]) {
      expect(
        openDeposit(testSelf(known, 'keeper-1'), facts, { ...given, message: { ...message, parts } }),
      ).to.deep.equal({ fault: 'a deposit and one box were expected' });
    }
  });

  it('that its collector did not sign, and does not open it', () => {
    expect(faultOf({ collector: 'collector-2' })).to.equal(
      'collector collector-2 did not sign it for this plan',
    );
    expect(faultOf({ collector: 'collector-9' })).to.equal(
      'collector collector-9 did not sign it for this plan',
    );
    for (let bit = 0; bit < 8 * signed.length; bit += 7) {
      const changed = signed.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(faultOf({ signed: changed }), `bit ${bit}`).to.equal(NOT_SIGNED);
    }
  });

  it('of a collector that is not invited', () => {
    const collectors = facts.plan.collectors.slice(1);
    expect(faultOf({ facts: { ...facts, plan: { ...facts.plan, collectors } } })).to.equal(NOT_SIGNED);
  });

  it('that names another collector than the one that signed it', () => {
    expect(faultOf({ signed: signedWith({ collector: 'collector-2' }) })).to.equal(NOT_SIGNED);
  });

  it('made for another plan', () => {
    expect(faultOf({ facts: { ...facts, planDigest: '00'.repeat(32) } })).to.equal(NOT_SIGNED);
  });

  it("with another keeper's box, or one that was changed by a bit", () => {
    expect(faultOf({ box: boxes[1]! })).to.equal(OTHER_BOX);
    for (let bit = 0; bit < 8 * boxes[0]!.length; bit += 1) {
      const changed = boxes[0]!.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(faultOf({ box: changed }), `bit ${bit}`).to.equal(OTHER_BOX);
    }
  });

  it('whose boxes its collector swapped between keepers', () => {
    const swapped = [boxes[1]!, boxes[0]!].map((box, at) => ({
      keeper: `keeper-${at + 1}`,
      digest: toHex(sha256(box)),
    }));
    expect(faultOf({ signed: signedWith({ boxes: swapped }), box: boxes[1]! })).to.equal(NOT_SEALED);
  });

  it('sealed to another key, generation, roster or round', () => {
    expect(faultOf({ keysOf: 1 })).to.equal(NOT_SEALED);
    expect(faultOf({ signed: signedWith({ generation: 2 }) })).to.equal(NOT_SEALED);
    expect(faultOf({ signed: signedWith({ roster: '00'.repeat(32) }) })).to.equal(NOT_SEALED);
    const plan = { ...facts.plan, roundId: '02'.repeat(16) };
    expect(faultOf({ facts: { ...facts, plan } })).to.equal(NOT_SEALED);
    expect(faultOf({ facts: { ...facts, plan: { ...facts.plan, networkId: '00'.repeat(32) } } })).to.equal(
      NOT_SEALED,
    );
  });

  it('with a box of no length at all, which its collector signed', () => {
    const empty = new Uint8Array(0);
    const entries = [{ keeper: 'keeper-1', digest: toHex(sha256(empty)) }];
    expect(faultOf({ signed: signedWith({ boxes: entries }), box: empty })).to.equal(NOT_SEALED);
  });

  it('with more or fewer commitments than there are sets', () => {
    const commitments = dealt.seeds.map(() => DIGEST);
    for (const list of [commitments.slice(1), [...commitments, DIGEST]])
      expect(faultOf({ signed: signedWith({ commitments: list }) })).to.equal(OTHER_SETS);
  });

  it("with another keeper's sets in its box", () => {
    // A collector that takes keeper 1 for keeper 2 seals the sets of 2 to it, under its name.
    const keepers = [{ ...roster.keepers[0]!, index: 1 }];
    const mistaken = dealSeeds(testSelf(known, 'collector-1'), facts, {
      roster: { ...roster, keepers },
      generation: 1,
      entropy,
    })!;
    expect(faultOf({ signed: mistaken.parts[0]!, box: mistaken.parts[1]! })).to.equal(OTHER_SETS);
  });

  it('with a box of other sets than this network has', () => {
    const small = testNetwork({ keepers: 3, threshold: 2 });
    const otherFacts = toRoundFacts(facts.plan, DIGEST, small);
    const keepers = roster.keepers.slice(0, 3);
    const other = dealSeeds(testSelf(known, 'collector-1'), otherFacts, {
      roster: { ...roster, keepers },
      generation: 1,
      entropy,
    })!;
    expect(faultOf({ signed: other.parts[0]!, box: other.parts[1]! })).to.equal(OTHER_SETS);
  });

  it('whose collector dealt one seed to it and committed to another', () => {
    const twin = random.bytes(depositEntropyBytes(facts));
    const other = dealSeeds(testSelf(known, 'collector-1'), facts, { roster, generation: 1, entropy: twin })!;
    const [otherSigned, ...otherBoxes] = other.parts as [Uint8Array, ...Uint8Array[]];
    const collector = testSelf(known, 'collector-1');
    const speaker = { publicKey: collector.identity.publicKey, networkId: known.id };
    const mine = readStatement('deposit', signed, speaker)!;
    const theirs = readStatement('deposit', otherSigned, speaker)!;
    // Keeper 1 gets the box of the first deal, the others those of the second, under one statement.
    const mixed = signedWith({
      commitments: theirs.commitments,
      boxes: [mine.boxes[0]!, ...theirs.boxes.slice(1)],
    });
    expect(faultOf({ keeper: 0, signed: mixed, box: boxes[0]! })).to.equal(OTHER_SEED);
    expect(faultOf({ keeper: 1, signed: mixed, box: otherBoxes[1]! })).to.equal(undefined);
    // One commitment that is off is enough for the members of that set, and only for them.
    const oneOff = signedWith({ commitments: [DIGEST, ...mine.commitments.slice(1)] });
    const members = facts.holders.sets[0]!;
    for (const keeper of [0, 1, 2, 3]) {
      expect(faultOf({ keeper, signed: oneOff })).to.equal(members.includes(keeper) ? OTHER_SEED : undefined);
    }
  });

  it('and says whose it is if its collector signed it', () => {
    const refused = open({ box: boxes[1]! });
    expect('fault' in refused && refused.deposit?.generation).to.equal(1);
    expect(open({ collector: 'collector-2' })).not.to.have.property('deposit');
  });
});
