/** From outcomes in the results folder to the room's list of rounds, and to one round as somebody looks at it. */
import { type PastRound } from '../results/past-round.js';
import { type PastRoundLine, type RoomPast } from './room-state.js';

type Filed = PastRound & { readonly file: string };

/** The list is read and sent whenever a round ends; older ones are in the folder, and in `privcount results`. */
export const ROUNDS_SHOWN_MAX = 200;
/** The same fault of many files would hide the page. */
const FAULTS_SHOWN_MAX = 20;

export function toRoomPast(folder: {
  readonly rounds: readonly Filed[];
  readonly faults: RoomPast['faults'];
  readonly unread: number;
}): RoomPast {
  return {
    rounds: folder.rounds.map(toLine),
    faults: folder.faults.slice(0, FAULTS_SHOWN_MAX),
    unread: folder.unread,
  };
}

export function toLine(round: Filed): PastRoundLine {
  const { file, roundId, networkName, outcome, beginMs, endMs, reason, noise, privacy } = round;
  return {
    file,
    ...(roundId === undefined ? {} : { roundId }),
    ...(networkName === undefined ? {} : { network: networkName }),
    outcome,
    beginMs,
    endMs,
    ...(reason === undefined ? {} : { reason }),
    collectors: round.collectors.length,
    leftOut: round.leftOut.length,
    ...(noise === undefined ? {} : { noise }),
    ...(privacy === undefined ? {} : { epsilon: toJsonNumber(privacy.epsilon), delta: privacy.delta }),
  };
}

function toJsonNumber(value: number): number | 'Infinity' {
  return Number.isFinite(value) ? value : 'Infinity';
}
