/**
 * Fields that `PRIVCOUNT_CIRCUIT_CELL` and `_CIRCUIT_CLOSE` share (spec/counters.md, 1.7). The latter has them thrice:
 * bare, and for the circuits that an introduction or rendezvous joins, with a prefix; those are checked, never counted.
 */
import { type Field, flag, integer, text } from './fields.js';

/** Tor cuts its strings at 50 bytes. */
const SHORT_TEXT = { min: 1, max: 50 };

export const COMMON_CIRCUIT_FIELDS = {
  NextChannelId: integer({ min: 0 }),
  NextCircuitId: integer({ min: 0 }),
  PreviousChannelId: integer({ min: 0 }),
  PreviousCircuitId: integer({ min: 0 }),
  IsOriginFlag: flag(),
  IsEntryFlag: flag(),
  IsMidFlag: flag(),
  IsEndFlag: flag(),
  IsExitFlag: flag(),
  IsDirFlag: flag(),
  IsHSDirFlag: flag(),
  IsIntroFlag: flag(),
  IsRendFlag: flag(),
  IsClientIntroLegacyFlag: flag(),
  IsMarkedForCloseFlag: flag(),
  HasReceivedCreateCellFlag: flag(),
  IsHSClientSideFlag: flag(),
  HiddenServiceVersionNumber: integer({ min: 2, max: 3 }),
  OnionHandshakeType: integer({ min: 0, max: 2 }),
  FailureReasonString: text(SHORT_TEXT),
  ExitStreamCount: integer({ min: 1 }),
} satisfies Record<string, Field>;

type CommonKey = keyof typeof COMMON_CIRCUIT_FIELDS;

/** The common fields, each key after the prefix. */
export function commonCircuitFields<Prefix extends string>(
  prefix: Prefix,
): Record<`${Prefix}${CommonKey}`, Field> {
  return Object.fromEntries(
    Object.entries(COMMON_CIRCUIT_FIELDS).map(([key, field]) => [`${prefix}${key}`, field]),
  ) as Record<`${Prefix}${CommonKey}`, Field>;
}
