/**
 * The noise of whole rounds, from the noise file over the plan, the nodes and their machines to the published totals: nothing
 * is counted, so a total is its noise, and over rounds and cells its variance must be the square of the `effective_sigma` that
 * is published beside it. The collectors draw as in earnest, but from seeded bytes.
 */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { parseNoise } from '../../src/config/noise-file.js';
import { toNoiseRequest } from '../../src/config/noise-request.js';
import { type Bin, isSingleBinName, SINGLE_BIN } from '../../src/core/bins.js';
import { type Counter, isCheckCounter } from '../../src/core/counters.js';
import { noiseVariance } from '../../src/core/network.js';
import { newVector, addVector, type RingVector } from '../../src/core/ring.js';
import { allocateNoise } from '../../src/privacy/allocation.js';
import { discreteSigma } from '../../src/privacy/discrete-margin.js';
import { drawNoise } from '../../src/privacy/noise-vector.js';
import { artifactDigest } from '../../src/roles/artifacts.js';
import { encodeNumberTable } from '../../src/roles/number-table.js';
import { seededBytes } from '../privacy/seeded-bytes.js';
import { outcomeIn, RoleWorld } from '../roles/role-world.js';
import { testNetwork } from '../support/test-network.js';
import {
  correlationDeviation,
  type Finding,
  print,
  suspicions,
  varianceDeviation,
  variancePower,
} from './verdict.js';

/** What the collector of that number draws in that round. */
type Draw = (sigmas: Float64Array, at: number, round: number) => RingVector;

const ROUNDS = 5;
const WEIGHTS = [1, 0.6, 0.5];
const HISTOGRAM_BINS: readonly Bin[] = Array.from({ length: 40 }, (_, bin) => [bin, bin + 1]);

const file = { file: 'privcount-29.yaml', bytes: readFileSync('config/noise/privcount-29.yaml') };
const noise = parseNoise(file);
const request = toNoiseRequest(noise, noise.counters, { rate: 1, isSampled: () => false });
const allocation = allocateNoise(request, noise.options);
const counters: readonly Counter[] = allocation.counters.map(({ name, sigma }) => ({
  name,
  bins: isSingleBinName(name) ? [SINGLE_BIN] : HISTOGRAM_BINS,
  sigma: discreteSigma(sigma),
}));
const sensitivities = new Map(request.counters.map(({ name, sensitivity }) => [name, sensitivity]));
const table = encodeNumberTable(sensitivities);

/** The network's nodes know the sensitivities, and so check every plan's noise for themselves. */
function network() {
  const known = testNetwork({ collectors: WEIGHTS.length });
  const collectors = known.network.collectors.map((collector, at) => ({
    ...collector,
    noiseWeight: WEIGHTS[at]!,
  }));
  const privacy = { ...known.network.privacy, sensitivitiesDigest: artifactDigest(table) };
  return { ...known, network: { ...known.network, collectors, privacy } };
}

async function runRounds(draw: Draw, itsCounters = counters): Promise<RoleWorld> {
  const settings = {
    counters: itsCounters,
    sensitivities,
    artifacts: new Map([[artifactDigest(table), table]]),
    rounds: ROUNDS,
  };
  const world = new RoleWorld({ known: network(), settings });
  for (const [at, { noise: source }] of [...world.collectors.values()].entries()) {
    let round = 0;
    source.draw = (sigmas) => Promise.resolve(draw(sigmas, at, round++));
  }
  await world.start();
  return world;
}

type TalliesJson = Record<string, { bins: [unknown, unknown, string][]; effective_sigma: number }>;

/** All cells of a round, as multiples of the published sigma. */
function scaledTotals({ results }: RoleWorld, round: number): number[] {
  const tallies = results[round]!.tallies!.json as unknown as TalliesJson;
  return Object.entries(tallies)
    .filter(([name]) => !isCheckCounter(name))
    .flatMap(([, { bins, effective_sigma: sigma }]) => bins.map(([, , total]) => Number(total) / sigma));
}

