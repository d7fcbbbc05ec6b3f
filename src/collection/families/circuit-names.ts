/**
 * Names of the circuit families (spec/counters.md, 2.2): cells and life of the circuits that a relay sees, by its place on
 * them, by what they end at, by activity and by success. How they are counted stands in circuits.ts.
 */
import { ONE } from '../adder.js';
import { type CatalogueEntry, entriesOf, histogram, type Measure, total } from '../catalogue/entry.js';
import { optional, sequence, type Term, word } from '../catalogue/grammar.js';

export const CIRCUIT_AMOUNTS = { inbound: 1, outbound: 2 } as const;
/** With `ONE`. */
export const CIRCUIT_AMOUNT_COUNT = 3;
export const CIRCUIT_VALUES = { inbound: 0, outbound: 1, ratio: 2, lifeTime: 3, reasonList: 4 } as const;
export const CIRCUIT_VALUE_COUNT = 5;

const BASE_MEASURES: readonly Measure[] = [
  total('Count', ONE, 'circuits', 'Number of'),
  total('InboundCellCount', CIRCUIT_AMOUNTS.inbound, 'cells', 'Cells on the side of the previous node, over'),
  total('OutboundCellCount', CIRCUIT_AMOUNTS.outbound, 'cells', 'Cells on the side of the next node, over'),
  histogram(
    'InboundCellHistogram',
    CIRCUIT_VALUES.inbound,
    'cells',
    'Cells on the side of the previous node per circuit',
  ),
  histogram(
    'OutboundCellHistogram',
    CIRCUIT_VALUES.outbound,
    'cells',
    'Cells on the side of the next node per circuit',
  ),
  histogram('LifeTime', CIRCUIT_VALUES.lifeTime, 'seconds', 'Seconds from creation to close per circuit'),
];
const CELL_RATIO = histogram(
  'CellRatio',
  CIRCUIT_VALUES.ratio,
  'log2(outbound/inbound cells)',
  'Ratio of outbound to inbound cells per circuit',
);
const REASONS: Measure = {
  suffix: 'ReasonCountList',
  adds: ONE,
  at: CIRCUIT_VALUES.reasonList,
  unit: 'number of the match list',
  says: 'By match list of the failure: number of',
};

const EVENTS = ['PRIVCOUNT_CIRCUIT_CLOSE'] as const;
const ALWAYS_ACTIVE = word('');
const CLOSED = 'closed circuits';
const ACTIVITY: Term = [word('Active', 'of 8 cells or more'), word('Inactive', 'of less than 8 cells')];
const STATUS: Term = [word('Success', 'that did not fail'), word('Failure', 'that failed')];
const ROLES: Term = [
  word('Client', 'of a client of an onion service'),
  word('Service', 'of an onion service'),
  word('Tor2WebClient', 'of a single-hop client of an onion service'),
  word('MultiHopClient', 'of a client of an onion service, over several hops'),
  word('SingleOnionService', 'of a single-hop onion service'),
  word('MultiHopService', 'of an onion service, over several hops'),
];
const VERSIONS: Term = [word('2', 'version 2'), word('3', 'version 3')];
const UNKNOWN_VERSION = word('U', 'version not yet known');

/** Parts whose circuits may be inactive. */
const PART_A: Term = [
  word('Origin', CLOSED, 'that begin here'),
  word('Entry', CLOSED, 'whose first relay this is'),
  word('Mid', CLOSED, 'with relays on both sides'),
  word('End', CLOSED, 'whose last relay this is'),
  word('SingleHop', CLOSED, 'whose only relay this is'),
  ...sequence(
    [word('Intro', CLOSED, 'to an introduction point'), word('Rend', CLOSED, 'to a rendezvous point')],
    optional([UNKNOWN_VERSION, ...VERSIONS]),
    optional(ROLES),
  ),
];
/** Parts whose circuits are active by definition, whatever their cells. */
const PART_B: Term = [
  word('Exit', CLOSED, 'to an exit'),
  word('Dir', CLOSED, 'to a directory'),
  ...sequence([word('HSDir', CLOSED, 'to an onion-service directory')], optional(VERSIONS), optional(ROLES)),
];

/** The measures of a circuit: not all have a ratio, as an inactive one may have no cells, nor a reason of failure. */
export function circuitMeasures(circuit: {
  readonly isActive: boolean;
  readonly isFailure: boolean;
}): Measure[] {
  return [
    ...BASE_MEASURES,
    ...(circuit.isActive ? [CELL_RATIO] : []),
    ...(circuit.isFailure ? [REASONS] : []),
  ];
}

function circuitEntries(family: string, parts: Term, activities: Term): CatalogueEntry[] {
  return activities.flatMap((activity) =>
    optional(STATUS).flatMap((status) =>
      entriesOf(
        { family, events: EVENTS },
        sequence(parts, [activity], [status], [word('Circuit')]),
        circuitMeasures({
          isActive: activity === ALWAYS_ACTIVE || activity.text === 'Active',
          isFailure: status.text === 'Failure',
        }),
      ),
    ),
  );
}

export const CIRCUIT_ENTRIES: readonly CatalogueEntry[] = [
  ...circuitEntries('circuits by activity', PART_A, optional(ACTIVITY)),
  ...circuitEntries('circuits that are always active', PART_B, [ALWAYS_ACTIVE]),
  ...entriesOf(
    { family: 'exit and rendezvous circuits', events: EVENTS },
    sequence(
      [word('ExitAndRend2')],
      [
        word('Client', 'closed exit circuits and version 2 rendezvous circuits of clients'),
        word('Service', 'closed exit circuits and version 2 rendezvous circuits of services'),
      ],
    ),
    [total('CircuitCount', ONE, 'circuits', 'Number of')],
  ),
];
