/** The tally's round: what changes it is on the disk before anything of it leaves. */
import { type MessageOf, type RoundMessage } from '../protocol/messages.js';
import { planSchema, toPlan, toPlanJson, type Plan, type PlanJson } from '../protocol/plan.js';
import { type RoundFacts, type Self } from '../protocol/round.js';
import { roundProgress, type RoundProgress } from '../protocol/tally-progress.js';
import { beginTallyRound, stepTally } from '../protocol/tally-round.js';
import {
  dependsOnConnected,
  tallyWakeMs,
  type RoundOutcome,
  type TallyInput,
  type TallyPhase,
  type TallyRound,
  type TallyStep,
} from '../protocol/tally-state.js';
import { Alarm } from './alarm.js';
import { writeLog } from './node.js';
import { type Clock, type Log } from './ports.js';
import { RoundJournal, type JournalEntry, readJournals } from './round-journal.js';
import { type Change, type Store } from './store-port.js';

export type OpenRoundPorts = { readonly clock: Clock; readonly log: Log; readonly store: Store };

export type OpenRoundEvents = {
  send(to: string, message: RoundMessage): void;
  /** Also called now and then while the round stays in its phase: what it waits for may be something else by then. */
  onPhase(phase: TallyPhase): void;
  /** The round is over. Whoever takes the outcome writes down what must last, with `removal` of the round. */
  onFinish(finished: FinishedRound): void;
};

export type FinishedRound = {
  readonly outcome: RoundOutcome;
  readonly facts: RoundFacts;
  readonly openedAtMs: number;
  /** What each node that comes later is told. */
  readonly end: MessageOf<'end'>;
  readonly removal: readonly Change[];
};

/** Of an input: all but the message itself. `connected` where it took the round to another phase, or might have. */
type Note =
  | { readonly kind: 'begin'; readonly plan: PlanJson; readonly connected: readonly string[] }
  | { readonly kind: 'message'; readonly from: string; readonly connected?: readonly string[] }
  | { readonly kind: 'connected'; readonly name: string; readonly connected?: readonly string[] }
  | { readonly kind: 'disconnected'; readonly name: string; readonly connected?: readonly string[] }
  | { readonly kind: 'wake' | 'resumed'; readonly connected?: readonly string[] };

export class OpenRound {
  readonly openedAtMs: number;
  readonly #self: Self;
  readonly #ports: OpenRoundPorts;
  readonly #events: OpenRoundEvents;
  readonly #journal: RoundJournal;
  readonly #alarm: Alarm;
  #state: TallyRound;

