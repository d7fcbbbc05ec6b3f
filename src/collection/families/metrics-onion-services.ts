/** Metrics of what a relay does for onion services (families/metrics-names.ts). */
import { word } from '../catalogue/grammar.js';
import { ADVICE } from './metrics-advice.js';
import { label, numberOf, subject, type MetricsSubject } from './metrics-subject.js';

const CELL_ACTIONS = {
  success: ['Success', 'done as asked'],
  malformed: ['Malformed', 'refused as malformed'],
  unsuitable_circuit: ['UnsuitableCircuit', 'refused on an unsuitable circuit'],
  circuit_dead: ['CircuitDead', 'lost with their circuit'],
  single_hop: ['SingleHop', 'refused from a client one hop away'],
} as const;
const { success, malformed, unsuitable_circuit, circuit_dead, single_hop } = CELL_ACTIONS;

export const ONION_SERVICE_SUBJECTS: readonly MetricsSubject[] = [
  subject(
    'tor_relay_est_intro_total',
    word('MetricsEstablishIntro', 'requests to be an introduction point'),
    {
      measure: numberOf('cells'),
      places: [label('action', { success, malformed, unsuitable_circuit, circuit_dead })],
      advice: { '': ADVICE.circuits },
    },
  ),
  subject('tor_relay_est_rend_total', word('MetricsEstablishRend', 'requests to be a rendezvous point'), {
    measure: numberOf('cells'),
    places: [
      label('action', {
        success,
        unsuitable_circuit,
        single_hop,
        malformed,
        duplicate_cookie: ['DuplicateCookie', 'refused for a cookie that is in use'],
        circuit_dead,
      }),
    ],
    advice: { '': ADVICE.circuits },
  }),
  subject('tor_relay_intro1_total', word('MetricsIntroduce1', 'introductions of clients to onion services'), {
    measure: numberOf('cells'),
    places: [
      label('action', {
        success,
        circuit_dead,
        malformed,
        unknown_service: ['UnknownService', 'to a service that is not there'],
        rate_limited: ['RateLimited', 'refused as too many'],
        circuit_reused: ['CircuitReused', 'refused as the second on their circuit'],
        single_hop,
      }),
    ],
    advice: { '': ADVICE.circuits },
  }),
  subject(
    'tor_relay_rend1_total',
    word('MetricsRendezvous1', 'answers of onion services at a rendezvous point'),
    {
      measure: numberOf('cells'),
      places: [
        label('action', {
          success,
          unsuitable_circuit,
          malformed,
          unknown_cookie: ['UnknownCookie', 'with a cookie that nobody waits for'],
          circuit_dead,
        }),
      ],
      advice: { '': ADVICE.circuits },
    },
  ),
];
