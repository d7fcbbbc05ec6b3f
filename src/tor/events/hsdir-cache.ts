/** `PRIVCOUNT_HSDIR_CACHE_STORE` and `_FETCH` (spec/counters.md, 1.10). */
import { type EventRule, eventTable } from './event-parser.js';
import { type Field, flag, float, integer, ofVersion, required, text, unchecked } from './fields.js';

/** Tor's limits on the size of a descriptor. */
const DESCRIPTOR_BYTES_MAX = { 2: 40_960, 3: 1_048_576 };

const COMMON_FIELDS = {
  HiddenServiceVersionNumber: required(integer({ min: 2, max: 3 })),
  EventTimestamp: required(float({ min: 0 })),
  CacheReasonString: required(text({ min: 1, max: 50 })),
  HasExistingCacheEntryFlag: flag(),
  EncodedIntroPointByteCount: integer({ min: 0 }),
  EncodedDescriptorByteCount: integer({ min: 0 }),
  IntroPointCount: ofVersion(2, integer({ min: 0, max: 10 })),
  RequiresClientAuthFlag: ofVersion(2, flag()),
  DescriptorCreationTime: ofVersion(2, float({ min: 0 })),
  DescriptorIdBase32String: text({ min: 32 }),
  OnionAddress: ofVersion(2, text({ min: 16, max: 16 })),
  RevisionNumber: ofVersion(3, integer({ min: 0 })),
  // The original expects 0xc, as many fingerprints as points, and 10800 s; if it gets others it warns and counts.
  SupportedProtocolBitfield: ofVersion(2, unchecked()),
  IntroPointFingerprintList: ofVersion(2, unchecked()),
  DescriptorLifetime: ofVersion(3, unchecked()),
  BlindedEd25519PublicKeyBase64String: ofVersion(3, text({ min: 43, max: 43 })),
} satisfies Record<string, Field>;

const STORE_FIELDS = { ...COMMON_FIELDS, WasAddedToCacheFlag: required(flag()) };

const FETCH_FIELDS = {
  ...COMMON_FIELDS,
  CacheQueryByteCount: required(integer({ min: 0 })),
  HasCacheEntryFlag: flag(),
  CacheLastServedTime: ofVersion(2, integer({ min: 0 })),
  CacheCreatedTime: ofVersion(3, integer({ min: 0 })),
};

export const HSDIR_CACHE_STORE = eventTable(
  'PRIVCOUNT_HSDIR_CACHE_STORE',
  'tagged',
  STORE_FIELDS,
  versionRule(STORE_FIELDS),
);

export const HSDIR_CACHE_FETCH = eventTable(
  'PRIVCOUNT_HSDIR_CACHE_FETCH',
  'tagged',
  FETCH_FIELDS,
  versionRule(FETCH_FIELDS),
);

/** Fields of one version stand in its events only, and sizes are bounded by version and by one another. */
function versionRule<Key extends string>(
  fields: Readonly<Record<Key, Field>>,
): EventRule<Key | keyof typeof COMMON_FIELDS> {
  const ofOneVersion = (Object.keys(fields) as Key[]).filter((key) => fields[key].version !== undefined);
  return (record, at) => {
    const version = record.numbers[at.HiddenServiceVersionNumber]! === 2 ? 2 : 3;
    for (const key of ofOneVersion) {
      if (record.present[at[key]] === 1 && fields[key].version !== version) {
        return { field: key, reason: 'wrong-version' };
      }
    }
    const intro = record.numbers[at.EncodedIntroPointByteCount]!;
    const descriptor = record.numbers[at.EncodedDescriptorByteCount]!;
    const max = DESCRIPTOR_BYTES_MAX[version];
    if (intro > max) return { field: 'EncodedIntroPointByteCount', reason: 'out-of-range' };
    if (descriptor > max) return { field: 'EncodedDescriptorByteCount', reason: 'out-of-range' };
    const areBothStated =
      record.present[at.EncodedIntroPointByteCount] === 1 &&
      record.present[at.EncodedDescriptorByteCount] === 1;
    return areBothStated && intro > descriptor
      ? { field: 'EncodedIntroPointByteCount', reason: 'inconsistent' }
      : undefined;
  };
}
