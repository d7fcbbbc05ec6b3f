/** Attacks by seeds that are not what they are said to be: dealt by another, for nobody, or different to each keeper. */
import { expect } from 'chai';
import { toHex } from '../../src/core/hex.js';
import { toSigned } from '../../src/core/ring.js';
import { sha256 } from '../../src/crypto/primitives.js';
import { dealSeeds, depositEntropyBytes } from '../../src/protocol/deposit.js';
import { type MessageOf } from '../../src/protocol/messages.js';
import { type Roster } from '../../src/protocol/roster.js';
import { type RoundFacts } from '../../src/protocol/round.js';
import { type Sent } from '../protocol/scene.js';
import { RandomSource } from '../support/random-source.js';
import { testIdentity, testSelf } from '../support/test-network.js';
import { COLLECTORS, KNOWN, OurRound, signedBy, statementOf, trueCount } from './our-round.js';
import { sealShare, type Share } from './original-model.js';
import { blindingValue, signed, sumOf, tableOf, type Table } from './original-numbers.js';
import { AIMED_AT_VICTIM, OriginalWorld, startConfig, trueCounts } from './original-world.js';

const [VICTIM, ...OTHERS] = COLLECTORS as [string, ...string[]];

/**
 * One honest collector, and shares that the tally seals itself under these names: it knows the values in them, so what
 * keepers add up of the honest one's is no secret to it.
 */
function openAmongForged(names: readonly string[]): Record<string, bigint[]> {
  const world = new OriginalWorld({ collectors: 1 });
  const dealt = world.deal(AIMED_AT_VICTIM).map((shares) => shares!);
  const forged: { values: Table; share: Share }[] = names.flatMap((collector) =>
    world.publicKeys.map((publicKey) => {
      const values = tableOf(AIMED_AT_VICTIM.counters, () => blindingValue(world.random));
      return { values, share: sealShare(values, { publicKey, collector }, world.random) };
    }),
  );
  world.pass();
  const shares = [...dealt, forged.map(({ share }) => share)];
  const sums = world.keepers.map((keeper) => world.open(keeper, AIMED_AT_VICTIM, shares));
  return signed(sumOf([...world.reports(), ...sums, ...forged.map(({ values }) => values)]));
}

/** The facts and the roster of the round, as whoever deals seeds must know them; the tally knows both. */
function toDealFor(round: OurRound): { facts: RoundFacts; roster: Roster } {
  const { roster, facts } = round.scene.tallyIn('depositing');
  return { facts, roster };
}

/** Seeds that the tally deals in a collector's name, and signs with its own identity. */
function forgedDeposit(collector: string, { facts, roster }: { facts: RoundFacts; roster: Roster }) {
  const forger = { known: KNOWN, name: collector, identity: testIdentity('tally') };
  const entropy = new RandomSource(5).bytes(depositEntropyBytes(facts));
  const [statement, ...boxes] = dealSeeds(forger, facts, { roster, generation: 1, entropy })!.parts;
  return boxes.map((box): MessageOf<'deposit'> => {
    return { kind: 'deposit', roundId: facts.plan.roundId, collector, parts: [statement!, box] };
  });
}

describe('a tally that seals seeds itself in the names of collectors', () => {
  it("reads the one honest collector's exact counts in the original", () => {
    expect(openAmongForged(['collector-2', 'collector-3'])).to.deep.equal(trueCounts(0));
  });

  it('finds here that keepers take only what its collector signed, and vote for no set of others', () => {
    const round = new OurRound('depositing');
    const given = toDealFor(round);
    const real = new OurRound('over');
    given.facts.plan.keepers.forEach((keeper, at) => {
      const [own] = real.recordedDeposits(keeper).filter(({ collector }) => collector === VICTIM);
      expect(round.tell(keeper, own!)).to.deep.equal(['acknowledgement']);
      for (const name of OTHERS) {
        expect(round.tell(keeper, forgedDeposit(name, given)[at]!)).to.deep.equal(['deposit-refused']);
      }
      const proposals = [real.proposal(COLLECTORS), real.proposal([VICTIM])];
      const refused = proposals.map((proposal) => round.tell(keeper, proposal));
      expect(refused).to.deep.equal([['deposit-missing'], ['set-refused']]);
    });
  });
});

