/**
 * The machines under watch: each call is made twice, must answer the same both times, and must leave what it was given
 * as it was. Tests call the machines only through these.
 */
import { isDeepStrictEqual } from 'node:util';
import { beginCollectorRound } from '../../src/protocol/collector-deposit.js';
import { stepCollector } from '../../src/protocol/collector-round.js';
import { beginKeeperRound, stepKeeper } from '../../src/protocol/keeper-round.js';
import { beginTallyRound, stepTally } from '../../src/protocol/tally-round.js';

function purely<T>(given: readonly unknown[], call: () => T): T {
  const before = structuredClone(given);
  const first = call();
  if (!isDeepStrictEqual(given, before)) throw new Error('a machine changed what it was given');
  if (!isDeepStrictEqual(call(), first)) throw new Error('a machine answered differently the second time');
  return first;
}

export const keeperBegins: typeof beginKeeperRound = (self, message, given) =>
  purely([message, given], () => beginKeeperRound(self, message, given));

export const keeperTakes: typeof stepKeeper = (self, state, input, nowMs) =>
  purely([state, input], () => stepKeeper(self, state, input, nowMs));

export const collectorBegins: typeof beginCollectorRound = (self, message, given) =>
  purely([message, given], () => beginCollectorRound(self, message, given));

export const collectorTakes: typeof stepCollector = (self, state, input, nowMs) =>
  purely([state, input], () => stepCollector(self, state, input, nowMs));

export const tallyBegins: typeof beginTallyRound = (self, plan, given) =>
  purely([plan, given], () => beginTallyRound(self, plan, given));

export const tallyTakes: typeof stepTally = (self, state, input, nowMs) =>
  purely([state, input], () => stepTally(self, state, input, nowMs));
