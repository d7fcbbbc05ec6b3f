/**
 * The counters of a traffic model (spec/counters.md, 2.2 and 6.2): a dozen that are always in the catalogue, and one for
 * each state, emission and transition of the model. A noise file says what it says of many at once, by labels such as
 * `ExitStreamTrafficModelEmissionCount_<STATE>_<OBS>`.
 */
import { type EventName } from '../../tor/events/event-names.js';
import { type CatalogueEntry } from '../catalogue/entry.js';
import { delayKind, pairsOf, type SubModelKind, type TrafficModel } from './traffic-model.js';

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
    if (subModel === undefined) return [];
    const counters = staticCounters(kind);
    const add = (measure: string, names: readonly string[], label: string, meaning: string): void => {
      const stem = `${MODEL_PREFIXES[kind]}${measure}`;
      counters.push(toCounter(kind, `${stem}_${names.join('_')}`, `${stem}_${label}`, meaning));
    };
    for (const { row: state, column: observation } of pairsOf(subModel.emissions)) {
      const pair = [state, observation];
      const step = `steps in state ${state} with observation ${observation}`;
      add('EmissionCount', pair, '<STATE>_<OBS>', `Number of ${step}`);
      const delays = delayKind(state, observation);
      if (delays === 'lognormal') {
        add('LogDelayTime', pair, '<STATE>_<OBS>', `Sum of the logarithms of the delays of ${step}`);
        add(
          'SquaredLogDelayTime',
          pair,
          '<STATE>_<OBS>',
          `Sum of the squared logarithms of the delays of ${step}`,
        );
      }
      if (delays === 'exponential') add('DelayTime', pair, '<STATE>_<OBS>', `Sum of the delays of ${step}`);
    }
    for (const { row: from, column: to, value } of pairsOf(subModel.transitions)) {
      if (value > 0)
        add(
          'TransitionCount',
          [from, to],
          '<SRCSTATE>_<DSTSTATE>',
          `Number of steps from state ${from} to state ${to}`,
        );
    }
    for (const [state, probability] of subModel.start) {
      if (probability > 0)
        add(
          'TransitionCount',
          ['START', state],
          'START_<STATE>',
          `Number of paths that begin in state ${state}`,
        );
    }
    return counters;
  });
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
  const prefix = MODEL_PREFIXES[kind];
  const steps = `steps of ${STEPS[kind]} of ${PATHS[kind]}`;
  const counter = (measure: string, meaning: string): ModelCounter =>
    toCounter(kind, prefix + measure, prefix + measure, meaning);
  return [
    counter(PATH_COUNTS[kind], `Number of ${PATHS[kind]}, their paths through the traffic model being known`),
    counter('EmissionCount', `Number of ${steps}`),
    counter('TransitionCount', `Number of ${steps} from one state of the traffic model to the next`),
    counter('DelayTime', `Sum of the delays of ${steps} whose delays are exponential`),
    counter('LogDelayTime', `Sum of the logarithms of the delays of ${steps} whose delays are lognormal`),
    counter(
      'SquaredLogDelayTime',
      `Sum of the squared logarithms of the delays of ${steps} whose delays are lognormal`,
    ),
  ];
}

function toCounter(kind: SubModelKind, name: string, label: string, meaning: string): ModelCounter {
  const measure = name.slice(MODEL_PREFIXES[kind].length);
  return {
    name,
    label,
    family: `traffic model of ${kind}`,
    events: [EVENTS[kind]],
    unit: unitOf(measure),
    meaning: `${meaning}.`,
  };
}

function unitOf(measure: string): string {
  if (measure.startsWith('DelayTime')) return 'microseconds';
  if (measure.startsWith('LogDelayTime')) return 'ln(microseconds)';
  if (measure.startsWith('SquaredLogDelayTime')) return 'ln(microseconds) squared';
  return measure === PATH_COUNTS.packets ? 'streams' : measure === PATH_COUNTS.streams ? 'circuits' : 'steps';
}
