/**
 * ORCONN lines on their way to be counted, when counters want the countries of clients. tor's events do not tell them, but
 * tor does when it is asked: the line of a client's connection is held back until the answer is there, and handed on with
 * the country as one more keyword. ORCONN lines keep their order, so that none overtakes one that is held back.
 *
 * What is held back is bounded: beyond that the oldest line goes on with the unknown country. Answers are kept for the next
 * connection of the same address. Nothing of an address is left after `wipe`, but the strings of questions and answers,
 * which nothing refers to any more.
 */
import { AddressSet, NO_ADDRESS_NUMBER } from '../collection/state/address-set.js';
import { countryQuestion } from '../tor/control/country-reply.js';
import { fromLatin1, SPACE, toLatin1 } from '../tor/events/ascii.js';
import { ADDRESS_WORDS, clearRecord } from '../tor/events/event-record.js';
import { IS_RELAY, OR_CONNECTION, OR_STATUSES } from '../tor/events/or-connection.js';
import { parserOf } from '../tor/events/parsers.js';

export type CountryLinesEvents = {
  /** A country is to be asked for; leads to a call of `question` when the question is sent. */
  ask(): void;
  /** A line [start, end) that is only valid during the call. */
  onEvent(bytes: Uint8Array, start: number, end: number): void;
  /** tor could not tell. */
  onUnanswered(): void;
};

/** Some seconds of connections at a busy guard while tor does not answer; with the bytes, the memory that it may take. */
export const HELD_LINES_MAX = 1024;
const HELD_BYTES_MAX = 1 << 20;
/** tor answers at once: more questions under way make nothing faster. */
export const QUESTIONS_MAX = 16;
/** Clients come back; 2^14 of them take half a megabyte. When it is full it begins anew. */
const KNOWN_ADDRESSES_MAX = 2 ** 14;

const UNKNOWN_COUNTRY = '??';
const COUNTRY_BYTES = 2;
const NAME_BYTES = 'ORCONN '.length;
const KEYWORD = ' COUNTRY=';
const SUFFIX_BYTES = KEYWORD.length + COUNTRY_BYTES;
const KEYWORD_BYTES = toLatin1(KEYWORD);
const CONNECTED = OR_STATUSES.indexOf('CONNECTED');

type HeldLine = {
  /** With room for the country behind the line. */
  readonly bytes: Uint8Array;
  lineBytes: number;
  /** IP version and address of the client; undefined where no country is wanted. */
  readonly address: Uint32Array | undefined;
  isReady: boolean;
};

const NO_LINE: HeldLine = {
  bytes: toLatin1('ORCONN 0.0.0.0:0 '),
  lineBytes: 0,
  address: undefined,
  isReady: true,
};

export class CountryLines {
  readonly #events: CountryLinesEvents;
  readonly #parser = parserOf(OR_CONNECTION);
  readonly #known: AddressSet;
  readonly #countries = new Uint8Array(KNOWN_ADDRESSES_MAX * COUNTRY_BYTES);
  /** In the order in which they came. */
  readonly #held: HeldLine[] = [];
  #heldBytes = 0;
  /** Lines whose question is to be sent, and those whose answer is to come; some may have gone on without it. */
  readonly #unasked: HeldLine[] = [];
  readonly #asked: HeldLine[] = [];
  /** Questions that were announced by `ask` and are not sent yet. */
  #announced = 0;

  /** `seed` is secret and random, so that nobody can choose addresses that fall into one slot. */
  constructor(seed: number, events: CountryLinesEvents) {
    this.#events = events;
    this.#known = new AddressSet(seed, KNOWN_ADDRESSES_MAX);
  }

  /** Takes the ORCONN line [start, end), from its name on. */
  take(bytes: Uint8Array, start: number, end: number): void {
    const isClient = this.#isClient(bytes, start, end);
    if (!isClient && this.#held.length === 0) {
      this.#events.onEvent(bytes, start, end);
      return;
    }
    const line = this.#hold(bytes, start, end, isClient);
    const known = isClient ? this.#countryOf(line.address!) : undefined;
    if (known !== undefined) complete(line, known);
    if (isClient && known === undefined) {
      this.#unasked.push(line);
      this.#askMore();
    }
    this.#handOn();
  }

  /** The next question, to be sent at once. Each has its answer, so one whose line is gone is asked about nobody. */
  question(): string {
    this.#announced -= 1;
    const line = this.#unasked.shift() ?? NO_LINE;
    this.#asked.push(line);
    const end = line.bytes.indexOf(SPACE, NAME_BYTES);
    return countryQuestion(fromLatin1(line.bytes, NAME_BYTES, end));
  }

