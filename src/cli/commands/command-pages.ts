/** `privcount command-pages`: writes doc/commands anew. For whoever changes a command, so it is not listed. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandModule } from 'yargs';
import { files } from '../../io/files.js';
import { commandSummaries, toCommandIndex, toCommandPage } from '../command-page.js';
import { EXIT } from '../exit-codes.js';
import { OperatorError } from '../operator-error.js';

type PagesArguments = { readonly folder: string };

export const commandPages: CommandModule<object, PagesArguments> = {
  command: 'command-pages <folder>',
  describe: false,
  builder: (yargs) =>
    yargs.positional('folder', {
      type: 'string',
      demandOption: true,
      describe: 'doc/commands of a checkout',
    }),
  handler: async ({ folder }) => {
    mkdirSync(folder, { recursive: true });
    for (const { name } of commandSummaries()) {
      const path = join(folder, `${name}.md`);
      write(path, await toCommandPage(read(path), name));
    }
    const index = join(folder, 'README.md');
    write(index, toCommandIndex(read(index)));
  },
};

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function write(path: string, page: string | undefined): void {
  if (page === undefined)
    throw new OperatorError(`${path} has no marks between which the help could stand`, EXIT.usage);
  files.writeWhole(path, new TextEncoder().encode(page), { isPublic: true });
}
