import { expect } from 'chai';
import { holderSets } from '../../src/core/holder-sets.js';
import { setsOfKeeper } from '../../src/core/holder-sets.js';
import { SINGLE_BIN } from '../../src/core/bins.js';
import { type KnownNetwork, setObjection } from '../../src/protocol/check-plan.js';
import { stepKeeper } from '../../src/protocol/keeper-round.js';
import { type Plan } from '../../src/protocol/plan.js';
import { signerOf } from '../../src/protocol/round.js';
import { signStatement } from '../../src/protocol/statements.js';
import { RandomSource } from '../support/random-source.js';
import { testNetwork, testPlan, testSelf } from '../support/test-network.js';
import { commonSpan, type Row } from './hostile-algebra.js';
import { HostileTally, type GivenSum } from './hostile-tally.js';
import { HonestNodes, type DealtMasks } from './hostile-world.js';

const SEEDS = Number(process.env['PRIVCOUNT_HOSTILE_SEEDS'] ?? process.env['PRIVCOUNT_SEEDS'] ?? 200);
const FIRST_SEED = Number(process.env['PRIVCOUNT_FIRST_SEED'] ?? 1);

/** Small ones twice, which are fast. */
const SHAPES = [
  { keepers: 1, threshold: 1 },
  { keepers: 2, threshold: 2 },
  { keepers: 3, threshold: 2 },
  { keepers: 3, threshold: 3 },
  { keepers: 4, threshold: 3 },
  { keepers: 1, threshold: 1 },
  { keepers: 2, threshold: 2 },
  { keepers: 3, threshold: 2 },
  { keepers: 3, threshold: 3 },
  { keepers: 4, threshold: 3 },
  { keepers: 5, threshold: 4 },
  { keepers: 5, threshold: 3 },
];

/** The threat table: how many keepers may collude with a malicious tally. */
function dishonestMax({ keepers, threshold }: { keepers: number; threshold: number }): number {
  return Math.max(0, Math.min(threshold - 1, 2 * threshold - keepers - 1));
}

type Attack = {
  readonly known: KnownNetwork;
  readonly plans: readonly Plan[];
  readonly dealt: readonly DealtMasks[];
  readonly sums: readonly GivenSum[];
  readonly dishonest: ReadonlySet<string>;
};

type AttackOptions = {
  readonly shape?: (typeof SHAPES)[number];
  /** How many keepers are; a random number that the threat table allows if it is left out. */
  readonly dishonest?: number;
  readonly keeperStep?: typeof stepKeeper;
};

function attack(seed: number, options: AttackOptions = {}): Attack {
  const random = new RandomSource(seed);
  const shape = options.shape ?? SHAPES[seed % SHAPES.length]!;
  const known = networkOf(shape, random);
  const names = known.network.keepers.map(({ name }) => name);
  const count = options.dishonest ?? random.below(dishonestMax(shape) + 1);
  const dishonest = new Set<string>();
  while (dishonest.size < count) dishonest.add(random.pick(names));
  const plans = plansOf(known, random);
  const nodes = new HonestNodes(known, random, options.keeperStep ?? stepKeeper);
  const sums = new HostileTally(known, nodes, { random, dishonest }).attack(plans);
  return { known, plans, dealt: nodes.dealt, sums, dishonest };
}

/** Two collectors, of which each may be released alone; or three, of which the noise of one is not enough. */
function networkOf(shape: (typeof SHAPES)[number], random: RandomSource): KnownNetwork {
  if (random.isLikely(0.6)) return testNetwork({ ...shape, collectors: 2 });
  const known = testNetwork({ ...shape, collectors: 3, minCollectors: 1 + random.below(2) });
  const collectors = known.network.collectors.map((entry) => ({ ...entry, noiseWeight: 0.8 }));
  return { ...known, network: { ...known.network, collectors } };
}

/** One plan, or two: of another round with the same collectors, of the same round, or one that floors forbid. */
function plansOf(known: KnownNetwork, random: RandomSource): Plan[] {
  const counters = [{ name: 'ExitStreamCount', bins: [SINGLE_BIN], sigma: 1 }];
  const first = testPlan(known, { counters, collectMs: 1_000, drawMs: 200 });
  const others: readonly Partial<Plan>[] = [
    { roundId: '02'.repeat(16) },
    { collectMs: 2_000 },
    { collectors: first.collectors.slice(1) },
    { roundId: '03'.repeat(16), collectors: first.collectors.slice(0, 1) },
  ];
  return random.isLikely(0.7) ? [first] : [first, { ...first, ...random.pick(others) }];
}

/** What the sums of a round open: a basis of the combinations of deposits whose masks the adversary can undo in every set. */
function openable({ known, dealt, sums, dishonest }: Attack, roundId: string) {
  const { keepers, threshold } = known.network;
  const { sets } = holderSets({ keepers: keepers.length, threshold });
  const deposits = dealt.filter((deposit) => deposit.roundId === roundId);
  const guarded = sets.flatMap((members, set) =>
    members.some((index) => dishonest.has(keepers[index]!.name)) ? [] : [set],
  );
  expect(guarded, 'some set has honest members only').not.to.have.length(0);
  const rows = guarded.map((set) => {
    const given = sums.filter((sum) => sum.roundId === roundId && sum.set === set);
    return given.map(({ sum }) => coefficientsOf(sum, deposits, set));
  });
  return { deposits, basis: commonSpan(rows, deposits.length) };
}

