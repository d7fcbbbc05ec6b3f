/** The machines under watch: whatever they do, what they are given stays as it was. Tests call them only through these. */
import { isDeepStrictEqual } from 'node:util';
import { beginCollectorRound, resumeCollectorRound } from '../../src/protocol/collector-deposit.js';
import { stepCollector } from '../../src/protocol/collector-round.js';
import { beginKeeperRound } from '../../src/protocol/keeper-begin.js';
import { stepKeeper } from '../../src/protocol/keeper-round.js';
import { beginTallyRound, stepTally } from '../../src/protocol/tally-round.js';

type Watch = <T>(given: readonly unknown[], call: () => T) => T;

const once: Watch = (given, call) => {
  const before = structuredClone(given);
  const result = call();
  if (!isDeepStrictEqual(given, before)) throw new Error('a machine changed what it was given');
  return result;
};

const twice: Watch = (given, call) => {
  const first = once(given, call);
  if (!isDeepStrictEqual(call(), first)) throw new Error('a machine answered differently the second time');
  return first;
};

/** The second time they are called they must answer the same. */
export const { keeperBegins, keeperTakes, collectorBegins, collectorResumes, collectorTakes, tallyTakes } =
  machines(twice);

/** Called once, for whole rounds. */
export const watched = machines(once);

function machines(watch: Watch) {
  const keeperBegins: typeof beginKeeperRound = (self, message, given) =>
    watch([message, given], () => beginKeeperRound(self, message, given));
  const keeperTakes: typeof stepKeeper = (self, state, input, nowMs) =>
    watch([state, input], () => stepKeeper(self, state, input, nowMs));
  const collectorBegins: typeof beginCollectorRound = (self, message, given) =>
    watch([message, given], () => beginCollectorRound(self, message, given));
  const collectorResumes: typeof resumeCollectorRound = (self, record, given) =>
    watch([record, given], () => resumeCollectorRound(self, record, given));
  const collectorTakes: typeof stepCollector = (self, state, input, nowMs) =>
    watch([state, input], () => stepCollector(self, state, input, nowMs));
  const tallyBegins: typeof beginTallyRound = (self, plan, given) =>
    watch([plan, given], () => beginTallyRound(self, plan, given));
  const tallyTakes: typeof stepTally = (self, state, input, nowMs) =>
    watch([state, input], () => stepTally(self, state, input, nowMs));
  return {
    keeperBegins,
    keeperTakes,
    collectorBegins,
    collectorResumes,
    collectorTakes,
    tallyBegins,
    tallyTakes,
  };
}
