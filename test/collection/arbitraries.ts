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

const ADDRESS = fc.oneof(
  {
    arbitrary: fc.constantFrom(
      '10.0.0.1',
      '10.1.2.3',
      '10.1.0.0',
      '192.0.2.1',
      '2001:db8::1',
      '2001:db8:1::7',
      '::1',
    ),
    weight: 9,
  },
  { arbitrary: IP, weight: 1 },
);

const BROKEN = fc.constantFrom('', 'x', '1.5', '0x10', 'nan', '18446744073709551616', '-', '1_0', '\t7\v');

/** Mostly the first, now and then a broken value. */
function mostly(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ arbitrary: value, weight: 60 }, { arbitrary: BROKEN, weight: 1 });
}

const STREAM_NUMBER = fc.oneof(fc.constantFrom('1', '1', '2', '0', '-1', '+1'), UINT64);

const streamEndedLine: fc.Arbitrary<string> = fc
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

function field(key: string, value: fc.Arbitrary<string>, presence = 99): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: mostly(value).map((text) => `${key}=${text}`), weight: presence },
    { arbitrary: fc.constant(''), weight: 100 - presence },
  );
}

const COUNT = fc.oneof(
  { arbitrary: fc.nat({ max: 3 }).map(String), weight: 4 },
  { arbitrary: fc.nat({ max: 40 }).map(String), weight: 4 },
  { arbitrary: BYTES, weight: 1 },
);

const ANY_FLAGS = flags(
  ...['Origin', 'Entry', 'Mid', 'End', 'Exit', 'Dir', 'HSDir', 'Intro', 'Rend'].map(
    (flag) => `Is${flag}Flag`,
  ),
  'IsHSClientSideFlag',
  'RendSpliceIsExitFlag',
);

/** One place and one end, as Tor sends them. */
const LIKELY_FLAGS = fc
  .tuple(
    fc.constantFrom(['Entry', 'End'], ['Entry', 'End'], ['End'], ['Entry'], ['Mid'], ['Origin']),
    fc.constantFrom('Exit', 'Dir', 'HSDir', 'Intro', 'Rend', 'Intro', 'Rend'),
    fc.constantFrom('', 'IsHSClientSideFlag=0', 'IsHSClientSideFlag=1'),
  )
  .map(([places, end, side]) => [...[...places, end].map((flag) => `Is${flag}Flag=1`), side]);

const CIRCUIT_FLAGS = fc.oneof({ arbitrary: LIKELY_FLAGS, weight: 3 }, { arbitrary: ANY_FLAGS, weight: 1 });