describe('a tally that invents collectors to reach the least number of them', () => {
  it("reads the one real collector's exact counts in the original", () => {
    expect(openAmongForged(['invented-1', 'invented-2'])).to.deep.equal(trueCounts(0));
  });

  it('finds here that no keeper takes part in a plan with a collector that network.yaml does not have', () => {
    const { scene } = new OurRound('depositing');
    const invented = ['invented-1', 'invented-2'].map((name) => ({ name, weight: 1 }));
    const collectors = [...scene.plan.collectors.slice(0, 1), ...invented];
    const plan = { ...scene.plan, roundId: '02'.repeat(16), collectors };
    expect(new OurRound('keying').begin('keeper-1', plan)).to.deep.equal(['plan-refused']);
  });

  it('finds here that no keeper takes seeds of an invented collector in a plan without it', () => {
    const round = new OurRound('depositing');
    const given = toDealFor(round);
    given.facts.plan.keepers.forEach((keeper, at) => {
      const [forged] = forgedDeposit('invented-1', given).slice(at);
      expect(round.tell(keeper, forged!)).to.deep.equal(['deposit-refused']);
    });
  });
});

/** Deals a second time and puts that deal's box for one keeper into the first, all signed by the collector itself. */
function withOtherSeedsFor(
  keeper: string,
  message: MessageOf<'deposit'>,
  { facts, roster }: { facts: RoundFacts; roster: Roster },
): MessageOf<'deposit'> {
  const { collector } = message;
  const entropy = new RandomSource(6).bytes(depositEntropyBytes(facts));
  const other = dealSeeds(testSelf(KNOWN, collector), facts, { roster, generation: 1, entropy })!;
  const at = roster.keepers.findIndex(({ name }) => name === keeper);
  const [signedDeposit, ...boxes] = message.parts;
  const changed = boxes.map((box, place) => (place === at ? other.parts[at + 1]! : box));
  const statement = {
    ...statementOf(signedDeposit!),
    boxes: changed.map((box, place) => {
      return { keeper: roster.keepers[place]!.name, digest: toHex(sha256(box)) };
    }),
  };
  return { ...message, parts: [signedBy(collector, 'deposit', statement), ...changed] };
}

describe('a collector that gives a keeper other seeds than it used', () => {
  const LIAR = 'collector-3';

  /** What becomes of messages: the liar's deposits have boxes with other seeds for these keepers. */
  function misleading(keepers: readonly string[]) {
    // The same in every round that is the same so far.
    const given = toDealFor(new OurRound('depositing'));
    return (sent: Sent): readonly Sent[] => {
      const { from, message } = sent;
      if (from !== LIAR || message.kind !== 'deposit') return [sent];
      const changed = keepers.reduce((deposit, keeper) => withOtherSeedsFor(keeper, deposit, given), message);
      return [{ ...sent, message: changed }];
    };
  }

  it('has nonsense published in the original as if it were a total, and nobody is named', () => {
    const world = new OriginalWorld();
    const [, misled] = world.keepers;
    const tally = world.run(startConfig({ sigma: 0 }), {
      shares: (shares, { name }) =>
        shares.map((share) => {
          if (name !== LIAR || share.keeper !== misled!.uid) return share;
          const other = tableOf(startConfig().counters, () => blindingValue(world.random));
          return sealShare(other, { publicKey: misled!.publicKey, collector: name }, world.random);
        }),
    });
    expect(tally.hasFailed).to.equal(false);
    const truth = trueCounts(0, 1, 2);
    for (const [name, values] of Object.entries(tally.tallies!)) {
      values.forEach((value, bin) => expect(value).not.to.equal(truth[name]![bin]));
    }
  });

  it('changes no total here: the misled keeper says so, and the others hold what the total needs', () => {
    const { scene } = new OurRound('over', misleading(['keeper-2']));
    expect(scene.last('decline', 'keeper-2')).to.deep.include({
      code: 'deposit-refused',
      reason: 'a deposit: a seed is not the one that its collector committed to',
      about: { collector: LIAR, generation: 1 },
    });
    const { outcome } = scene;
    if (outcome?.kind !== 'released') throw new Error('nothing was released');
    expect(toSigned(outcome.totals)[0]).to.equal(trueCount(outcome.collectors.map(({ name }) => name)));
  });

  it('is left out by name here if fewer than t keepers can hold its seeds', () => {
    const { scene } = new OurRound('over', misleading(['keeper-2', 'keeper-1']));
    const { outcome } = scene;
    if (outcome?.kind !== 'released') throw new Error('nothing was released');
    expect(outcome.leftOut.map(({ name }) => name)).to.deep.equal([LIAR]);
    expect(toSigned(outcome.totals)[0]).to.equal(trueCount(['collector-1', 'collector-2']));
  });
});
