/** `PRIVCOUNT_CONNECTION_CLOSE` (spec/counters.md, 1.9). */
import { eventTable } from './event-parser.js';
import { address, flag, float, integer, required, text } from './fields.js';

const COUNT = { min: 0 };

export const CONNECTION_CLOSE = eventTable('PRIVCOUNT_CONNECTION_CLOSE', 'tagged', {
  EventTimestamp: required(float({ min: 0 })),
  CreatedTimestamp: required(float({ min: 0 })),
  ChannelId: required(integer({ min: 0 })),
  RemoteIsClientFlag: required(flag()),
  RemoteIPAddress: required(address()),
  /** Connections of that address which overlapped in time. */
  RemoteIPAddressConnectionCount: required(integer({ min: 0, max: 131_072 })),
  /** Relays at that address; the original also warns above 6. */
  PeerIPAddressConsensusRelayCount: required(integer({ min: 0, max: 100 })),
  PeerIPAddress: address(),
  InboundByteCount: integer(COUNT),
  OutboundByteCount: integer(COUNT),
  InboundCircuitCount: integer(COUNT),
  OutboundCircuitCount: integer(COUNT),
  RemoteCountryCode: text({ min: 2, max: 2 }),
});
