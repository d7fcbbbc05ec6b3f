import { expect } from 'chai';
import fc from 'fast-check';
import { type Json } from '../../src/protocol/canonical-json.js';
import { RESEND_MS_MIN } from '../../src/protocol/limits.js';
import { planSchema, resendMs, roundMsMax, toPlan, toPlanJson, type Plan } from '../../src/protocol/plan.js';
import { testNetwork, testPlan } from '../support/test-network.js';
import { DIGEST, sampleStatements } from './sample-statements.js';

const plan = testPlan(testNetwork());
const good = sampleStatements.plan;

function isPlan(changes: { readonly [key: string]: Json }): boolean {
  return planSchema.safeParse(JSON.parse(JSON.stringify({ ...good, ...changes }))).success;
}

function repeat<T>(count: number, item: T): T[] {
  return Array.from({ length: count }, () => item);
}

const binEnd = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(Infinity, -Infinity, 0));

describe('plans', () => {
  it('survive JSON, with the open ends of their bins', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(binEnd, binEnd), { minLength: 1 }), fc.boolean(), (bins, hasSigmas) => {
        const counters = [{ name: 'ExitStreamLifeTime', bins, sigma: 0.1 }];
        const before: Plan = { ...plan, counters, ...(hasSigmas ? { sigmas: DIGEST } : {}) };
        const json: unknown = JSON.parse(JSON.stringify(toPlanJson(before)));
        const after = toPlan(planSchema.parse(json));
        // JSON has one zero.
        const positive = before.counters.map((counter) => ({
          ...counter,
          bins: counter.bins.map(([low, high]) => [low + 0, high + 0]),
        }));
        expect(after).to.deep.equal({ ...before, counters: positive });
      }),
    );
  });

  it('write infinities as texts', () => {
    const counters = [{ name: 'A', bins: [[-Infinity, 0] as const, [0, Infinity] as const], sigma: 1 }];
    const json = toPlanJson({ ...plan, counters }) as { counters: Json };
    expect(json.counters).to.deep.equal([
      {
        name: 'A',
        bins: [
          ['-inf', 0],
          [0, 'inf'],
        ],
        sigma: 1,
      },
    ]);
  });

  it('leave out sigmas that network.yaml does not name', () => {
    expect(toPlanJson(plan)).not.to.have.property('sigmas');
    expect(toPlanJson({ ...plan, sigmas: DIGEST })).to.have.property('sigmas', DIGEST);
  });
});

