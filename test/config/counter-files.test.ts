import { expect } from 'chai';
import { combineCounters, filterCounters } from '../../src/config/combine-counters.js';
import { parseCounters } from '../../src/config/counters-file.js';
import { listKindOf, withListBins } from '../../src/config/list-bins.js';
import { parseNoise } from '../../src/config/noise-file.js';
import { parseSigmas } from '../../src/config/sigmas-file.js';
import { type ListFiles } from '../../src/config/tally-config.js';
import { type Bin, SINGLE_BIN } from '../../src/core/bins.js';
import { SIGMA_MAX } from '../../src/privacy/discrete-gaussian.js';
import { faultsOf, keysOf, source } from './faults.js';

describe('parseCounters', () => {
  const faults = (text: string): string[] => faultsOf(() => parseCounters(source(`counters: ${text}`)));

  it('reads bins in the order of the file, with infinite ends, and leaves out ZeroCount', () => {
    const text = `{B: {bins: [[5, .inf], [-.inf, 1.5]], other: x}, ZeroCount: {bins: [[-.inf, .inf]]}, ACount: {bins: [[0, .inf]]}}`;
    expect([...parseCounters(source(`counters: ${text}`))]).to.deep.equal([
      [
        'B',
        [
          [5, Infinity],
          [-Infinity, 1.5],
        ],
      ],
      ['ACount', [[0, Infinity]]],
    ]);
  });

  it('lets list counters go without bins, and no others', () => {
    expect([
      ...parseCounters(source('counters: {ExitDomainExactMatchWebInitialStreamCountList: {}}')),
    ]).to.deep.equal([['ExitDomainExactMatchWebInitialStreamCountList', []]]);
    expect(faults('{Other: {}}')).to.deep.equal([
      'counters.Other.bins: is missing; wanted: bins [low, high) that do not overlap; .inf for no end',
    ]);
  });

  it('refuses bins that are no bins', () => {
    for (const bins of [
      '[[1]]',
      '[[1, 2, 3]]',
      '[[a, 2]]',
      '[[1, .nan]]',
      '[[.nan, 1]]',
      '[1, 2]',
      '[null]',
    ]) {
      expect(keysOf(() => parseCounters(source(`counters: {X: {bins: ${bins}}}`)))[0]).to.equal(
        'counters.X.bins[0]',
      );
    }
    expect(
      keysOf(() => parseCounters(source('counters: {X: {bins: 3}, Y: 4, Z: {bins: [[0, a]]}}'))),
    ).to.deep.equal(['counters.X.bins', 'counters.Y', 'counters.Z.bins[0]']);
  });

  it('refuses bins that break PrivCount’s rules, each by the name of its counter', () => {
    expect(
      faults(
        '{Histogram: {bins: [[0, 5], [4, 9]]}, ExitStreamCount: {bins: [[5, 9]]}, One: {bins: [[0, 1]]}}',
      ),
    ).to.deep.equal(
      [
        'Histogram.bins = a list of 2: bins [0, 5] and [4, 9] overlap; bins may only touch',
        'ExitStreamCount.bins = a list of 1: the bin [5, 9] of a plain count must contain 1',
        'One.bins = a list of 1: a counter of values needs at least two bins',
      ].map((line) => `counters.${line}; wanted: bins [low, high) that do not overlap; .inf for no end`),
    );
  });

  it('wants from 1 to 20,000 counters with names, and up to 10,000 bins', () => {
    expect(faults('{}')[0]).to.match(/^counters = a map: .*1 to 20000 names/);
    expect(faults('[1]')[0]).to.match(/^counters = a list of 1: .*1 to 20000 names/);
    expect(faults('{1a: {bins: [[0, .inf]]}}')[0]).to.match(/wanted: the name of a counter/);
    const counters = (count: number): string =>
      `counters:\n${Array.from({ length: count }, (_, at) => `  C${at}Count: {bins: [[0, .inf]]}`).join('\n')}`;
    expect(parseCounters(source(counters(20_000)))).to.have.property('size', 20_000);
    expect(keysOf(() => parseCounters(source(counters(20_001))))).to.deep.equal(['counters']);
    const bins = (count: number): string =>
      `counters: {X: {bins: [${Array.from({ length: count }, (_, at) => `[${at}, ${at + 1}]`).join()}]}}`;
    expect(parseCounters(source(bins(10_000))).get('X')).to.have.length(10_000);
    expect(keysOf(() => parseCounters(source(bins(10_001))))).to.deep.equal(['counters.X.bins']);
  });

  it('refuses a second key beside counters', () => {
    expect(
      faultsOf(() => parseCounters(source('counters: {ACount: {bins: [[0, 2]]}}\nbins: 1'))),
    ).to.have.length(1);
  });
});

