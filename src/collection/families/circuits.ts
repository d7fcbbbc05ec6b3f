/**
 * Counting of the circuit families (spec/counters.md, 3.3). Hot path: an event touches a few parts of names, and each part
 * has four programs, by activity and failure.
 */
import { CIRCUIT_CLOSE } from '../../tor/events/circuit-close.js';
import { type EventRecord } from '../../tor/events/event-record.js';
import { Adder, type AdderTarget, NO_VALUE, ONE, type Program } from '../adder.js';
import { additionsOf } from '../catalogue/entry.js';
import { listOfName, type NameLists, NO_LIST } from '../lists/name-lists.js';
import { flowRatio } from '../ratio.js';
import {
  CIRCUIT_AMOUNT_COUNT,
  CIRCUIT_AMOUNTS,
  CIRCUIT_VALUE_COUNT,
  CIRCUIT_VALUES,
  circuitMeasures,
} from './circuit-names.js';

const { at } = CIRCUIT_CLOSE;

/** Parts that a flag of the event, or two together, stand for. */
const PLACES = ['Origin', 'Entry', 'Mid', 'End', 'SingleHop', 'Exit', 'Dir'] as const;
const [ORIGIN, ENTRY, MID, END, SINGLE_HOP, EXIT, DIR] = PLACES.map((_, place) => place);
/** Ends that have versions and roles; a circuit has the first that is flagged. */
const ONION_ENDS = ['HSDir', 'Intro', 'Rend'] as const;
const VERSIONS = ['U', '2', '3'] as const;
const ROLES = ['', 'Client', 'Service'] as const;
/** Programs of one part: [inactive, inactive and failed, active, active and failed]. */
const STATES = 4;

/** An onion circuit's kind: its end, version, role and whether it has a single hop, as one number. */
const ONION_KINDS = ONION_ENDS.length * VERSIONS.length * ROLES.length * 2;

/** What is true of the whole circuit and needed by several families. */
export type CircuitFacts = {
  /** The fields that state the most inbound and outbound cells. */
  inboundField: number;
  outboundField: number;
  isBusy: boolean;
  isExit: boolean;
};

export class Circuits {
  readonly #adder: Adder;
  readonly #failures: NameLists | undefined;
  readonly #byPlace: readonly Program[];
  readonly #byOnionKind: readonly Program[];
  readonly #exitAndRend: Program;
  readonly #rend2ByRole: readonly Program[];

  /** Undefined if the plan has no counter of these families. */
  static compile(target: AdderTarget, failures: NameLists | undefined): Circuits | undefined {
    const circuits = new Circuits(target, failures);
    return circuits.#isNeeded() ? circuits : undefined;
  }

