/** Traffic models: what is refused, what is doubtful, and paths against plain JSON and a plain count (spec/counters.md, 6). */
import { expect } from 'chai';
import fc from 'fast-check';

import { catalogueWith } from '../../../src/collection/catalogue/catalogue.js';
import { expandLabels, modelCounters } from '../../../src/collection/traffic/model-counters.js';
import { readTrafficModel, toModelText } from '../../../src/collection/traffic/model-file.js';
import { type TrafficModel } from '../../../src/collection/traffic/traffic-model.js';
import { updateTrafficModel } from '../../../src/collection/traffic/update-model.js';
import { layOutCounters } from '../../../src/core/counters.js';
import { collect } from '../oracle.js';

const STREAMS = {
  state_space: ['sActive', 'sDwell', 'sPlain', 'sEnd'],
  observation_space: ['$', 'F'],
  start_probability: { sActive: 0.5, sDwell: 0.5, sPlain: 0 },
  transition_probability: {
    sActive: { sDwell: 0.5, sEnd: 0.5 },
    sDwell: { sActive: 1, sPlain: 0 },
    sEnd: {},
  },
  emission_probability: {
    sActive: { $: [1, 0, 0, 1e-5] },
    sDwell: { $: [0.75, 12, 2, 0], F: [0.25] },
    sPlain: { $: [1, 0, 0, 0] },
    sEnd: { F: [1] },
  },
};
const PACKETS = {
  state_space: ['a', 'b'],
  observation_space: ['+', '-', 'F'],
  start_probability: { a: 1 },
  transition_probability: { a: { a: 0.5, b: 0.5 }, b: { a: 1 } },
  emission_probability: { a: { '+': [0.5, 1, 1, 0], '-': [0.5, 1, 1, 0] }, b: { F: [1] } },
};
const BOTH = { packet_model: PACKETS, stream_model: STREAMS };

const modelOf = (value: unknown): TrafficModel => readTrafficModel(JSON.stringify(value)).model!;
const faultsOf = (value: unknown): string[] => readTrafficModel(JSON.stringify(value)).faults;

/** What of the stream model is changed, at any depth. */
const withStreams = (change: object): object => ({ stream_model: { ...STREAMS, ...change } });

describe('file of a traffic model', () => {
  it('is read, and written as it was', () => {
    expect(faultsOf(BOTH)).to.deep.equal([]);
    expect(JSON.parse(toModelText(modelOf(BOTH)))).to.deep.equal(BOTH);
    expect(JSON.parse(toModelText(modelOf({ packet_model: PACKETS })))).to.deep.equal({
      packet_model: PACKETS,
    });
  });

  it('must be JSON with one of two models, and nothing else', () => {
    expect(readTrafficModel('{').faults).to.deep.equal(['the file is not JSON']);
    expect(faultsOf({})).to.deep.equal(['the model has neither a packet_model nor a stream_model']);
    expect(faultsOf({ ...BOTH, other: 1 })[0]).to.include('other');
    expect(faultsOf(withStreams({ other: 1 }))[0]).to.include('other');
    for (const key of Object.keys(STREAMS)) {
      expect(faultsOf(withStreams({ [key]: undefined }))[0], key).to.include(`stream_model.${key}`);
    }
  });

  it('has names that Tor can take and events can hold', () => {
    for (const name of ['a b', 'a;b', 'a,b', 'a=b', 'a"b', 'a\\b', 'ä', '', 'x'.repeat(64)]) {
      expect(faultsOf(withStreams({ state_space: [...STREAMS.state_space, name] })), name).not.to.deep.equal(
        [],
      );
    }
    const long = 'x'.repeat(63);
    expect(faultsOf(withStreams({ state_space: [...STREAMS.state_space, long] }))).to.deep.equal([]);
  });

  it('has sums of 1, and states and observations of its spaces', () => {
    const faults = faultsOf(
      withStreams({
        observation_space: ['$'],
        start_probability: { sActive: 0.5, sOther: 0.4 },
        transition_probability: { sActive: { sDwell: 0.9 }, sEnd: { sEnd: 0.3 }, sDwell: { sNowhere: 1 } },
        emission_probability: { sActive: { $: [0.9, 0, 0] }, sEnd: { F: [1] } },
      }),
    );
    expect(faults).to.deep.equal([
      'the observation space of the model of streams must have F',
      'state sOther is not in the state space',
      'state sNowhere is not in the state space',
      'observation F is not in the observation space',
      'the emission of $ by sActive has 3 parameters, not 4',
      'the start probabilities must add up to 1',
      'the transitions of sActive must add up to 1',
      'the emissions of sActive must add up to 1',
    ]);
    expect(faultsOf(withStreams({ start_probability: { sActive: 1 + 5e-10 - 1e-9 } }))).to.deep.equal([]);
    expect(faultsOf(withStreams({ start_probability: { sActive: 1 - 2e-9 } }))).to.have.lengthOf(1);
  });

  it('may have names that are doubtful, with a warning', () => {
    const { warnings, faults } = readTrafficModel(
      JSON.stringify(
        withStreams({
          state_space: [...STREAMS.state_space, 'START', 'DwellActive', 'EndLess'],
          observation_space: ['$', 'F', 'x'],
          emission_probability: { ...STREAMS.emission_probability, START: { x: [1] } },
        }),
      ),
    );
    expect(faults).to.deep.equal([]);
    expect(warnings).to.have.lengthOf(4);
  });
});

