/** Small traffic models of tests. */
import { readTrafficModel } from '../../../src/collection/traffic/model-file.js';
import { type TrafficModel } from '../../../src/collection/traffic/traffic-model.js';

export const STREAMS = {
  state_space: ['sActive', 'sDwell', 'sPlain', 'sEnd'],
  observation_space: ['$', 'F'],
  start_probability: { sActive: 0.5, sDwell: 0.5, sPlain: 0 },
  transition_probability: {
    sActive: { sDwell: 0.5, sEnd: 0.5 },
    sDwell: { sActive: 1, sPlain: 0 },
    sEnd: {},
  },
  emission_probability: {
    sActive: { $: [1, 0, 0, 1e-5] },
    sDwell: { $: [0.75, 12, 2, 0], F: [0.25] },
    sPlain: { $: [1, 0, 0, 0] },
    sEnd: { F: [1] },
  },
};
export const PACKETS = {
  state_space: ['a', 'b'],
  observation_space: ['+', '-', 'F'],
  start_probability: { a: 1 },
  transition_probability: { a: { a: 0.5, b: 0.5 }, b: { a: 1 } },
  emission_probability: { a: { '+': [0.5, 1, 1, 0], '-': [0.5, 1, 1, 0] }, b: { F: [1] } },
};
export const BOTH = { packet_model: PACKETS, stream_model: STREAMS };

/** The model of a value that is one. */
export const modelOf = (value: unknown): TrafficModel => readTrafficModel(JSON.stringify(value)).model!;
