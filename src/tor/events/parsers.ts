/** The parser of an event by its table. */
import { type EventParser, type EventTable } from './event-parser.js';
import { positionalParser } from './positional.js';
import { standardParser } from './standard.js';
import { taggedParser } from './tagged.js';

export function parserOf<Key extends string>(table: EventTable<Key>): EventParser<Key> {
  switch (table.form) {
    case 'positional':
      return positionalParser(table);
    case 'tagged':
      return taggedParser(table);
    case 'standard':
      return standardParser(table);
  }
}