describe('counters of a traffic model', () => {
  it('are those of its emissions, transitions and starts that can happen', () => {
    const names = modelCounters(modelOf({ stream_model: STREAMS })).map(({ name }) => name);
    const dynamic = names
      .filter((name) => name.includes('_'))
      .map((name) => name.replace('ExitCircuitTrafficModel', ''));
    expect(dynamic).to.deep.equal([
      ...['EmissionCount_sActive_$', 'DelayTime_sActive_$'],
      ...[
        'EmissionCount_sDwell_$',
        'LogDelayTime_sDwell_$',
        'SquaredLogDelayTime_sDwell_$',
        'EmissionCount_sDwell_F',
      ],
      ...['EmissionCount_sPlain_$', 'EmissionCount_sEnd_F'],
      ...['TransitionCount_sActive_sDwell', 'TransitionCount_sActive_sEnd', 'TransitionCount_sDwell_sActive'],
      ...['TransitionCount_START_sActive', 'TransitionCount_START_sDwell'],
    ]);
    expect(catalogueWith(modelOf(BOTH)).get('ExitStreamTrafficModelEmissionCount_a_+')!.events).to.deep.equal(
      ['PRIVCOUNT_VITERBI_PACKETS'],
    );
  });

  it('get noise by their labels, and labels of nothing are refused', () => {
    const labels = new Map([
      ['ExitCircuitTrafficModelTransitionCount_START_<STATE>', 1],
      ['ExitCircuitTrafficModelCircuitCount', 2],
      ['ExitCircuitTrafficModelStreamCount', 3],
      ['ExitStreamTrafficModelStreamCount', 4],
    ]);
    const { counters, faults, warnings } = expandLabels(modelOf({ stream_model: STREAMS }), labels);
    expect([...counters]).to.deep.equal([
      ['ExitCircuitTrafficModelCircuitCount', 2],
      ['ExitCircuitTrafficModelTransitionCount_START_sActive', 1],
      ['ExitCircuitTrafficModelTransitionCount_START_sDwell', 1],
    ]);
    expect(faults).to.deep.equal(["label ExitStreamTrafficModelStreamCount is none of this model's"]);
    expect(warnings).to.have.lengthOf(1);
  });
});

