/** The counters of a round with a traffic model: the model's beside the ordinary ones (spec/counters.md, 6.4). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { dump } from 'js-yaml';
import { writeLocalNetwork } from '../../src/cli/local-network.js';
import { type LocalNetworkOptions } from '../../src/cli/local-network-options.js';
import { readNetwork, readNodeConfig } from '../../src/cli/read-config.js';
import { readTallySettings } from '../../src/cli/tally-settings.js';
import { type Counter } from '../../src/core/counters.js';
import { BOTH } from '../collection/traffic/models.js';

const CIRCUITS = 'ExitCircuitTrafficModelCircuitCount';
const STREAMS = 'ExitStreamTrafficModelStreamCount';
const ITS = { sensitivity: 1, estimated_value: 1000 };

describe('counters of a round with a traffic model', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'privcount-traffic-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function write(name: string, content: object): string {
    const path = join(folder, name);
    writeFileSync(path, dump(content, { noRefs: true }));
    return path;
  }

  /** What the tally counts whose files name both an ordinary counter and two of the model's. */
  async function countersOf(change: Partial<LocalNetworkOptions>): Promise<readonly Counter[]> {
    const names = ['ExitStreamCount', CIRCUITS, STREAMS];
    const all = (value: object): object => Object.fromEntries(names.map((name) => [name, value]));
    writeFileSync(join(folder, 'model.json'), JSON.stringify(BOTH));
    await writeLocalNetwork(join(folder, 'network'), {
      name: 'traffic',
      keepers: 3,
      threshold: 2,
      collectors: 1,
      minCollectors: 1,
      toleratedLost: 0,
      tallyPort: 20_001,
      controlPorts: [20_101],
      fingerprints: [],
      isTest: true,
      isNoiseOff: false,
      counters: write('counters.yaml', { counters: all({ bins: [[1, Infinity]] }) }),
      noise: {
        kind: 'noise',
        file: write('noise.yaml', {
          privacy: { epsilon: 0.5, delta: 0.001, excess_noise_ratio: 1 },
          counters: all(ITS),
        }),
      },
      lists: {},
      trafficModel: join(folder, 'model.json'),
      collectPeriod: 60,
      noisePeriod: 2,
      settlePeriod: 2,
      phaseTimeout: 8,
      rounds: 1,
      ...change,
    });
    const { config, file } = readNodeConfig(join(folder, 'network/tally/config.yaml'));
    const known = readNetwork(join(folder, 'network/tally/network.yaml'));
    return readTallySettings(config.tallyServer!, file, known, () => undefined).settings.counters;
  }

  const namesOf = (counters: readonly Counter[]): string[] => counters.map(({ name }) => name);

  it('are all of the model without noise, each once though the counters file has it too', async () => {
    const counters = await countersOf({ isNoiseOff: true });
    expect(new Set(namesOf(counters)).size).to.equal(counters.length);
    expect(namesOf(counters).slice(0, 2)).to.deep.equal(['ExitStreamCount', STREAMS]);
    expect(namesOf(counters))
      .to.include(CIRCUITS)
      .and.to.include(`${CIRCUITS.slice(0, -12)}EmissionCount_sEnd_F`);
    const isOfModel = ({ name }: Counter): boolean => name !== 'ExitStreamCount';
    for (const { name, bins } of counters.filter(isOfModel))
      expect(bins, name).to.deep.equal([[0, Infinity]]);
  });

  it('are those that the noise file of the model names, with its noise, and the ordinary ones', async () => {
    const trafficNoise = write('traffic.yaml', {
      counters: { [STREAMS]: { ...ITS, estimated_value: 100_000 } },
    });
    const counters = await countersOf({ trafficNoise });
    expect(namesOf(counters)).to.deep.equal(['ExitStreamCount', CIRCUITS, STREAMS]);
    const [ordinary, circuits, streams] = counters;
    expect(ordinary!.bins).to.deep.equal([[1, Infinity]]);
    expect(circuits!.bins).to.deep.equal([[1, Infinity]]);
    expect(streams!.bins).to.deep.equal([[0, Infinity]]);
    expect(streams!.sigma).to.be.greaterThan(2 * ordinary!.sigma);
  });
});
