/** `PRIVCOUNT_HSDIR_CACHE_STORE` and `_FETCH` (spec/counters.md, 3.7). Hot path. */
import { clearRecord, type EventRecord } from '../../tor/events/event-record.js';
import { HSDIR_CACHE_FETCH, HSDIR_CACHE_STORE } from '../../tor/events/hsdir-cache.js';
import { parserOf } from '../../tor/events/parsers.js';
import { Adder, type Program } from '../adder.js';
import { additionsOf, type Measure } from '../catalogue/entry.js';
import {
  ALWAYS,
  DESCRIPTOR_SIZE,
  HSDIR_AMOUNT_COUNT,
  HSDIR_AMOUNTS,
  HSDIR_VALUE_COUNT,
  HSDIR_VALUES,
  INTRO_POINTS,
  INTRO_SIZE,
  ONION_ADDRESS,
  REVISION,
  UPLOAD_DELAY,
} from '../families/hsdir-names.js';
import { listOfName, type NameLists, NO_LIST } from '../lists/name-lists.js';
import { onionList, type OnionLists } from '../lists/onion-lists.js';
import { type EventHandler, type HandlerTarget } from './handler.js';

/** Both tables have these fields, at the same places. */
const { at } = HSDIR_CACHE_STORE;

/** Added and cached are no or yes; of authorisation nothing is known, it is not required, or it is. */
const ADDED = ['Reject', 'Add'] as const;
const CACHED = ['Uncached', 'Cached'] as const;
const AUTHORISED = ['', 'NoClientAuth', 'ClientAuth'] as const;

/** The programs of one kind of event, each to be run if its field is stated. */
type Programs = {
  readonly always: Program;
  readonly introSize: Program;
  readonly descriptorSize: Program;
  readonly introPoints: Program;
  readonly onionAddress: Program;
  readonly uploadDelay: Program;
  readonly revision: Program;
};

export function hsdirStoreHandler(target: HandlerTarget): EventHandler {
  const parser = parserOf(HSDIR_CACHE_STORE);
  const { record } = parser;
  const counter = new HsdirCounter(target, 'Store');
  return {
    event: HSDIR_CACHE_STORE.event,
    handle(bytes, start, end) {
      const fault = parser.parse(bytes, start, end);
      if (fault !== undefined) return fault;
      const isAdded = record.numbers[at.WasAddedToCacheFlag] === 1;
      const isCached = record.numbers[at.HasExistingCacheEntryFlag] === 1;
      counter.count(record, isAdded, isCached);
      return undefined;
    },
    wipe() {
      counter.wipe();
      clearRecord(record);
    },
  };
}

export function hsdirFetchHandler(target: HandlerTarget): EventHandler {
  const parser = parserOf(HSDIR_CACHE_FETCH);
  const { record } = parser;
  const counter = new HsdirCounter(target, 'Fetch');
  return {
    event: HSDIR_CACHE_FETCH.event,
    handle(bytes, start, end) {
      const fault = parser.parse(bytes, start, end);
      if (fault !== undefined) return fault;
      counter.count(record, false, record.numbers[HSDIR_CACHE_FETCH.at.HasCacheEntryFlag] === 1);
      return undefined;
    },
    wipe() {
      counter.wipe();
      clearRecord(record);
    },
  };
}

class HsdirCounter {
  readonly #adder: Adder;
  readonly #reasons: NameLists | undefined;
  readonly #onions: OnionLists | undefined;
  /** By version, added, cached and authorised. */
  readonly #programs: readonly Programs[];

