/** `privcount counters`: what can be counted, from the catalogue that collectors count by. */
import { type CommandModule } from 'yargs';
import { CATALOGUE, CHECK_ENTRIES } from '../../collection/catalogue/catalogue.js';
import { binKind, type CatalogueEntry, needsOf } from '../../collection/catalogue/entry.js';
import { EVENT_NAMES } from '../../tor/events/event-names.js';
import { files } from '../../io/files.js';
import { withCountersPage } from '../counters-page.js';
import { EXIT } from '../exit-codes.js';
import { OperatorError } from '../operator-error.js';
import { readSource } from '../read-config.js';

type CountersArguments = {
  readonly event: string | undefined;
  readonly match: string | undefined;
  readonly names: boolean;
  readonly page: string | undefined;
};

const PREFIX = 'PRIVCOUNT_';

export const counters: CommandModule<object, CountersArguments> = {
  command: 'counters',
  describe: 'list the counters there are: name, meaning, kind of bins, unit and events',
  builder: (yargs) =>
    yargs
      .options({
        event: {
          alias: 'e',
          choices: EVENT_NAMES.map(toShort),
          coerce: (event?: string) => event && toShort(event),
          describe: 'only those that need this event of Tor',
        },
        match: { alias: 'm', type: 'string', describe: 'only names that this regular expression finds' },
        names: { type: 'boolean', default: false, describe: 'only names, one a line' },
        page: {
          type: 'string',
          describe: 'write the whole catalogue into this file, between the marks of doc/counters.md',
        },
      })
      .example('$0 counters --match "^ExitWeb"', 'what is counted of streams to ports 80 and 443')
      .example('$0 counters --event CONNECTION_CLOSE --names', 'names of the counters of connections'),
  handler: ({ event, match, names, page }) => {
    if (page !== undefined) {
      writePage(page);
      return;
    }
    const expression = toExpression(match);
    const found = [...CHECK_ENTRIES, ...CATALOGUE.values()].filter(
      ({ name, events }) =>
        expression.test(name) && (event === undefined || events.some((needed) => toShort(needed) === event)),
    );
    const lines = found.map(names ? ({ name }) => name : toParagraph);
    if (!names) lines.push(`${found.length} counters`);
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  },
};

/** Most events begin alike. */
function toShort(event: string): string {
  return event.replace(PREFIX, '');
}

function writePage(path: string): void {
  const { bytes } = readSource(path, 'a page with the marks of doc/counters.md');
  const page = withCountersPage(new TextDecoder().decode(bytes));
  if (page === undefined) {
    throw new OperatorError(`${path} has no marks between which the catalogue could stand`, EXIT.usage);
  }
  files.writeWhole(path, new TextEncoder().encode(page), { isPublic: true });
}

function toExpression(match = ''): RegExp {
  try {
    return new RegExp(match);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it can not be read';
    throw new OperatorError(`--match must be a regular expression: ${reason}`, EXIT.usage, { cause: error });
  }
}

function toParagraph(entry: CatalogueEntry): string {
  const { name, meaning, unit, advice } = entry;
  const needs = needsOf(entry);
  const needed = needs.length === 0 ? 'needs no event' : `needs ${needs.join(' and ')}`;
  const advised =
    advice === undefined ? '' : `    sensitivity, as advice: ${advice.sensitivity}, for ${advice.because}\n`;
  return `${name}\n    ${meaning}\n    ${binKind(name)}, in ${unit}; ${needed}\n${advised}`;
}