describe('the schema of plans', () => {
  const counter = { name: 'A', bins: [[0, 1]], sigma: 0 };
  const collector = { name: 'a', weight: 0 };
  const list = { kind: 'domains', digests: [DIGEST] };
  type Changes = { readonly [key: string]: Json };
  const cases: readonly [what: string, fits: Changes, tooMuch: Changes][] = [
    ['a creation time from 0', { createdAtMs: 0 }, { createdAtMs: -1 }],
    ['no time to draw', { drawMs: 0 }, { drawMs: -1 }],
    ['ten minutes to draw', { drawMs: 600_000 }, { drawMs: 600_001 }],
    ['a millisecond to collect', { collectMs: 1 }, { collectMs: 0 }],
    ['32 days to collect', { collectMs: 2_764_800_000 }, { collectMs: 2_764_800_001 }],
    ['a millisecond a phase', { phaseMs: 1 }, { phaseMs: 0 }],
    ['an hour a phase', { phaseMs: 3_600_000 }, { phaseMs: 3_600_001 }],
    ['steps of 1', { scaleBits: 0 }, { scaleBits: -1 }],
    ['steps of 2^-20', { scaleBits: 20 }, { scaleBits: 21 }],
    ['whole bits', { scaleBits: 1 }, { scaleBits: 0.5 }],
    ['noise on and off', { noise: 'off' }, { noise: 'low' }],
    ['1 counter', { counters: [counter] }, { counters: [] }],
    ['20000 counters', { counters: repeat(20_000, counter) }, { counters: repeat(20_001, counter) }],
    ['1 bin', { counters: [counter] }, { counters: [{ ...counter, bins: [] }] }],
    [
      '10000 bins',
      { counters: [{ ...counter, bins: repeat(10_000, [0, 1]) }] },
      { counters: [{ ...counter, bins: repeat(10_001, [0, 1]) }] },
    ],
    [
      'open ends',
      { counters: [{ ...counter, bins: [['-inf', 'inf']] }] },
      { counters: [{ ...counter, bins: [['-Infinity', 'Infinity']] }] },
    ],
    ['two ends', { counters: [counter] }, { counters: [{ ...counter, bins: [[0, 1, 2]] }] }],
    ['sigma 0', { counters: [counter] }, { counters: [{ ...counter, sigma: -1 }] }],
    ['a number as sigma', { counters: [counter] }, { counters: [{ ...counter, sigma: 'inf' }] }],
    ['a counter name', { counters: [counter] }, { counters: [{ ...counter, name: '' }] }],
    [
      'a counter name of 256 characters',
      { counters: [{ ...counter, name: 'n'.repeat(256) }] },
      { counters: [{ ...counter, name: 'n'.repeat(257) }] },
    ],
    [
      'a counter name of one line',
      { counters: [{ ...counter, name: 'a b' }] },
      { counters: [{ ...counter, name: 'a\nb' }] },
    ],
    ['known keys of a counter', { counters: [counter] }, { counters: [{ ...counter, extra: 1 }] }],
    ['1 collector', { collectors: [collector] }, { collectors: [] }],
    ['4096 collectors', { collectors: repeat(4096, collector) }, { collectors: repeat(4097, collector) }],
    ['weight 0', { collectors: [collector] }, { collectors: [{ ...collector, weight: -0.1 }] }],
    ['known keys of a collector', { collectors: [collector] }, { collectors: [{ ...collector, extra: 1 }] }],
    ['1 keeper', { keepers: ['k'] }, { keepers: [] }],
    ['10 keepers', { keepers: repeat(10, 'k') }, { keepers: repeat(11, 'k') }],
    ['32 kinds of lists', { lists: repeat(32, list) }, { lists: repeat(33, list) }],
    [
      '1000 lists of a kind',
      { lists: [{ ...list, digests: repeat(1000, DIGEST) }] },
      { lists: [{ ...list, digests: repeat(1001, DIGEST) }] },
    ],
    ['a kind of list', { lists: [list] }, { lists: [{ ...list, kind: '' }] }],
    [
      'a kind of 64 characters',
      { lists: [{ ...list, kind: 'k'.repeat(64) }] },
      { lists: [{ ...list, kind: 'k'.repeat(65) }] },
    ],
    ['known keys of a list', { lists: [list] }, { lists: [{ ...list, extra: 1 }] }],
    ['a sample rate of 0', { circuitSampleRate: 0 }, { circuitSampleRate: -0.1 }],
    ['a sample rate of 1', { circuitSampleRate: 1 }, { circuitSampleRate: 1.1 }],
    ['no limit of cell events', { maxCellEventsPerCircuit: -1 }, { maxCellEventsPerCircuit: -2 }],
    ['a digest of sigmas', { sigmas: DIGEST }, { sigmas: 'x' }],
  ];
  for (const [what, fits, tooMuch] of cases) {
    it(`takes ${what}, and nothing past it`, () => {
      expect(isPlan(fits)).to.equal(true);
      expect(isPlan(tooMuch)).to.equal(false);
    });
  }
});

describe('the times of a plan', () => {
  it('bound how long its round can last anywhere', () => {
    const each = 7 + 6 * 10;
    expect(roundMsMax({ ...plan, drawMs: 7, collectMs: 100, phaseMs: 10 })).to.equal(100 + 2 * each);
  });

  it('say how often a request is repeated: not often in long phases', () => {
    expect(resendMs({ ...plan, phaseMs: 1_000 })).to.equal(RESEND_MS_MIN);
    expect(resendMs({ ...plan, phaseMs: 32_000 })).to.equal(2_000);
    expect(resendMs({ ...plan, phaseMs: 64_000 })).to.equal(4_000);
  });
});
