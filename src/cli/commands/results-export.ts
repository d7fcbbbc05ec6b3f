/** `privcount results export`: totals as a table for other programs. */
import { type CommandModule } from 'yargs';
import { files } from '../../io/files.js';
import { EXIT } from '../exit-codes.js';
import { EXPORT_FORMATS, type ExportFormat, readRows, toBytes } from '../export-results.js';
import { OperatorError } from '../operator-error.js';

type ExportArguments = {
  readonly paths: readonly string[];
  readonly format: ExportFormat;
  readonly output: string | undefined;
};

export const resultsExport: CommandModule<object, ExportArguments> = {
  command: 'export <paths..>',
  describe: 'totals with their intervals as a table, a row a bin: CSV, JSON lines or Parquet',
  builder: (yargs) =>
    yargs
      .positional('paths', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'result files, or results folders of which all released rounds are taken',
      })
      .options({
        format: { choices: EXPORT_FORMATS, default: 'csv' as const, describe: 'how it is written' },
        output: { alias: 'o', type: 'string', describe: 'to which file; printed if absent, but for Parquet' },
      })
      .example(
        '$0 results export results --format parquet -o totals.parquet',
        'all rounds, for pandas or DuckDB',
      ),
  handler: async ({ paths, format, output }) => {
    if (format === 'parquet' && output === undefined)
      throw new OperatorError(
        'a Parquet file is not printed; say where to write it with --output',
        EXIT.usage,
      );
    const note = (message: string): void => void process.stderr.write(`${message}\n`);
    const bytes = await toBytes(await readRows(paths, note), format);
    if (output === undefined) process.stdout.write(bytes);
    else writeFile(output, bytes);
  },
};

function writeFile(path: string, bytes: Uint8Array): void {
  try {
    files.writeWhole(path, bytes, { isPublic: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : `can't write ${path}`;
    throw new OperatorError(message, EXIT.usage, { cause: error });
  }
}
