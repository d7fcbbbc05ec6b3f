/** `privcount demo`: a whole private network on this machine, from keys to published totals. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type CommandModule } from 'yargs';
import { freePorts, startChild, type Child } from '../child-process.js';
import { EXIT } from '../exit-codes.js';
import { folderEntries } from '../folder-entries.js';
import { writeLocalNetwork } from '../local-network.js';
import { nodeNames, type LocalNetworkOptions } from '../local-network-options.js';
import { OperatorError } from '../operator-error.js';
import { packagedConfig } from '../package-files.js';
import { startProgress, type Progress } from '../progress.js';
import { type Experiment } from '../../results/experiments.js';
import { readExperiments } from '../read-experiments.js';
import { toResultLines } from '../result-table.js';
import { SIGMAS_OF_95_PERCENT } from '../../results/confidence.js';
import { injectorFingerprint } from '../../tor/control/relay-profile.js';

type DemoArguments = { readonly folder: string; readonly seconds: number };

/** In a folder that an earlier demonstration made, and that a new one may clear. */
const MARK = '.made-by-privcount-demo';
/** Beyond the time for counting: starting ten processes, and each exchange of messages, on a slow machine that has other work. */
const OVERHEAD_MS_MAX = 150_000;

/** The folder of what is drawn. */
const CHARTS = 'charts';

/** How often the bar grows while collectors count. */
const TICK_MS = 250;

const SIZE = { keepers: 3, threshold: 2, collectors: 3 };

export const demo: CommandModule<object, DemoArguments> = {
  command: 'demo',
  describe: 'run a private network on this machine, with recorded relay events, and print its totals',
  builder: (yargs) =>
    yargs.options({
      folder: { type: 'string', default: 'privcount-demo', describe: 'where to put it; made anew each time' },
      seconds: { type: 'number', default: 8, describe: 'how long to count' },
    }),
  handler: async ({ folder: path, seconds }) => {
    const folder = resolve(path);
    clear(folder);
    const say = (text: string): void => void process.stdout.write(`${text}\n`);
    say("privcount demo: three relays publish joint totals, and nobody sees one relay's numbers.\n");
    const children: Child[] = [];
    try {
      const ports = await freePorts(1 + SIZE.collectors);
      await writeLocalNetwork(join(folder, 'network'), options(ports, seconds));
      say(
        '  keys and network.yaml are written: 1 tally server, 3 share keepers (any 2 suffice), 3 data collectors',
      );
      const exitCode = await runNetwork({ folder, ports, seconds, say, children });
      if (exitCode !== EXIT.fine) {
        throw new OperatorError(
          `the round was not released; the logs are in ${join(folder, 'logs')}`,
          EXIT.aborted,
        );
      }
    } finally {
      await Promise.all(children.map((child) => child.stop()));
    }
    await show(folder, say);
  },
};

function clear(folder: string): void {
  const entries = folderEntries(folder);
  if (entries.length > 0 && !entries.includes(MARK)) {
    throw new OperatorError(`${folder} is not from a demonstration; give another with --folder`, EXIT.usage);
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'logs'), { recursive: true });
  writeFileSync(join(folder, MARK), 'privcount demo clears this folder when it runs again.\n');
}

function options([tallyPort, ...controlPorts]: readonly number[], seconds: number): LocalNetworkOptions {
  return {
    ...SIZE,
    name: 'demo',
    minCollectors: SIZE.collectors,
    toleratedLost: 0,
    tallyPort: tallyPort!,
    controlPorts,
    fingerprints: controlPorts.map(injectorFingerprint),
    isTest: false,
    isNoiseOff: false,
    counters: packagedConfig('counters/exit-streams.bins.yaml'),
    noise: { kind: 'noise', file: packagedConfig('noise/exit-streams.demo.yaml') },
    lists: {},
    collectPeriod: seconds,
    noisePeriod: 2,
    settlePeriod: 5,
    phaseTimeout: 30,
    rounds: 1,
  };
}

type Demo = {
  readonly folder: string;
  readonly ports: readonly number[];
  readonly seconds: number;
  readonly say: (text: string) => void;
  readonly children: Child[];
};

