/** The classes of exit ports (spec/counters.md, 3.1, step 2). */
import { type Term, word } from '../catalogue/grammar.js';

export const PORT_CLASSES = ['Web', 'Interactive', 'P2P', 'OtherPort'] as const;

export const WEB_CLASS = PORT_CLASSES.indexOf('Web');
const OTHER_CLASS = PORT_CLASSES.indexOf('OtherPort');

export const PORT_TERM: Term = [
  word('Web', 'to ports 80 and 443'),
  word('Interactive', 'to ports of chat and remote shells'),
  word('P2P', 'to ports of file sharing'),
  word('OtherPort', 'to ports of no other class'),
];

type Ports = readonly (readonly [first: number, last: number])[];

const WEB_PORTS: Ports = [
  [80, 80],
  [443, 443],
];
const INTERACTIVE_PORTS: Ports = [
  [22, 22],
  [194, 194],
  [994, 994],
  [6660, 6670],
  [6679, 6679],
  [6697, 6697],
  [7000, 7000],
];
const P2P_PORTS: Ports = [
  [1214, 1214],
  [4661, 4666],
  [6346, 6429],
  [6699, 6699],
  [6881, 6999],
  [45_682, 45_682],
  [51_413, 51_413],
];

const PORTS = 65_536;
const classes = new Uint8Array(PORTS).fill(OTHER_CLASS);
[WEB_PORTS, INTERACTIVE_PORTS, P2P_PORTS].forEach((ports, portClass) => {
  for (const [first, last] of ports) classes.fill(portClass, first, last + 1);
});

/** The place in `PORT_CLASSES` of the port's class. Any number is a port here; one that none has is of no other class. */
export function portClass(port: number): number {
  return classes[port] ?? OTHER_CLASS;
}
