/** The command line: which commands there are, and what holds for all of them. */
import yargs, { type Argv, type CommandModule } from 'yargs';
import { check } from './commands/check.js';
import { counters } from './commands/counters.js';
import { dc } from './commands/dc.js';
import { demo } from './commands/demo.js';
import { init } from './commands/init.js';
import { inject } from './commands/inject.js';
import { keygen } from './commands/keygen.js';
import { ledger } from './commands/ledger.js';
import { noise } from './commands/noise.js';
import { plot } from './commands/plot.js';
import { results } from './commands/results.js';
import { show } from './commands/show.js';
import { sk } from './commands/sk.js';
import { status } from './commands/status.js';
import { ts } from './commands/ts.js';
import { version } from './commands/version.js';
import { weights } from './commands/weights.js';

/** What the operator typed is not what a command takes. */
export class UsageError extends Error {}

/** Sees each command, and may give another in its place: the pages about commands are made without running one. */
export type Adapt = <Args>(command: CommandModule<object, Args>) => CommandModule<object, Args>;

/** Parsing `args` runs a command; it fails with UsageError, or with what the command throws. */
export function commandLine(args: readonly string[], adapt: Adapt = (command) => command): Argv {
  return (
    yargs([...args])
      .scriptName('privcount')
      .usage('$0 COMMAND: private counting over a Tor network')
      .command(adapt(ts))
      .command(adapt(sk))
      .command(adapt(dc))
      .command(adapt(inject))
      .command(adapt(init))
      .command(adapt(demo))
      .command(adapt(keygen))
      .command(adapt(show))
      .command(adapt(plot))
      .command(adapt(results))
      .command(adapt(status))
      .command(adapt(check))
      .command(adapt(counters))
      .command(adapt(ledger))
      .command(adapt(noise))
      .command(adapt(weights))
      .command(adapt(version))
      .demandCommand(1, 'Give a command; privcount --help lists them.')
      .strict()
      .version(false)
      .help()
      .alias('help', 'h')
      // All else that the program says is English.
      .locale('en')
      .wrap(100)
      .exitProcess(false)
      .check((argv) => refuseNaN(argv), true)
      // What yargs finds has a message, and mostly an error of its own; what a command throws has none.
      .fail((message: string | null, error: Error) => {
        throw message === null ? error : new UsageError(message);
      })
      .epilogue(
        'Exit codes: 0 fine, 1 a fault of ours or of the machine, 2 the command line or a file must be changed, ' +
          '3 a round was aborted, 4 a port is taken.',
      )
  );
}

/** To yargs an option that is no number is NaN. `inject` tells all faults of its options at once, these among them. */
function refuseNaN(argv: Record<string, unknown> & { readonly _: readonly (string | number)[] }): true {
  if (argv._[0] === 'inject') return true;
  const wrong = Object.keys(argv).filter((name) => Number.isNaN(argv[name]) && !/[A-Z]/.test(name));
  if (wrong.length === 0) return true;
  throw new UsageError(wrong.map((name) => `--${name} must be a number`).join('\n'));
}