  constructor(target: HandlerTarget, action: 'Store' | 'Fetch') {
    const { lists } = target;
    const adder = new Adder(target, { amounts: HSDIR_AMOUNT_COUNT, values: HSDIR_VALUE_COUNT });
    this.#adder = adder;
    this.#reasons = action === 'Store' ? lists.hsdirStores : lists.hsdirFetches;
    this.#onions = lists.onionAddresses;
    this.#programs = [2, 3].flatMap((version) =>
      ADDED.flatMap((added) =>
        CACHED.flatMap((cached) =>
          AUTHORISED.map((auth) =>
            compileSubjects(
              adder,
              subjectsOf(version, action, action === 'Store' ? added : '', cached, auth),
            ),
          ),
        ),
      ),
    );
  }

  count(record: EventRecord, isAdded: boolean, isCached: boolean): void {
    const { numbers, present } = record;
    const adder = this.#adder;
    const programs = this.#programsOf(record, isAdded, isCached);
    if (adder.needs(HSDIR_VALUES.reasonList)) adder.place(HSDIR_VALUES.reasonList, this.#reasonList(record));
    adder.run(programs.always);
    if (present[at.EncodedIntroPointByteCount] === 1) {
      this.#setSize(record, at.EncodedIntroPointByteCount, HSDIR_AMOUNTS.intro, HSDIR_VALUES.intro);
      adder.run(programs.introSize);
    }
    if (present[at.EncodedDescriptorByteCount] === 1) {
      this.#setSize(record, at.EncodedDescriptorByteCount, HSDIR_AMOUNTS.descriptor, HSDIR_VALUES.descriptor);
      adder.run(programs.descriptorSize);
    }
    if (present[at.OnionAddress] === 1 && programs.onionAddress.length > 0) {
      adder.place(HSDIR_VALUES.onionList, this.#onionList(record));
      adder.run(programs.onionAddress);
    }
    if (present[at.IntroPointCount] === 1) {
      adder.place(HSDIR_VALUES.introPoints, numbers[at.IntroPointCount]!);
      adder.run(programs.introPoints);
    }
    if (present[at.DescriptorCreationTime] === 1) {
      const delay = numbers[at.EventTimestamp]! - numbers[at.DescriptorCreationTime]!;
      adder.place(HSDIR_VALUES.uploadDelay, delay);
      adder.run(programs.uploadDelay);
    }
    if (present[at.RevisionNumber] === 1) {
      adder.place(HSDIR_VALUES.revision, numbers[at.RevisionNumber]!);
      adder.run(programs.revision);
    }
  }

  wipe(): void {
    this.#adder.wipe();
  }

  #programsOf({ numbers, present }: EventRecord, isAdded: boolean, isCached: boolean): Programs {
    const version = numbers[at.HiddenServiceVersionNumber]! - 2;
    const added = version * ADDED.length + (isAdded ? 1 : 0);
    const cached = added * CACHED.length + (isCached ? 1 : 0);
    const auth = present[at.RequiresClientAuthFlag] === 0 ? 0 : 1 + numbers[at.RequiresClientAuthFlag]!;
    return this.#programs[cached * AUTHORISED.length + auth]!;
  }

  #setSize({ low, high, numbers }: EventRecord, field: number, amount: number, value: number): void {
    this.#adder.setAmount(amount, low[field]!, high[field]!);
    this.#adder.place(value, numbers[field]!);
  }

  #reasonList({ bytes, starts, ends }: EventRecord): number {
    const field = at.CacheReasonString;
    return this.#reasons === undefined
      ? NO_LIST
      : listOfName(this.#reasons, bytes, starts[field]!, ends[field]!);
  }

  #onionList({ bytes, starts, ends }: EventRecord): number {
    const field = at.OnionAddress;
    return this.#onions === undefined
      ? NO_LIST
      : onionList(this.#onions, bytes, starts[field]!, ends[field]!);
  }
}

/** The subjects that an event of this kind touches: without and with its version, and with each sub-category or not. */
function subjectsOf(version: number, action: string, added: string, cached: string, auth: string): string[] {
  const adds = added === '' ? [''] : ['', added];
  const categories = adds.flatMap((add) => ['', cached].map((cache) => add + cache));
  const authorised = auth === '' ? categories : categories.flatMap((category) => [category, category + auth]);
  return [
    ...categories.map((category) => `HSDir${action}${category}`),
    ...authorised.map((category) => `HSDir${version}${action}${category}`),
  ];
}

function compileSubjects(adder: Adder, subjects: readonly string[]): Programs {
  // Names that the grammar does not have, such as HSDirStoreRevisionHistogram, are in no plan and so left out.
  const compile = (measures: readonly Measure[]): Program => adder.compile(additionsOf(subjects, measures));
  return {
    always: compile(ALWAYS),
    introSize: compile(INTRO_SIZE),
    descriptorSize: compile(DESCRIPTOR_SIZE),
    introPoints: compile(INTRO_POINTS),
    onionAddress: compile(ONION_ADDRESS),
    uploadDelay: compile(UPLOAD_DELAY),
    revision: compile(REVISION),
  };
}