/** What the tally logs when it enters a phase, in a newcomer's words. */
const PHASES: Readonly<Record<string, string>> = {
  keying: 'the keepers make keys for this round',
  depositing: "the collectors draw noise, mask their counters, and deal the masks' seeds to the keepers",
  collecting: 'the collectors count',
  voting: 'the blinded counters are in; the keepers vote on which collectors the total is over',
  answering: 'the keepers send the sum of the masks, never a single one',
  over: 'the sums agree; the tally subtracts them and publishes',
};

async function runNetwork({ folder, ports, seconds, say, children }: Demo): Promise<number | undefined> {
  const names = nodeNames(SIZE);
  const start = (name: string, args: readonly string[], onLine?: (line: string) => void): Child => {
    const child = startChild(args, {
      logFile: join(folder, 'logs', `${name}.log`),
      ...(onLine && { onLine }),
    });
    children.push(child);
    return child;
  };
  const config = (name: string): string => join(folder, 'network', name, 'config.yaml');
  names.collectors.forEach((name, at) => {
    const log = packagedConfig(`demo/exit-${at + 1}.events.gz`);
    start(`relay-${at + 1}`, ['inject', '--port', String(ports[at + 1]!), '--ip', '127.0.0.1', '--log', log]);
    start(name, ['dc', config(name)]);
  });
  for (const name of names.keepers) start(name, ['sk', config(name)]);
  let counting: Pick<Progress, 'end'> | undefined;
  const tally = start('tally', ['ts', config('tally')], (line) => {
    const phase = Object.keys(PHASES).find((known) => line.endsWith(`: ${known}`));
    if (phase === undefined) return;
    counting?.end();
    say(`  ${PHASES[phase]!}${phase === 'collecting' ? ` for ${seconds} s` : ''}`);
    if (phase === 'collecting') counting = countdown(seconds);
  });
  say('  ten processes are started; all they say to each other goes over TLS');
  const timeout = new Promise<undefined>((resolve) => {
    setTimeout(resolve, 1000 * seconds + OVERHEAD_MS_MAX, undefined).unref();
  });
  return Promise.race([tally.ended, timeout]).finally(() => counting?.end());
}

/** A bar that fills while collectors count. */
function countdown(seconds: number): Pick<Progress, 'end'> {
  const progress = startProgress({ label: '  counting', total: 1000 * seconds });
  const timer = setInterval(() => progress.advance(TICK_MS), TICK_MS);
  return {
    end: () => {
      clearInterval(timer);
      progress.end();
    },
  };
}

async function show(folder: string, say: (text: string) => void): Promise<void> {
  const results = join(folder, 'network', 'tally', 'results');
  const file = readdirSync(results).find((name) => name.startsWith('privcount.outcome.'))!;
  const experiments = await readExperiments([{ path: join(results, file), label: 'demo' }]);
  say(`\n${toResultLines(experiments[0]!.result).join('\n')}\n`);
  say('Each total is the sum over three relays plus noise; the interval holds the true sum 95 times in 100.');
  say('A total can be below 0: that is noise, and it means that the true sum is small.\n');
  await draw(experiments, join(folder, CHARTS));
  const here = relative(process.cwd(), folder) || '.';
  say(
    `Charts:   ${join(here, CHARTS, 'privcount.results.html')}, a page for your browser, and an SVG a counter`,
  );
  say(`Results:  ${join(here, 'network/tally/results')}`);
  say(`Logs:     ${join(here, 'logs')} (no counts, no addresses, no keys in them)`);
  say(`Network:  ${join(here, 'network')}, a folder a node`);
  say(
    'Next:     doc/reading-results.md says what the totals mean, doc/tutorial.md how three organisations do the same.',
  );
}

async function draw(experiments: readonly Experiment[], folder: string): Promise<void> {
  const { writePlots } = await import('../plot-files.js');
  await writePlots(experiments, {
    sigmas: SIGMAS_OF_95_PERCENT,
    isZeroBound: false,
    ignores: { noisy: false, zero: false },
    theme: 'light',
    labels: 'file',
    ratios: [],
    folder,
    prefix: undefined,
    formats: ['html', 'svg'],
  });
}
