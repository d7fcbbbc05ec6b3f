/** Rounds with a traffic model through real processes: their totals, the updated models, and the link to the latest. */
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { dump } from 'js-yaml';
import { modelCounters } from '../../src/collection/traffic/model-counters.js';
import { readTrafficModel, toModelText } from '../../src/collection/traffic/model-file.js';
import { type TrafficModel } from '../../src/collection/traffic/traffic-model.js';
import { updateTrafficModel } from '../../src/collection/traffic/update-model.js';
import { packagedConfig } from '../../src/cli/package-files.js';
import { readOracleTally } from '../collection/oracle.js';
import { BOTH, modelOf } from '../collection/traffic/models.js';
import { ProcessNetwork, totalsOf } from '../support/process-network.js';
import { describeWithSharedData, readShared, sharedPath } from '../support/shared-data.js';

const LATEST = 'traffic.model.latest.json';
const MODEL_FILE = /^privcount\.traffic\.model\.\d+-\d+\.json$/;
const MODULUS_BITS = 70;

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** The updated models that the tally wrote, oldest first, and where its link leads. */
function modelsOf({ folder }: ProcessNetwork): { models: unknown[]; names: string[]; latest: string } {
  const results = join(folder, 'network/tally/results');
  const names = readdirSync(results)
    .filter((name) => MODEL_FILE.test(name))
    .sort();
  const link = join(results, LATEST);
  expect(lstatSync(link).isSymbolicLink()).to.equal(true);
  return { models: names.map((name) => readJson(join(results, name))), names, latest: readlinkSync(link) };
}

/** The model as the round's own totals change it. */
function updated(model: TrafficModel, totals: ReadonlyMap<string, readonly bigint[]>): unknown {
  const counts = new Map([...totals].map(([name, [count]]) => [name, Number(count)]));
  return JSON.parse(toModelText(updateTrafficModel(model, counts)));
}

let network: ProcessNetwork | undefined;

async function stopNetwork(): Promise<void> {
  await network?.stop();
  network = undefined;
}

describeWithSharedData('a round with a traffic model, without noise', function () {
  afterEach(stopNetwork);

  it("gives the original's totals, and the model that they make of the old one", async function () {
    this.timeout(400_000);
    const model = readTrafficModel(readShared('oracle/traffic/model.both.json').toString()).model!;
    network = await ProcessNetwork.start({
      keepers: 3,
      threshold: 2,
      eventLogs: [1, 2].map(() => sharedPath('oracle/traffic/viterbi.events.txt')),
      trafficModel: sharedPath('oracle/traffic/model.both.json'),
      trafficNoise: sharedPath('oracle/traffic/noise.both.yaml'),
      collectPeriod: 12,
    });
    const { exitCode, outcome, tallies } = await network.result();
    expect(exitCode).to.equal(0);
    const totals = totalsOf(tallies!);
    const oracle = readOracleTally('oracle/viterbi_both/tally.0rotations.json.gz');
    const compared = modelCounters(model).filter(({ name }) => totals.has(name) && oracle.has(name));
    expect(compared.length).to.be.greaterThan(700);
    const wrong = compared.filter(({ name }) => {
      const [count] = oracle.get(name)!.counts;
      return BigInt.asUintN(MODULUS_BITS, totals.get(name)![0]!) !== 2n * count!;
    });
    expect(wrong.map(({ name }) => name)).to.deep.equal([]);
    const { models, names, latest } = modelsOf(network);
    expect(models).to.deep.equal([updated(model, totals)]);
    expect(latest).to.equal(names[0]);
    expect((outcome as unknown as { UpdatedTrafficModel: unknown }).UpdatedTrafficModel).to.deep.equal(
      models[0],
    );
  });
});

describe('rounds with a traffic model, with noise', function () {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'privcount-traffic-'));
  });

  afterEach(async () => {
    await stopNetwork();
    rmSync(folder, { recursive: true, force: true });
  });

  it('have the counters that the labels of the noise file name, and link the newest valid model', async function () {
    this.timeout(400_000);
    const prefix = 'ExitCircuitTrafficModel';
    const its = { sensitivity: 1, estimated_value: 1000 };
    const trafficModel = join(folder, 'model.json');
    const trafficNoise = join(folder, 'noise.yaml');
    const labels = ['EmissionCount_<STATE>_<OBS>', 'TransitionCount_START_<STATE>', 'CircuitCount'];
    writeFileSync(trafficModel, JSON.stringify(BOTH));
    writeFileSync(
      trafficNoise,
      dump({ counters: Object.fromEntries(labels.map((label) => [prefix + label, its])) }),
    );
    network = await ProcessNetwork.start({
      keepers: 3,
      threshold: 2,
      isNoiseOff: false,
      eventLogs: [packagedConfig('demo/exit-1.events.gz')],
      trafficModel,
      trafficNoise,
      rounds: 2,
    });
    const { exitCode } = await network.result();
    expect(exitCode).to.equal(0);
    const tallies = network.tallies();
    expect(tallies).to.have.lengthOf(2);
    const ofModel = Object.entries(tallies[0]!).filter(([name]) => name.startsWith(prefix));
    const observed = ['sActive_$', 'sDwell_$', 'sDwell_F', 'sPlain_$', 'sEnd_F'];
    expect(ofModel.map(([name]) => name.slice(prefix.length)).sort()).to.deep.equal(
      [
        'CircuitCount',
        ...observed.map((pair) => `EmissionCount_${pair}`),
        ...['sActive', 'sDwell'].map((state) => `TransitionCount_START_${state}`),
      ].sort(),
    );
    for (const [name, { effective_sigma }] of ofModel) expect(effective_sigma, name).to.be.greaterThan(0);
    const { models, names, latest } = modelsOf(network);
    expect(models).to.deep.equal(tallies.map((tally) => updated(modelOf(BOTH), totalsOf(tally))));
    for (const model of models) expect(readTrafficModel(JSON.stringify(model)).faults).to.deep.equal([]);
    expect(latest).to.equal(names[1]);
  });
});
