/** The round that a tally would open now, and what speaks against it. */
import { toHex } from '../core/hex.js';
import { type DelayRule } from '../privacy/delay-rule.js';
import { longRoundWarning } from '../privacy/plan-privacy.js';
import { planObjections } from '../protocol/check-plan.js';
import { type Plan } from '../protocol/plan.js';
import { type Self } from '../protocol/round.js';
import { type Peer } from './peers.js';
import { type RoundPrivacy } from './privacy-memory.js';
import { makePlan, type TallySettings } from './tally-plan.js';
import { type TallyPorts } from './tally-ports.js';

export type ProposedRound = {
  readonly plan: Plan;
  readonly privacy: RoundPrivacy;
  /** In words; empty if it can be opened. */
  readonly objections: string;
  /** What the operator should know of it all the same. */
  readonly warning: string | undefined;
};

type Circumstances = {
  readonly settings: TallySettings;
  readonly peers: readonly Peer[];
  readonly rule: DelayRule;
  readonly nowMs: number;
};

/** Of a new id, with the nodes that are ready. */
export function proposeRound(
  { known }: Self,
  { randomBytes, memory }: Pick<TallyPorts, 'randomBytes' | 'memory'>,
  { settings, peers, rule, nowMs }: Circumstances,
): ProposedRound {
  const isReady = new Set(peers.filter(({ status }) => status?.isReady === true).map(({ name }) => name));
  const roundId = toHex(randomBytes(16));
  const plan = makePlan(settings, known, { roundId, isReady, nowMs });
  const { sigmaFloor, sensitivities } = settings;
  const privacy = { known, sensitivities, rule };
  const objections = [
    ...planObjections(plan, { known, sigmaFloor, nowMs }),
    ...memory.objections(plan, privacy, nowMs),
  ].join('; ');
  const warning = plan.noise === 'on' ? longRoundWarning(plan.collectMs) : undefined;
  return { plan, privacy, objections, warning };
}
