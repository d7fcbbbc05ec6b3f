/** What a round's result files are made from, at the tally: the round, its settings, and who is connected. */
import { planMu } from '../protocol/check-privacy.js';
import { type Self } from '../protocol/round.js';
import { type FinishedRound } from './open-round.js';
import { type Peer } from './peers.js';
import { toResultFiles, type ResultFiles } from './results.js';
import { type TallySettings } from './tally-plan.js';

type TallyOfRound = {
  readonly self: Self;
  readonly software: string;
  readonly settings: TallySettings;
  readonly peers: readonly Peer[];
};

export function resultsOf(
  { outcome, facts, openedAtMs }: Pick<FinishedRound, 'outcome' | 'facts' | 'openedAtMs'>,
  { self: { known }, software, settings, peers }: TallyOfRound,
): ResultFiles {
  const { sensitivities, traffic, listLabels } = settings;
  const softwareOf = peers.flatMap(({ name, status }) => (status ? [[name, status.software] as const] : []));
  return toResultFiles(outcome, {
    facts,
    network: known.network,
    software,
    softwareOf: new Map(softwareOf),
    openedAtMs,
    // A tally that was started anew may be configured for another one, which this round's totals do not fit.
    trafficModel: traffic?.digest === facts.plan.trafficModel ? traffic?.model : undefined,
    listLabels,
    mu: planMu(facts.plan, { known, sensitivities }),
  });
}
