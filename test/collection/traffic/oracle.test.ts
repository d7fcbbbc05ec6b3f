/** The traffic model against the original: counters, totals over viterbi events, updated models. */
import { expect } from 'chai';

import { catalogueWith } from '../../../src/collection/catalogue/catalogue.js';
import { readTrafficModel, toModelText } from '../../../src/collection/traffic/model-file.js';
import { expandLabels, modelCounters } from '../../../src/collection/traffic/model-counters.js';
import { type TrafficModel } from '../../../src/collection/traffic/traffic-model.js';
import { updateTrafficModel } from '../../../src/collection/traffic/update-model.js';
import { describeWithSharedData, readShared } from '../../support/shared-data.js';
import { collect, differences, forEachLine, oracleLayout, oracleLists, readOracleTally } from '../oracle.js';

type Labels = { readonly all_counter_labels: string[]; readonly bins_init_config: Record<string, unknown> };
type Updated = {
  readonly emit_inertia: number;
  readonly trans_inertia: number;
  readonly tallies: Record<string, number>;
  readonly updated_model: unknown;
};

const json = (path: string): unknown =>
  JSON.parse(readShared(path).toString().replaceAll('Infinity', '1e999'));

function bothModel(): TrafficModel {
  return readTrafficModel(readShared('oracle/traffic/model.both.json').toString()).model!;
}

/** Every leaf of a JSON value with its path. */
function leaves(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}/${key}`));
}

const stateOf = (path: string): string => /\/emission_probability\/([^/]+)\//.exec(path)?.[1] ?? '';

/** States whose emissions add up to 0. */
function statesWithoutEmissions(model: readonly [string, unknown][]): ReadonlySet<string> {
  const sums = new Map<string, number>();
  for (const [path, value] of model) {
    if (path.endsWith('/0')) sums.set(stateOf(path), (sums.get(stateOf(path)) ?? 0) + (value as number));
  }
  return new Set([...sums].filter(([state, sum]) => state !== '' && sum === 0).map(([state]) => state));
}

describeWithSharedData('traffic model against the original', () => {
  it('is read without fault or warning', () => {
    const { faults, warnings } = readTrafficModel(readShared('oracle/traffic/model.both.json').toString());
    expect({ faults, warnings }).to.deep.equal({ faults: [], warnings: [] });
  });

  it('has the same counters, and the count of circuits besides', () => {
    const labels = json('oracle/traffic/labels.both.json.gz') as Labels;
    const names = modelCounters(bothModel()).map(({ name }) => name);
    const wrong = 'ExitCircuitTrafficModelStreamCount';
    const expected = labels.all_counter_labels.filter((label) => label !== wrong);
    expect(names.sort()).to.deep.equal([...expected, 'ExitCircuitTrafficModelCircuitCount'].sort());
  });

  it('gets from the templates of a noise file what the original gets', () => {
    const labels = json('oracle/traffic/labels.both.json.gz') as Labels;
    const templates = readShared('oracle/traffic/noise.both.yaml')
      .toString()
      .split('\n')
      .flatMap((line) => /^ {2}'?([^ ':]+)'?:$/.exec(line)?.[1] ?? []);
    const { counters, faults } = expandLabels(bothModel(), new Map(templates.map((label) => [label, label])));
    expect(faults).to.deep.equal([]);
    expect([...counters.keys()].sort()).to.deep.equal(Object.keys(labels.bins_init_config).sort());
  });

  it('counts viterbi events to the same totals', () => {
    const model = bothModel();
    const tally = readOracleTally('oracle/viterbi_both/tally.0rotations.json.gz');
    const known = catalogueWith(model);
    const layout = oracleLayout(tally, (name) => known.has(name));
    const counted = collect(layout, oracleLists(), model);
    forEachLine(readShared('oracle/traffic/viterbi.events.txt'), (bytes, start, end) =>
      counted.collection.count(bytes, start, end),
    );
    expect(layout.places.length).to.be.greaterThan(6000);
    expect(differences(counted.totals(), tally)).to.deep.equal([]);
    expect(counted.rejections).to.deep.equal([]);
  });

  for (const tallies of ['random_positive', 'random_noisy']) {
    for (const inertia of ['0.0', '0.5', '1.0']) {
      it(`becomes the same model after ${tallies} totals with inertia ${inertia}`, () => {
        const expected = json(`oracle/traffic/update.both.${tallies}.inertia${inertia}.json.gz`) as Updated;
        const updated = updateTrafficModel(bothModel(), new Map(Object.entries(expected.tallies)), {
          transitions: expected.trans_inertia,
          emissions: expected.emit_inertia,
        });
        const found = new Map(leaves(JSON.parse(toModelText(updated))));
        const wanted = leaves(expected.updated_model);
        expect(found.size).to.equal(wanted.length);
        const before = new Map(leaves(JSON.parse(toModelText(bothModel()))));
        const forgotten = statesWithoutEmissions(wanted);
        for (const [path, value] of wanted) {
          if (forgotten.has(stateOf(path))) {
            // The original leaves such a state without any emission, and so an invalid model; here it keeps them.
            if (path.endsWith('/0')) expect(found.get(path), path).to.equal(before.get(path));
          } else if (typeof value !== 'number') expect(found.get(path), path).to.equal(value);
          else expect(found.get(path), path).to.be.closeTo(value, 1e-14 * Math.abs(value));
        }
      });
    }
  }

  for (const tallies of ['all_zero', 'empty', 'shipped_tallies']) {
    it(`becomes a valid model after ${tallies} totals, where the original fails`, () => {
      const expected = json(`oracle/traffic/update.both.${tallies}.inertia0.5.json.gz`) as Updated;
      const updated = updateTrafficModel(bothModel(), new Map(Object.entries(expected.tallies)));
      expect(readTrafficModel(toModelText(updated)).faults).to.deep.equal([]);
      expect(updated.streams!.emissions.get('sActive')!.get('$')![3]).to.equal(1e-5);
    });
  }
});
