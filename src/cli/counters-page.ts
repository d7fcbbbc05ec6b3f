/**
 * The catalogue as doc/counters.md has it: of each family the subjects and the measures that its names are made of.
 * `privcount counters --page doc/counters.md` writes it there, and a test checks that it is up to date.
 */
import { CATALOGUE, CHECK_ENTRIES } from '../collection/catalogue/catalogue.js';
import {
  type Advice,
  binKind,
  type CatalogueEntry,
  needsOf,
  type Part,
} from '../collection/catalogue/entry.js';

const PAGE_START = '<!-- Written by `privcount counters --page`: change the catalogue, not this. -->';
const PAGE_END = '<!-- The end of what is written. -->';

function toCountersPage(): string {
  const entries = [...CHECK_ENTRIES, ...CATALOGUE.values()];
  return [...groupBy(entries, ({ family }) => family)]
    .map(([family, itsEntries]) => toSection(family, itsEntries))
    .join('\n');
}

/** The page with what stands between the marks brought up to date; undefined if they are not there. */
export function withCountersPage(page: string): string | undefined {
  const [before, rest] = page.split(`${PAGE_START}\n`);
  const after = rest?.split(PAGE_END)[1];
  if (after === undefined) return undefined;
  return `${before}${PAGE_START}\n\n${toCountersPage()}\n${PAGE_END}${after}`;
}

function toSection(family: string, entries: readonly CatalogueEntry[]): string {
  const needs = new Set(entries.map((entry) => needsOf(entry).join(' and ')));
  const needed = needs.has('') ? 'They need no event.' : `They need ${[...needs].join(' or ')}.`;
  const bySubject = groupBy(entries, ({ subject }) => subject.text);
  const groups = groupBy([...bySubject.values()], (ofSubject) =>
    ofSubject.map(({ measure }) => measure.text).join(),
  );
  return [
    `### ${family}\n`,
    `${entries.length} counters. ${needed}\n`,
    ...[...groups.values()].flatMap(toGroupTables),
  ].join('\n');
}

/** Subjects that have the same measures: a table of them, and one of what may follow each. */
function toGroupTables(group: readonly (readonly CatalogueEntry[])[]): string[] {
  const subjects = group.map(([entry]) => entry!.subject);
  return [
    subjectTable(subjects, adviceOf(group)),
    'each followed by one of\n',
    table(
      ['Measure', 'What it says of the subject', 'Bins', 'In'],
      group[0]!.map(({ name, measure, unit }) => [...toRow(measure), binKind(name), escape(unit)]),
    ),
  ];
}

/** With advice, where there is some: it is the same for all measures of a subject. */
function subjectTable(subjects: readonly Part[], advice: readonly (Advice | undefined)[]): string {
  if (advice.every((one) => one === undefined)) return table(['Subject', 'What it is'], subjects.map(toRow));
  const rows = subjects.map((subject, at) => {
    const { sensitivity, because } = advice[at] ?? { sensitivity: '', because: '' };
    return [...toRow(subject), String(sensitivity), escape(because)];
  });
  return table(['Subject', 'What it is', 'Sensitivity', 'Since one person may cause'], rows);
}

function adviceOf(group: readonly (readonly CatalogueEntry[])[]): (Advice | undefined)[] {
  return group.map(([entry]) => entry!.advice);
}

function toRow({ text, says }: Part): [string, string] {
  return [`\`${text}\``, escape(says)];
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const toLine = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return [heads, heads.map(() => '---'), ...rows].map(toLine).join('');
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|');
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