  /** The answer to the first question that has none; undefined if tor could not tell. */
  answer(country: string | undefined): void {
    const line = this.#asked.shift();
    if (line === undefined) return;
    if (country === undefined) this.#events.onUnanswered();
    if (!line.isReady) {
      const text = toLatin1(country ?? UNKNOWN_COUNTRY);
      if (country !== undefined) this.#remember(line.address!, text);
      complete(line, text);
    }
    this.#handOn();
    this.#askMore();
  }

  /** No answer will come: all lines go on as they are. */
  flush(): void {
    while (this.#held.length > 0) this.#release();
  }

  /** Forgets all lines and addresses. */
  wipe(): void {
    for (const line of this.#held) wipeLine(line);
    for (const lines of [this.#held, this.#unasked, this.#asked]) lines.length = 0;
    this.#heldBytes = 0;
    this.#announced = 0;
    this.#known.clear();
    this.#countries.fill(0);
    clearRecord(this.#parser.record);
    this.#parser.record.addresses.fill(0);
  }

  /** Whether the line is of a client's connection that has just been opened; its address is then in the record. */
  #isClient(bytes: Uint8Array, start: number, end: number): boolean {
    const { record, table } = this.#parser;
    if (this.#parser.parse(bytes, start + NAME_BYTES, end) !== undefined) return false;
    const { numbers, present } = record;
    const { target, status, COUNTRY } = table.at;
    return numbers[status] === CONNECTED && numbers[target] !== IS_RELAY && present[COUNTRY] === 0;
  }

  /** Puts a copy of the line at the end of those held back, which makes room first. */
  #hold(bytes: Uint8Array, start: number, end: number, isClient: boolean): HeldLine {
    const lineBytes = end - start;
    while (this.#held.length > 0 && !this.#hasRoom(lineBytes)) this.#release();
    const copy = new Uint8Array(lineBytes + SUFFIX_BYTES);
    copy.set(bytes.subarray(start, end));
    const address = isClient ? this.#addressInRecord() : undefined;
    const line: HeldLine = { bytes: copy, lineBytes, address, isReady: !isClient };
    this.#held.push(line);
    this.#heldBytes += copy.length;
    return line;
  }

  #hasRoom(lineBytes: number): boolean {
    const bytes = this.#heldBytes + lineBytes + SUFFIX_BYTES;
    return this.#held.length < HELD_LINES_MAX && bytes <= HELD_BYTES_MAX;
  }

  #addressInRecord(): Uint32Array {
    const { record, table } = this.#parser;
    const from = table.at.target * ADDRESS_WORDS;
    return Uint32Array.of(
      record.numbers[table.at.target]!,
      ...record.addresses.subarray(from, from + ADDRESS_WORDS),
    );
  }

  /** The oldest line goes on, without an answer if it has none; its question is no longer asked. */
  #release(): void {
    const line = this.#held[0]!;
    const place = this.#unasked.indexOf(line);
    if (place >= 0) this.#unasked.splice(place, 1);
    if (!line.isReady) complete(line, toLatin1(UNKNOWN_COUNTRY));
    this.#handOn();
  }

  #handOn(): void {
    while (this.#held[0]?.isReady === true) {
      const line = this.#held.shift()!;
      this.#heldBytes -= line.bytes.length;
      this.#events.onEvent(line.bytes, 0, line.lineBytes);
      wipeLine(line);
    }
  }

  #askMore(): void {
    while (this.#asked.length + this.#announced < QUESTIONS_MAX && this.#announced < this.#unasked.length) {
      this.#announced += 1;
      this.#events.ask();
    }
  }

  #countryOf(address: Uint32Array): Uint8Array | undefined {
    const number = this.#known.find(address[0]!, address, 1);
    const at = number * COUNTRY_BYTES;
    return number === NO_ADDRESS_NUMBER ? undefined : this.#countries.subarray(at, at + COUNTRY_BYTES);
  }

  #remember(address: Uint32Array, country: Uint8Array): void {
    if (this.#known.size === KNOWN_ADDRESSES_MAX) this.#known.clear();
    this.#countries.set(country, this.#known.add(address[0]!, address, 1) * COUNTRY_BYTES);
  }
}

function complete(line: HeldLine, country: Uint8Array): void {
  line.bytes.set(KEYWORD_BYTES, line.lineBytes);
  line.bytes.set(country, line.lineBytes + KEYWORD_BYTES.length);
  line.lineBytes += SUFFIX_BYTES;
  line.isReady = true;
}

function wipeLine(line: HeldLine): void {
  line.bytes.fill(0);
  line.address?.fill(0);
}
