/** One round at a keeper: what changes it is on the disk before anything of it leaves. */
import { type DelayRule } from '../privacy/delay-rule.js';
import { sumsOfMasks } from '../protocol/keeper-answer.js';
import { secretsOfKeeper, stepKeeper } from '../protocol/keeper-round.js';
import {
  keeperWakeMs,
  type KeeperEffect,
  type KeeperInput,
  type KeeperRound,
  type KeeperStep,
} from '../protocol/keeper-state.js';
import { type Message, type RoundMessage } from '../protocol/messages.js';
import { type Plan } from '../protocol/plan.js';
import { type Self } from '../protocol/round.js';
import { Alarm } from './alarm.js';
import { wipeAll, writeLog, type NodePorts } from './node.js';
import { type PrivacyMemory } from './privacy-memory.js';
import { type JournalEntry, type RoundJournal } from './round-journal.js';
import { voteChange } from './seen-rounds.js';
import { type Change, type Store } from './store-port.js';

export type KeeperPorts = NodePorts & {
  readonly store: Store;
  readonly memory: PrivacyMemory;
};

export type RoundEnd = Extract<KeeperRound, { phase: 'ended' }>['outcome'];

type KeptRoundEvents = {
  send(message: Message): void;
  onPhase(phase: string): void;
  /** The round is over and its journal removed. */
  onEnded(outcome: RoundEnd): void;
};

/** How long sums are made before whatever else there is to do has its turn. */
const SUM_MS = 10;

export class KeptRound {
  readonly #self: Self;
  readonly #ports: KeeperPorts;
  readonly #events: KeptRoundEvents;
  readonly #journal: RoundJournal;
  readonly #plan: Plan;
  readonly #rule: DelayRule;
  readonly #alarm: Alarm;
  #state: KeeperRound;

  constructor(
    self: Self,
    ports: KeeperPorts,
    events: KeptRoundEvents,
    given: { journal: RoundJournal; plan: Plan; rule: DelayRule; state: KeeperRound },
  ) {
    this.#self = self;
    this.#ports = ports;
    this.#events = events;
    this.#journal = given.journal;
    this.#plan = given.plan;
    this.#rule = given.rule;
    this.#state = given.state;
    this.#alarm = new Alarm(ports.clock, () => this.step({ kind: 'wake' }));
  }

  step(input: KeeperInput): void {
    const nowMs = this.#ports.clock.nowMs();
    const before = this.#state;
    const { state, effects } = stepKeeper(this.#self, before, input, nowMs);
    this.#write(before, { state, effects }, input, nowMs);
    this.#state = state;
    this.settle(effects);
  }

  /** What follows from sums can be made again, and what has ended is removed. */
  #write(before: KeeperRound, { state, effects }: KeeperStep, input: KeeperInput, nowMs: number): void {
    if (state === before || input.kind !== 'message' || state.phase === 'ended') return;
    if (input.message.kind === 'certificate') return;
    const votes = effects.flatMap((effect): Change[] =>
      effect.kind === 'persist-vote' ? [voteChange(this.#ports.store, effect)] : [],
    );
    this.#journal.append({ atMs: nowMs, note: null, message: input.message }, votes);
  }

  /** Takes the inputs of before a restart again; their effects have happened, or are asked for again. */
  replay(entries: readonly JournalEntry[]): void {
    for (const { atMs, message } of entries) {
      const input = { kind: 'message', message: message as RoundMessage } as const;
      this.#state = stepKeeper(this.#self, this.#state, input, atMs).state;
    }
    this.settle([]);
  }

  settle(effects: readonly KeeperEffect[]): void {
    for (const effect of effects) this.#perform(effect);
    this.#alarm.set(keeperWakeMs(this.#state));
    if (this.#state.phase !== 'ended') {
      this.#events.onPhase(this.#state.phase);
      return;
    }
    this.#ports.store.write(this.#journal.removal());
    this.#events.onEnded(this.#state.outcome);
  }

  /** Wipes what is in memory. */
  close(): void {
    this.#alarm.set(undefined);
    wipeAll(secretsOfKeeper(this.#state));
    this.#state = { phase: 'ended', outcome: 'aborted' };
  }

  #perform(effect: KeeperEffect): void {
    switch (effect.kind) {
      case 'log':
        writeLog(this.#ports.log, effect);
        break;
      case 'send':
        if (effect.message.kind === 'answer')
          this.#ports.memory.give(this.#plan, { rule: this.#rule }, this.#ports.clock.nowMs());
        this.#events.send(effect.message);
        break;
      case 'wipe':
        wipeAll(effect.secrets);
        break;
      case 'sum':
        this.#sum(sumsOfMasks(effect.state));
        break;
      case 'persist-vote':
        // Written together with the proposal.
        break;
    }
  }

  /** A little at a time. A round that ends meanwhile has wiped the seeds: its sums are worth nothing. */
  #sum(sums: ReturnType<typeof sumsOfMasks>): void {
    const { clock } = this.#ports;
    const untilMs = clock.nowMs() + SUM_MS;
    if (this.#state.phase === 'ended') return;
    let next = sums.next();
    while (next.done !== true && clock.nowMs() < untilMs) next = sums.next();
    if (next.done === true) this.step({ kind: 'summed', sums: next.value });
    else clock.after(0, () => this.#sum(sums));
  }
}