/** Which deposits' masks a sum is made of. The masks are random, so there is one answer; each half is tried alone. */
function coefficientsOf(sum: bigint, deposits: readonly DealtMasks[], set: number): Row {
  const half = deposits.length >> 1;
  const left = new Map(subsetSums(deposits.slice(0, half), set).map((entry) => [entry.total, entry.row]));
  for (const { row, total } of subsetSums(deposits.slice(half), set)) {
    const rest = left.get(BigInt.asIntN(128, sum - total));
    if (rest !== undefined) return [...rest, ...row];
  }
  throw new Error(`a keeper answered for set ${set} with a sum of no masks that were dealt in this round`);
}

/** The sum of the masks of each selection of these deposits. */
function subsetSums(deposits: readonly DealtMasks[], set: number): { row: Row; total: bigint }[] {
  return deposits.reduce<{ row: Row; total: bigint }[]>(
    (sums, { maskOf }) =>
      sums.flatMap(({ row, total }) => [
        { row: [...row, 0n], total },
        { row: [...row, 1n], total: BigInt.asIntN(128, total + maskOf[set]!) },
      ]),
    [{ row: [], total: 0n }],
  );
}

/** The sentence that tells what is wrong with what this round opens; undefined if it is at most one lawful set. */
function violation(attacked: Attack, roundId: string): string | undefined {
  const { deposits, basis } = openable(attacked, roundId);
  if (basis.length === 0) return undefined;
  if (basis.length > 1) return `${basis.length} independent totals can be opened`;
  const [row] = basis;
  const scale = row!.find((entry) => entry !== 0n)!;
  if (row!.some((entry) => entry !== 0n && entry !== scale)) return 'a weighted sum can be opened';
  const opened = deposits.filter((_, at) => row![at] !== 0n);
  const named = new Set(opened.map(({ collector, generation }) => `${collector} ${generation}`));
  if (named.size !== opened.length) return 'two deposits of one generation are in a total';
  const collectors = [...new Set(opened.map(({ collector }) => collector))];
  return setObjection(attacked.plans[0]!, attacked.known.network, collectors);
}

function roundIdsOf({ plans }: Attack): string[] {
  return [...new Set(plans.map(({ roundId }) => roundId))];
}

/** As a keeper that forgets its vote, and takes each proposal for certified. */
const carelessStep: typeof stepKeeper = (self, state, input, nowMs) => {
  if (state.phase === 'ended' || input.kind !== 'message' || input.message.kind !== 'proposal') {
    return stepKeeper(self, state, input, nowMs);
  }
  const voted = stepKeeper(self, { ...state, phase: 'keyed' }, input, nowMs).state;
  if (voted.phase !== 'voted') return { state, effects: [] };
  const { roundId } = input.message;
  const parts = self.known.network.keepers.map(({ name: keeper }) => {
    const vote = { roundId, plan: voted.facts.planDigest, keeper, proposal: voted.proposalDigest };
    return signStatement('vote', vote, signerOf(testSelf(self.known, keeper)));
  });
  const send = setsOfKeeper(voted.facts.holders, voted.index);
  const certificate = { kind: 'certificate', roundId, send, parts } as const;
  return stepKeeper(self, voted, { kind: 'message', message: certificate }, nowMs);
};

describe('a hostile tally', () => {
  it(`opens at most one set of collectors, and a lawful one, over ${SEEDS} seeds of attack`, function () {
    this.timeout(60 * 60_000);
    let opened = 0;
    let reblinded = 0;
    let rounds = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
      const attacked = attack(seed);
      for (const roundId of roundIdsOf(attacked)) {
        const label = `seed ${seed}, round ${roundId} (PRIVCOUNT_FIRST_SEED=${seed} PRIVCOUNT_HOSTILE_SEEDS=1 replays it)`;
        expect(violation(attacked, roundId), label).to.equal(undefined);
        rounds += 1;
        const { basis, deposits } = openable(attacked, roundId);
        opened += basis.length;
        const names = basis.flatMap((row) => deposits.filter((_, at) => row[at] !== 0n));
        if (new Set(names.map(({ collector }) => collector)).size < names.length) reblinded += 1;
      }
    }
    // Were the tally too clumsy to open anything, its failure to open more would prove nothing.
    expect(opened).to.be.greaterThan(rounds / 4);
    expect(reblinded).to.be.greaterThan(rounds / 50);
  });

  it('would open more if keepers answered without votes', () => {
    expect(isBroken({ keeperStep: carelessStep })).to.equal(true);
  });

  it('opens more with one dishonest keeper more than the threat table allows', () => {
    expect(isBroken({ shape: { keepers: 3, threshold: 2 }, dishonest: 1 })).to.equal(true);
    expect(isBroken({ shape: { keepers: 4, threshold: 3 }, dishonest: 2 })).to.equal(true);
  });
});

/** True if one of some attacks opens what it must not. */
function isBroken(options: AttackOptions): boolean {
  return Array.from({ length: 100 }, (_, seed) => seed).some((seed) => {
    const attacked = attack(seed, options);
    return roundIdsOf(attacked).some((roundId) => violation(attacked, roundId) !== undefined);
  });
}

describe('the algebra of the checker', () => {
  it('finds what all lists of rows span, and nothing where a list is empty', () => {
    const both = [
      [1n, 1n, 0n],
      [0n, 1n, 1n],
    ];
    expect(commonSpan([both], 3)).to.have.length(2);
    expect(commonSpan([both, [[1n, 0n, -1n]]], 3)).to.deep.equal([[-1n, 0n, 1n]]);
    expect(commonSpan([both, [[1n, 1n, 1n]]], 3)).to.deep.equal([]);
    expect(commonSpan([both, []], 3)).to.deep.equal([]);
    expect(commonSpan([[[2n, 0n]], [[3n, 0n]]], 2)).to.deep.equal([[1n, 0n]]);
  });
});
