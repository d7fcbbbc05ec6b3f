/**
 * Families "exit domain histograms" and "exit domain lists" (spec/counters.md, 2.2 and 3.2): first streams of circuits to
 * web ports, by the match list that their host name is in, exactly or as a suffix.
 */
import { type Adder, type Program } from '../adder.js';
import { additionsOf, type CatalogueEntry, entriesOf, listed, type Measure } from '../catalogue/entry.js';
import { sequence, type Term, word } from '../catalogue/grammar.js';
import { suffixList } from '../lists/domain-lists.js';
import { listOfName, type NameLists, NO_LIST } from '../lists/name-lists.js';
import { STREAM_COUNTS, STREAM_HISTOGRAMS, STREAM_VALUES } from './stream-measures.js';

const EVENTS = ['PRIVCOUNT_STREAM_ENDED'] as const;
const SUBJECT: Term = [word('ExitDomain', 'first streams of circuits, to web ports')];
const EXACT = word('Exact', 'by the whole name');
const SUFFIX = word('Suffix', 'by the whole name or a suffix of it');
const STREAM: Term = [word('MatchWebInitialStream')];
/** "No" means not in list 0, even if the host is in another list (quirk Q15). */
const IN_FIRST_LIST: Term = [
  word('', 'host name in the first match list'),
  word('No', 'host name not in the first match list'),
];

const MATCHES = [
  { match: EXACT, list: STREAM_VALUES.exactList },
  { match: SUFFIX, list: STREAM_VALUES.suffixList },
] as const;

export const EXIT_DOMAIN_ENTRIES: readonly CatalogueEntry[] = [
  ...entriesOf(
    { family: 'exit domain histograms', events: EVENTS },
    sequence(SUBJECT, IN_FIRST_LIST, [EXACT, SUFFIX], STREAM),
    STREAM_HISTOGRAMS,
  ),
  ...MATCHES.flatMap(({ match, list }) =>
    entriesOf(
      { family: 'exit domain lists', events: EVENTS },
      sequence(SUBJECT, [match], STREAM),
      listed(STREAM_COUNTS, list),
    ),
  ),
];

/** Counts a first web stream, whose amounts and values are set, by its host's name. */
export type CountDomain = (bytes: Uint8Array, start: number, end: number) => void;

type MatchPrograms = {
  readonly value: number;
  readonly inFirst: Program;
  readonly notInFirst: Program;
  readonly lists: Program;
};

/** Undefined if the plan has no counter of these families. Without lists every host is in none. */
export function compileExitDomains(adder: Adder, lists: NameLists | undefined): CountDomain | undefined {
  const [exact, suffix] = MATCHES.map(({ match, list }) => compileMatch(adder, match.text, list));
  const hasExact = isNeeded(exact!);
  const hasSuffix = isNeeded(suffix!);
  if (!hasExact && !hasSuffix) return undefined;
  return (bytes, start, end) => {
    const exactMatch = lists === undefined ? NO_LIST : listOfName(lists, bytes, start, end);
    if (hasExact) runMatch(adder, exact!, exactMatch);
    if (!hasSuffix) return;
    // A host that is itself in a list counts for that list (3.2). The original makes this depend on whether exact
    // counters are in the plan too; here a counter never depends on others.
    const isExact = lists === undefined || exactMatch !== NO_LIST;
    runMatch(adder, suffix!, isExact ? exactMatch : suffixList(lists, bytes, start, end));
  };
}

function compileMatch(adder: Adder, match: string, value: number): MatchPrograms {
  const compile = (subject: string, measures: readonly Measure[]): Program =>
    adder.compile(additionsOf([`ExitDomain${subject}MatchWebInitialStream`], measures));
  return {
    value,
    inFirst: compile(match, STREAM_HISTOGRAMS),
    notInFirst: compile(`No${match}`, STREAM_HISTOGRAMS),
    lists: compile(match, listed(STREAM_COUNTS, value)),
  };
}

function isNeeded({ inFirst, notInFirst, lists }: MatchPrograms): boolean {
  return inFirst.length + notInFirst.length + lists.length > 0;
}

function runMatch(adder: Adder, programs: MatchPrograms, list: number): void {
  adder.place(programs.value, list);
  adder.run(list === 0 ? programs.inFirst : programs.notInFirst);
  adder.run(programs.lists);
}
