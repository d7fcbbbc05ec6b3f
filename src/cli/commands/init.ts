/** `privcount init`: a complete local network. */
import { resolve } from 'node:path';
import { type ArgumentsCamelCase, type CommandModule } from 'yargs';
import { KEEPERS_MAX } from '../../core/holder-sets.js';
import { COLLECTORS_MAX } from '../../core/network.js';
import { writeLocalNetwork } from '../local-network.js';
import { injectorFingerprint } from '../../tor/control/relay-profile.js';
import { packagedConfig } from '../package-files.js';

type InitArguments = {
  readonly folder: string;
  readonly name: string;
  readonly keepers: number;
  readonly threshold: number | undefined;
  readonly collectors: number;
  readonly min: number | undefined;
  readonly lost: number;
  readonly port: number;
  readonly 'control-port': number;
  readonly fingerprint: string[];
  readonly injected: boolean;
  readonly test: boolean;
  readonly 'noise-off': boolean;
  readonly counters: string | undefined;
  readonly noise: string | undefined;
  readonly sigmas: string | undefined;
  readonly domains: string[];
  readonly 'traffic-model': string | undefined;
  readonly 'traffic-noise': string | undefined;
  readonly 'collect-period': number;
  readonly 'noise-period': number;
  readonly 'settle-period': number;
  readonly 'phase-timeout': number;
  readonly rounds: number;
  readonly 'room-port': number | undefined;
};

/** What is counted, and under which noise. */
const FILES = {
  counters: {
    type: 'string',
    describe: 'a file of counters and bins. Default: a set about exit streams',
  },
  noise: {
    type: 'string',
    describe: 'their noise file: epsilon, delta, sensitivities. Default: one for demonstrations',
  },
  sigmas: { type: 'string', describe: 'a file of sigmas instead of a noise file' },
  domains: { type: 'string', array: true, default: [] as string[], describe: 'files of domain lists' },
  'traffic-model': { type: 'string', describe: 'a traffic model, whose counters join the round' },
  'traffic-noise': {
    type: 'string',
    implies: 'traffic-model',
    describe: 'the noise file of its counters; it must be there where there is noise',
  },
} as const;

/** Of each round, and of who watches them. */
const PERIODS = {
  'collect-period': { type: 'number', default: 86400, describe: 'seconds of counting' },
  'noise-period': { type: 'number', default: 10, describe: 'seconds for drawing noise' },
  'settle-period': {
    type: 'number',
    default: 10,
    describe: 'seconds to wait for more nodes than are needed',
  },
  'phase-timeout': { type: 'number', default: 60, describe: 'seconds for each exchange of messages' },
  rounds: { type: 'number', default: 1, describe: 'how many rounds' },
  'room-port': { type: 'number', describe: 'serve the tally room, a page about the rounds, at this port' },
} as const;

export const init: CommandModule<object, InitArguments> = {
  command: 'init <folder>',
  describe: 'write a complete network for this machine: keys, network.yaml, a folder a node',
  builder: (yargs) =>
    yargs
      .positional('folder', { type: 'string', demandOption: true, describe: 'where; empty or not there yet' })
      .options({
        name: { type: 'string', default: 'local', describe: "the network's name" },
        keepers: { type: 'number', default: 3, describe: 'how many share keepers (n)' },
        threshold: {
          type: 'number',
          describe: 'how many of them open a total (t); more than half. Default: just that',
        },
        collectors: { type: 'number', default: 3, describe: 'how many data collectors' },
        min: {
          type: 'number',
          describe: 'the least collectors of a total. Default: all but those that may be lost',
        },
        lost: {
          type: 'number',
          default: 0,
          describe: 'how many collectors may be lost; the others add more noise for it',
        },
        port: { type: 'number', default: 20001, describe: "the tally's port" },
        'control-port': {
          type: 'number',
          default: 20101,
          describe: "the first relay's control port; then the next ones",
        },
        fingerprint: {
          type: 'string',
          array: true,
          default: [],
          describe:
            "of each collector's relay, in their order; a collector without one counts at no control port",
        },
        injected: {
          type: 'boolean',
          default: false,
          describe: 'the relays are those that `privcount inject` plays at these ports',
        },
        test: { type: 'boolean', default: false, describe: 'keys that anybody can compute, for tests' },
        'noise-off': { type: 'boolean', default: false, describe: 'exact totals; with --test only' },
        ...FILES,
        ...PERIODS,
      })
      .check(
        ({ test, 'noise-off': isNoiseOff }) => test || !isNoiseOff || '--noise-off goes with --test only',
      )
      .check(({ keepers }) => isCount(keepers, KEEPERS_MAX) || `--keepers must be 1 to ${KEEPERS_MAX}`)
      .check(
        ({ collectors }) =>
          isCount(collectors, COLLECTORS_MAX) || `--collectors must be 1 to ${COLLECTORS_MAX}`,
      )
      .check(({ fingerprint, injected, collectors }) => {
        if (injected && fingerprint.length > 0) return '--injected and --fingerprint exclude each other';
        return fingerprint.length <= collectors || '--fingerprint: there are more than collectors';
      })
      .epilogue(
        'Then: privcount ts FOLDER/tally/config.yaml, sk FOLDER/keeper-1/config.yaml, dc FOLDER/collector-1/config.yaml.',
      ),
  handler: async (argv) => {
    const folder = resolve(argv.folder);
    await writeLocalNetwork(folder, toOptions(argv));
    process.stdout.write(
      `The network is in ${folder}: tally, ${argv.keepers} keepers, ${argv.collectors} collectors.\n` +
        `Each node has its folder. Start one with: privcount ts|sk|dc ${folder}/NODE/config.yaml\n`,
    );
  },
};

/** As many folders are made: what goes on to be checked must be a number of them. */
function isCount(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max;
}

function toOptions(argv: ArgumentsCamelCase<InitArguments>) {
  const controlPorts = Array.from({ length: argv.collectors }, (_, at) => argv.controlPort + at);
  return {
    name: argv.name,
    keepers: argv.keepers,
    threshold: argv.threshold ?? Math.floor(argv.keepers / 2) + 1,
    collectors: argv.collectors,
    minCollectors: argv.min ?? Math.max(1, argv.collectors - argv.lost),
    toleratedLost: argv.lost,
    tallyPort: argv.port,
    controlPorts,
    fingerprints: argv.injected ? controlPorts.map(injectorFingerprint) : argv.fingerprint,
    isTest: argv.test,
    isNoiseOff: argv.noiseOff,
    counters: argv.counters ?? packagedConfig('counters/exit-streams.bins.yaml'),
    noise:
      argv.sigmas === undefined
        ? { kind: 'noise' as const, file: argv.noise ?? packagedConfig('noise/exit-streams.demo.yaml') }
        : { kind: 'sigmas' as const, file: argv.sigmas },
    lists: { domain_files: argv.domains },
    ...(argv.trafficModel !== undefined && { trafficModel: argv.trafficModel }),
    ...(argv.trafficNoise !== undefined && { trafficNoise: argv.trafficNoise }),
    collectPeriod: argv.collectPeriod,
    noisePeriod: argv.noisePeriod,
    settlePeriod: argv.settlePeriod,
    phaseTimeout: argv.phaseTimeout,
    rounds: argv.rounds,
    ...(argv.roomPort !== undefined && { roomPort: argv.roomPort }),
  };
}
