/** Event lines for property tests: mostly what Tor may send, with extreme, odd and broken values among them. */
import fc from 'fast-check';

const UINT64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(String);

/** Few ids, so that streams and circuits meet. */
const ID = fc.oneof(
  { arbitrary: fc.constantFrom('1', '2', '3', '01'), weight: 8 },
  { arbitrary: UINT64, weight: 1 },
);

const BYTES = fc.oneof(
  { arbitrary: fc.nat({ max: 100_000 }).map(String), weight: 6 },
  { arbitrary: fc.constantFrom('0', '-0', '+1', '4294967295', '4294967296', '9007199254740993'), weight: 2 },
  { arbitrary: UINT64, weight: 2 },
);

const PORT = fc.oneof(
  fc.constantFrom(80, 443, 22, 194, 6660, 6670, 7000, 1214, 4666, 6346, 6429, 6881, 51_413, 25).map(String),
  fc.integer({ min: -1, max: 65_536 }).map(String),
);

const TIME = fc.oneof(
  {
    arbitrary: fc
      .tuple(fc.integer({ min: 1_600_000_000, max: 1_600_002_000 }), fc.nat({ max: 999_999 }))
      .map(([seconds, micros]) => `${seconds}.${String(micros).padStart(6, '0')}`),
    weight: 10,
  },
  {
    arbitrary: fc.constantFrom('0', '.5', '5.', '1e3', '-2', 'inf', '1e999', '9223372036854775807.000000'),
    weight: 1,
  },
);

const HOST = fc.oneof(
  {
    arbitrary: fc.constantFrom(
      'www.a.com',
      'a.com',
      'B.com',
      'x.y.b.com',
      'a.com.',
      '..a.com',
      'com',
      'c..b.com',
      'xa.com',
    ),
    weight: 8,
  },
  {
    arbitrary: fc.constantFrom(
      'no-host',
      '-',
      '1.2.3.4',
      '01.2.3.4',
      '010.2.3.4',
      '::1',
      '[::1]',
      '1:2:3:4:5:6:7:8',
      '::ffff:1.2.3.4',
    ),
    weight: 3,
  },
  {
    arbitrary: fc.string({ unit: fc.constantFrom('a', 'A', '.', ':', '1', 'é', '='), maxLength: 12 }),
    weight: 1,
  },
);

const IP = fc.constantFrom(
  '93.184.216.34',
  '0.0.0.0',
  '2001:db8::1',
  '::',
  'none',
  '1.2.3',
  '1.2.3.4.5',
  '12345::',
);

const BROKEN = fc.constantFrom('', 'x', '1.5', '0x10', 'nan', '18446744073709551616', '-', '1_0', '\t7\v');

/** Mostly the first, now and then a broken value. */
function mostly(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ arbitrary: value, weight: 60 }, { arbitrary: BROKEN, weight: 1 });
}

const STREAM_NUMBER = fc.oneof(fc.constantFrom('1', '1', '2', '0', '-1', '+1'), UINT64);

export const streamEndedLine: fc.Arbitrary<string> = fc
  .tuple(
    mostly(ID),
    mostly(ID),
    mostly(ID),
    mostly(PORT),
    mostly(BYTES),
    mostly(BYTES),
    mostly(TIME),
    mostly(TIME),
    HOST,
    IP,
    mostly(STREAM_NUMBER),
  )
  .map((values) => `PRIVCOUNT_STREAM_ENDED ${values.join(' ')}`);

/** A flag that is not stated more often than it is. */
function flags(...keys: readonly string[]): fc.Arbitrary<string[]> {
  return fc.tuple(
    ...keys.map((key) =>
      fc.oneof(
        { arbitrary: fc.constant(''), weight: 60 },
        { arbitrary: fc.constantFrom('0', '1', '1', '01').map((value) => `${key}=${value}`), weight: 40 },
        { arbitrary: fc.constant(`${key}=2`), weight: 1 },
      ),
    ),
  );
}

function field(key: string, value: fc.Arbitrary<string>, presence = 19): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: mostly(value).map((text) => `${key}=${text}`), weight: presence },
    { arbitrary: fc.constant(''), weight: 20 - presence },
  );
}

const COUNT = fc.oneof(
  { arbitrary: fc.nat({ max: 40 }).map(String), weight: 5 },
  { arbitrary: BYTES, weight: 1 },
);

const CIRCUIT_FLAGS = flags(
  ...['Origin', 'Entry', 'Mid', 'End', 'Exit', 'Dir', 'HSDir', 'Intro', 'Rend'].map(
    (flag) => `Is${flag}Flag`,
  ),
  'IsHSClientSideFlag',
  'RendSpliceIsExitFlag',
);

const CIRCUIT_FIELDS = fc.tuple(
  field('EventTimestamp', TIME),
  field('CreatedTimestamp', TIME),
  field('IsLegacyCircuitEndEventFlag', fc.constantFrom('1', '1', '1', '0')),
  field('PreviousChannelId', ID),
  field('PreviousCircuitId', ID),
  field('StateString', fc.constantFrom('open', 'doorslam')),
  field('PurposeCode', fc.constantFrom('1', '20')),
  field('PreviousNodeIPAddress', IP, 3),
  field('HiddenServiceVersionNumber', fc.constantFrom('2', '3'), 9),
  field('FailureReasonString', fc.constantFrom('destroy', 'a', 'B'), 6),
  field('InboundSentCellCount', COUNT, 15),
  field('OutboundReceivedCellCount', COUNT, 15),
  field('OutboundExitCellCount', COUNT, 9),
  field('InboundExitByteCount', COUNT),
  field('OutboundExitByteCount', COUNT),
);

/** Fields in any order, sometimes with one that should not be there. */
function taggedLine(event: string, fields: fc.Arbitrary<string[]>): fc.Arbitrary<string> {
  const intruder = fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 60 },
    {
      arbitrary: fc.constantFrom('', 'Unknown=1', 'EventTimestamp=1', 'a=b=c', '=x', 'key', 'a=\u0000'),
      weight: 2,
    },
  );
  return fc.tuple(fields, intruder, fc.boolean()).map(([stated, odd, isReversed]) => {
    const present = stated.filter((text) => text !== '');
    const all = odd === undefined ? present : [...present, odd, 'Unknown=2'];
    return `${event} ${(isReversed ? all.reverse() : all).join(' ')}`;
  });
}

export const circuitCloseLine: fc.Arbitrary<string> = taggedLine(
  'PRIVCOUNT_CIRCUIT_CLOSE',
  fc.tuple(CIRCUIT_FIELDS, CIRCUIT_FLAGS).map(([fields, stated]) => [...fields, ...stated]),
);

/** Streams and circuits of an exit. */
export const exitLine: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: streamEndedLine, weight: 3 },
  { arbitrary: circuitCloseLine, weight: 2 },
);

/** Any bytes, and lines with bytes changed. */
export const mutatedLine: fc.Arbitrary<Uint8Array> = fc
  .tuple(exitLine, fc.array(fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 255 })), { maxLength: 3 }))
  .map(([line, changes]) => {
    const bytes = Uint8Array.from(Buffer.from(line, 'latin1'));
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return bytes;
  });
