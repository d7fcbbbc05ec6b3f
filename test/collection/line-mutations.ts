/** Lines of events, changed as no relay would: for fuzz tests that repeat by their seed. */

/** A whole number from 0 to below `below`. */
export type Random = (below: number) => number;

/** xorshift32: the same numbers for the same seed. */
export function newRandom(seed: number): Random {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Values at the ends of what is valid, and such as are no values. */
const VALUES: readonly string[] = [
  ...[
    '',
    '0',
    '1',
    '2',
    '3',
    '-1',
    '+1',
    '01',
    '-0',
    '1.5',
    '1e3',
    'nan',
    'inf',
    '-inf',
    '1e999',
    '0x10',
    '1_0',
  ],
  ...['65535', '65536', '131072', '131073', '4294967295', '4294967296', '9007199254740993'],
  ...['18446744073709551615', '18446744073709551616', `1${'0'.repeat(400)}`, '-18446744073709551615'],
  ...['127.0.0.1', '010.0.0.1', '10.0.0.300', '1.2.3.4.5', '::1', '::ffff:1.2.3.4', '[::1]', '1::2::3'],
  ...[
    'x',
    'x'.repeat(50),
    'x'.repeat(51),
    'a,b',
    ',',
    '??',
    '!!',
    'us',
    'US',
    '\t5',
    '5\v',
    '\r5',
    '\xff',
    'é',
    'a=b',
  ],
  ...['[]', '[[]]', '[["a";"+";1]]', '[["START";"$";-5]]', '__proto__', 'constructor'],
];

/** A changed line; `other` lends its parts. */
type Mutation = (line: string, random: Random, other: string) => string;

const MUTATIONS: readonly Mutation[] = [
  (line) => line,
  (line) => line,
  (line, random) => onFields(line, (fields) => fields.toSpliced(random(fields.length), 1)),
  (line, random) => onFields(line, (fields) => [...fields, fields[random(fields.length)]!]),
  (line, random) => onFields(line, (fields) => fields.toSpliced(random(fields.length), 0, '')),
  (line, random) => onFields(line, (fields) => fields.with(random(fields.length), 'New=1')),
  (line, random, other) => onFields(line, (fields) => [...fields, other.split(' ')[1 + random(3)] ?? '']),
  (line, random) => onFields(line, (fields) => fields.toSorted(() => random(3) - 1)),
  (line, random) => onFields(line, (fields) => withValue(fields, random)),
  (line, random) => onFields(line, (fields) => withValue(fields, random)),
  (line, random) => onFields(line, (fields) => withValue(withValue(fields, random), random)),
  (line, random) => line.slice(0, random(line.length)),
  (line, random) => withByte(line, random),
  (line, random) => withByte(withByte(line, random), random),
  (line, random, other) => line.slice(0, random(line.length)) + other.slice(random(other.length)),
];

/** Now and then the line itself. */
export function mutate(line: string, random: Random, other: string): string {
  return MUTATIONS[random(MUTATIONS.length)]!(line, random, other);
}

function onFields(line: string, change: (fields: string[]) => string[]): string {
  const [name = '', ...fields] = line.split(' ');
  return fields.length === 0 ? line : [name, ...change(fields)].join(' ');
}

function withValue(fields: string[], random: Random): string[] {
  const at = random(fields.length);
  const value = VALUES[random(VALUES.length)]!;
  const field = fields[at] ?? '';
  const equals = field.indexOf('=');
  return fields.with(at, equals < 0 ? value : `${field.slice(0, equals)}=${value}`);
}

function withByte(line: string, random: Random): string {
  const at = random(line.length);
  return line.slice(0, at) + String.fromCharCode(random(256)) + line.slice(at + 1);
}
