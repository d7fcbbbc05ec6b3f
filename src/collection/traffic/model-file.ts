/** The file of a traffic model: JSON, as PrivCount has it (spec/counters.md, 6.1). */
import { z } from 'zod';
import { type ListFindings } from '../lists/list-file.js';
import { checkSubModel } from './check-model.js';
import { type SubModel, type TrafficModel } from './traffic-model.js';

/** Tor keeps names in buffers of so many bytes. */
const STATE_BYTES_MAX = 63;
const OBSERVATION_BYTES_MAX = 7;
/** 1,000 states with all transitions would make a million counters: more than any round can have. */
const STATES_MAX = 1000;
const OBSERVATIONS_MAX = 100;

/** Printable ASCII without what has a meaning in an event line or in JSON. */
const NAME = /^[!#-+\-./0-:<>-[\]-~]+$/;
const WRONG_NAME =
  'a name is printable ASCII without space, comma, semicolon, equals sign, quote and backslash';

const name = (bytesMax: number) => z.string().regex(NAME, WRONG_NAME).max(bytesMax);
const state = name(STATE_BYTES_MAX);
const observation = name(OBSERVATION_BYTES_MAX);
const probability = z.number().min(0).max(1);
const subModel = z.strictObject({
  state_space: z.array(state).min(1).max(STATES_MAX),
  observation_space: z.array(observation).min(1).max(OBSERVATIONS_MAX),
  start_probability: z.record(state, probability),
  transition_probability: z.record(state, z.record(state, probability)),
  emission_probability: z.record(state, z.record(observation, z.array(z.number()).min(1))),
});
const modelFile = z.strictObject({
  packet_model: subModel.optional(),
  stream_model: subModel.optional(),
});

type SubModelFile = z.output<typeof subModel>;

export type ReadModel = { readonly model: TrafficModel | undefined } & ListFindings;

/** The model, undefined if there are faults. */
export function readTrafficModel(text: string): ReadModel {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refused(['the file is not JSON']);
  }
  const read = modelFile.safeParse(json);
  if (!read.success) {
    return refused(
      read.error.issues.map(({ path, message }) => `${path.join('.') || 'the model'}: ${message}`),
    );
  }
  const { packet_model: packets, stream_model: streams } = read.data;
  if (packets === undefined && streams === undefined) {
    return refused(['the model has neither a packet_model nor a stream_model']);
  }
  const model = { packets: packets && fromFile(packets), streams: streams && fromFile(streams) };
  const found = [
    ...(model.packets === undefined ? [] : [checkSubModel(model.packets, 'packets')]),
    ...(model.streams === undefined ? [] : [checkSubModel(model.streams, 'streams')]),
  ];
  const faults = found.flatMap((findings) => findings.faults);
  const warnings = found.flatMap((findings) => findings.warnings);
  return { model: faults.length === 0 ? model : undefined, faults, warnings };
}

/** The model in one line: the form in which it travels, of which its digest is taken, and which relays are given. */
export function toModelText({ packets, streams }: TrafficModel): string {
  return JSON.stringify({
    ...(packets === undefined ? {} : { packet_model: toFile(packets) }),
    ...(streams === undefined ? {} : { stream_model: toFile(streams) }),
  });
}

function refused(faults: string[]): ReadModel {
  return { model: undefined, faults, warnings: [] };
}

function fromFile(file: SubModelFile): SubModel {
  return {
    states: file.state_space,
    observations: file.observation_space,
    start: toMap(file.start_probability),
    transitions: new Map([...toMap(file.transition_probability)].map(([key, row]) => [key, toMap(row)])),
    emissions: new Map([...toMap(file.emission_probability)].map(([key, row]) => [key, toMap(row)])),
  };
}

function toMap<Value>(record: Readonly<Record<string, Value>>): Map<string, Value> {
  return new Map(Object.entries(record));
}

function toFile({ states, observations, start, transitions, emissions }: SubModel): unknown {
  const toRecord = (rows: ReadonlyMap<string, ReadonlyMap<string, unknown>>): unknown =>
    Object.fromEntries([...rows].map(([row, columns]) => [row, Object.fromEntries(columns)]));
  return {
    state_space: states,
    observation_space: observations,
    start_probability: Object.fromEntries(start),
    transition_probability: toRecord(transitions),
    emission_probability: toRecord(emissions),
  };
}
