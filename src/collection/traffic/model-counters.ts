/**
 * The counters of a traffic model (spec/counters.md, 2.2 and 6.2): a dozen that are always in the catalogue, and one for
 * each state, emission and transition of the model. A noise file says what it says of many at once, by labels such as
 * `ExitStreamTrafficModelEmissionCount_<STATE>_<OBS>`.
 */
import { type EventName } from '../../tor/events/event-names.js';
import { type CatalogueEntry, entry } from '../catalogue/entry.js';
import { delayKind, pairsOf, type SubModel, type SubModelKind, type TrafficModel } from './traffic-model.js';

export const MODEL_PREFIXES: Readonly<Record<SubModelKind, string>> = {
  packets: 'ExitStreamTrafficModel',
  streams: 'ExitCircuitTrafficModel',
};
/** The counter of events, with the model's prefix before it. */
export const PATH_COUNTS: Readonly<Record<SubModelKind, string>> = {
  packets: 'StreamCount',
  streams: 'CircuitCount',
};
const EVENTS: Readonly<Record<SubModelKind, EventName>> = {
  packets: 'PRIVCOUNT_VITERBI_PACKETS',
  streams: 'PRIVCOUNT_VITERBI_STREAMS',
};
const KINDS: readonly SubModelKind[] = ['packets', 'streams'];
const PATHS: Readonly<Record<SubModelKind, string>> = { packets: 'exit streams', streams: 'exit circuits' };
const STEPS: Readonly<Record<SubModelKind, string>> = { packets: 'packets', streams: 'streams' };

/** The original offers this label, but has no counter of the name (quirk Q35). */
const LABEL_WITHOUT_COUNTER = 'ExitCircuitTrafficModelStreamCount';

/** A counter of a model, and the label by which a noise file speaks of it. */
export type ModelCounter = CatalogueEntry & { readonly label: string };

/** The counters that there are without a model, too. */
export const TRAFFIC_ENTRIES: readonly CatalogueEntry[] = KINDS.flatMap((kind) => staticCounters(kind));

/** All counters that the model has. */
export function modelCounters(model: TrafficModel): ModelCounter[] {
  return KINDS.flatMap((kind) => {
    const subModel = model[kind];
    return subModel === undefined ? [] : [...staticCounters(kind), ...dynamicCounters(kind, subModel)];
  });
}

function dynamicCounters(kind: SubModelKind, { start, transitions, emissions }: SubModel): ModelCounter[] {
  const counter = (measure: string, names: readonly string[], label: string, says: string): ModelCounter =>
    toCounter(kind, { measure: `${measure}_${names.join('_')}`, label: `${measure}_${label}`, says });
  return [
    ...pairsOf(emissions).flatMap(({ row, column }) =>
      emissionMeasures(row, column).map(({ measure, says }) =>
        counter(measure, [row, column], '<STATE>_<OBS>', `${says} steps with ${column} in state ${row} of`),
      ),
    ),
    ...pairsOf(transitions)
      .filter(({ value }) => value > 0)
      .map(({ row, column }) =>
        counter(
          'TransitionCount',
          [row, column],
          '<SRCSTATE>_<DSTSTATE>',
          `Number of steps from state ${row} to state ${column} of`,
        ),
      ),
    ...[...start]
      .filter(([, probability]) => probability > 0)
      .map(([state]) =>
        counter(
          'TransitionCount',
          ['START', state],
          'START_<STATE>',
          `Number of paths from state ${state} on through`,
        ),
      ),
  ];
}

function emissionMeasures(
  state: string,
  observation: string,
): { readonly measure: string; readonly says: string }[] {
  const kind = delayKind(state, observation);
  return [
    { measure: 'EmissionCount', says: 'Number of' },
    ...(kind === 'lognormal'
      ? [
          { measure: 'LogDelayTime', says: 'Sum of the logarithms of the delays of' },
          { measure: 'SquaredLogDelayTime', says: 'Sum of the squared logarithms of the delays of' },
        ]
      : []),
    ...(kind === 'exponential' ? [{ measure: 'DelayTime', says: 'Sum of the delays of' }] : []),
  ];
}

/** What a noise file's labels say of the model's counters; counters whose label it does not have are left out. */
export function expandLabels<Value>(
  model: TrafficModel,
  labels: ReadonlyMap<string, Value>,
): { readonly counters: ReadonlyMap<string, Value>; readonly faults: string[]; readonly warnings: string[] } {
  const counters = modelCounters(model);
  const known = new Set(counters.map(({ label }) => label));
  const unknown = [...labels.keys()].filter((label) => !known.has(label));
  return {
    counters: new Map(
      counters.flatMap(({ name, label }): [string, Value][] => {
        const value = labels.get(label);
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    faults: unknown
      .filter((label) => label !== LABEL_WITHOUT_COUNTER)
      .map((label) => `label ${label} is none of this model's`),
    warnings: unknown
      .filter((label) => label === LABEL_WITHOUT_COUNTER)
      .map((label) => `label ${label} has no counter, and is left out`),
  };
}

function staticCounters(kind: SubModelKind): ModelCounter[] {
  const path = { measure: PATH_COUNTS[kind], says: `Number of paths of ${PATHS[kind]} through` };
  const steps = `steps of ${STEPS[kind]} along`;
  const measures = [
    path,
    { measure: 'EmissionCount', says: `Number of ${steps}` },
    { measure: 'TransitionCount', says: `Number of ${steps} from one state to the next of` },
    { measure: 'DelayTime', says: `Sum of the delays, where they are exponential, of ${steps}` },
    {
      measure: 'LogDelayTime',
      says: `Sum of the logarithms of delays, where they are lognormal, of ${steps}`,
    },
    {
      measure: 'SquaredLogDelayTime',
      says: `Sum of the squared logarithms of delays, where they are lognormal, of ${steps}`,
    },
  ];
  return measures.map(({ measure, says }) => toCounter(kind, { measure, label: measure, says }));
}

type ModelMeasure = { readonly measure: string; readonly label: string; readonly says: string };

function toCounter(kind: SubModelKind, { measure, label, says }: ModelMeasure): ModelCounter {
  const prefix = MODEL_PREFIXES[kind];
  const family = { family: `traffic model of ${kind}`, events: [EVENTS[kind]] };
  const subject = { text: prefix, says: `the traffic model of ${kind}` };
  return { ...entry(family, unitOf(measure), subject, { text: measure, says }), label: prefix + label };
}

function unitOf(measure: string): string {
  if (measure.startsWith('DelayTime')) return 'microseconds';
  if (measure.startsWith('LogDelayTime')) return 'ln(microseconds)';
  if (measure.startsWith('SquaredLogDelayTime')) return 'ln(microseconds) squared';
  return measure === PATH_COUNTS.packets ? 'streams' : measure === PATH_COUNTS.streams ? 'circuits' : 'steps';
}
