/** Each metric of a relay's page that is counted, with its labels (spec/tor-metrics.md, "MetricsPort"), as tor 0.4.9 has them. */
import { word } from '../catalogue/grammar.js';
import { ADVICE } from './metrics-advice.js';
import { LOAD_SUBJECTS } from './metrics-load.js';
import { ONION_SERVICE_SUBJECTS } from './metrics-onion-services.js';
import { BYTES_OF, label, numberOf, subject, type MetricsSubject } from './metrics-subject.js';

/** The relay's operator's own, and those of whoever reads the page. */
const OWN_TYPES: ReadonlySet<string> = new Set(['Metrics', 'Control', 'Socks']);

function isOfUsers(labels: ReadonlyMap<string, string>): boolean {
  const type = labels.get('type') ?? '';
  return labels.get('state') === 'created' && !OWN_TYPES.has(type) && !type.endsWith(' listener');
}

const CONNECTIONS = subject(
  'tor_relay_connections_total',
  word('MetricsConnection', 'connections of this relay, without listeners and those of its operator'),
  {
    measure: numberOf('connections'),
    places: [
      label('type', {
        OR: ['OR', 'with clients and relays'],
        'Extended OR': ['ExtendedOR', 'with clients by a pluggable transport'],
        Exit: ['Exit', 'with servers outside of Tor'],
        Directory: ['Directory', 'for directory documents'],
      }),
      label('direction', {
        initiated: ['Initiated', 'begun by this relay'],
        received: ['Received', 'begun by the other side'],
      }),
      label('family', { ipv4: ['IPv4', 'over IPv4'], ipv6: ['IPv6', 'over IPv6'] }),
    ],
    isCounted: isOfUsers,
    advice: {
      '': ADVICE.connections,
      Initiated: ADVICE.initiatedConnections,
      Received: ADVICE.receivedConnections,
      OR: ADVICE.orConnections,
      ORInitiated: ADVICE.initiatedOrConnections,
      ORReceived: ADVICE.receivedOrConnections,
      ExtendedOR: ADVICE.bridgeConnections,
      Exit: ADVICE.streamConnections,
      Directory: ADVICE.streamConnections,
    },
  },
);

export const METRICS_SUBJECTS: readonly MetricsSubject[] = [
  subject('tor_relay_streams_total', word('MetricsStream', 'streams that clients asked this relay for'), {
    measure: numberOf('streams'),
    places: [
      label('type', {
        BEGIN: ['Begin', 'to servers and onion services'],
        BEGIN_DIR: ['BeginDir', 'to its directory'],
        RESOLVE: ['Resolve', 'to look up a name'],
      }),
    ],
    advice: { '': ADVICE.streams },
  }),
  CONNECTIONS,
  subject(
    'tor_relay_traffic_bytes',
    word('MetricsTraffic', 'that this relay moved, those of its metrics page included'),
    {
      measure: BYTES_OF,
      places: [label('direction', { read: ['Read', 'read'], written: ['Written', 'written'] })],
      advice: { '': ADVICE.traffic, Read: ADVICE.trafficOneWay, Written: ADVICE.trafficOneWay },
    },
  ),
  subject('tor_relay_exit_dns_query_total', word('MetricsExitDNSQuery', 'names that this exit looked up'), {
    measure: numberOf('queries'),
    advice: { '': ADVICE.queries },
  }),
  subject(
    'tor_relay_exit_dns_error_total',
    word('MetricsExitDNSResult', 'results of names that this exit looked up'),
    {
      measure: numberOf('results'),
      places: [
        label('reason', {
          success: ['Success', 'an answer'],
          format: ['Format', 'a query that the server could not read'],
          serverfailed: ['ServerFailed', 'a failure of the server'],
          notexist: ['NotExist', 'no such name'],
          notimpl: ['NotImplemented', 'a query that the server does not know'],
          refused: ['Refused', 'refused by the server'],
          truncated: ['Truncated', 'an answer cut short'],
          unknown: ['Unknown', 'an unknown error'],
          tor_timeout: ['Timeout', 'no answer in time'],
          shutdown: ['Shutdown', 'given up as the relay stopped'],
          cancel: ['Cancelled', 'given up'],
          nodata: ['NoData', 'a name without such an address'],
        }),
      ],
      advice: { '': ADVICE.queries },
    },
  ),
  ...ONION_SERVICE_SUBJECTS,
  subject(
    'tor_relay_destroy_cell_total',
    word('MetricsDestroyCell', 'DESTROY cells that this relay received'),
    {
      measure: numberOf('cells'),
      advice: { '': ADVICE.handshakes },
    },
  ),
  subject(
    'tor_relay_drop_cell_total',
    word('MetricsDropCell', 'DROP cells, which are padding, that this relay received'),
    {
      measure: numberOf('cells'),
      advice: { '': ADVICE.dropCells },
    },
  ),
  subject(
    'tor_relay_circ_proto_violation_total',
    word('MetricsCircuitProtocolViolation', 'circuits that broke the protocol at this relay'),
    { measure: numberOf('violations'), advice: { '': ADVICE.violations } },
  ),
  ...LOAD_SUBJECTS,
];
