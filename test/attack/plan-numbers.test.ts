/** Ways in which a hostile tally's plan could have too little noise. Each is refused, by the schema or by an objection. */
import { expect } from 'chai';
import { SINGLE_BIN } from '../../src/core/bins.js';
import { isCheckCounter } from '../../src/core/counters.js';
import { discreteSigma } from '../../src/privacy/discrete-margin.js';
import { muOf } from '../../src/privacy/gaussian-dp.js';
import { planObjections } from '../../src/protocol/check-plan.js';
import { privacyObjections } from '../../src/protocol/check-privacy.js';
import { type Plan, planSchema, toPlan, toPlanJson } from '../../src/protocol/plan.js';
import { decodeNumberTable } from '../../src/roles/number-table.js';
import { testNetwork, testPlan } from '../support/test-network.js';
import { print } from './verdict.js';

const SENSITIVITY = 6;
const SIGMA = discreteSigma(SENSITIVITY / muOf({ epsilon: 0.3, delta: 1e-3 }, 'differential'));
const known = { ...testNetwork(), isTest: false };
const privacy = { ...known.network.privacy, sensitivitiesDigest: 'ab'.repeat(32) };
const strict = { ...known, network: { ...known.network, privacy } };
const base = testPlan(known, {
  counters: [
    { name: 'A', bins: [SINGLE_BIN], sigma: SIGMA },
    ...testPlan(known).counters.filter(({ name }) => isCheckCounter(name)),
  ],
});

/** Why a node refuses a plan that comes as this JSON text; empty if it takes part. */
function refusals(text: string, table = `{"A":${SENSITIVITY},"B":${SENSITIVITY}}`): string[] {
  const parsed = planSchema.safeParse(JSON.parse(text));
  if (!parsed.success) return ['is no plan'];
  const plan = toPlan(parsed.data);
  const sensitivities = decodeNumberTable(new TextEncoder().encode(table)) ?? new Map<string, number>();
  const rule = { delayPeriodMs: 0, alwaysDelay: false, sigmaDecreaseTolerance: 0 };
  const history = { ledger: [], delay: undefined };
  return [
    ...planObjections(plan, { known: strict, sigmaFloor: undefined, nowMs: 0 }),
    ...privacyObjections(plan, { known: strict, sensitivities, history, rule, nowMs: 0 }),
  ];
}

function textOf(changes: Partial<Plan> = {}): string {
  return JSON.stringify(toPlanJson({ ...base, ...changes }));
}

/** The plan's text with the first number of a key written otherwise. */
function written(key: 'sigma' | 'weight', number: string): string {
  return textOf().replace(new RegExp(`"${key}":[^,}]+`), `"${key}":${number}`);
}

const [first, ...others] = base.counters;

describe('an attack by a plan', () => {
  it('begins with one that is taken, with just enough noise', () => {
    expect(refusals(textOf())).to.deep.equal([]);
  });

  for (const key of ['sigma', 'weight'] as const) {
    for (const number of [
      '0',
      '-0',
      '-1',
      '1e-300',
      '-1e400',
      '1e400',
      'null',
      '"40"',
      '[40]',
      'true',
      '{}',
    ]) {
      it(`is refused with a ${key} of ${number}`, () => {
        expect(refusals(written(key, number))).not.to.deep.equal([]);
      });
    }
    it(`is refused without a ${key}`, () => {
      expect(refusals(textOf().replace(`"${key}":`, `"no ${key}":`))).to.deep.equal(['is no plan']);
    });
  }

  for (const number of ['-1', '21', '0.5', '1e400', 'null', '"0"']) {
    it(`is refused with scaleBits of ${number}, and without any`, () => {
      expect(refusals(textOf().replace('"scaleBits":0', `"scaleBits":${number}`))).to.deep.equal([
        'is no plan',
      ]);
      expect(refusals(textOf().replace('"scaleBits":0,', ''))).to.deep.equal(['is no plan']);
    });
  }

  it('is refused with a sigma that is a part in a hundred thousand short, and names it where it is none', () => {
    expect(refusals(written('sigma', String(SIGMA * (1 - 1e-5))))[0]).to.match(/^the sigmas give delta/);
    expect(refusals(written('sigma', '0'))[0]).to.equal('counter A has sigma 0, which is no noise');
  });

  for (const [what, changes] of Object.entries({
    'the same counter twice': { counters: [first!, first!, ...others] },
    'a second counter that spends as much': { counters: [first!, { ...first!, name: 'B' }, ...others] },
    'a counter without sensitivity': { counters: [first!, { ...first!, name: 'C' }, ...others] },
    'a counter with overlapping bins': {
      counters: [
        {
          ...first!,
          bins: [
            [0, 10],
            [5, 20],
          ],
        },
        ...others,
      ],
    },
    'noise off': { noise: 'off' },
    'a collector twice': { collectors: [base.collectors[0]!, base.collectors[0]!] },
    'a heavier collector': {
      collectors: base.collectors.map((collector) => ({ ...collector, weight: 2 * collector.weight })),
    },
    'a table of sigmas that network.yaml does not name': { sigmas: 'cd'.repeat(32) },
    'no time to draw': { drawMs: 1 },
    'finer steps than its noise needs': { scaleBits: 1 },
    'coarser steps than its noise needs': { counters: [{ ...first!, sigma: 2 }, ...others] },
    'noise that no cell can hold': { counters: [{ ...first!, sigma: 2 ** 120 }, ...others] },
  } as Record<string, Partial<Plan>>)) {
    it(`is refused with ${what}`, () => {
      const found = refusals(textOf(changes));
      print(`${what}: always; ${found[0]}`);
      expect(found).not.to.deep.equal([]);
    });
  }

  for (const table of ['{"A":0}', '{"A":-6}', '{"A":1e-999}', '{"A":null}', '{"A":1e999}', '{}', '[]', '']) {
    it(`is refused by a node whose table of sensitivities is ${table === '' ? 'empty' : table}`, () => {
      expect(refusals(textOf(), table)).not.to.deep.equal([]);
    });
  }
});
