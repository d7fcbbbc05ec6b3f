#!/usr/bin/env node
/** The command line. Here errors turn into exit codes: an operator's mistake is a sentence, never a stack trace. */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { ConfigError } from '../config/config-error.js';
import { check } from './commands/check.js';
import { counters } from './commands/counters.js';
import { dc } from './commands/dc.js';
import { demo } from './commands/demo.js';
import { init } from './commands/init.js';
import { inject } from './commands/inject.js';
import { keygen } from './commands/keygen.js';
import { noise } from './commands/noise.js';
import { plot } from './commands/plot.js';
import { show } from './commands/show.js';
import { ledger } from './commands/ledger.js';
import { sk } from './commands/sk.js';
import { status } from './commands/status.js';
import { ts } from './commands/ts.js';
import { version } from './commands/version.js';
import { weights } from './commands/weights.js';
import { EXIT } from './exit-codes.js';
import { OperatorError } from './operator-error.js';

class UsageError extends Error {}

async function main(): Promise<void> {
  const parser = yargs(hideBin(process.argv))
    .scriptName('privcount')
    .usage('$0 COMMAND: private counting over a Tor network')
    .command(ts)
    .command(sk)
    .command(dc)
    .command(inject)
    .command(init)
    .command(demo)
    .command(keygen)
    .command(show)
    .command(plot)
    .command(status)
    .command(check)
    .command(counters)
    .command(ledger)
    .command(noise)
    .command(weights)
    .command(version)
    .demandCommand(1, 'Give a command; privcount --help lists them.')
    .strict()
    .version(false)
    .help()
    .alias('help', 'h')
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
    );
  await parser.parseAsync();
}

/** To yargs an option that is no number is NaN. `inject` tells all faults of its options at once, these among them. */
function refuseNaN(argv: Record<string, unknown> & { readonly _: readonly (string | number)[] }): true {
  if (argv._[0] === 'inject') return true;
  const wrong = Object.keys(argv).filter((name) => Number.isNaN(argv[name]) && !/[A-Z]/.test(name));
  if (wrong.length === 0) return true;
  throw new UsageError(wrong.map((name) => `--${name} must be a number`).join('\n'));
}

function exitCodeFor(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`privcount: ${error.message}\n`);
    return EXIT.usage;
  }
  if (error instanceof ConfigError) {
    process.stderr.write(`privcount: the configuration is not right:\n${error.message}\n`);
    return EXIT.usage;
  }
  if (error instanceof OperatorError) {
    process.stderr.write(`privcount: ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(
    `privcount: internal error\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return EXIT.failure;
}

try {
  await main();
} catch (error) {
  process.exitCode = exitCodeFor(error);
}