/** 6.3 word by word, over one payload; undefined if it is no path. */
function plainCounts(payload: string): Map<string, bigint> | undefined {
  const counts = new Map<string, bigint>();
  const add = (name: string, amount: bigint): void => {
    counts.set(name, (counts.get(name) ?? 0n) + amount);
  };
  let path: unknown;
  try {
    path = JSON.parse(payload.replaceAll(';', ','));
  } catch {
    return undefined;
  }
  if (!Array.isArray(path) || !path.every((step) => Array.isArray(step))) return undefined;
  const steps = path as unknown[][];
  add('CircuitCount', 1n);
  for (const [at, [state, observation, delay]] of steps.entries()) {
    if (steps[at]!.length < 3) continue;
    const isName = typeof state === 'string' && /^[\0-\x7f]*$/.test(state) && typeof observation === 'string';
    const number = typeof delay === 'string' && /^[+-]?\d+(\.\d*)?$/.test(delay) ? Number(delay) : delay;
    if (!isName || typeof number !== 'number' || Math.abs(number) >= 2 ** 53) return undefined;
    const whole = BigInt(Math.trunc(number));
    const log = whole < 1n ? 0n : BigInt(Math.round(Math.log(Number(whole))));
    const both = (measure: string, amount: bigint): void => {
      add(measure, amount);
      add(`${measure}_${state}_${observation}`, amount);
    };
    both('EmissionCount', 1n);
    const isLog = '+-'.includes(observation) || (observation === '$' && state.includes('Dwell'));
    if (isLog && observation !== '') both('LogDelayTime', log);
    if (isLog && observation !== '') both('SquaredLogDelayTime', log * log);
    if (!isLog && observation === '$' && state.includes('Active')) both('DelayTime', whole);
    if (at === 0) add(`TransitionCount_START_${state}`, 1n);
    const next = steps[at + 1];
    if (next === undefined || next.length < 3) continue;
    add('TransitionCount', 1n);
    add(`TransitionCount_${state}_${String(next[0])}`, 1n);
  }
  return counts;
}

const STREAM_MODEL = modelOf({ stream_model: STREAMS });
const LAYOUT = layOutCounters(
  modelCounters(STREAM_MODEL).map(({ name }) => ({ name, bins: [[0, Infinity]] })),
);

function countPayload(payload: string): { counts: Map<string, bigint>; isRejected: boolean } {
  const counted = collect(LAYOUT, {}, STREAM_MODEL);
  const line = Buffer.from(
    `PRIVCOUNT_VITERBI_STREAMS EventTimestamp=1 ViterbiPathStreams=${payload}`,
    'latin1',
  );
  counted.collection.count(line, 0, line.length);
  const counts = [...counted.totals()].map(([name, [count]]): [string, bigint] => [
    name.replace('ExitCircuitTrafficModel', ''),
    count!,
  ]);
  return {
    counts: new Map(counts.filter(([, count]) => count !== 0n)),
    isRejected: counted.rejections.length > 0,
  };
}