  private constructor(target: AdderTarget, failures: NameLists | undefined) {
    const adder = new Adder(target, { amounts: CIRCUIT_AMOUNT_COUNT, values: CIRCUIT_VALUE_COUNT });
    this.#adder = adder;
    this.#failures = failures;
    this.#byPlace = PLACES.flatMap((place) => compileStates(adder, [place]));
    this.#byOnionKind = Array.from({ length: ONION_KINDS }, (_, kind) =>
      compileStates(adder, onionParts(kind)),
    ).flat();
    const combined = (...roles: readonly string[]): Program =>
      adder.compile(
        roles.map((role) => ({ name: `ExitAndRend2${role}CircuitCount`, adds: ONE, at: NO_VALUE })),
      );
    this.#exitAndRend = combined('Client', 'Service');
    this.#rend2ByRole = [adder.compile([]), combined('Client'), combined('Service')];
  }

  count(record: EventRecord, facts: CircuitFacts): void {
    const { numbers } = record;
    const onionEnd = onionEndOf(record);
    const version = record.present[at.HiddenServiceVersionNumber] === 1 ? versionOf(record) : 0;
    const isActive = isActiveCircuit(record, facts, version);
    const isFailure = record.present[at.FailureReasonString] === 1;
    const state = (isActive ? 2 : 0) + (isFailure ? 1 : 0);
    this.#setMeasures(record, facts, isActive, isFailure);

    const isEntry = numbers[at.IsEntryFlag] === 1;
    const isEnd = numbers[at.IsEndFlag] === 1;
    if (numbers[at.IsOriginFlag] === 1) this.#runPlace(ORIGIN!, state);
    if (isEntry) this.#runPlace(ENTRY!, state);
    if (numbers[at.IsMidFlag] === 1) this.#runPlace(MID!, state);
    if (isEnd) this.#runPlace(END!, state);
    if (isEntry && isEnd) this.#runPlace(SINGLE_HOP!, state);
    if (facts.isExit) {
      this.#runPlace(EXIT!, state);
      this.#adder.run(this.#exitAndRend);
    }
    if (numbers[at.IsDirFlag] === 1) this.#runPlace(DIR!, state);
    const role = roleOf(record);
    if (onionEnd >= 0) {
      const kind =
        ((onionEnd * VERSIONS.length + version) * ROLES.length + role) * 2 + (isEntry && isEnd ? 1 : 0);
      this.#adder.run(this.#byOnionKind[kind * STATES + state]!);
    }
    if (numbers[at.IsRendFlag] === 1 && VERSIONS[version] === '2') this.#adder.run(this.#rend2ByRole[role]!);
  }

  wipe(): void {
    this.#adder.wipe();
  }

  #isNeeded(): boolean {
    const programs = [...this.#byPlace, ...this.#byOnionKind, ...this.#rend2ByRole, this.#exitAndRend];
    return programs.some((program) => program.length > 0);
  }

  #runPlace(place: number, state: number): void {
    this.#adder.run(this.#byPlace[place * STATES + state]!);
  }

  #setMeasures(record: EventRecord, facts: CircuitFacts, isActive: boolean, isFailure: boolean): void {
    const { low, high, numbers } = record;
    const { inboundField, outboundField } = facts;
    const adder = this.#adder;
    adder.setAmount(CIRCUIT_AMOUNTS.inbound, low[inboundField]!, high[inboundField]!);
    adder.setAmount(CIRCUIT_AMOUNTS.outbound, low[outboundField]!, high[outboundField]!);
    adder.place(CIRCUIT_VALUES.inbound, numbers[inboundField]!);
    adder.place(CIRCUIT_VALUES.outbound, numbers[outboundField]!);
    if (isActive && adder.needs(CIRCUIT_VALUES.ratio)) {
      adder.place(CIRCUIT_VALUES.ratio, flowRatio(numbers[inboundField]!, numbers[outboundField]!));
    }
    adder.place(CIRCUIT_VALUES.lifeTime, numbers[at.EventTimestamp]! - numbers[at.CreatedTimestamp]!);
    if (isFailure && adder.needs(CIRCUIT_VALUES.reasonList)) {
      const reason = at.FailureReasonString;
      const list =
        this.#failures === undefined
          ? NO_LIST
          : listOfName(this.#failures, record.bytes, record.starts[reason]!, record.ends[reason]!);
      adder.place(CIRCUIT_VALUES.reasonList, list);
    }
  }
}

/** The end overrides what the cells say, also in the names of the other parts (quirk Q8). */
function isActiveCircuit({ numbers }: EventRecord, facts: CircuitFacts, version: number): boolean {
  const isIntroOrRend = numbers[at.IsIntroFlag] === 1 || numbers[at.IsRendFlag] === 1;
  if (isIntroOrRend && version === 0) return false;
  return facts.isBusy || facts.isExit || numbers[at.IsDirFlag] === 1 || numbers[at.IsHSDirFlag] === 1;
}

function onionEndOf({ numbers }: EventRecord): number {
  if (numbers[at.IsHSDirFlag] === 1) return 0;
  if (numbers[at.IsIntroFlag] === 1) return 1;
  return numbers[at.IsRendFlag] === 1 ? 2 : -1;
}

function versionOf({ numbers }: EventRecord): number {
  return numbers[at.HiddenServiceVersionNumber]! - 1;
}

function roleOf({ numbers, present }: EventRecord): number {
  if (present[at.IsHSClientSideFlag] === 0) return 0;
  return numbers[at.IsHSClientSideFlag] === 1 ? 1 : 2;
}

/** The parts that an onion circuit of this kind touches. */
function onionParts(kind: number): string[] {
  const isSingleHop = kind % 2 === 1;
  const role = ROLES[Math.floor(kind / 2) % ROLES.length]!;
  const version = VERSIONS[Math.floor(kind / (2 * ROLES.length)) % VERSIONS.length]!;
  const end = ONION_ENDS[Math.floor(kind / (2 * ROLES.length * VERSIONS.length))]!;
  const hop = isSingleHop ? { '': '', Client: 'Tor2Web', Service: 'SingleOnion' }[role] : 'MultiHop';
  const roles = role === '' ? [''] : ['', role, hop + role];
  return roles.flatMap((withRole) => [end + withRole, end + version + withRole]);
}

/** The programs of the states of circuits that touch these parts. */
function compileStates(adder: Adder, parts: readonly string[]): Program[] {
  return Array.from({ length: STATES }, (_, state) => {
    const isActive = state >= 2;
    const isFailure = state % 2 === 1;
    const activity = isActive ? 'Active' : 'Inactive';
    const status = isFailure ? 'Failure' : 'Success';
    // Names that the grammar does not have, such as HSDirActive, are in no plan and so left out.
    const subjects = parts.flatMap((part) => [
      part,
      part + status,
      part + activity,
      part + activity + status,
    ]);
    const names = subjects.map((subject) => `${subject}Circuit`);
    return adder.compile(additionsOf(names, circuitMeasures({ isActive, isFailure })));
  });
}