  private constructor(
    self: Self,
    ports: OpenRoundPorts,
    events: OpenRoundEvents,
    given: { journal: RoundJournal; state: TallyRound; openedAtMs: number },
  ) {
    this.#self = self;
    this.#ports = ports;
    this.#events = events;
    this.#journal = given.journal;
    this.#state = given.state;
    this.openedAtMs = given.openedAtMs;
    this.#alarm = new Alarm(ports.clock, () => {
      this.step({ kind: 'wake' });
      if (this.#state.phase !== 'over') this.#events.onPhase(this.#state.phase);
    });
  }

  /** `keep` is given the round before anything of it leaves: a round may be over at once. */
  static begin(
    self: Self,
    ports: OpenRoundPorts,
    events: OpenRoundEvents,
    given: { plan: Plan; connected: ReadonlySet<string>; keep: (round: OpenRound) => void },
  ): void {
    const nowMs = ports.clock.nowMs();
    const { plan, connected } = given;
    const { state, effects } = beginTallyRound(self, plan, { connected, nowMs });
    const journal = new RoundJournal(ports.store, plan.roundId);
    const json = toPlanJson(plan) as PlanJson;
    const note: Note = { kind: 'begin', plan: json, connected: [...connected] };
    journal.append({ atMs: nowMs, note, message: undefined });
    const round = new OpenRound(self, ports, events, { journal, state, openedAtMs: nowMs });
    given.keep(round);
    round.#settle({ state, effects });
  }

  /** The round as its journal tells it, or undefined if it is of another network.yaml; then its entries are gone. */
  static resume(
    self: Self,
    ports: OpenRoundPorts,
    events: OpenRoundEvents,
    { roundId, entries }: { roundId: string; entries: readonly JournalEntry[] },
  ): OpenRound | undefined {
    const journal = new RoundJournal(ports.store, roundId, entries.length);
    const [begin, ...inputs] = entries;
    const { plan: json, connected } = begin!.note as Extract<Note, { kind: 'begin' }>;
    const plan = planSchema.safeParse(json).data;
    if (plan === undefined) {
      ports.log.warn(`round ${roundId}: given up, it was opened by another version`);
    } else if (plan.networkId !== self.known.id) {
      ports.log.warn(`round ${roundId}: given up, it belongs to another network.yaml`);
    }
    if (plan?.networkId !== self.known.id) {
      ports.store.write(journal.removal());
      return undefined;
    }
    const nowMs = begin!.atMs;
    let { state } = beginTallyRound(self, toPlan(plan), { connected: new Set(connected), nowMs });
    for (const { atMs, note, message } of inputs) {
      const { connected: then, ...input } = note as Exclude<Note, { kind: 'begin' }>;
      if (then !== undefined) state = { ...state, connected: new Set(then) };
      state = stepTally(self, state, { ...input, message } as TallyInput, atMs).state;
    }
    return new OpenRound(self, ports, events, { journal, state, openedAtMs: nowMs });
  }

  /** Goes on where the journal ended. */
  goOn(): void {
    if (this.#state.phase === 'over') this.#finish(this.#state.outcome);
    else this.step({ kind: 'resumed' });
  }

  get roundId(): string {
    return this.#state.facts.plan.roundId;
  }

  /** All that it invited. */
  get nodes(): string[] {
    const { keepers, collectors } = this.#state.facts.plan;
    return [...keepers, ...collectors.map(({ name }) => name)];
  }

  get phase(): TallyPhase {
    return this.#state.phase;
  }

  progress(): RoundProgress {
    return roundProgress(this.#state, this.#ports.clock.nowMs());
  }

  step(input: TallyInput): void {
    const nowMs = this.#ports.clock.nowMs();
    const before = this.#state;
    const step = stepTally(this.#self, before, input, nowMs);
    this.#write(before, step.state, input, nowMs);
    this.#settle(step);
  }

  /** Who is connected, and when requests are repeated, need not be known again unless it took the round on. */
  #write(before: TallyRound, after: TallyRound, input: TallyInput, nowMs: number): void {
    if (after === before) return;
    const isOn = after.phase !== before.phase;
    if (!isOn && input.kind !== 'message' && input.kind !== 'resumed') return;
    const { message, ...rest } = { message: undefined, ...input };
    const isTold = isOn || dependsOnConnected(before);
    const note = { ...rest, ...(isTold ? { connected: [...before.connected] } : {}) };
    this.#journal.append({ atMs: nowMs, note, message });
  }

  #settle({ state, effects }: TallyStep): void {
    this.#state = state;
    this.#alarm.set(tallyWakeMs(state));
    for (const effect of effects) {
      switch (effect.kind) {
        case 'log':
          writeLog(this.#ports.log, effect);
          break;
        case 'send':
          this.#events.send(effect.to, effect.message);
          break;
        case 'phase':
          this.#ports.log.info(`round ${this.roundId}: ${effect.phase}`);
          this.#events.onPhase(effect.phase);
          break;
        case 'finish':
          this.#finish(effect.outcome);
          break;
      }
    }
  }

  #finish(outcome: RoundOutcome): void {
    const state = this.#state;
    if (state.phase !== 'over') return;
    const end = { kind: 'end', roundId: this.roundId, parts: [state.signedEnd] } as const;
    const removal = this.#journal.removal();
    const { facts } = state;
    this.#events.onFinish({ outcome, facts, openedAtMs: this.openedAtMs, end, removal });
  }

  /** The round stays on the disk. */
  close(): void {
    this.#alarm.set(undefined);
  }
}

/** Those that were under way when the tally ended. */
export function* resumedRounds(
  self: Self,
  ports: OpenRoundPorts,
  events: OpenRoundEvents,
): Generator<OpenRound> {
  for (const [roundId, entries] of readJournals(ports.store)) {
    const round = OpenRound.resume(self, ports, events, { roundId, entries });
    if (round === undefined) continue;
    ports.log.info(`round ${roundId}: goes on after a restart, ${round.phase}`);
    yield round;
  }
}
