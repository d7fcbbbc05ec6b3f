/** The parser of an event by its table. */
import { type EventParser, type EventTable } from './event-parser.js';
import { positionalParser } from './positional.js';
import { taggedParser } from './tagged.js';

export function parserOf<Key extends string>(table: EventTable<Key>): EventParser<Key> {
  return table.form === 'positional' ? positionalParser(table) : taggedParser(table);
}