describe('parseNoise', () => {
  const privacy = 'privacy: {epsilon: 0.3, delta: 0.001, excess_noise_ratio: 3.0, sigma_tolerance: 1.0e-6}';
  const file = (counters: string, head = privacy) => source(`${head}\ncounters: ${counters}`);

  it('reads sensitivities and estimates, and ignores what an allocation left behind', () => {
    const noise = parseNoise(
      file(
        '{A: {sensitivity: 12, estimated_value: 3.5, sigma: 9}, ZeroCount: {sensitivity: 0, estimated_value: 0}}',
      ),
    );
    expect({ ...noise, counters: [...noise.counters] }).to.deep.equal({
      epsilon: 0.3,
      delta: 0.001,
      excessNoiseRatio: 3,
      options: { allocator: 'joint', condition: 'differential', histogramSensitivity: 'file' },
      counters: [['A', { sensitivity: 12, estimatedValue: 3.5 }]],
    });
  });

  it('reads which allocator is wanted and how, and refuses words that it does not know', () => {
    const read = (more: string) =>
      parseNoise(file('{A: {sensitivity: 1, estimated_value: 1}}', privacy.replace('}', `, ${more}}`)));
    const stricter = read('allocator: privcount, condition: probabilistic, histogram_sensitivity: l2');
    expect(stricter.options).to.deep.equal({
      allocator: 'privcount',
      condition: 'probabilistic',
      histogramSensitivity: 'l2',
    });
    expect(faultsOf(() => read('allocator: best, condition: 1, histogram_sensitivity: l1'))).to.deep.equal([
      'privacy.allocator = "best": is not usable; wanted: one of: joint, privcount',
      'privacy.condition = 1: is not usable; wanted: one of: differential, probabilistic',
      'privacy.histogram_sensitivity = "l1": is not usable; wanted: one of: file, l2',
    ]);
  });

  it('names each counter whose numbers are zero, negative, missing, NaN or infinite', () => {
    const counters = `{
      Zero: {sensitivity: 0, estimated_value: 1}, Negative: {sensitivity: 1, estimated_value: -1},
      Missing: {sensitivity: 1}, Nan: {sensitivity: .nan, estimated_value: 1},
      Infinite: {sensitivity: 1, estimated_value: .inf}, Word: {sensitivity: one, estimated_value: 1}}`;
    expect(keysOf(() => parseNoise(file(counters)))).to.deep.equal([
      'counters.Zero.sensitivity',
      'counters.Negative.estimated_value',
      'counters.Missing.estimated_value',
      'counters.Nan.sensitivity',
      'counters.Infinite.estimated_value',
      'counters.Word.sensitivity',
    ]);
  });

  it('refuses privacy parameters that are not positive', () => {
    for (const [parameters, key] of [
      ['{epsilon: 0, delta: 0.1, excess_noise_ratio: 1}', 'privacy.epsilon'],
      ['{epsilon: 1, delta: -0.1, excess_noise_ratio: 1}', 'privacy.delta'],
      ['{epsilon: 1, delta: 0.1, excess_noise_ratio: 0}', 'privacy.excess_noise_ratio'],
      ['{epsilon: 1, delta: 0.1}', 'privacy.excess_noise_ratio'],
      ['{epsilon: .nan, delta: 0.1, excess_noise_ratio: 1}', 'privacy.epsilon'],
      ['{epsilon: 1, delta: 0.1, excess_noise_ratio: 1, sigma: 1}', 'privacy.sigma'],
    ]) {
      const head = `privacy: ${parameters!}`;
      expect(keysOf(() => parseNoise(file('{A: {sensitivity: 1, estimated_value: 1}}', head)))).to.deep.equal(
        [key],
      );
    }
  });

  it('lets zeros pass where noise is off, and nothing else', () => {
    const zeros = 'privacy: {epsilon: 0.0, delta: 0.0, excess_noise_ratio: 0}';
    const read = (counters: string) => parseNoise(file(counters, zeros), { allowZero: true });
    expect(read('{A: {sensitivity: 0, estimated_value: 0}}').counters.get('A')).to.deep.equal({
      sensitivity: 0,
      estimatedValue: 0,
    });
    expect(keysOf(() => read('{A: {sensitivity: -1, estimated_value: 0}}'))).to.deep.equal([
      'counters.A.sensitivity',
    ]);
  });
});

