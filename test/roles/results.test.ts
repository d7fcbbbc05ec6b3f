import { expect } from 'chai';
import { modelCounters } from '../../src/collection/traffic/model-counters.js';
import { toModelText } from '../../src/collection/traffic/model-file.js';
import { SINGLE_BIN } from '../../src/core/bins.js';
import { COLLECTOR_COUNT } from '../../src/core/counters.js';
import { fromSigned } from '../../src/core/ring.js';
import { epsilonOf } from '../../src/privacy/gaussian-dp.js';
import { type Plan } from '../../src/protocol/plan.js';
import { toRoundFacts } from '../../src/protocol/round.js';
import { type RoundOutcome } from '../../src/protocol/tally-state.js';
import { toResultFiles, type ResultContext } from '../../src/roles/results.js';
import { BOTH, modelOf } from '../collection/traffic/models.js';
import { testNetwork, testPlan } from '../support/test-network.js';
import { outcomeIn } from './role-world.js';

const START_MS = 1_600_000_000_400;
const MU = 0.25;

type Released = Extract<RoundOutcome, { kind: 'released' }>;

const RELEASED: Released = {
  kind: 'released',
  totals: fromSigned([7n, -3n, 2n ** 126n, 0n, 2n]),
  collectors: [
    { name: 'collector-1', countedMs: 60_000, isIncomplete: false },
    { name: 'collector-3', countedMs: 51_500, isIncomplete: true },
  ],
  keepers: ['keeper-1', 'keeper-2'],
  unconfirmedKeepers: ['keeper-2'],
  leftOut: [{ name: 'collector-2', reason: 'sent no report in time' }],
  startedAtMs: START_MS + 2_000,
  stoppedAtMs: START_MS + 62_000,
  endedAtMs: START_MS + 65_000,
};

const ABORTED: RoundOutcome = {
  kind: 'aborted',
  reason: 'too few',
  culprits: ['keeper-3'],
  leftOut: [{ name: 'keeper-3', reason: 'declined' }],
  endedAtMs: START_MS + 65_000,
};

function contextOf(plan: Partial<Plan> = {}, changes: Partial<ResultContext> = {}): ResultContext {
  const known = testNetwork({ tolerated: { lost: 0, dishonest: 1, curious: 0 } });
  const { network } = known;
  const weighted = {
    ...known,
    network: {
      ...network,
      collectors: network.collectors.map((node, at) => ({ ...node, noiseWeight: at + 1 })),
    },
  };
  return {
    facts: toRoundFacts(testPlan(weighted, plan), 'ff'.repeat(32), weighted),
    network: weighted.network,
    software: 'tally software',
    softwareOf: new Map([['collector-1', 'its software']]),
    openedAtMs: START_MS,
    trafficModel: undefined,
    listLabels: new Map(),
    mu: MU,
    ...changes,
  };
}

type Tally = Record<string, { bins: [unknown, unknown, string][]; sigma: number; effective_sigma: number }>;