async function checkRounds(draw: Draw): Promise<{ findings: Finding[]; cells: number }> {
  const world = await runRounds(draw);
  await world.until(() => world.summary !== undefined);
  expect(world.summary).to.deep.equal({ released: ROUNDS, aborted: 0 });
  const rounds = Array.from({ length: ROUNDS }, (_, round) => scaledTotals(world, round));
  const all = rounds.flat();
  const findings = [
    { what: 'the variance of the totals', deviations: varianceDeviation(all) },
    { what: 'their mean', deviations: all.reduce((sum, value) => sum + value, 0) / Math.sqrt(all.length) },
    {
      what: 'two rounds',
      deviations: correlationDeviation(rounds.slice(1).flat(), rounds.slice(0, -1).flat()),
    },
    { what: 'neighbouring cells', deviations: correlationDeviation(all.slice(1), all.slice(0, -1)) },
  ];
  return { findings, cells: all.length };
}

const real: Draw = (sigmas, at, round) => drawNoise(sigmas, seededBytes(1 + 100 * round + at));

/** `variance`: of the totals then, in units of what it should be, where that follows from the mutant. */
type Mutant = { readonly draw: Draw; readonly variance?: number };

const MUTANTS: Readonly<Record<string, Mutant>> = {
  'noise off': { draw: (sigmas) => newVector(sigmas.length), variance: 0 },
  'half of sigma': {
    draw: (sigmas, at, round) =>
      real(
        sigmas.map((sigma) => sigma / 2),
        at,
        round,
      ),
    variance: 1 / 4,
  },
  'noise added twice': {
    draw: (sigmas, at, round) => {
      const drawn = real(sigmas, at, round);
      addVector(drawn, drawn.slice());
      return drawn;
    },
    variance: 4,
  },
  'one silent collector': {
    draw: (sigmas, at, round) => (at === 1 ? newVector(sigmas.length) : real(sigmas, at, round)),
    variance: (1 + 0.5 ** 2) / noiseVariance(WEIGHTS),
  },
  'a seeded generator': { draw: (sigmas, at) => real(sigmas, at, 0) },
};

describe('an attack on whole rounds, from the noise file to the totals', function () {
  this.timeout(400_000);

  it('finds nothing in real ones', async () => {
    const { findings, cells } = await checkRounds(real);
    const [variance] = findings;
    print(
      `the variance of ${cells} cells in ${ROUNDS} rounds lies ${variance!.deviations.toFixed(1)} standard deviations off`,
    );
    expect(suspicions(findings)).to.deep.equal([]);
  });

  for (const [name, { draw, variance }] of Object.entries(MUTANTS)) {
    it(`catches ${name}`, async () => {
      const { findings, cells } = await checkRounds(draw);
      const found = suspicions(findings).map(({ what }) => what);
      const computed =
        variance === undefined ? '' : `; computed: ${(100 * variancePower(variance, cells)).toFixed(2)} %`;
      print(`${name}: caught by ${found.join(', ')}${computed}`);
      expect(found).not.to.deep.equal([]);
    });
  }

  it('finds the epsilon of the released set beside the totals', async () => {
    const world = await runRounds(real);
    await world.until(() => world.results.length > 0);
    const { Privacy } = outcomeIn(world.results[0]!) as unknown as {
      Privacy: { effective_epsilon: number };
    };
    // The weights give 1.61 of the variance that 0.3 needs.
    expect(Privacy.effective_epsilon).to.be.within(0.22, 0.24);
  });

  it('finds no round where the plan has a histogram at s instead of 2 s, half of a sigma, or delta not split', async () => {
    const halved = request.counters.map((counter) =>
      counter.isHistogram === true ? { ...counter, sensitivity: counter.sensitivity / 2 } : counter,
    );
    const wrong = {
      'histograms at s': allocateNoise({ ...request, counters: halved }, noise.options),
      'delta times 29': allocateNoise({ ...request, delta: 29 * request.delta }, noise.options),
      'half of sigma': {
        counters: allocation.counters.map((counter) => ({ ...counter, sigma: counter.sigma / 2 })),
      },
    };
    for (const [name, { counters: itsCounters }] of Object.entries(wrong)) {
      const sigmas = new Map(itsCounters.map(({ name: its, sigma }) => [its, discreteSigma(sigma)]));
      const world = await runRounds(
        real,
        counters.map((counter) => ({ ...counter, sigma: sigmas.get(counter.name)! })),
      );
      await world.pass(60_000);
      expect(world.results, name).to.deep.equal([]);
      const refusal = world.tallyLines().find((line) => line.includes('no round is opened'));
      expect(refusal, name).to.match(/the sigmas give delta 0\.\d+ at epsilon 0\.3, above 0\.001$/);
      print(`${name}: always; no round is opened`);
    }
  });
});
