/** The match lists of a round, ready for look-up (spec/counters.md, section 7). A list kind that is not configured is absent. */
import { type DomainLists } from './lists/domain-lists.js';

export type MatchLists = {
  readonly domains?: DomainLists | undefined;
};
