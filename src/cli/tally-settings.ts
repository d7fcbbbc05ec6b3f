/** From the tally's config.yaml and the files that it names to the settings of its rounds. */
import { CATALOGUE } from '../collection/catalogue/catalogue.js';
import { readDomainFile } from '../collection/lists/domain-file.js';
import { buildDomainLists } from '../collection/lists/domain-lists.js';
import { type Names, toListText } from '../collection/lists/names.js';
import { combineCounters, filterCounters, type NameFilters } from '../config/combine-counters.js';
import { checkNoFaults, type ConfigFault } from '../config/config-error.js';
import { parseCounters } from '../config/counters-file.js';
import { withListBins } from '../config/list-bins.js';
import { parseSigmas } from '../config/sigmas-file.js';
import { type TallyConfig } from '../config/tally-config.js';
import { type Counter, isCheckCounter } from '../core/counters.js';
import { type KnownNetwork } from '../protocol/check-plan.js';
import { artifactDigest } from '../roles/artifacts.js';
import { DOMAIN_LISTS } from '../roles/match-list-artifacts.js';
import { encodeSigmaTable } from '../roles/sigma-table.js';
import { type TallySettings } from '../roles/tally.js';
import { readSource } from './read-config.js';

type Warn = (message: string) => void;

/** Throws ConfigError with what is wrong in `file` or a file that it names. */
export function readTallySettings(
  config: TallyConfig,
  file: string,
  known: KnownNetwork,
  warn: Warn,
): TallySettings {
  checkNoFaults(unbuilt(config, file));
  const artifacts = new Map<string, Uint8Array>();
  const { counters, sigmas } = readCounters(config, file, known);
  const lists = readDomainLists(config, artifacts, warn);
  const { sigmasDigest } = known.network.privacy;
  if (sigmas !== undefined) {
    const table = encodeSigmaTable(sigmas);
    artifacts.set(artifactDigest(table), table);
    checkNoFaults(sigmaTableFaults(config, sigmasDigest, artifactDigest(table)));
  }
  return {
    listen: { host: config.listenHost, port: config.listenPort },
    counters,
    noise: config.noiseOff ? 'off' : 'on',
    sigmaFloor: sigmasDigest === undefined ? undefined : sigmas,
    lists,
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
}

/** What this version can't do yet is refused, not left out in silence. */
function unbuilt(
  { noise, lists, asPrefixFiles, trafficModelFile }: TallyConfig,
  file: string,
): ConfigFault[] {
  const others = Object.entries(lists).filter(([kind]) => kind !== 'domains');
  const hasOtherLists = others.some(([, paths]) => paths.length > 0) || asPrefixFiles !== undefined;
  const fault = (key: string, wanted: string): ConfigFault => ({
    file,
    key: `tally_server.${key}`,
    problem: 'is not supported by this version',
    wanted,
  });
  return [
    ...(noise?.kind === 'noise' ? [fault('noise', 'sigmas, the path of a file of sigmas')] : []),
    ...(hasOtherLists ? [fault('*_files', 'domain_files only')] : []),
    ...(trafficModelFile === undefined ? [] : [fault('traffic_model', 'no traffic model')]),
  ];
}

function readCounters(config: TallyConfig, file: string, known: KnownNetwork) {
  if (config.noiseOff && !known.isTest) {
    const problem = 'is set, but the network is not one of test keys';
    checkNoFaults([
      { file, key: 'tally_server.noise_off', problem, wanted: 'noise, or `privcount init --test`' },
    ]);
  }
  const bins = {
    file: config.countersFile,
    counters: parseCounters(readSource(config.countersFile, 'a counters file')),
  };
  const filters: NameFilters = {
    ...(config.accept === undefined ? {} : { accept: config.accept }),
    ...(config.reject === undefined ? {} : { reject: config.reject }),
  };
  const sigmas = config.noise && readSigmas(config.noise.file, config.noiseOff);
  const combined =
    sigmas === undefined
      ? filterCounters(bins, filters).map((counter) => ({ ...counter, noise: 0 }))
      : combineCounters(bins, { file: config.noise!.file, counters: sigmas }, filters);
  checkNoFaults(unknownCounters(combined, config.countersFile));
  const ready = withListBins(combined, config.lists, config.countersFile);
  const counters: Counter[] = ready.map(({ name, bins: itsBins, noise }) => ({
    name,
    bins: itsBins,
    sigma: noise,
  }));
  return { counters, sigmas: config.noiseOff ? undefined : sigmas };
}

function readSigmas(path: string, isNoiseOff: boolean): ReadonlyMap<string, number> {
  const sigmas = parseSigmas(readSource(path, 'a sigmas file'), { allowZero: isNoiseOff });
  // PrivCount's files list the check counter, which every round has anyway, and without noise.
  return new Map([...sigmas].filter(([name]) => !isCheckCounter(name)));
}

function unknownCounters(counters: readonly { name: string }[], file: string): ConfigFault[] {
  return counters
    .filter(({ name }) => !CATALOGUE.has(name))
    .map(({ name }) => ({
      file,
      key: `counters.${name}`,
      problem: 'is no counter of this version',
      wanted: 'a name of doc/counters.md',
    }));
}

function sigmaTableFaults({ noise }: TallyConfig, wanted: SigmaDigest, found: string): ConfigFault[] {
  if (wanted === undefined || wanted === found) return [];
  return [
    {
      file: noise!.file,
      key: 'counters',
      problem: `has sigmas whose digest is ${found}, but network.yaml's privacy.sigmas_digest is ${wanted}`,
      wanted: 'the sigmas that all nodes agreed on, or a network.yaml with this digest at every node',
    },
  ];
}

type SigmaDigest = KnownNetwork['network']['privacy']['sigmasDigest'];

function readDomainLists(
  config: TallyConfig,
  artifacts: Map<string, Uint8Array>,
  warn: Warn,
): TallySettings['lists'] {
  const paths = config.lists.domains;
  if (paths.length === 0) return [];
  const read = paths.map((path) => ({
    path,
    ...readDomainFile(readSource(path, 'a list of domains').bytes),
  }));
  checkNoFaults(read.flatMap(({ path, faults }) => faults.map((fault) => listFault(path, fault))));
  const names: Names[] = read.map((list) => list.names);
  const { faults, warnings } = buildDomainLists(names, { rejectOverlaps: config.rejectOverlappingLists });
  checkNoFaults(faults.map((fault) => listFault(paths.join(', '), fault)));
  for (const warning of [...read.flatMap((list) => list.warnings), ...warnings])
    warn(`domain lists: ${warning}`);
  const digests = names.map((list) => {
    const text = toListText(list);
    const digest = artifactDigest(text);
    artifacts.set(digest, text);
    return digest;
  });
  return [{ kind: DOMAIN_LISTS, digests }];
}

function listFault(file: string, problem: string): ConfigFault {
  return { file, key: '', problem, wanted: 'one domain a line, in one list only' };
}
