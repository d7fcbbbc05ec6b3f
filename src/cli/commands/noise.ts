/** `privcount noise`: from sensitivities and estimates to sigmas, and what they give. */
import { type CommandModule } from 'yargs';
import { ConfigError } from '../../config/config-error.js';
import { type CounterNoise, type NoiseFile, parseNoise } from '../../config/noise-file.js';
import { toNoiseRequest } from '../../config/noise-request.js';
import { type ConfigSource } from '../../config/yaml-file.js';
import { files } from '../../io/files.js';
import {
  type Allocation,
  type AllocationOptions,
  ALLOCATORS,
  CONDITIONS,
  HISTOGRAM_SENSITIVITIES,
} from '../../privacy/allocation.js';
import { checkedAllocation } from '../checked-allocation.js';
import { EXIT } from '../exit-codes.js';
import {
  allocationJson,
  allocationLines,
  allocationYaml,
  compareAllocators,
  comparisonLines,
} from '../noise-report.js';
import { OperatorError } from '../operator-error.js';
import { packagedConfig } from '../package-files.js';
import { isSampled } from '../sampled-counters.js';
import { readSource } from '../read-config.js';

/** Noise files that come with the program. */
const PRESETS = ['privcount-29', 'privcount-p2p'] as const;
type NoiseArguments = {
  readonly file: string | undefined;
  readonly preset: (typeof PRESETS)[number] | undefined;
  readonly counter: readonly string[] | undefined;
  readonly epsilon: number | undefined;
  readonly delta: number | undefined;
  readonly 'excess-noise-ratio': number | undefined;
  readonly sensitivity: readonly string[] | undefined;
  readonly estimate: readonly string[] | undefined;
  readonly 'circuit-sample-rate': number;
  readonly allocator: AllocationOptions['allocator'] | undefined;
  readonly condition: AllocationOptions['condition'] | undefined;
  readonly 'histogram-sensitivity': AllocationOptions['histogramSensitivity'] | undefined;
  readonly compare: boolean;
  readonly output: string | undefined;
  readonly json: boolean;
};

export const noise: CommandModule<object, NoiseArguments> = {
  command: 'noise [file]',
  describe: 'allocate noise: from a noise file, or options, to the sigma of each counter',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', describe: "a noise file: PrivCount's privacy and counters" })
      .options({
        preset: {
          choices: PRESETS,
          describe: 'one of the noise files that come with the program, instead of a file',
        },
        counter: {
          type: 'string',
          array: true,
          describe: 'NAME:SENSITIVITY:ESTIMATE, a counter to add to the file, or instead of one',
        },
        epsilon: { type: 'number', describe: "instead of the file's" },
        delta: { type: 'number', describe: "instead of the file's" },
        'excess-noise-ratio': {
          type: 'number',
          describe: "instead of the file's; the sum of squared noise weights",
        },
        sensitivity: {
          type: 'string',
          array: true,
          describe: "NAME=VALUE, instead of the file's",
        },
        estimate: { type: 'string', array: true, describe: "NAME=VALUE, instead of the file's" },
        'circuit-sample-rate': { type: 'number', default: 1, describe: 'as in config.yaml' },
        allocator: {
          choices: ALLOCATORS,
          describe: "joint, or PrivCount 2.0's own; joint if the file says nothing",
        },
        condition: {
          choices: CONDITIONS,
          describe: 'of the joint allocator: differential, or the stronger one',
        },
        'histogram-sensitivity': {
          choices: HISTOGRAM_SENSITIVITIES,
          describe: 'l2 takes 2 s of a histogram as its L2 value, sqrt(2) s',
        },
        compare: {
          type: 'boolean',
          default: false,
          describe: 'all allocators side by side, without the counters',
        },
        output: {
          alias: 'o',
          type: 'string',
          describe: 'write the allocation here; `sigmas` of config.yaml takes it',
        },
        json: { type: 'boolean', default: false, describe: 'print JSON' },
      })
      .conflicts('file', 'preset')
      .example(
        '$0 noise --preset privcount-29 --compare',
        "PrivCount's statistics: 14.61 % of noise, or 2.04 %",
      )
      .example('$0 noise noise.yaml --epsilon 1 -o sigmas.yaml', 'what if epsilon were 1?')
      .epilogue('doc/privacy-noise.md says what each definition means for a person.'),
  handler: (argv) => {
    const rate = argv['circuit-sample-rate'];
    if (!(rate > 0 && rate <= 1))
      throw usage(`--circuit-sample-rate is ${rate}; wanted: above 0 and at most 1`);
    const file = withOptions(readNoise(argv), argv);
    const request = toNoiseRequest(file, file.counters, { rate, isSampled });
    const allocate = (options: AllocationOptions): Allocation =>
      checkedAllocation(request, options, sourceOf(argv));
    const allocation = allocate(optionsOf(file, argv));
    if (argv.output !== undefined) writeAllocation(argv.output, allocation);
    const compared = argv.compare ? compareAllocators(allocate) : undefined;
    const lines = argv.json
      ? [JSON.stringify(compared?.map(toJson) ?? allocationJson(allocation), undefined, 2)]
      : compared === undefined
        ? allocationLines(allocation)
        : comparisonLines(compared);
    process.stdout.write(`${lines.join('\n')}\n`);
  },
};

