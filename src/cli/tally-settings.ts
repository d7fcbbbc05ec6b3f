/** From the tally's config.yaml and the files that it names to the settings of its rounds. */
import { CATALOGUE } from '../collection/catalogue/catalogue.js';
import { type NameFilters } from '../config/combine-counters.js';
import { checkNoFaults, type ConfigFault } from '../config/config-error.js';
import { parseCounters } from '../config/counters-file.js';
import { withListBins } from '../config/list-bins.js';
import { parseNoise } from '../config/noise-file.js';
import { parseSigmas } from '../config/sigmas-file.js';
import { type TallyConfig } from '../config/tally-config.js';
import { type KnownNetwork } from '../protocol/check-plan.js';
import { artifactDigest } from '../roles/artifacts.js';
import { encodeNumberTable } from '../roles/number-table.js';
import { type TallySettings } from '../roles/tally-plan.js';
import { type Allocation } from '../privacy/allocation.js';
import { readAll } from './read-all.js';
import { readSource } from './read-config.js';
import { readMatchLists } from './tally-lists.js';
import { addNoise } from './tally-noise.js';
import { readRoundTraffic, type RoundTraffic } from './tally-traffic.js';

type Warn = (message: string) => void;

/** Throws ConfigError with what is wrong in `file` or a file that it names. */
export function readTallySettings(
  config: TallyConfig,
  file: string,
  known: KnownNetwork,
  warn: Warn,
): { readonly settings: TallySettings; readonly allocation: Allocation | undefined } {
  const {
    counting: { traffic, counters, table, allocation },
    matchLists: { lists, artifacts: texts, labels: listLabels },
  } = readAll({
    testOnly: () => checkNoFaults(testOnlyFaults(config, file, known)),
    counting: () => readCounting(config, known, warn),
    matchLists: () => readMatchLists(config, warn),
  });
  const artifacts = new Map(texts);
  if (table !== undefined) {
    const bytes = encodeNumberTable(table.numbers);
    artifacts.set(artifactDigest(bytes), bytes);
  }
  if (traffic !== undefined) artifacts.set(artifactDigest(traffic.bytes), traffic.bytes);
  const { sigmasDigest, sensitivitiesDigest } = known.network.privacy;
  const settings = {
    listen: { host: config.listenHost, port: config.listenPort },
    counters,
    noise: config.noiseOff ? ('off' as const) : ('on' as const),
    sigmaFloor: table?.kind === 'sigmas' && sigmasDigest !== undefined ? table.numbers : undefined,
    sensitivities:
      table?.kind === 'sensitivities' && sensitivitiesDigest !== undefined ? table.numbers : undefined,
    ownDelay: config.delay,
    lists,
    listLabels,
    traffic: traffic && { model: traffic.model, digest: artifactDigest(traffic.bytes) },
    artifacts,
    drawMs: config.noisePeriodMs,
    collectMs: config.collectPeriodMs,
    phaseMs: config.phaseTimeoutMs,
    settleMs: config.settlePeriodMs,
    startAfterMs: config.startAfterMs,
    rounds: config.rounds,
    circuitSampleRate: config.circuitSampleRate,
    maxCellEventsPerCircuit: config.cellEventsMax,
  };
  return { settings, allocation };
}

function testOnlyFaults({ noiseOff }: TallyConfig, file: string, { isTest }: KnownNetwork): ConfigFault[] {
  if (!noiseOff || isTest) return [];
  const problem = 'is set, but the network is not one of test keys';
  return [{ file, key: 'tally_server.noise_off', problem, wanted: 'noise, or `privcount init --test`' }];
}

function readCounting(config: TallyConfig, { network }: KnownNetwork, warn: Warn) {
  const file = config.countersFile;
  const { counters: binsOf, traffic } = readCountingFiles(config, warn);
  const bins = { file, counters: binsOf };
  const filters: NameFilters = {
    ...(config.accept === undefined ? {} : { accept: config.accept }),
    ...(config.reject === undefined ? {} : { reject: config.reject }),
  };
  const noisy = addNoise({ bins, filters, config, network, traffic });
  checkNoFaults(unknownCounters(noisy.counters, file, traffic));
  return { ...noisy, traffic, counters: withListBins(noisy.counters, config.lists, file) };
}

/** What is to be counted, as far as the files tell without the network. Throws ConfigError with the faults of all of them. */
export function readCountingFiles(config: TallyConfig, warn: Warn = () => undefined) {
  return readAll({
    counters: () => parseCounters(readSource(config.countersFile, 'a counters file')),
    noise: () => checkNoiseFile(config),
    traffic: () => readRoundTraffic(config, warn),
  });
}

/** Its own faults are told beside those of the other files; what it means for the counters comes when all can be read. */
function checkNoiseFile({ noise, noiseOff: allowZero }: TallyConfig): void {
  if (noise?.kind === 'sigmas') parseSigmas(readSource(noise.file, 'a sigmas file'), { allowZero });
  if (noise?.kind === 'noise') parseNoise(readSource(noise.file, 'a noise file'), { allowZero });
}

function unknownCounters(
  counters: readonly { name: string }[],
  file: string,
  traffic: RoundTraffic | undefined,
): ConfigFault[] {
  return counters
    .filter(({ name }) => !CATALOGUE.has(name) && traffic?.names.has(name) !== true)
    .map(({ name }) => ({
      file,
      key: `counters.${name}`,
      problem: 'is no counter of this version',
      wanted: 'a name of doc/counters.md',
    }));
}
