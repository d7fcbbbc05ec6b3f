/** Traffic models: what is refused, what is doubtful, and paths against plain JSON and a plain count (spec/counters.md, 6). */
import { expect } from 'chai';
import fc from 'fast-check';

import { catalogueWith } from '../../../src/collection/catalogue/catalogue.js';
import { expandLabels, modelCounters } from '../../../src/collection/traffic/model-counters.js';
import { readTrafficModel, toModelText } from '../../../src/collection/traffic/model-file.js';
import { updateTrafficModel } from '../../../src/collection/traffic/update-model.js';
import { layOutCounters } from '../../../src/core/counters.js';
import { collect } from '../oracle.js';
import { PlainModel } from '../plain-model.js';
import { BOTH, modelOf, PACKETS, STREAMS } from './models.js';
import { payload } from './path-arbitrary.js';

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

const STREAM_MODEL = modelOf({ stream_model: STREAMS });
const LAYOUT = layOutCounters(
  modelCounters(STREAM_MODEL).map(({ name }) => ({ name, bins: [[0, Infinity]] })),
);

const lineOf = (payload: string): string =>
  `PRIVCOUNT_VITERBI_STREAMS EventTimestamp=1 ViterbiPathStreams=${payload}`;

function countLine(text: string): { counts: Map<string, bigint[]>; isRejected: boolean } {
  const counted = collect(LAYOUT, {}, STREAM_MODEL);
  const line = Buffer.from(text, 'latin1');
  counted.collection.count(line, 0, line.length);
  return { counts: counted.totals(), isRejected: counted.rejections.length > 0 };
}

describe('paths through a traffic model', () => {
  it('are counted as a plain count of JSON does, or not at all', () => {
    fc.assert(
      fc.property(payload, (text) => {
        const line = lineOf(text);
        const plain = new PlainModel(LAYOUT.places, {}, 0, ['streams']);
        const { counts, isRejected } = countLine(line);
        expect(isRejected, text).to.equal(!plain.count(line));
        expect(counts, text).to.deep.equal(plain.totals.counts());
      }),
      { numRuns: 3000 },
    );
  });

  it('may be long: their arrays grow, and are given up again', () => {
    const long = `[${Array<string>(100_000).fill('["sActive";"$";2]').join(';')}]`;
    const delays = 'ExitCircuitTrafficModelDelayTime_sActive_$';
    expect(countLine(lineOf(long)).counts.get(delays)).to.deep.equal([200_000n]);
    const counted = collect(LAYOUT, {}, STREAM_MODEL);
    for (const payloadText of [long, '[["sDwell";"$";3]]', long]) {
      const line = Buffer.from(lineOf(payloadText));
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
