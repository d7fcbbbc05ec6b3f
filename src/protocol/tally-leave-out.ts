/** What the tally does with a node that broke the protocol, and what its messages are checked with. */
import { log, type Self } from './round.js';
import { withEntry, type TallyRound, type TallyStep } from './tally-state.js';

export function unchanged(state: TallyRound): TallyStep {
  return { state, effects: [] };
}

/** The node takes no further part, and nothing that it answered counts. */
export function leaveOut(state: TallyRound, name: string, reason: string): TallyStep {
  const leftOut = withEntry(state.leftOut, name, reason);
  return {
    state:
      state.phase === 'answering'
        ? { ...state, leftOut, answers: without(state.answers, name) }
        : { ...state, leftOut },
    effects: [log('warn', `round ${state.facts.plan.roundId}: goes on without ${name}, which ${reason}`)],
  };
}

function without<V>(map: ReadonlyMap<string, V>, name: string): ReadonlyMap<string, V> {
  return new Map([...map].filter(([key]) => key !== name));
}

function publicKeyOf({ known }: Self, name: string): string {
  const { keepers, collectors } = known.network;
  return [...keepers, ...collectors].find((node) => node.name === name)?.identity ?? '';
}

export function speakerOf(self: Self, name: string) {
  return { publicKey: publicKeyOf(self, name), networkId: self.known.id };
}