const CIRCUIT_FIELDS = fc.tuple(
  field('EventTimestamp', TIME),
  field('CreatedTimestamp', TIME),
  field('IsLegacyCircuitEndEventFlag', fc.constantFrom('1', '1', '1', '0')),
  field('PreviousChannelId', ID),
  field('PreviousCircuitId', ID),
  field('StateString', fc.constantFrom('open', 'doorslam')),
  field('PurposeCode', fc.constantFrom('1', '20')),
  field('PreviousNodeIPAddress', ADDRESS, 60),
  field('HiddenServiceVersionNumber', fc.constantFrom('2', '3'), 45),
  field('FailureReasonString', fc.constantFrom('destroy', 'a', 'B'), 30),
  field('InboundSentCellCount', COUNT, 75),
  field('OutboundReceivedCellCount', COUNT, 75),
  field('OutboundExitCellCount', COUNT, 45),
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

const circuitCloseLine: fc.Arbitrary<string> = taggedLine(
  'PRIVCOUNT_CIRCUIT_CLOSE',
  fc.tuple(CIRCUIT_FIELDS, CIRCUIT_FLAGS).map(([fields, stated]) => [...fields, ...stated]),
);

const connectionCloseLine: fc.Arbitrary<string> = taggedLine(
  'PRIVCOUNT_CONNECTION_CLOSE',
  fc.tuple(
    field('EventTimestamp', TIME),
    field('CreatedTimestamp', TIME),
    field('ChannelId', ID),
    field('RemoteIsClientFlag', fc.constantFrom('0', '1')),
    field('RemoteIPAddress', ADDRESS),
    field('RemoteIPAddressConnectionCount', fc.constantFrom('0', '1', '3', '131072')),
    field('PeerIPAddressConsensusRelayCount', fc.constantFrom('0', '0', '1', '100')),
    field('PeerIPAddress', ADDRESS, 25),
    field('InboundByteCount', BYTES, 75),
    field('OutboundByteCount', BYTES, 75),
    field('InboundCircuitCount', COUNT, 75),
    field('OutboundCircuitCount', COUNT, 75),
    field('RemoteCountryCode', fc.constantFrom('us', 'DE', '??', '!!', 'xx'), 75),
  ),
);

/** Fields of one version in the other's events now and then. */
function ofVersion(isIts: boolean, fields: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string[]> {
  const stray = fc.tuple(...fields);
  const none = fc.constant<string[]>([]);
  return isIts ? stray : fc.oneof({ arbitrary: none, weight: 40 }, { arbitrary: stray, weight: 1 });
}

function hsdirFields(version: string, more: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string[]> {
  return fc
    .tuple(
      fc.tuple(
        fc.constant(`HiddenServiceVersionNumber=${version}`),
        field('EventTimestamp', TIME),
        field('CacheReasonString', fc.constantFrom('new', 'Expired', 'cached', 'other')),
        field('HasExistingCacheEntryFlag', fc.constantFrom('0', '1'), 75),
        field('EncodedIntroPointByteCount', fc.constantFrom('0', '300', '5000'), 60),
        field('EncodedDescriptorByteCount', fc.constantFrom('5000', '40960', '41000'), 60),
        ...more,
      ),
      ofVersion(version === '2', [
        field('IntroPointCount', fc.constantFrom('0', '3', '10'), 60),
        field('RequiresClientAuthFlag', fc.constantFrom('0', '1'), 60),
        field('DescriptorCreationTime', TIME, 60),
        field(
          'OnionAddress',
          fc.constantFrom('facebookcorewwwi', 'AAAAAAAAAAAAAAAA', 'bbbbbbbbbbbbbbbb'),
          12,
        ),
      ]),
      ofVersion(version === '3', [
        field('RevisionNumber', BYTES, 75),
        field('DescriptorLifetime', COUNT, 25),
      ]),
    )
    .map((parts) => parts.flat());
}

const VERSION = fc.constantFrom('2', '3', '2', '3', '4');

const hsdirLine: fc.Arbitrary<string> = VERSION.chain((version) =>
  fc.oneof(
    taggedLine(
      'PRIVCOUNT_HSDIR_CACHE_STORE',
      hsdirFields(version, [field('WasAddedToCacheFlag', fc.constantFrom('0', '1'))]),
    ),
    taggedLine(
      'PRIVCOUNT_HSDIR_CACHE_FETCH',
      hsdirFields(version, [
        field('HasCacheEntryFlag', fc.constantFrom('0', '1'), 75),
        field('CacheQueryByteCount', fc.constant('32')),
      ]),
    ),
  ),
);

const FINGERPRINTS = [
  '$19ACD48A24B1DA32E9D760649A75EBA439588893',
  '$f601e51d8717c18cdc65d1036f5d76ac336a501e',
];
const OR_TARGETS = fc.constantFrom(
  ...[
    '10.1.2.3:33150',
    '10.1.2.3:1',
    '10.01.2.3:1',
    '192.0.2.9:65535',
    '[2001:db8::1]:443',
    '2001:db8::1:443',
    '[2001:DB8::1]:9',
  ],
  ...FINGERPRINTS.flatMap((fingerprint) => [fingerprint, `${fingerprint}~relay1`]),
  ...[
    '[192.0.2.9]:1',
    '2001:db8::1',
    '192.0.2.9:65536',
    '192.0.2.9',
    '$19ACD4',
    `${FINGERPRINTS[0]!}=relay`,
    '',
  ],
);
const OR_WORDS = fc.constantFrom(
  ...['REASON=DONE', 'NCIRCS=2', 'COUNTRY=de', 'COUNTRY=US', 'COUNTRY=??', 'COUNTRY=xx'],
  ...['NEWER=1', 'WORD', '', '=', 'NCIRCS=-1', 'COUNTRY=usa', 'ID=x'],
);
const OR_STATUS = fc.constantFrom(
  'NEW',
  'LAUNCHED',
  'FAILED',
  'OTHER',
  ...Array<string>(4).fill('CONNECTED'),
  ...Array<string>(3).fill('CLOSED'),
);

/** Few connections, so that the same ones open and close. */
const orConnectionLine: fc.Arbitrary<string> = fc
  .tuple(OR_TARGETS, OR_STATUS, fc.array(OR_WORDS, { maxLength: 2 }), fc.nat({ max: 2 }))
  .map(([target, status, words, id]) => ['ORCONN', target, status, ...words, `ID=${id}`].join(' '));

const bandwidthLine: fc.Arbitrary<string> = fc
  .tuple(BYTES, BYTES, fc.constantFrom('', ' DIR=5', ' WORD', ' '))
  .map(([read, written, more]) => `BW ${read} ${written}${more}`);

/** What any tor tells. */
export const standardLine: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: orConnectionLine, weight: 5 },
  { arbitrary: bandwidthLine, weight: 1 },
);

/** Streams and circuits of an exit. */
const exitLine: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: streamEndedLine, weight: 3 },
  { arbitrary: circuitCloseLine, weight: 2 },
);

/** Events of every kind that counters are made of. */
export const eventLine: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: exitLine, weight: 4 },
  { arbitrary: connectionCloseLine, weight: 1 },
  { arbitrary: hsdirLine, weight: 2 },
  { arbitrary: standardLine, weight: 2 },
);

/** Lines with bytes changed. */
export const mutatedLine: fc.Arbitrary<Uint8Array> = fc
  .tuple(eventLine, fc.array(fc.tuple(fc.nat({ max: 600 }), fc.nat({ max: 255 })), { maxLength: 3 }))
  .map(([line, changes]) => {
    const bytes = Uint8Array.from(Buffer.from(line, 'latin1'));
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return bytes;
  });