describe('paths through a traffic model', () => {
  const state = fc.constantFrom('sActive', 'sDwell', 'sPlain', 'sEnd', 'x', 'xDwell', 'xActive', '', 'sé');
  const delay = fc.oneof(
    { arbitrary: fc.nat({ max: 1_000_000 }).map(String), weight: 8 },
    {
      arbitrary: fc.constantFrom(
        '0',
        '1',
        '2',
        '9007199254740991',
        '9007199254740992',
        '-5',
        '1.9',
        '1e3',
        '"12"',
        '"x"',
        'null',
        '01',
        '[]',
      ),
      weight: 2,
    },
  );
  const step = fc.oneof(
    {
      arbitrary: fc
        .tuple(state, fc.constantFrom('$', 'F', '+', '-', 'y'), delay)
        .map(([s, o, d]) => `["${s}";"${o}";${d}]`),
      weight: 30,
    },
    {
      arbitrary: fc.constantFrom(
        '["s"]',
        '[]',
        '["sActive";"$";5;6]',
        '5',
        '"abc"',
        '[ "sDwell" ; "$" ; 7 ]',
        '[1;2;3]',
      ),
      weight: 1,
    },
  );
  const payload = fc.oneof(
    {
      arbitrary: fc.array(step, { maxLength: 8 }).map((steps) => `[${steps.join(';')}]`.replaceAll(' ', '')),
      weight: 20,
    },
    {
      arbitrary: fc.constantFrom(
        '[]',
        '[',
        ']',
        '{}',
        '5',
        '"x"',
        'null',
        '[[]]',
        '[["sActive";"$";1]',
        '[["sActive";"$";1];]',
      ),
      weight: 1,
    },
  );

  it('are counted as a plain count of JSON does, or not at all', () => {
    fc.assert(
      fc.property(payload, (text) => {
        const plain = plainCounts(text);
        const { counts, isRejected } = countPayload(text);
        const expected = [...(plain ?? [])].filter(([name]) =>
          LAYOUT.byName.has(`ExitCircuitTrafficModel${name}`),
        );
        const nonZero = expected
          .map(([name, count]): [string, bigint] => [name, BigInt.asUintN(70, count)])
          .filter(([, count]) => count !== 0n);
        expect(isRejected, text).to.equal(plain === undefined);
        expect([...counts].sort(), text).to.deep.equal(nonZero.sort());
      }),
      { numRuns: 3000 },
    );
  });

  it('may be long: their arrays grow, and are given up again', () => {
    const long = `[${Array<string>(100_000).fill('["sActive";"$";2]').join(';')}]`;
    expect(countPayload(long).counts.get('DelayTime_sActive_$')).to.equal(200_000n);
    const counted = collect(LAYOUT, {}, STREAM_MODEL);
    for (const payloadText of [long, '[["sDwell";"$";3]]', long]) {
      const line = Buffer.from(
        `PRIVCOUNT_VITERBI_STREAMS EventTimestamp=1 ViterbiPathStreams=${payloadText}`,
      );
      counted.collection.count(line, 0, line.length);
    }
    expect(counted.totals().get('ExitCircuitTrafficModelEmissionCount')).to.deep.equal([200_001n]);
  });

  it('are checked, but not counted, in a round without a model of their kind', () => {
    const name = 'ExitCircuitTrafficModelCircuitCount';
    const counted = collect(
      layOutCounters([{ name, bins: [[0, Infinity]] }]),
      {},
      modelOf({ packet_model: PACKETS }),
    );
    for (const fields of ['EventTimestamp=1 ViterbiPathStreams=[]', 'EventTimestamp=1']) {
      const line = Buffer.from(`PRIVCOUNT_VITERBI_STREAMS ${fields}`);
      counted.collection.count(line, 0, line.length);
    }
    expect(counted.totals().get(name)).to.deep.equal([0n]);
    expect(counted.rejections).to.deep.equal(['PRIVCOUNT_VITERBI_STREAMS ViterbiPathStreams missing-field']);
  });
});

describe('updated traffic model', () => {
  it('is a valid model whatever the totals', () => {
    const names = modelCounters(modelOf(BOTH)).map(({ name }) => name);
    const totals = fc.dictionary(fc.constantFrom(...names), fc.integer({ min: -1e12, max: 1e12 }));
    fc.assert(
      fc.property(totals, fc.double({ min: 0, max: 1, noNaN: true }), (counts, inertia) => {
        const updated = updateTrafficModel(modelOf(BOTH), new Map(Object.entries(counts)), {
          transitions: inertia,
          emissions: inertia,
        });
        expect(readTrafficModel(toModelText(updated)).faults).to.deep.equal([]);
      }),
      { numRuns: 300 },
    );
  });

  it('moves half-way to what was observed', () => {
    const prefix = 'ExitCircuitTrafficModel';
    const totals = new Map([
      [`${prefix}TransitionCount_START_sActive`, 30],
      [`${prefix}TransitionCount_START_sDwell`, 10],
      [`${prefix}EmissionCount_sDwell_$`, 10],
      [`${prefix}EmissionCount_sDwell_F`, 30],
      [`${prefix}LogDelayTime_sDwell_$`, 100],
      [`${prefix}SquaredLogDelayTime_sDwell_$`, 1160],
      [`${prefix}EmissionCount_sActive_$`, 10],
      [`${prefix}DelayTime_sActive_$`, 2_000_000],
    ]);
    const { streams } = updateTrafficModel(STREAM_MODEL, totals);
    expect(Object.fromEntries(streams!.start)).to.deep.equal({ sActive: 0.625, sDwell: 0.375, sPlain: 0 });
    expect(streams!.emissions.get('sDwell')!.get('$')).to.deep.equal([0.5, 11, 3, 0]);
    expect(streams!.emissions.get('sDwell')!.get('F')).to.deep.equal([0.5]);
    const lambda = streams!.emissions.get('sActive')!.get('$')![3]!;
    expect(lambda).to.be.closeTo(1 / (0.5 / 1e-5 + 0.5 / 5e-6), 1e-18);
  });
});