describe('the results of a released round', () => {
  const files = toResultFiles(RELEASED, contextOf());
  const tally = files.tallies!.json as Tally;

  it("are in files with PrivCount's names: when counting began and ended, in seconds", () => {
    expect(files.tallies!.name).to.equal('privcount.tallies.1600000002-1600000062.json');
    expect(files.outcome.name).to.equal('privcount.outcome.1600000002-1600000062.json');
    expect(files.model).to.equal(undefined);
  });

  it('are valid JSON, in which nothing gets lost', () => {
    for (const { json } of [files.tallies!, files.outcome])
      expect(JSON.parse(JSON.stringify(json))).to.deep.equal(json);
  });

  it('have each bin with its total as an exact decimal string, beyond 2^53 and below 0', () => {
    expect(tally['ExitStreamCount']!.bins).to.deep.equal([['-Infinity', 'Infinity', '7']]);
    expect(tally['ExitStreamLifeTime']!.bins).to.deep.equal([
      [0, 10, '-3'],
      [10, 'Infinity', (2n ** 126n).toString()],
    ]);
    expect(tally[COLLECTOR_COUNT]!.bins.map(([, , count]) => count)).to.deep.equal(['2']);
  });

  it('have the noise of each counter: as planned, and of the collectors that are in the total', () => {
    // Weights 1 and 3 of collectors 1 and 3.
    expect(tally['ExitStreamCount']).to.deep.include({ sigma: 10, effective_sigma: 10 * Math.sqrt(10) });
    expect(tally['ExitStreamLifeTime']).to.deep.include({ sigma: 5, effective_sigma: 5 * Math.sqrt(10) });
    expect(tally[COLLECTOR_COUNT]).to.deep.include({ sigma: 0, effective_sigma: 0 });
  });

  it('say which collectors and keepers the total rests on, and who was left out and why', () => {
    expect(outcomeIn(files).Result).to.deep.equal({
      outcome: 'released',
      collectors: ['collector-1', 'collector-3'],
      left_out: [{ name: 'collector-2', reason: 'sent no report in time' }],
      keepers: ['keeper-1', 'keeper-2'],
      sums_on_one_keepers_word: ['keeper-2'],
    });
    expect(files.outcome.json).to.have.deep.property('Tally', files.tallies!.json);
  });

  it('say what the released set gives: if all added their noise, and if the worst that is tolerated did not', () => {
    expect(files.outcome.json).to.have.deep.property('Privacy', {
      noise: 'on',
      definition: 'differential privacy',
      delta: 1e-3,
      effective_epsilon: epsilonOf(MU / Math.sqrt(10), 1e-3),
      // The heaviest, collector-3, is taken out.
      effective_epsilon_worst_tolerated: epsilonOf(MU, 1e-3),
    });
  });

  it('say how long each collector counted, and what it runs where that is known', () => {
    const { DataCollector } = outcomeIn(files).Context as { DataCollector: Record<string, unknown> };
    expect(DataCollector).to.deep.equal({
      'collector-1': {
        Status: { privcount_version: 'its software', counted: 60, coverage: 1, complete: true },
        Config: { noise_weight: 1, fingerprint: null },
      },
      'collector-2': {
        Status: { privcount_version: null, counted: 0, coverage: 0, complete: false },
        Config: { noise_weight: 2, fingerprint: null },
      },
      'collector-3': {
        Status: { privcount_version: null, counted: 51.5, coverage: 0.8583, complete: false },
        Config: { noise_weight: 3, fingerprint: null },
      },
    });
  });

  it('say when what happened', () => {
    expect(outcomeIn(files).Context['Time']).to.deep.equal({
      Start: 1_600_000_000.4,
      CollectStart: 1_600_000_002.4,
      CollectStop: 1_600_000_062.4,
      End: 1_600_000_065.4,
    });
  });

  it('hold no key but public identities, no report and no seed', () => {
    const { network } = contextOf();
    const identities = [...network.keepers.map(({ identity }) => identity), network.tallyServer.identity];
    const long = JSON.stringify(files.outcome.json).match(/[0-9a-f]{64,}/g) ?? [];
    const known = [...identities, 'ff'.repeat(32), 'ab'.repeat(32)];
    expect(long.filter((hex) => !known.includes(hex))).to.deep.equal([]);
  });

  it('are about nobody but the nodes of the plan', () => {
    const [first] = contextOf().facts.plan.collectors;
    const { DataCollector } = outcomeIn(toResultFiles(RELEASED, contextOf({ collectors: [first!] }))).Context;
    expect(DataCollector).to.have.all.keys('collector-1');
  });

  it('are exact where noise was off, and say so', () => {
    const off = toResultFiles(RELEASED, contextOf({ noise: 'off' }, { mu: 0 }));
    expect((off.tallies!.json as Tally)['ExitStreamCount']).to.deep.include({ sigma: 0, effective_sigma: 0 });
    expect(off.outcome.json).to.have.deep.property('Privacy', { noise: 'off' });
  });

  it('are divided back where the round counted in smaller steps, but for the check counters', () => {
    const { tallies, outcome } = toResultFiles(RELEASED, contextOf({ scaleBits: 2 }));
    const scaled = tallies!.json as Tally;
    expect(scaled['ExitStreamCount']!.bins).to.deep.equal([['-Infinity', 'Infinity', '1.75']]);
    expect(scaled['ExitStreamLifeTime']!.bins).to.deep.equal([
      [0, 10, '-0.75'],
      [10, 'Infinity', (2n ** 124n).toString()],
    ]);
    expect(scaled[COLLECTOR_COUNT]!.bins.map(([, , count]) => count)).to.deep.equal(['2']);
    expect(scaled['ExitStreamCount']).to.deep.include({ sigma: 10, effective_sigma: 10 * Math.sqrt(10) });
    expect(outcome.json).to.have.deep.property(
      'Privacy',
      (files.outcome.json as { Privacy: unknown }).Privacy,
    );
    expect(outcome.json).to.have.nested.property('Context.TallyServer.Config.scale_bits', 2);
  });

  it('make the same traffic model in smaller steps', () => {
    const trafficModel = modelOf(BOTH);
    const counters = modelCounters(trafficModel).map(({ name }) => ({ name, bins: [SINGLE_BIN], sigma: 5 }));
    const updated = (scaleBits: number): unknown => {
      const counts = counters.map((_, at) => BigInt(at % 9) << BigInt(scaleBits));
      const released = { ...RELEASED, totals: fromSigned(counts) };
      return toResultFiles(released, contextOf({ counters, scaleBits }, { trafficModel })).model!.json;
    };
    expect(updated(3)).to.deep.equal(updated(0));
    expect(updated(0)).not.to.deep.equal(JSON.parse(toModelText(trafficModel)));
  });

  it('have infinities as strings also where no noise counts', () => {
    const alone = { ...RELEASED, collectors: RELEASED.collectors.slice(0, 1) };
    const { outcome } = toResultFiles(alone, contextOf());
    expect(outcome.json).to.have.nested.property('Privacy.effective_epsilon_worst_tolerated', 'Infinity');
    expect(JSON.parse(JSON.stringify(outcome.json))).to.deep.equal(outcome.json);
  });

  it('say what the match lists are called, unless the tally no longer has one of a kind', () => {
    const [known, lost] = ['aa'.repeat(32), 'bb'.repeat(32)];
    const lists = [
      { kind: 'domains', digests: [known] },
      { kind: 'countries', digests: [known, lost] },
    ];
    const listLabels = new Map([[known, { name: 'top.txt', content: 'example.com' }]]);
    const { outcome } = toResultFiles(RELEASED, contextOf({ lists }, { listLabels }));
    const json = JSON.parse(JSON.stringify(outcome.json)) as {
      Context: { TallyServer: { Config: { match_lists: unknown } } };
    };
    expect(json.Context.TallyServer.Config.match_lists).to.deep.equal([
      { kind: 'domains', digests: [known], names: ['top.txt'], contents: ['example.com'] },
      { kind: 'countries', digests: [known, lost] },
    ]);
  });

  it('keep the order of a counter’s bins, whatever counters stand around it', () => {
    const bins = [
      [5, 6],
      [-Infinity, 0],
      [2, 3],
    ] as const;
    const counters = [
      { name: 'B', bins: [SINGLE_BIN], sigma: 1 },
      { name: 'A', bins, sigma: 1 },
    ];
    const totals = fromSigned([1n, 2n, 3n, 4n]);
    const sorted = toResultFiles({ ...RELEASED, totals }, contextOf({ counters })).tallies!.json as Tally;
    expect(sorted['A']!.bins).to.deep.equal([
      [5, 6, '2'],
      ['-Infinity', 0, '3'],
      [2, 3, '4'],
    ]);
  });
});

describe('the results of an aborted round', () => {
  const files = toResultFiles(ABORTED, contextOf());

  it('are an outcome without a total, named by when the round was opened and ended', () => {
    expect(files.tallies).to.equal(undefined);
    expect(files.outcome.name).to.equal('privcount.outcome.1600000000-1600000065.json');
    expect(files.outcome.json).to.have.all.keys('Result', 'Context');
  });

  it('say why, and who caused it', () => {
    expect(outcomeIn(files).Result).to.deep.equal({
      outcome: 'aborted',
      reason: 'too few',
      culprits: ['keeper-3'],
      left_out: [{ name: 'keeper-3', reason: 'declined' }],
    });
    expect(outcomeIn(files).Context['Time']).to.deep.equal({ Start: 1_600_000_000.4, End: 1_600_000_065.4 });
  });

  it('say nothing of how long anybody counted', () => {
    expect(JSON.stringify(files.outcome.json)).to.not.match(/counted|complete/);
  });
});
