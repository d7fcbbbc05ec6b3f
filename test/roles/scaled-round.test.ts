/**
 * A round of many collectors and little noise, from the noise file to the published totals: each collector's share is below 3
 * in whole counts, and so they count in halves (spec/noise.md, "Drawing it").
 */
import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addNoise, tableDigest } from '../../src/cli/tally-noise.js';
import { toResultTable } from '../../src/cli/result-table.js';
import { type TallyConfig } from '../../src/config/tally-config.js';
import { type Bin, SINGLE_BIN } from '../../src/core/bins.js';
import { type RingVector, toSigned } from '../../src/core/ring.js';
import { drawNoise } from '../../src/privacy/noise-vector.js';
import { type KnownNetwork } from '../../src/protocol/check-plan.js';
import { encodeNumberTable } from '../../src/roles/number-table.js';
import { varianceDeviation } from '../attack/verdict.js';
import { seededBytes } from '../privacy/seeded-bytes.js';
import { withFolderAsync } from '../io/temporary-folder.js';
import { testNetwork } from '../support/test-network.js';
import { STREAM_ENDED } from './role-fakes.js';
import { outcomeIn, RoleWorld } from './role-world.js';

const COLLECTORS = 20;
const WEIGHT = Math.sqrt(1 / COLLECTORS);
const BINS: readonly Bin[] = Array.from({ length: 300 }, (_, bin) => [bin, bin + 1]);
const COUNTERS = new Map<string, readonly Bin[]>([
  ['ExitStreamByteCount', [SINGLE_BIN]],
  ['ExitStreamByteHistogram', BINS],
  ['RejectedEventCount', [SINGLE_BIN]],
]);
const NOISE = `privacy: { epsilon: 0.3, delta: 0.001, excess_noise_ratio: 1 }
counters:
${[...COUNTERS.keys()].map((name) => `  ${name}: { sensitivity: 1, estimated_value: 1000 }`).join('\n')}
`;

function knownNetwork(): KnownNetwork {
  const known = testNetwork({ collectors: COLLECTORS });
  const collectors = known.network.collectors.map((collector) => ({ ...collector, noiseWeight: WEIGHT }));
  return { ...known, network: { ...known.network, collectors } };
}

type World = { readonly world: RoleWorld; readonly drawn: RingVector[]; readonly asked: Float64Array[] };

/** The tally allocates from a noise file, the nodes know the sensitivities, and noise is drawn as in earnest. */
function scaledWorld(folder: string): World {
  const file = join(folder, 'noise.yaml');
  writeFileSync(file, NOISE);
  const known = knownNetwork();
  const { network } = known;
  const noisy = addNoise({
    bins: { file: 'bins.yaml', counters: COUNTERS },
    filters: {},
    config: {
      noise: { kind: 'noise', file },
      noiseOff: false,
      circuitSampleRate: 1,
    } as unknown as TallyConfig,
    network,
    traffic: undefined,
  });
  const sensitivities = noisy.table!.numbers;
  const privacy = { ...network.privacy, sensitivitiesDigest: tableDigest(sensitivities) };
  const world = new RoleWorld({
    known: { ...known, network: { ...network, privacy } },
    settings: {
      counters: noisy.counters,
      sensitivities,
      artifacts: new Map([[tableDigest(sensitivities), encodeNumberTable(sensitivities)]]),
    },
  });
  const drawn: RingVector[] = [];
  const asked: Float64Array[] = [];
  for (const [at, { noise }] of [...world.collectors.values()].entries()) {
    noise.draw = (sigmas) => {
      const vector = drawNoise(sigmas, seededBytes(at + 1));
      asked.push(sigmas);
      drawn.push(vector.slice());
      return Promise.resolve(vector);
    };
  }
  return { world, drawn, asked };
}

type TallyJson = Record<
  string,
  { bins: [unknown, unknown, string][]; sigma: number; effective_sigma: number }
>;

describe('a round of twenty equal collectors and sensitivities of 1', () => {
  it(
    'counts in halves, and publishes counts plus noise exactly, with the noise that it states',
    withFolderAsync(async (folder) => {
      const { world, drawn, asked } = scaledWorld(folder);
      await world.start();
      await world.phase('collecting');
      for (const { source } of world.collectors.values()) source.tell(STREAM_ENDED);
      world.collectors.get('collector-7')!.source.tell('PRIVCOUNT_STREAM_ENDED 1');
      await world.until(() => world.summary !== undefined);
      expect(world.summary, world.tallyLines().join('\n')).to.deep.equal({ released: 1, aborted: 0 });

      const tally = world.results[0]!.tallies!.json as unknown as TallyJson;
      const { sigma, effective_sigma } = tally['ExitStreamByteCount']!;
      expect(sigma * WEIGHT).to.be.within(1.5, 3);
      expect(effective_sigma).to.be.closeTo(sigma, 1e-9);
      const cells = BINS.length + 2;
      for (const sigmas of asked) {
        expect([...new Set(sigmas.subarray(0, cells))]).to.deep.equal([WEIGHT * sigma * 2]);
        expect([...sigmas.subarray(cells)]).to.deep.equal([0, 0]);
      }

      const noise = drawn.map(toSigned).reduce((sum, its) => sum.map((value, cell) => value + its[cell]!));
      const counts = [150n * 20n, ...BINS.map(([low]) => (low === 150 ? 20n : 0n)), 1n];
      const published = [...COUNTERS.keys()].flatMap((name) => tally[name]!.bins.map(([, , total]) => total));
      const halves = counts.map((count, cell) => Number(2n * count + noise[cell]!) / 2);
      expect(published).to.deep.equal(halves.map(String));
      expect(published.some((total) => total.endsWith('.5'))).to.equal(true);
      const noises = counts.map((count, cell) => (Number(published[cell]) - Number(count)) / sigma);
      expect(Math.abs(varianceDeviation(noises))).to.be.below(5);

      expect(tally['ZeroCount']!.bins[0]![2]).to.equal('0');
      expect(tally['CollectorCount']!.bins[0]![2]).to.equal('20');
      expect(outcomeIn(world.results[0]!).Context).to.have.nested.property(
        'TallyServer.Config.scale_bits',
        1,
      );
      const table = toResultTable(JSON.stringify(world.results[0]!.outcome.json));
      expect(table.at(-1)).to.equal('Privacy of these totals: epsilon 0.300 at delta 0.001.');
    }),
  ).timeout(240_000);
});
