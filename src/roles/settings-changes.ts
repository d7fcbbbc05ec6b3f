/** What differs between the settings of two rounds, in sentences for the log: what is counted, with how much noise, when. */
import { type Counter } from '../core/counters.js';
import { type TallySettings } from './tally-plan.js';

/** Hundreds of counters may change at once. */
const NAMES_SHOWN = 5;

/** What is told with both values. */
const plain = [
  'noise',
  'drawMs',
  'collectMs',
  'phaseMs',
  'settleMs',
  'startAfterMs',
  'rounds',
  'circuitSampleRate',
  'maxCellEventsPerCircuit',
] as const satisfies readonly (keyof TallySettings)[];

/** One sentence a change; none if the next round is like the last. */
export function settingsChanges(old: TallySettings, young: TallySettings): string[] {
  return [
    ...plain
      .filter((key) => old[key] !== young[key])
      .map((key) => `${key}: ${String(old[key])} -> ${String(young[key])}`),
    ...counterChanges(old.counters, young.counters),
    ...listChanges(old.lists, young.lists),
    ...(old.traffic?.digest === young.traffic?.digest ? [] : ['the traffic model is another one']),
    ...(isSameAddress(old.listen, young.listen)
      ? []
      : ['where to listen has changed, which needs a restart of the tally']),
  ];
}

function counterChanges(old: readonly Counter[], young: readonly Counter[]): string[] {
  const before = new Map(old.map((counter) => [counter.name, counter]));
  const after = new Map(young.map((counter) => [counter.name, counter]));
  const names = (counters: readonly Counter[], isSo: (counter: Counter) => boolean) =>
    counters.filter(isSo).map(({ name }) => name);
  const both = young.filter(({ name }) => before.has(name));
  const isRebinned = ({ name, bins }: Counter) =>
    JSON.stringify(bins) !== JSON.stringify(before.get(name)!.bins);
  return [
    ...told(
      'are counted now',
      names(young, ({ name }) => !before.has(name)),
    ),
    ...told(
      'are not counted any more',
      names(old, ({ name }) => !after.has(name)),
    ),
    ...told('have other bins', names(both, isRebinned)),
    ...told(
      'have another sigma',
      names(both, ({ name, sigma }) => sigma !== before.get(name)!.sigma),
    ),
  ];
}

function told(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} others` : '';
  return [`counters that ${what}: ${names.slice(0, NAMES_SHOWN).join(', ')}${more}`];
}

function listChanges(old: TallySettings['lists'], young: TallySettings['lists']): string[] {
  const digestsOf = (lists: TallySettings['lists'], kind: string) =>
    lists.find((list) => list.kind === kind)?.digests.join() ?? '';
  const kinds = [...new Set([...old, ...young].map(({ kind }) => kind))];
  return kinds
    .filter((kind) => digestsOf(old, kind) !== digestsOf(young, kind))
    .map((kind) => `the match lists ${kind} have changed`);
}

function isSameAddress(one: TallySettings['listen'], other: TallySettings['listen']): boolean {
  return one.host === other.host && one.port === other.port;
}
