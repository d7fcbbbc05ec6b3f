import { expect } from 'chai';
import { fromBytes, toSigned } from '../../src/core/ring.js';
import { roundMsMax } from '../../src/protocol/plan.js';
import { RandomSource } from '../support/random-source.js';
import { testNetwork } from '../support/test-network.js';
import { expectedTotals, RoundSimulation, type Faults, type SimulatedRound } from './simulated-round.js';

const SEEDS = Number(process.env['PRIVCOUNT_SEEDS'] ?? 1000);
const FIRST_SEED = Number(process.env['PRIVCOUNT_FIRST_SEED'] ?? 1);

const SHAPES = [
  { keepers: 1, threshold: 1 },
  { keepers: 2, threshold: 2 },
  { keepers: 3, threshold: 2 },
  { keepers: 3, threshold: 3 },
  { keepers: 4, threshold: 3 },
];

function simulate(seed: number): SimulatedRound {
  const random = new RandomSource(seed);
  const shape = random.pick(SHAPES);
  const collectors = 1 + random.below(3);
  const known = testNetwork({ ...shape, collectors, minCollectors: 1 + random.below(collectors) });
  const nodes = [...known.network.keepers, ...known.network.collectors].map(({ name }) => name);
  const isHarsh = random.isLikely(0.7);
  const killAtMs = new Map<string, number>();
  while (random.isLikely(0.3)) killAtMs.set(random.pick(nodes), random.below(60_000));
  const faults: Faults = {
    drop: isHarsh ? random.fraction() * 0.3 : 0,
    repeat: random.fraction() * 0.5,
    disconnect: isHarsh ? random.fraction() * 0.2 : 0,
    delayMsMax: 1 + random.below(3_000),
    killAtMs,
  };
  return new RoundSimulation(known, random, faults).run();
}

/** No cell of anything that a collector sent is its count, or its count with noise: masks are over all of them. */
function expectNothingUnblinded({ truths, fromCollectors }: SimulatedRound): void {
  for (const { from, message } of fromCollectors) {
    if (message.kind !== 'report') continue;
    const { noise, counts } = truths.get(from)!;
    toSigned(fromBytes(message.parts[1]!)).forEach((cell, at) => {
      expect(cell).not.to.equal(counts[at]! + noise[at]!);
      expect(cell).not.to.equal(counts[at]!);
    });
  }
}

describe('a simulated round', () => {
  it(`ends with the true total or none, over ${SEEDS} seeds of loss, delay, repetition and death`, function () {
    this.timeout(10 * 60_000);
    let released = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
      const run = simulate(seed);
      const { outcome } = run;
      const label = `seed ${seed} (PRIVCOUNT_FIRST_SEED=${seed} PRIVCOUNT_SEEDS=1 replays it)`;
      expect(outcome, `${label}: the round did not end`).not.to.equal(undefined);
      expect(run.endedAtMs, label).to.be.at.most(roundMsMax(run.plan));
      for (const [name, phase] of run.finalPhases) expect(phase, `${label}: ${name}`).to.equal('ended');
      expectNothingUnblinded(run);
      if (outcome?.kind === 'released') {
        released += 1;
        const names = outcome.collectors.map(({ name }) => name);
        expect(toSigned(outcome.totals), label).to.deep.equal(expectedTotals(run, names));
      }
    }
    // Were nothing ever released, the check of the totals would prove nothing.
    expect(released).to.be.greaterThan(SEEDS / 3);
  });

  it('releases the total of all collectors when nothing goes wrong', () => {
    const calm: Faults = { drop: 0, repeat: 0, disconnect: 0, delayMsMax: 50, killAtMs: new Map() };
    for (const shape of SHAPES) {
      const run = new RoundSimulation(testNetwork(shape), new RandomSource(7), calm).run();
      expect(run.outcome?.kind).to.equal('released');
      const { outcome } = run;
      if (outcome?.kind !== 'released') return;
      expect(outcome.collectors).to.have.length(3);
      expect(outcome.leftOut).to.deep.equal([]);
      expect(outcome.unconfirmedKeepers).to.have.length(
        shape.keepers === shape.threshold ? shape.keepers : 0,
      );
      expect(toSigned(outcome.totals)).to.deep.equal(
        expectedTotals(run, ['collector-1', 'collector-2', 'collector-3']),
      );
    }
  });
});
