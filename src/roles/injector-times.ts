/**
 * Times in event lines (spec/counters.md, 1.6 to 1.8; spec/rounds.md, section 15): when an event ended, by which it is
 * paced and pruned, and how it is moved to another time. Times are in seconds.
 */
import { type EventName } from '../tor/events/event-names.js';

/** Places of the times among the fields of a positional event. */
type TimeFields = { readonly start?: number; readonly end: number };

const POSITIONAL: Partial<Record<EventName, TimeFields>> = {
  PRIVCOUNT_STREAM_ENDED: { start: 6, end: 7 },
  PRIVCOUNT_CIRCUIT_ENDED: { start: 6, end: 7 },
  PRIVCOUNT_CONNECTION_ENDED: { start: 1, end: 2 },
  PRIVCOUNT_STREAM_BYTES_TRANSFERRED: { end: 5 },
  PRIVCOUNT_DNS_RESOLVED: { end: 4 },
};

const END_KEY = 'EventTimestamp=';
const START_KEY = 'CreatedTimestamp=';
const TIME_FORM = /^\d{1,19}(\.\d*)?$/;

function parseTime(text: string | undefined): number | undefined {
  return text !== undefined && TIME_FORM.test(text) ? Number(text) : undefined;
}

/** Where the words of a line hold its times; the word at 0 is the event's name. */
function findTimes(words: readonly string[], name: EventName): { start: number; end: number } {
  const fields = POSITIONAL[name];
  if (fields !== undefined) return { start: 1 + (fields.start ?? -2), end: 1 + fields.end };
  return {
    start: words.findIndex((word) => word.startsWith(START_KEY)),
    end: words.findIndex((word) => word.startsWith(END_KEY)),
  };
}

/** A field without the key that it may have. */
function valueOf(word: string | undefined): string | undefined {
  return word?.slice(word.indexOf('=') + 1);
}

/** When the event ended; undefined if its line does not tell. */
export function endTimeOf(line: string, name: EventName): number | undefined {
  const words = line.split(' ');
  return parseTime(valueOf(words[findTimes(words, name).end]));
}

/** The line as if the event had ended at `nowS` and lasted as long. A line that does not tell its times stays as it is. */
export function movedTo(nowS: number, line: string, name: EventName): string {
  const words = line.split(' ');
  const places = findTimes(words, name);
  const end = parseTime(valueOf(words[places.end]));
  if (end === undefined) return line;
  const start = parseTime(valueOf(words[places.start]));
  setTime(words, places.end, nowS);
  if (start !== undefined) setTime(words, places.start, nowS - (end - start));
  return words.join(' ');
}

function setTime(words: string[], at: number, timeS: number): void {
  const word = words[at]!;
  words[at] = word.slice(0, word.indexOf('=') + 1) + timeS.toFixed(6);
}
