/** `PRIVCOUNT_CIRCUIT_CLOSE` (spec/counters.md, 1.7 and 1.8). */
import { COMMON_CIRCUIT_FIELDS, commonCircuitFields } from './circuit-fields.js';
import { eventTable } from './event-parser.js';
import { address, flag, float, integer, list, required, text } from './fields.js';

const SHORT_TEXT = { min: 1, max: 50 };
/** 20 bytes in hex. */
const FINGERPRINT = { min: 40, max: 40 };
const RELAY_FLAGS = { min: 1, max: 20 };
const COUNT = { min: 0 };

export const CIRCUIT_CLOSE = eventTable('PRIVCOUNT_CIRCUIT_CLOSE', 'tagged', {
  EventTimestamp: required(float({ min: 0 })),
  CreatedTimestamp: required(float({ min: 0 })),
  /** 1 if the circuit is one that PrivCount 1's event reported; only those count streams and clients. */
  IsLegacyCircuitEndEventFlag: required(flag()),
  ...COMMON_CIRCUIT_FIELDS,
  StateString: required(text(SHORT_TEXT)),
  PurposeCode: required(integer({ min: 1, max: 20 })),
  PurposeString: text(SHORT_TEXT),
  HSStateString: text(SHORT_TEXT),
  PreviousNodeIPAddress: address(),
  PreviousNodeFingerprint: text(FINGERPRINT),
  PreviousNodeRelayFlagList: list(RELAY_FLAGS),
  NextNodeIPAddress: address(),
  NextNodeFingerprint: text(FINGERPRINT),
  NextNodeRelayFlagList: list(RELAY_FLAGS),
  ...commonCircuitFields('IntroClientSink'),
  ...commonCircuitFields('RendSplice'),
  InboundSentCellCount: integer(COUNT),
  InboundReceivedCellCount: integer(COUNT),
  OutboundSentCellCount: integer(COUNT),
  OutboundReceivedCellCount: integer(COUNT),
  InboundExitCellCount: integer(COUNT),
  OutboundExitCellCount: integer(COUNT),
  InboundExitByteCount: integer(COUNT),
  OutboundExitByteCount: integer(COUNT),
  InboundDirByteCount: integer(COUNT),
  OutboundDirByteCount: integer(COUNT),
});
