import { expect } from 'chai';
import { parseTrafficNoise } from '../../src/config/traffic-noise.js';
import {
  trafficCounters,
  type TrafficModelShape,
  type TrafficSubModel,
} from '../../src/core/traffic-counters.js';
import { describeWithSharedData, readShared } from '../support/shared-data.js';
import { faultsOf, keysOf, source } from './faults.js';

const streams: TrafficSubModel = {
  emissions: [
    { state: 'sActive', observation: '$' },
    { state: 'sDwell', observation: '$' },
    { state: 'sEnd', observation: 'F' },
  ],
  transitions: [{ from: 'sActive', to: 'sDwell' }],
  starts: ['sActive'],
};
const packets: TrafficSubModel = {
  emissions: [{ state: 'm0s0', observation: '+' }],
  transitions: [],
  starts: [],
};

const entry = '{sensitivity: 2, estimated_value: 100}';
const noise = (labels: readonly string[], value = entry) =>
  source(`counters:\n${labels.map((label) => `  '${label}': ${value}`).join('\n')}`);

describe('trafficCounters', () => {
  it('measures delays by how they are distributed in the state', () => {
    const names = (model: TrafficModelShape): string[] =>
      trafficCounters(model)
        .map(({ name }) => name)
        .filter((name) => name.includes('_'));
    const prefixed = (prefix: string, ...rest: string[]): string[] => rest.map((name) => prefix + name);
    expect(names({ streams })).to.deep.equal(
      prefixed(
        'ExitCircuitTrafficModel',
        'EmissionCount_sActive_$',
        'DelayTime_sActive_$',
        'EmissionCount_sDwell_$',
        'LogDelayTime_sDwell_$',
        'SquaredLogDelayTime_sDwell_$',
        'EmissionCount_sEnd_F',
        'TransitionCount_sActive_sDwell',
        'TransitionCount_START_sActive',
      ),
    );
    expect(names({ packets })).to.deep.equal(
      prefixed(
        'ExitStreamTrafficModel',
        'EmissionCount_m0s0_+',
        'LogDelayTime_m0s0_+',
        'SquaredLogDelayTime_m0s0_+',
      ),
    );
    const other = { ...packets, emissions: [{ state: 'plain', observation: '$' }] };
    expect(names({ packets: other })).to.deep.equal(['ExitStreamTrafficModelEmissionCount_plain_$']);
  });

  it('has nothing for a model that is not there', () => {
    expect(trafficCounters({})).to.deep.equal([]);
  });
});

describe('parseTrafficNoise', () => {
  it('gives each counter the noise of its label, and leaves out those without', () => {
    const labels = [
      'ExitCircuitTrafficModelCircuitCount',
      'ExitCircuitTrafficModelEmissionCount_<STATE>_<OBS>',
    ];
    const counters = parseTrafficNoise(noise(labels), { streams });
    expect(counters.map(({ name }) => name)).to.deep.equal([
      'ExitCircuitTrafficModelCircuitCount',
      'ExitCircuitTrafficModelEmissionCount_sActive_$',
      'ExitCircuitTrafficModelEmissionCount_sDwell_$',
      'ExitCircuitTrafficModelEmissionCount_sEnd_F',
    ]);
    for (const counter of counters) {
      expect(counter.noise).to.deep.equal({ sensitivity: 2, estimatedValue: 100 });
      expect(counter.bins).to.deep.equal([[0, Infinity]]);
    }
  });

  it('ignores the label of the original that stands for no counter, and refuses all others', () => {
    const labels = [
      'ExitCircuitTrafficModelStreamCount',
      'ExitStreamTrafficModelStreamCount',
      'Other_<DIRECTION>',
    ];
    expect(parseTrafficNoise(noise(labels.slice(0, 1)), { streams })).to.deep.equal([]);
    expect(keysOf(() => parseTrafficNoise(noise(labels), { streams }))).to.deep.equal([
      'counters.ExitStreamTrafficModelStreamCount',
      'counters.Other_<DIRECTION>',
    ]);
  });

  it('names labels whose numbers are not above 0, unless noise is off', () => {
    const zeros = noise(['ExitCircuitTrafficModelCircuitCount'], '{sensitivity: 0.0, estimated_value: 0.0}');
    expect(faultsOf(() => parseTrafficNoise(zeros, { streams }))).to.have.length(2);
    expect(parseTrafficNoise(zeros, { streams }, { allowZero: true })).to.have.length(1);
  });
});

type Probabilities = Record<string, Record<string, unknown>>;
type ModelFile = Record<
  'packet_model' | 'stream_model',
  {
    emission_probability: Probabilities;
    transition_probability: Record<string, Record<string, number>>;
    start_probability: Record<string, number>;
  }
>;

describeWithSharedData('traffic-model counters against PrivCount', () => {
  const toSubModel = (model: ModelFile['packet_model']): TrafficSubModel => ({
    emissions: Object.entries(model.emission_probability).flatMap(([state, observations]) =>
      Object.keys(observations).map((observation) => ({ state, observation })),
    ),
    transitions: Object.entries(model.transition_probability).flatMap(([from, targets]) =>
      Object.entries(targets)
        .filter(([, probability]) => probability > 0)
        .map(([to]) => ({ from, to })),
    ),
    starts: Object.entries(model.start_probability)
      .filter(([, probability]) => probability > 0)
      .map(([state]) => state),
  });

  it('are the same, but for the count of circuits that the original forgets to offer', () => {
    const file = JSON.parse(readShared('oracle/traffic/model.both.json').toString('utf8')) as ModelFile;
    const model = { packets: toSubModel(file.packet_model), streams: toSubModel(file.stream_model) };
    const oracle = readShared('oracle/traffic/labels.both.json.gz')
      .toString('utf8')
      .replaceAll('Infinity', '"inf"');
    const { noise_init_config: wanted } = JSON.parse(oracle) as {
      noise_init_config: Record<string, unknown>;
    };
    const bytes = readShared('oracle/traffic/noise.both.yaml');
    const counters = parseTrafficNoise({ file: 'noise.both.yaml', bytes }, model, { allowZero: true });
    expect(counters.map(({ name }) => name).sort()).to.deep.equal(Object.keys(wanted).sort());
    const offered = trafficCounters(model).map(({ name }) => name);
    expect(offered.filter((name) => !Object.hasOwn(wanted, name))).to.deep.equal([
      'ExitCircuitTrafficModelCircuitCount',
    ]);
  });
});
