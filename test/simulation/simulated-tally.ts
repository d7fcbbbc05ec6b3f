/**
 * The tally of the simulation: the machine in a shell that does what src/roles/open-round.ts does, and a disk with the inputs
 * that changed its round.
 */
import { isDeepStrictEqual } from 'node:util';
import { type RoundMessage } from '../../src/protocol/messages.js';
import { type Plan } from '../../src/protocol/plan.js';
import { beginTallyRound, stepTally } from '../../src/protocol/tally-round.js';
import {
  dependsOnConnected,
  tallyWakeMs,
  type RoundOutcome,
  type TallyInput,
  type TallyRound,
  type TallyStep,
} from '../../src/protocol/tally-state.js';
import { SimulatedAlarm, type NodePorts } from './simulated-node.js';

export type TallyPorts = NodePorts & {
  send(to: string, message: RoundMessage): void;
  onFinish(outcome: RoundOutcome): void;
};

type Entry = {
  readonly atMs: number;
  readonly input: TallyInput;
  readonly connected: readonly string[] | undefined;
};
type Disk = {
  readonly plan: Plan;
  readonly atMs: number;
  readonly connected: readonly string[];
  readonly entries: Entry[];
};

export class SimulatedTally {
  readonly #ports: TallyPorts;
  #disk: Disk | undefined;
  #state: TallyRound | undefined;
  /** As it was when it was killed. */
  #lost: TallyRound | undefined;
  #alarm: SimulatedAlarm | undefined;

  constructor(ports: TallyPorts) {
    this.#ports = ports;
  }

  begin(plan: Plan, connected: ReadonlySet<string>): void {
    const atMs = this.#ports.nowMs();
    this.#alarm = new SimulatedAlarm(this.#ports, () => this.take({ kind: 'wake' }));
    const begun = beginTallyRound(this.#ports.self, plan, { connected, nowMs: atMs });
    this.#state = begun.state;
    this.#disk = { plan, atMs, connected: [...connected], entries: [] };
    this.#ports.mayDie();
    this.#settle(begun);
  }

  die(): void {
    this.#lost = this.#state;
    this.#state = undefined;
  }

  boot(): void {
    this.#alarm = new SimulatedAlarm(this.#ports, () => this.take({ kind: 'wake' }));
    if (this.#disk === undefined) return;
    const { plan, atMs, connected, entries } = this.#disk;
    let { state } = beginTallyRound(this.#ports.self, plan, { connected: new Set(connected), nowMs: atMs });
    for (const entry of entries) {
      if (entry.connected !== undefined) state = { ...state, connected: new Set(entry.connected) };
      state = stepTally(this.#ports.self, state, entry.input, entry.atMs).state;
    }
    if (!isDeepStrictEqual(lasting(state), lasting(this.#lost!)))
      throw new Error('the tally is not again what it was');
    this.#state = state;
    if (state.phase === 'over') this.#finish(state.outcome);
    else this.take({ kind: 'resumed' });
  }

  take(input: TallyInput): void {
    const before = this.#state;
    if (before === undefined) return;
    const atMs = this.#ports.nowMs();
    const step = stepTally(this.#ports.self, before, input, atMs);
    this.#state = step.state;
    this.#write(before, step.state, { atMs, input });
    this.#settle(step);
  }

  #write(before: TallyRound, after: TallyRound, { atMs, input }: Omit<Entry, 'connected'>): void {
    if (after === before || before.phase === 'over') return;
    const isOn = after.phase !== before.phase;
    if (!isOn && input.kind !== 'message' && input.kind !== 'resumed') return;
    const connected = isOn || dependsOnConnected(before) ? [...before.connected] : undefined;
    this.#disk!.entries.push({ atMs, input, connected });
    this.#ports.mayDie();
  }

  #settle({ state, effects }: TallyStep): void {
    this.#alarm!.set(tallyWakeMs(state));
    for (const effect of effects) {
      if (effect.kind === 'send') this.#ports.send(effect.to, effect.message);
      if (effect.kind === 'finish') this.#finish(effect.outcome);
    }
  }

  /** The results are written and the round is removed, both at once. */
  #finish(outcome: RoundOutcome): void {
    this.#disk = undefined;
    this.#ports.onFinish(outcome);
  }
}

/** Of a state all but what a restart changes. */
function lasting(state: TallyRound): unknown {
  return { ...state, connected: undefined, resendAtMs: undefined };
}
