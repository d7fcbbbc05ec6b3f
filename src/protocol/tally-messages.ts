/** What the tally takes in of each message: checked, signed by whom it must be, and for the phase that it is in. */
import { fromBytes } from '../core/ring.js';
import { setsOfKeeper } from '../core/holder-sets.js';
import { toHex } from '../core/hex.js';
import { sha256 } from '../crypto/primitives.js';
import { type MessageOf } from './messages.js';
import { readRoundKey } from './roster.js';
import { type Self } from './round.js';
import { readStatement, statementDigest, type Statement } from './statements.js';
import { isDepositing, onAcknowledgement, onDeposit, onRefusal, onStarted } from './tally-deposits.js';
import { leaveOut, speakerOf, unchanged } from './tally-leave-out.js';
import { withEntry, type InPhase, type TallyInput, type TallyRound, type TallyStep } from './tally-state.js';

type Received = Extract<TallyInput, { kind: 'message' }>;

/** A late or repeated answer changes nothing; a false one leaves its sender out. */
export function onTallyMessage(
  self: Self,
  state: TallyRound,
  { from, message }: Received,
  nowMs: number,
): TallyStep {
  if (state.phase === 'over' || state.leftOut.has(from) || isDoneWith(state, from)) return unchanged(state);
  switch (message.kind) {
    case 'round-key':
      return state.phase === 'keying' ? onRoundKey(self, state, from, message) : unchanged(state);
    case 'deposit':
      return isDepositing(state) ? onDeposit(self, state, from, message) : unchanged(state);
    case 'acknowledgement':
      return isDepositing(state)
        ? onAcknowledgement(self, state, { from, message, nowMs })
        : unchanged(state);
    case 'started':
      return state.phase === 'collecting' ? onStarted(state, from, message) : unchanged(state);
    case 'report':
      return state.phase === 'collecting' ? onReport(self, state, from, message) : unchanged(state);
    case 'vote':
      return state.phase === 'voting' ? onVote(self, state, from, message) : unchanged(state);
    case 'answer':
      return state.phase === 'answering' ? onAnswer(self, state, from, message) : unchanged(state);
    case 'decline':
      return onDecline(state, from, message);
    case 'plan':
    case 'start':
    case 'report-request':
    case 'proposal':
    case 'certificate':
    case 'end':
      return leaveOut(state, from, `sent a ${message.kind}, which only the tally sends`);
  }
}

/** Once the set is chosen, nothing that a collector says changes it any more. */
function isDoneWith({ phase, facts }: TallyRound, name: string): boolean {
  return (phase === 'voting' || phase === 'answering') && !facts.plan.keepers.includes(name);
}

function onRoundKey(
  self: Self,
  state: InPhase<'keying'>,
  from: string,
  { parts }: MessageOf<'round-key'>,
): TallyStep {
  if (state.roundKeys.has(from)) return unchanged(state);
  const key = readRoundKey(parts[0]!, state.facts.planDigest, self.known);
  if (key?.name !== from) return leaveOut(state, from, 'sent a round key that it did not sign for this plan');
  return { state: { ...state, roundKeys: withEntry(state.roundKeys, from, parts[0]!) }, effects: [] };
}

function onReport(
  self: Self,
  state: InPhase<'collecting'>,
  from: string,
  { parts }: MessageOf<'report'>,
): TallyStep {
  if (!state.starters.includes(from) || state.reports.has(from)) return unchanged(state);
  const [signed, bytes] = [parts[0]!, parts[1]!];
  const statement = readStatement('report', signed, speakerOf(self, from));
  const isGood =
    statement?.collector === from &&
    statement.plan === state.facts.planDigest &&
    isOfDeposits(state, statement) &&
    statement.vector === toHex(sha256(bytes)) &&
    bytes.length === state.facts.layout.cells * 16;
  if (!isGood) return leaveOut(state, from, 'sent a report that it did not sign for this plan');
  const report = { statement, digest: statementDigest(signed), vector: fromBytes(bytes) };
  return { state: { ...state, reports: withEntry(state.reports, from, report) }, effects: [] };
}

/** A report under masks of seeds that nobody dealt could not be opened, and keepers would have to refuse the set. */
function isOfDeposits({ deposits }: InPhase<'collecting'>, { collector, generations }: Statement<'report'>) {
  const itsDeposits = deposits.get(collector)!;
  return generations.every(
    (generation, at) => itsDeposits.has(generation) && (at === 0 || generation > generations[at - 1]!),
  );
}

function onVote(self: Self, state: InPhase<'voting'>, from: string, { parts }: MessageOf<'vote'>): TallyStep {
  if (state.votes.has(from)) return unchanged(state);
  const vote = readStatement('vote', parts[0]!, speakerOf(self, from));
  const isGood =
    state.electors.includes(from) &&
    vote?.keeper === from &&
    vote.plan === state.facts.planDigest &&
    vote.proposal === state.proposalDigest;
  if (!isGood) return leaveOut(state, from, 'sent a vote that it did not sign for what was proposed');
  return { state: { ...state, votes: withEntry(state.votes, from, parts[0]!) }, effects: [] };
}

function onAnswer(
  self: Self,
  state: InPhase<'answering'>,
  from: string,
  message: MessageOf<'answer'>,
): TallyStep {
  const { facts } = state;
  const statement = readStatement('answer', message.parts[0]!, speakerOf(self, from));
  const sets = setsOfKeeper(facts.holders, facts.plan.keepers.indexOf(from));
  const digests = new Map(statement?.sums.map(({ set, digest }) => [set, digest]));
  const vectors = message.parts.slice(1);
  const isGood =
    statement?.keeper === from &&
    statement.plan === facts.planDigest &&
    statement.proposal === state.proposalDigest &&
    statement.sums.length === sets.length &&
    sets.every((set) => digests.has(set)) &&
    vectors.length === message.send.length &&
    vectors.every(
      (bytes, at) =>
        bytes.length === facts.layout.cells * 16 && toHex(sha256(bytes)) === digests.get(message.send[at]!),
    );
  if (!isGood) return leaveOut(state, from, 'sent sums that it did not sign for what was certified');
  const before = state.answers.get(from);
  const isOther = before !== undefined && sets.some((set) => before.digests.get(set) !== digests.get(set));
  if (isOther) return leaveOut(state, from, 'gave two different answers for the same set of collectors');
  // What comes again must not be new to whoever writes down what is.
  if (before !== undefined && message.send.every((set) => before.vectors.has(set))) return unchanged(state);
  const sent = new Map(before?.vectors);
  vectors.forEach((bytes, at) => sent.set(message.send[at]!, fromBytes(bytes)));
  return {
    state: { ...state, answers: withEntry(state.answers, from, { digests, vectors: sent }) },
    effects: [],
  };
}

/** A keeper that refuses one collector's deposit goes on with the others. */
function onDecline(
  state: Exclude<TallyRound, { phase: 'over' }>,
  from: string,
  message: MessageOf<'decline'>,
): TallyStep {
  const { about } = message;
  if (about === undefined || !state.facts.plan.keepers.includes(from)) {
    return leaveOut(state, from, `declined (${message.code}): ${message.reason}`);
  }
  return isDepositing(state) ? onRefusal(state, from, { about, reason: message.reason }) : unchanged(state);
}
