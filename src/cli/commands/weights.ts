/** `privcount weights`: what share of the network some relays see, and what noise weights they should have. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandModule } from 'yargs';
import { files } from '../../io/files.js';
import { type Consensus, parseConsensus } from '../../tor/consensus/parse-consensus.js';
import { positionShares, type PositionShares } from '../../tor/consensus/position-shares.js';
import { EXIT } from '../exit-codes.js';
import { OperatorError } from '../operator-error.js';
import { readNetwork } from '../read-config.js';
import { meanShares, shareLines, shareRange, weighRelays, weightLines } from '../weights-report.js';

export const POSITIONS = ['guard', 'middle', 'exit', 'hsdir2', 'hsdir3', 'intro', 'rend2', 'rend3'] as const;
const FINGERPRINT = /^\$?[0-9a-fA-F]{40}$/;

type WeightsArguments = {
  readonly consensus: readonly string[];
  readonly fingerprint: readonly string[] | undefined;
  readonly 'fingerprint-file': string | undefined;
  readonly network: string | undefined;
  readonly all: boolean;
  readonly position: (typeof POSITIONS)[number];
  readonly tolerated: number | undefined;
  readonly json: boolean;
};

type NamedConsensus = { readonly path: string; readonly consensus: Consensus };

export const weights: CommandModule<object, WeightsArguments> = {
  command: 'weights <consensus..>',
  describe: 'from Tor consensuses: the share of each position that relays see, and noise weights for them',
  builder: (yargs) =>
    yargs
      .positional('consensus', {
        type: 'string',
        array: true,
        demandOption: true,
        describe:
          'consensus files of flavour ns, or folders of files whose names end in consensus; means are over all',
      })
      .options({
        fingerprint: {
          alias: 'f',
          type: 'string',
          array: true,
          default: [],
          describe: 'fingerprints of relays',
        },
        'fingerprint-file': { type: 'string', describe: 'a file with a fingerprint a line' },
        network: {
          alias: 'n',
          type: 'string',
          describe: "a network.yaml: its collectors' fingerprints and tolerated loss",
        },
        all: { type: 'boolean', default: false, describe: 'all relays of the consensus' },
        position: {
          choices: POSITIONS,
          default: 'exit' as const,
          describe: 'the position whose share the weights by share follow',
        },
        tolerated: {
          type: 'number',
          describe:
            'how many collectors may be lost, dishonest or curious; 0 if neither this nor --network is given',
        },
        json: { type: 'boolean', default: false, describe: 'print JSON' },
      })
      .example(
        '$0 weights cached-consensus --network network.yaml',
        'shares and weights of a network’s relays',
      )
      .epilogue(
        'Both kinds of weights keep enough noise when the worst collectors that may be missing are. Equal weights cost the ' +
          'least noise; weights by share let the loss of a small relay cost little.',
      ),
  handler: (argv) => {
    const consensuses = argv.consensus.flatMap(pathsOf).map(readConsensus);
    const fingerprints = fingerprintsOf(argv, consensuses);
    for (const line of absentLines(consensuses, fingerprints)) process.stderr.write(`${line}\n`);
    const all = sharesOver(consensuses, new Set(fingerprints));
    const shares = meanShares(all);
    const relays = argv.all ? [] : weighed(argv, consensuses, fingerprints);
    const lines = argv.json
      ? [JSON.stringify({ shares, ...shareRange(all), relays }, undefined, 2)]
      : [...shareLines(shares), ...(relays.length === 0 ? [] : ['', ...weightLines(relays)])];
    process.stdout.write(`${lines.join('\n')}\n`);
  },
};

function sharesOver(
  consensuses: readonly NamedConsensus[],
  fingerprints: ReadonlySet<string>,
): PositionShares[] {
  return consensuses.map(({ consensus }) => positionShares(consensus, fingerprints));
}

function weighed(
  argv: WeightsArguments,
  consensuses: readonly NamedConsensus[],
  fingerprints: readonly string[],
) {
  const tolerated = argv.tolerated ?? toleratedBy(argv.network);
  if (!Number.isInteger(tolerated) || tolerated < 0) {
    throw usage(`--tolerated is ${tolerated}; wanted: a whole number from 0`);
  }
  if (fingerprints.length === 0) return [];
  const relays = fingerprints.map((fingerprint) => ({
    fingerprint,
    shares: meanShares(sharesOver(consensuses, new Set([fingerprint]))),
  }));
  const result = weighRelays(relays, { position: argv.position, tolerated });
  if (result !== undefined) return result;
  throw usage(
    `with ${tolerated} of ${relays.length} relays missing no noise is left; wanted: a smaller --tolerated, or more relays`,
  );
}

function toleratedBy(network: string | undefined): number {
  if (network === undefined) return 0;
  const { lost, dishonest, curious } = readNetwork(network).network.privacy.tolerated;
  return lost + dishonest + curious;
}

function pathsOf(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const found = readdirSync(path)
    .filter((name) => name.endsWith('consensus'))
    .sort();
  if (found.length === 0) throw usage(`${path} has no file whose name ends in consensus`);
  return found.map((name) => join(path, name));
}

function readConsensus(path: string): NamedConsensus {
  const parsed = parseConsensus(readText(path, 'a consensus'));
  if (parsed.kind === 'fault') throw usage(`${path} ${parsed.reason}`);
  return { path, consensus: parsed.consensus };
}

function readText(path: string, what: string): string {
  let bytes: Uint8Array | undefined;
  try {
    bytes = files.read(path);
  } catch (error) {
    throw new OperatorError(error instanceof Error ? error.message : `can't read ${path}`, EXIT.usage, {
      cause: error,
    });
  }
  if (bytes === undefined) throw usage(`${path} is missing; wanted: ${what}`);
  return new TextDecoder('latin1').decode(bytes);
}

function fingerprintsOf(argv: WeightsArguments, consensuses: readonly NamedConsensus[]): string[] {
  if (argv.all) {
    return [
      ...new Set(
        consensuses.flatMap(({ consensus }) => consensus.relays.map(({ fingerprint }) => fingerprint)),
      ),
    ];
  }
  const file = argv['fingerprint-file'];
  const listed =
    file === undefined ? [] : readText(file, 'fingerprints, one a line').split(/\s+/).filter(Boolean);
  const given = [...(argv.fingerprint ?? []), ...listed].map((text) => {
    if (!FINGERPRINT.test(text)) throw usage(`${text} is no fingerprint; wanted: 40 hexadecimal digits`);
    return text.replace('$', '').toUpperCase();
  });
  const named =
    argv.network === undefined
      ? []
      : readNetwork(argv.network).network.collectors.flatMap(({ fingerprints }) => fingerprints);
  return [...new Set([...given, ...named])];
}

function absentLines(consensuses: readonly NamedConsensus[], fingerprints: readonly string[]): string[] {
  return consensuses.flatMap(({ path, consensus }) => {
    const present = new Set(consensus.relays.map(({ fingerprint }) => fingerprint));
    return fingerprints.filter((each) => !present.has(each)).map((each) => `${each} is not in ${path}`);
  });
}

function usage(message: string): OperatorError {
  return new OperatorError(message, EXIT.usage);
}