describe('parseSigmas', () => {
  it('reads sigmas, also from an allocation', () => {
    const text = `privacy: {epsilon: 1}\ncounters: {A: {sigma: 1.0e+12, epsilon: 0.1}, B: {sigma: ${SIGMA_MAX}}, ZeroCount: {sigma: 0.0}}`;
    expect([...parseSigmas(source(text))]).to.deep.equal([
      ['A', 1e12],
      ['B', SIGMA_MAX],
    ]);
  });

  it('names each counter whose sigma is zero, negative, missing, NaN, infinite or too large', () => {
    const text = `counters: {A: {sigma: 0}, B: {sigma: -1}, C: {}, D: {sigma: .nan}, E: {sigma: .inf}, F: {sigma: 1e31}, G: {sigma: 1}}`;
    expect(keysOf(() => parseSigmas(source(text)))).to.deep.equal(
      ['A', 'B', 'C', 'D', 'E', 'F'].map((name) => `counters.${name}.sigma`),
    );
  });

  it('lets zeros pass where noise is off, and nothing else', () => {
    expect([...parseSigmas(source('counters: {A: {sigma: 0}}'), { allowZero: true })]).to.deep.equal([
      ['A', 0],
    ]);
    expect(
      faultsOf(() => parseSigmas(source('counters: {A: {sigma: -1}}'), { allowZero: true })),
    ).to.have.length(1);
  });
});

describe('combineCounters', () => {
  const bins = (...names: string[]) => ({
    file: 'bins.yaml',
    counters: new Map(names.map((name): [string, readonly Bin[]] => [name, [SINGLE_BIN]])),
  });
  const sigmas = (...names: string[]) => ({
    file: 'sigmas.yaml',
    counters: new Map(names.map((name, at): [string, number] => [name, at + 1])),
  });

  it('puts bins and noise of each counter together, in the order of the bins', () => {
    expect(combineCounters(bins('B', 'A'), sigmas('A', 'B'), {})).to.deep.equal([
      { name: 'B', bins: [SINGLE_BIN], noise: 2 },
      { name: 'A', bins: [SINGLE_BIN], noise: 1 },
    ]);
  });

  it('names every counter that is in one file only, before the filters', () => {
    const combine = () => combineCounters(bins('A', 'B', 'C'), sigmas('B', 'D'), { accept: /B/u });
    expect(faultsOf(combine)).to.deep.equal([
      'counters.A: is missing, but stands in bins.yaml; wanted: the same counters in both files',
      'counters.C: is missing, but stands in bins.yaml; wanted: the same counters in both files',
      'counters.D: is missing, but stands in sigmas.yaml; wanted: the same counters in both files',
    ]);
  });

  it('keeps names in which the accepted pattern is found and the rejected one is not', () => {
    const names = (filters: Parameters<typeof filterCounters>[1]): string[] =>
      filterCounters(bins('ExitCount', 'EntryCount', 'RendCount'), filters).map(({ name }) => name);
    expect(names({})).to.have.length(3);
    expect(names({ accept: /^E/u })).to.deep.equal(['ExitCount', 'EntryCount']);
    expect(names({ accept: /Count/u, reject: /tC/u })).to.deep.equal(['EntryCount', 'RendCount']);
    expect(names({ reject: /^E/u })).to.deep.equal(['RendCount']);
    expect(keysOf(() => names({ accept: /Nothing/u }))).to.deep.equal(['counters']);
  });
});

describe('withListBins', () => {
  const none: ListFiles = {
    domains: [],
    countries: [],
    autonomousSystems: [],
    hsdirStores: [],
    hsdirFetches: [],
    circuitFailures: [],
    onionAddresses: [],
  };
  const name = 'ExitDomainExactMatchWebInitialStreamCountList';

  it('gives the counters of a kind one bin for each list and one for what is in none', () => {
    const counters = [
      { name, bins: [] },
      { name: 'ExitStreamCount', bins: [SINGLE_BIN] },
    ];
    expect(withListBins(counters, { ...none, domains: ['a', 'b'] }, 'f')).to.deep.equal([
      {
        name,
        bins: [
          [0, 1],
          [1, 2],
          [2, Infinity],
        ],
      },
      { name: 'ExitStreamCount', bins: [SINGLE_BIN] },
    ]);
  });

  it('leaves the bins of the file where there are no lists, and names counters that have neither', () => {
    const own: Bin[] = [
      [0, 1],
      [1, Infinity],
    ];
    expect(withListBins([{ name, bins: own }], { ...none, countries: ['a'] }, 'f')[0]!.bins).to.equal(own);
    expect(keysOf(() => withListBins([{ name, bins: [] }], none, 'f'))).to.deep.equal([
      `counters.${name}.bins`,
    ]);
  });

  it('knows which kind each counter is over', () => {
    expect(listKindOf('HSDir2StoreDescriptorReasonCountList')).to.equal('hsdirStores');
    expect(listKindOf('HSDir3FetchReasonCountList')).to.equal('hsdirFetches');
    expect(listKindOf('HSDir2FetchOnionAddressCountList')).to.equal('onionAddresses');
    expect(listKindOf('EntryConnectionASMatchCountList')).to.equal('autonomousSystems');
    expect(listKindOf('EntryConnectionCountryMatchCountList')).to.equal('countries');
    expect(listKindOf('Rend2ClientFailureCircuitReasonCountList')).to.equal('circuitFailures');
    expect(listKindOf('ExitStreamCount')).to.equal(undefined);
  });
});
