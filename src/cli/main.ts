#!/usr/bin/env node
/** The program. Here errors turn into exit codes: an operator's mistake is a sentence, never a stack trace. */
import { hideBin } from 'yargs/helpers';
import { ConfigError } from '../config/config-error.js';
import { commandLine, UsageError } from './command-line.js';
import { commandPages } from './commands/command-pages.js';
import { EXIT } from './exit-codes.js';
import { OperatorError } from './operator-error.js';

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
  await commandLine(hideBin(process.argv)).command(commandPages).parseAsync();
} catch (error) {
  process.exitCode = exitCodeFor(error);
}
