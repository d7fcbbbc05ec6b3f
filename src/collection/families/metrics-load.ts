/** Metrics of a relay's load, and of what it does against it (families/metrics-names.ts). */
import { word } from '../catalogue/grammar.js';
import { ADVICE } from './metrics-advice.js';
import { BYTES_OF, label, numberOf, subject, toWords, type MetricsSubject } from './metrics-subject.js';

const ONIONSKINS = subject(
  'tor_relay_load_onionskins_total',
  word('MetricsOnionskin', 'handshakes for new circuits at this relay'),
  {
    measure: numberOf('handshakes'),
    places: [
      label('type', {
        tap: ['TAP', 'of the kind TAP'],
        fast: ['Fast', 'of the kind CREATE_FAST'],
        ntor: ['NTor', 'of the kind ntor'],
        ntor_v3: ['NTorV3', 'of the kind ntor v3'],
      }),
      label('action', {
        processed: ['Processed', 'answered'],
        dropped: ['Dropped', 'dropped because of too much load'],
      }),
    ],
    advice: { '': ADVICE.handshakes },
  },
);

const DEFENCES = subject(
  'tor_relay_dos_total',
  word('MetricsDoS', 'measures that this relay took against denial of service'),
  {
    measure: numberOf('measures'),
    places: [
      label('type', {
        circuit_rejected: ['CircuitRejected', 'circuits refused'],
        circuit_killed_max_cell: ['CircuitKilledMaxCell', 'circuits ended for too many cells'],
        circuit_killed_max_cell_outq: [
          'CircuitKilledMaxCellOutq',
          'circuits ended for too many waiting cells',
        ],
        marked_address: ['MarkedAddress', 'addresses marked for too many circuits'],
        marked_address_maxq: ['MarkedAddressMaxq', 'addresses marked for too many waiting cells'],
        conn_rejected: ['ConnectionRejected', 'connections refused'],
        concurrent_conn_rejected: [
          'ConcurrentConnectionRejected',
          'connections refused as too many at a time',
        ],
        single_hop_refused: ['SingleHopRefused', 'clients one hop away refused'],
        introduce2_rejected: ['Introduce2Rejected', 'introductions refused'],
        stream_rejected: ['StreamRejected', 'streams refused'],
      }),
    ],
    advice: {
      '': ADVICE.defences,
      Circuit: ADVICE.refusedCircuits,
      MarkedAddress: ADVICE.refusedConnections,
      Connection: ADVICE.refusedConnections,
      ConcurrentConnection: ADVICE.refusedConnections,
      SingleHop: ADVICE.refusedCircuits,
      Introduce2: ADVICE.circuits,
      Stream: ADVICE.refusedStreams,
    },
  },
);

/** What these count has nothing in common: none of them is for all together. */
const CONGESTION = subject(
  'tor_relay_congestion_control_total',
  word('MetricsCongestionControl', 'effects of congestion control at this relay'),
  {
    measure: numberOf('effects'),
    places: [
      {
        labels: ['state', 'action'],
        words: toWords({
          'starvation rtt_reset': ['RTTReset', 'round-trip times forgotten after starvation'],
          'clock_stalls rtt_skipped': ['RTTSkipped', 'round-trip times passed over as the clock stood'],
          'flow_control xoff_num_sent': ['XOFFSent', 'streams told to stop'],
          'flow_control xon_num_sent': ['XONSent', 'streams told to go on'],
          'cc_limits above_delta': ['AboveDelta', 'windows above the limit of their delay'],
          'cc_limits above_ss_cwnd_max': ['AboveSlowStartMax', 'windows above the limit of the slow start'],
          'cc_limits below_ss_inc_floor': [
            'BelowSlowStartFloor',
            'windows that grew less than the slow start must',
          ],
          'cc_circuits circs_created': ['CircuitCreated', 'circuits with it begun'],
          'cc_circuits circs_closed': ['CircuitClosed', 'circuits with it ended'],
          'cc_circuits circs_exited_ss': ['CircuitExitedSlowStart', 'circuits that left the slow start'],
        }),
        mayBeLeftOut: false,
      },
    ],
    advice: { '': ADVICE.congestion, Circuit: ADVICE.congestedCircuits },
  },
);

export const LOAD_SUBJECTS: readonly MetricsSubject[] = [
  ONIONSKINS,
  DEFENCES,
  subject(
    'tor_relay_load_oom_bytes_total',
    word('MetricsOOM', 'that this relay freed because memory was short'),
    {
      measure: BYTES_OF,
      places: [
        label('subsys', {
          cell: ['Cell', 'waiting cells'],
          dns: ['DNS', 'remembered names'],
          geoip: ['GeoIP', 'remembered clients'],
          hsdir: ['HSDir', 'descriptors of onion services'],
        }),
      ],
      advice: { '': ADVICE.freedBytes },
    },
  ),
  subject(
    'tor_relay_load_global_rate_limit_reached_total',
    word('MetricsRateLimitReached', 'times that this relay reached its limit of traffic'),
    {
      measure: numberOf('times'),
      places: [label('side', { read: ['Read', 'reading'], write: ['Write', 'writing'] })],
      advice: { '': ADVICE.limits },
    },
  ),
  subject(
    'tor_relay_load_tcp_exhaustion_total',
    word('MetricsTCPExhaustion', 'connections for which this relay had no port left'),
    { measure: numberOf('connections'), advice: { '': ADVICE.attempts } },
  ),
  CONGESTION,
];