function toJson({ title, allocation }: ReturnType<typeof compareAllocators>[number]): object {
  return { title, ...allocationJson(allocation) };
}

function optionsOf({ options }: NoiseFile, argv: NoiseArguments): AllocationOptions {
  const allocator = argv.allocator ?? options.allocator;
  const condition = argv.condition ?? options.condition;
  const histogramSensitivity = argv['histogram-sensitivity'] ?? options.histogramSensitivity;
  return {
    allocator,
    ...(condition === undefined ? {} : { condition }),
    ...(histogramSensitivity === undefined ? {} : { histogramSensitivity }),
  };
}

/** The noise file; without one, what options alone say. */
function readNoise({ file, preset, counter = [] }: NoiseArguments): NoiseFile {
  const path = preset === undefined ? file : packagedConfig(`noise/${preset}.yaml`);
  if (path !== undefined) return parseWithNoise(readSource(path, 'a noise file'));
  if (counter.length === 0)
    throw usage('there is nothing to allocate; wanted: a noise file, --preset or --counter');
  return {
    epsilon: NaN,
    delta: NaN,
    excessNoiseRatio: 1,
    options: { allocator: 'joint' },
    counters: new Map(),
  };
}

/** PrivCount ships a file of zeros: it asks for no noise at all, which is more than a fault of each of its numbers. */
function parseWithNoise(source: ConfigSource): NoiseFile {
  try {
    return parseNoise(source);
  } catch (error) {
    if (!(error instanceof ConfigError) || !error.faults.every(({ value }) => value === '0')) throw error;
    if (![...parseNoise(source, { allowZero: true }).counters.values()].every(isZero)) throw error;
    throw usage(
      `${source.file}: all numbers are 0, which asks for no noise and gives no privacy; that is noise_off: true in ` +
        'config.yaml, and only for networks of test keys',
    );
  }
}

function isZero({ sensitivity, estimatedValue }: CounterNoise): boolean {
  return sensitivity === 0 && estimatedValue === 0;
}

/** The what-ifs of the command line. */
function withOptions(file: NoiseFile, argv: NoiseArguments): NoiseFile {
  const counters = new Map(file.counters);
  for (const text of argv.counter ?? []) {
    const [name = '', sensitivity, estimate, ...rest] = text.split(':');
    if (name === '' || estimate === undefined || rest.length > 0) {
      throw usage(`--counter ${text} is not NAME:SENSITIVITY:ESTIMATE`);
    }
    counters.set(name, { sensitivity: Number(sensitivity), estimatedValue: Number(estimate) });
  }
  for (const [option, key] of [
    ['sensitivity', 'sensitivity'],
    ['estimate', 'estimatedValue'],
  ] as const) {
    for (const text of argv[option] ?? []) {
      const [name = '', value, ...rest] = text.split('=');
      const counter = counters.get(name);
      if (value === undefined || rest.length > 0) throw usage(`--${option} ${text} is not NAME=VALUE`);
      if (counter === undefined) throw usage(`--${option} ${text}: there is no counter of this name`);
      counters.set(name, { ...counter, [key]: Number(value) });
    }
  }
  return {
    ...file,
    epsilon: argv.epsilon ?? file.epsilon,
    delta: argv.delta ?? file.delta,
    excessNoiseRatio: argv['excess-noise-ratio'] ?? file.excessNoiseRatio,
    counters,
  };
}

/** Where the numbers come from, for messages. */
function sourceOf({ file, preset }: NoiseArguments): string {
  return file ?? preset ?? 'the options';
}

function writeAllocation(path: string, allocation: Allocation): void {
  try {
    files.writeWhole(path, Buffer.from(allocationYaml(allocation)), { isPublic: true });
  } catch (error) {
    throw usage(`--output: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function usage(message: string): OperatorError {
  return new OperatorError(message, EXIT.usage);
}
