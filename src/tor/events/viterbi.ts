/** `PRIVCOUNT_VITERBI_PACKETS` and `_STREAMS` (spec/counters.md, 1.11): a path through a traffic model. */
import { eventTable } from './event-parser.js';
import { float, required, text } from './fields.js';

export const VITERBI_PACKETS = eventTable('PRIVCOUNT_VITERBI_PACKETS', 'tagged', {
  EventTimestamp: required(float({ min: 0 })),
  ViterbiPathPackets: required(text({ min: 1 })),
});

export const VITERBI_STREAMS = eventTable('PRIVCOUNT_VITERBI_STREAMS', 'tagged', {
  EventTimestamp: required(float({ min: 0 })),
  ViterbiPathStreams: required(text({ min: 1 })),
});
